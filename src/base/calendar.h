/* calendar.h - times as whole seconds since 1970-01-01 00:00:00, and the regular
 * steps between them.
 *
 * There are no time zones: a time is what the file says.  The calendar is the
 * proleptic Gregorian one (algorithms as in Hinnant, "chrono-compatible low-level
 * date algorithms"). */
#ifndef LOCKSTEP_BASE_CALENDAR_H
#define LOCKSTEP_BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  LKS_STEP_ROW,     /* no time: row numbers; a "time" is a row number */
  LKS_STEP_SECONDS, /* `count` seconds: 3600 is an hour, 86400 a day, 604800 a week */
  LKS_STEP_WEEKDAY, /* Monday to Friday */
  LKS_STEP_MONTH    /* `count` months, on the same day or the month's last; from the last
                       day of a month to the last of the others */
} lks_step_unit;

typedef struct {
  lks_step_unit unit;
  int64_t count;
} lks_frequency;

/* The time `steps` steps after `start` (steps may be negative). */
int64_t lks_calendar_add(lks_frequency frequency, int64_t start, int64_t steps);

/* Steps from `start` to `time`, or -1 when `time` is not on the grid or before it. */
int64_t lks_calendar_steps(lks_frequency frequency, int64_t start, int64_t time);

/* Rows of the season that people expect: 24 for an hour, 7 for a day, 5 for a weekday,
 * 52 for a week, 12 for a month, 4 for a quarter, 96 for 15 minutes, …; else 1. */
int lks_calendar_season(lks_frequency frequency);

/* "1 hour", "15 minutes", "1 weekday", "3 months", "1 row"; and back. */
void lks_frequency_print(lks_frequency frequency, char *text, size_t bytes);
bool lks_frequency_parse(const char *text, lks_frequency *frequency);

/* "2016-07-01 13:00:00", without the time of day when the step is a day or longer; the
 * number itself for LKS_STEP_ROW. */
void lks_calendar_print(lks_frequency frequency, int64_t time, char *text, size_t bytes);

/* Broken-down time. */
typedef struct {
  int64_t year;
  int month, day; /* 1 .. 12, 1 .. 31 */
  int hour, minute, second;
  int weekday;  /* 0 Monday .. 6 Sunday */
  int year_day; /* 0 .. 365 */
} lks_date;

lks_date lks_calendar_date(int64_t time);
int64_t lks_calendar_time(const lks_date *date); /* from year .. second */
bool lks_calendar_is_date(const lks_date *date); /* year .. second are possible */

#endif
