/* SPDX-License-Identifier: Apache-2.0 */
/* time_text.c - a date is taken apart into groups of digits, then they are put in order. */
#include "text/time_text.h"

#include "base/calendar.h"
#include "base/fail.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

enum { GROUP_DIGITS_MAX = 14, EPOCH_DIGITS_MIN = 9, EPOCH_DIGITS_MAX = 11 };

static const int64_t epoch_end = 253402300800; /* the year 10000 */

static const struct {
  const char *name, *example;
} formats[LKS_TIME_FORMAT_COUNT] = {
    [LKS_TIME_YMD] = {"ymd", "2016-07-31 13:00"},
    [LKS_TIME_DMY] = {"dmy", "31.07.2016 13:00"},
    [LKS_TIME_MDY] = {"mdy", "07/31/2016 13:00"},
    [LKS_TIME_EPOCH] = {"epoch", "1469970000 (seconds since 1970)"},
    [LKS_TIME_NUMBER] = {"number", "17 (a whole number)"},
};

lks_status lks_time_format_find(const char *name, lks_time_format *format) {
  const char *names[LKS_TIME_FORMAT_COUNT];
  char suggestion[256];
  for (int f = 0; f < LKS_TIME_FORMAT_COUNT; f++) {
    names[f] = formats[f].name;
    *format = (lks_time_format)f;
    if (strcmp(name, names[f]) == 0)
      return LKS_OK;
  }
  lks_text_suggest(name, names, LKS_TIME_FORMAT_COUNT, suggestion, sizeof suggestion);
  return LKS_FAIL(LKS_USAGE, "unknown time format '%s'%s", name, suggestion);
}

const char *lks_time_format_name(lks_time_format format) {
  return formats[format].name;
}

const char *lks_time_format_example(lks_time_format format) {
  return formats[format].example;
}

/* ---- taking apart ---- */

/* Reads 1 to `most` digits at *text and moves behind them; their count, 0 for none. */
static int take_digits(const char **text, int most, int64_t *value) {
  int count = 0;
  *value = 0;
  for (; count < most && (*text)[count] >= '0' && (*text)[count] <= '9'; count++)
    *value = 10 * *value + ((*text)[count] - '0');
  *text += count;
  return count;
}

static bool take(const char **text, char letter) {
  bool found = **text == letter;
  *text += found;
  return found;
}

/* A date as written: up to three groups of digits with one kind of separator between. */
typedef struct {
  int groups;
  int digits[3];
  int64_t value[3];
  char separator;
} written_date;

static bool take_date(const char **text, written_date *date) {
  *date = (written_date){.groups = 0};
  for (;;) {
    int g = date->groups;
    date->digits[g] = take_digits(text, GROUP_DIGITS_MAX, &date->value[g]);
    if (date->digits[g] == 0)
      return false;
    date->groups++;
    char next = **text;
    bool separates = next != '\0' && strchr("-/.", next) != NULL &&
                     (date->groups == 1 || next == date->separator);
    if (date->groups == 3 || !separates)
      return true;
    date->separator = next;
    (*text)++;
  }
}

/* " AM", "pm": the hour of the day from that of the clock; false when it is none. */
static bool apply_half(const char **text, lks_date *date) {
  const char *half = *text + (**text == ' ');
  bool after_noon = strncasecmp(half, "pm", 2) == 0;
  if (!after_noon && strncasecmp(half, "am", 2) != 0)
    return true;
  *text = half + 2;
  if (date->hour < 1 || date->hour > 12)
    return false;
  date->hour = date->hour % 12 + (after_noon ? 12 : 0);
  return true;
}

/* "13:00", "13:00:00.000", "130000" behind a T; nothing is midnight. */
static bool take_clock(const char **text, lks_date *date) {
  int64_t hour, minute, second = 0, part;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' '))
    return true;
  while (take(text, ' '))
    continue;
  int digits = take_digits(text, 2, &hour);
  bool colons = take(text, ':');
  if (digits == 0 || take_digits(text, 2, &minute) != 2)
    return false;
  bool has_second = colons ? take(text, ':') : **text >= '0' && **text <= '9';
  if (has_second && take_digits(text, 2, &second) != 2)
    return false;
  if (has_second && take(text, '.') && (take_digits(text, 9, &part) == 0 || part != 0))
    return false;
  date->hour = (int)hour;
  date->minute = (int)minute;
  date->second = (int)second;
  return apply_half(text, date);
}

/* "Z", "+02:00", "-0500", "+02": seconds that the clock is ahead. */
static bool take_offset(const char **text, int *ahead) {
  int64_t hours, minutes = 0;
  *ahead = 0;
  if (take(text, 'Z') || take(text, 'z'))
    return true;
  if (**text != '+' && **text != '-')
    return true;
  bool behind = **text == '-';
  (*text)++;
  if (take_digits(text, 2, &hours) != 2)
    return false;
  if ((take(text, ':') || **text != '\0') && take_digits(text, 2, &minutes) != 2)
    return false;
  *ahead = (behind ? -1 : 1) * (int)(hours * 3600 + minutes * 60);
  return hours < 24 && minutes < 60;
}

/* ---- putting in order ---- */

static bool set_ymd(const written_date *written, lks_date *date) {
  int64_t first = written->value[0];
  if (written->groups == 1 && written->digits[0] == 8) {
    date->year = first / 10000;
    date->month = (int)(first / 100 % 100);
    date->day = (int)(first % 100);
    return true;
  }
  if (written->digits[0] != 4 || written->digits[1] > 2 || written->digits[2] > 2)
    return false;
  date->year = first;
  date->month = written->groups > 1 ? (int)written->value[1] : 1;
  date->day = written->groups > 2 ? (int)written->value[2] : 1;
  return true;
}

/* The year comes last. */
static bool set_year_last(const written_date *written, bool day_first, lks_date *date) {
  if (written->groups != 3 || written->digits[0] > 2 || written->digits[1] > 2 ||
      written->digits[2] != 4)
    return false;
  if (!day_first && written->separator == '.')
    return false; /* dots are for days first wherever they are used */
  date->day = (int)written->value[day_first ? 0 : 1];
  date->month = (int)written->value[day_first ? 1 : 0];
  date->year = written->value[2];
  return true;
}

static bool read_date(const char *text, lks_time_format format, int64_t *time, int *offset) {
  written_date written;
  lks_date date = {.hour = 0};
  if (!take_date(&text, &written))
    return false;
  bool known = format == LKS_TIME_YMD ? set_ymd(&written, &date)
                                      : set_year_last(&written, format == LKS_TIME_DMY, &date);
  if (!known || !take_clock(&text, &date) || !take_offset(&text, offset) || *text != '\0' ||
      !lks_calendar_is_date(&date))
    return false;
  *time = lks_calendar_time(&date);
  return true;
}

/* A whole number; "17.0" too, as some programs write their row numbers. */
static bool read_number(const char *text, int64_t *time) {
  int64_t part;
  bool negative = take(&text, '-');
  if (take_digits(&text, GROUP_DIGITS_MAX, time) == 0)
    return false;
  if (take(&text, '.') && (take_digits(&text, GROUP_DIGITS_MAX, &part) == 0 || part != 0))
    return false;
  if (negative)
    *time = -*time;
  return *text == '\0';
}

bool lks_time_read_offset(const char *text, lks_time_format format, int64_t *time,
                          int *offset) {
  *offset = 0;
  if (format == LKS_TIME_NUMBER)
    return read_number(text, time);
  if (format == LKS_TIME_EPOCH) /* beyond the year 9999 they are milliseconds */
    return read_number(text, time) && *time<epoch_end && * time> - epoch_end;
  return read_date(text, format, time, offset);
}

bool lks_time_read(const char *text, lks_time_format format, int64_t *time) {
  int unused;
  return lks_time_read_offset(text, format, time, &unused);
}

/* ---- telling formats apart ---- */

/* Every epoch is a number and every year too: what is told apart here is what one would
 * take it for.  Milliseconds since 1970 are taken for nothing, rather than for rows. */
unsigned lks_time_formats_of(const char *text) {
  unsigned set = 0;
  int64_t time;
  for (int f = LKS_TIME_YMD; f <= LKS_TIME_MDY; f++)
    if (lks_time_read(text, (lks_time_format)f, &time))
      set |= 1U << f;
  if (!lks_time_read(text, LKS_TIME_NUMBER, &time))
    return set;
  size_t digits = strspn(text, "0123456789");
  if (digits >= EPOCH_DIGITS_MIN && digits <= EPOCH_DIGITS_MAX)
    set |= 1U << LKS_TIME_EPOCH;
  return digits > EPOCH_DIGITS_MAX ? set : set | 1U << LKS_TIME_NUMBER;
}

bool lks_time_is_date(const char *text) {
  unsigned dates = 1U << LKS_TIME_YMD | 1U << LKS_TIME_DMY | 1U << LKS_TIME_MDY;
  const char *dot = strchr(text, '.');
  bool separates = strpbrk(text, "-/") != NULL || (dot != NULL && strchr(dot + 1, '.') != NULL);
  return separates && (lks_time_formats_of(text) & dates) != 0;
}

bool lks_time_format_choose(unsigned set, lks_time_format *format) {
  unsigned both = 1U << LKS_TIME_DMY | 1U << LKS_TIME_MDY;
  for (int f = LKS_TIME_FORMAT_COUNT - 1; f >= 0; f--)
    if (set & 1U << f)
      *format = (lks_time_format)f;
  return (set & both) != both;
}
