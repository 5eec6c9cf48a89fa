/* SPDX-License-Identifier: Apache-2.0 */
/* calendar.c - days are counted in eras of 400 years, which all have 146,097 of them.
 *
 * A year begins in March here, so that the leap day is its last one and the length of
 * the months before it is a linear function (Hinnant, "chrono-compatible low-level date
 * algorithms", days_from_civil and civil_from_days).
 *
 * Times and steps are far below 2^53 seconds: datasets are held to that when they are
 * opened. */
#include "base/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 7 * DAY, COUNT_DIGITS = 9 };

/* Rounded towards minus infinity; divisor > 0. */
static int64_t divide(int64_t dividend, int64_t divisor) {
  int64_t quotient = dividend / divisor;
  return quotient - (dividend % divisor < 0);
}

/* Days since 1970-01-01. */
static int64_t day_of(int64_t year, int month, int day) {
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = divide(y, 400);
  int64_t year_of_era = y - 400 * era;
  int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

/* Year, month and day of a number of days since 1970-01-01. */
static void set_day(lks_date *date, int64_t day) {
  int64_t z = day + 719468;
  int64_t era = divide(z, 146097);
  int64_t day_of_era = z - era * 146097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month = (5 * day_of_year + 2) / 153; /* 0: March */
  date->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
  date->month = (int)(month < 10 ? month + 3 : month - 9);
  date->year = year_of_era + era * 400 + (date->month <= 2);
}

static int days_in_month(int64_t year, int month) {
  static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (month == 2 && leap);
}

lks_date lks_calendar_date(int64_t time) {
  lks_date date = {0};
  int64_t day = divide(time, DAY);
  int second = (int)(time - day * DAY);
  set_day(&date, day);
  date.hour = second / HOUR;
  date.minute = second % HOUR / MINUTE;
  date.second = second % MINUTE;
  date.weekday = (int)(day + 3 - 7 * divide(day + 3, 7)); /* 1970-01-01 was a Thursday */
  date.year_day = (int)(day - day_of(date.year, 1, 1));
  return date;
}

int64_t lks_calendar_time(const lks_date *date) {
  return day_of(date->year, date->month, date->day) * DAY + date->hour * HOUR +
         date->minute * MINUTE + date->second;
}

bool lks_calendar_is_date(const lks_date *date) {
  return date->year >= -9999 && date->year <= 9999 && date->month >= 1 && date->month <= 12 &&
         date->day >= 1 && date->day <= days_in_month(date->year, date->month) &&
         date->hour >= 0 && date->hour < 24 && date->minute >= 0 && date->minute < 60 &&
         date->second >= 0 && date->second < 60;
}

/* ---- steps ---- */

/* Number of a weekday, Monday 1969-12-29 is 0; a weekend counts as its Friday. */
static int64_t weekday_number(int64_t time) {
  int64_t day = divide(time, DAY) + 3;
  int64_t week = divide(day, 7);
  int64_t weekday = day - 7 * week;
  return 5 * week + (weekday < 4 ? weekday : 4);
}

static int64_t add_weekdays(int64_t start, int64_t weekdays) {
  int64_t number = weekday_number(start) + weekdays;
  int64_t week = divide(number, 5);
  int64_t day = 7 * week + (number - 5 * week) - 3;
  return day * DAY + (start - DAY * divide(start, DAY));
}

/* The last day of a month stays the last one: data at the ends of months begin in any
 * month. */
static int64_t add_months(int64_t start, int64_t months) {
  lks_date date = lks_calendar_date(start);
  bool last = date.day == days_in_month(date.year, date.month);
  int64_t month = date.year * 12 + date.month - 1 + months;
  date.year = divide(month, 12);
  date.month = (int)(month - 12 * date.year) + 1;
  int days = days_in_month(date.year, date.month);
  if (last || date.day > days)
    date.day = days;
  return lks_calendar_time(&date);
}

int64_t lks_calendar_add(lks_frequency frequency, int64_t start, int64_t steps) {
  int64_t count = steps * frequency.count;
  switch (frequency.unit) {
  case LKS_STEP_WEEKDAY: return add_weekdays(start, count);
  case LKS_STEP_MONTH: return add_months(start, count);
  case LKS_STEP_ROW:
  case LKS_STEP_SECONDS: break;
  }
  return start + count;
}

/* The units from one time to a later one, as near as can be told. */
static int64_t units_between(lks_step_unit unit, int64_t start, int64_t time) {
  lks_date from, to;
  switch (unit) {
  case LKS_STEP_WEEKDAY: return weekday_number(time) - weekday_number(start);
  case LKS_STEP_MONTH:
    from = lks_calendar_date(start);
    to = lks_calendar_date(time);
    return (to.year - from.year) * 12 + to.month - from.month;
  case LKS_STEP_ROW:
  case LKS_STEP_SECONDS: break;
  }
  return time - start;
}

/* A time is on the grid when the steps lead to it. */
int64_t lks_calendar_steps(lks_frequency frequency, int64_t start, int64_t time) {
  if (time < start)
    return -1;
  int64_t units = units_between(frequency.unit, start, time);
  int64_t steps = units / frequency.count;
  if (units % frequency.count != 0 || lks_calendar_add(frequency, start, steps) != time)
    return -1;
  return steps;
}

int lks_calendar_season(lks_frequency frequency) {
  int64_t count = frequency.count;
  switch (frequency.unit) {
  case LKS_STEP_ROW: break;
  case LKS_STEP_SECONDS:
    if (count < DAY && DAY % count == 0)
      return (int)(DAY / count);
    return count == DAY ? 7 : count == WEEK ? 52 : 1;
  case LKS_STEP_WEEKDAY: return count == 1 ? 5 : 1;
  case LKS_STEP_MONTH: return count < 12 && 12 % count == 0 ? (int)(12 / count) : 1;
  }
  return 1;
}

/* ---- as text ---- */

/* The largest unit comes first: printing takes the first that divides the step. */
static const struct {
  const char *name;
  lks_step_unit unit;
  int64_t count;
} units[] = {
    {"week", LKS_STEP_SECONDS, WEEK}, {"day", LKS_STEP_SECONDS, DAY},
    {"hour", LKS_STEP_SECONDS, HOUR}, {"minute", LKS_STEP_SECONDS, MINUTE},
    {"second", LKS_STEP_SECONDS, 1},  {"weekday", LKS_STEP_WEEKDAY, 1},
    {"month", LKS_STEP_MONTH, 1},     {"row", LKS_STEP_ROW, 1},
};

enum { UNITS = sizeof units / sizeof *units };

void lks_frequency_print(lks_frequency frequency, char *text, size_t bytes) {
  int u = 0;
  while (u < UNITS - 1 &&
         (units[u].unit != frequency.unit || frequency.count % units[u].count != 0))
    u++;
  int64_t count = frequency.count / units[u].count;
  (void)snprintf(text, bytes, "%" PRId64 " %s%s", count, units[u].name, count == 1 ? "" : "s");
}

bool lks_frequency_parse(const char *text, lks_frequency *frequency) {
  size_t digits = strspn(text, "0123456789");
  int64_t count = 0;
  if (digits == 0 || digits > COUNT_DIGITS || text[digits] != ' ')
    return false;
  for (size_t i = 0; i < digits; i++)
    count = 10 * count + (text[i] - '0');
  const char *name = text + digits + 1;
  for (int u = 0; count > 0 && u < UNITS; u++) {
    size_t length = strlen(units[u].name);
    if (strncmp(name, units[u].name, length) != 0)
      continue;
    if (strcmp(name + length, "") != 0 && strcmp(name + length, "s") != 0)
      continue;
    *frequency = (lks_frequency){units[u].unit, count * units[u].count};
    return true;
  }
  return false;
}

void lks_calendar_print(lks_frequency frequency, int64_t time, char *text, size_t bytes) {
  if (frequency.unit == LKS_STEP_ROW) {
    (void)snprintf(text, bytes, "%" PRId64, time);
    return;
  }
  lks_date d = lks_calendar_date(time);
  int used = snprintf(text, bytes, "%04" PRId64 "-%02d-%02d", d.year, d.month, d.day);
  if (frequency.unit == LKS_STEP_SECONDS && frequency.count % DAY != 0 && used > 0 &&
      (size_t)used < bytes)
    (void)snprintf(text + used, bytes - (size_t)used, " %02d:%02d:%02d", d.hour, d.minute,
                   d.second);
}
