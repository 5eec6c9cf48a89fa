/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_columns.c - a place in a cycle is a share of a turn; cosine is the only
 * function needed. */
#include "data/calendar_columns.h"

#include "base/arithmetic.h"

#include <string.h>

static const double turn = 6.283185307179586;
static const double quarter = 1.5707963267948966;

static double hour_of(const lks_date *date) {
  return (date->hour * 3600.0 + date->minute * 60.0 + date->second) / 86400.0;
}

static double weekday_of(const lks_date *date) {
  return date->weekday / 7.0;
}

static double monthday_of(const lks_date *date) {
  return (date->day - 1) / 31.0;
}

static double yearday_of(const lks_date *date) {
  return date->year_day / 366.0;
}

static double month_of(const lks_date *date) {
  return (date->month - 1) / 12.0;
}

static const struct {
  const char *name;
  double (*share)(const lks_date *date); /* of the cycle, 0 … 1 */
} cycles[] = {
    {"hour", hour_of},       {"weekday", weekday_of}, {"monthday", monthday_of},
    {"yearday", yearday_of}, {"month", month_of},
};

enum { CYCLES = sizeof cycles / sizeof cycles[0] };

bool lks_calendar_is_cycle(const char *name) {
  for (int i = 0; i < CYCLES; i++)
    if (strcmp(cycles[i].name, name) == 0)
      return true;
  return false;
}

bool lks_calendar_column(const char *name, int64_t time, double *value) {
  for (int i = 0; i < CYCLES; i++) {
    size_t bytes = strlen(cycles[i].name);
    if (strncmp(name, cycles[i].name, bytes) != 0)
      continue;
    bool is_sine = strcmp(name + bytes, "_sin") == 0;
    if (!is_sine && strcmp(name + bytes, "_cos") != 0)
      continue;
    lks_date date = lks_calendar_date(time);
    double angle = turn * cycles[i].share(&date);
    *value = lks_cos_f64(is_sine ? angle - quarter : angle);
    return true;
  }
  return false;
}

void lks_calendar_columns_fill(const lks_series_table *table, int64_t series, int64_t step,
                               float *values) {
  if (table->frequency.unit == LKS_STEP_ROW)
    return;
  const lks_series *one = &table->series[series];
  int64_t time = lks_calendar_add(table->frequency, one->start, step);
  for (int c = 0; c < table->columns; c++) {
    double value;
    if (table->column[c].role == LKS_ROLE_KNOWN &&
        lks_calendar_column(table->column[c].name, time, &value))
      values[c] = (float)((value - one->fit[c].centre) / one->fit[c].scale);
  }
}
