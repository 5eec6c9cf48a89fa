/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_columns.c - a cycle is a position and a length in whole units, so that equal
 * places of a cycle have equal values. */
#include "data/calendar_columns.h"

#include "base/arithmetic.h"

#include <string.h>

enum { CYCLES = 5, SECONDS_OF_DAY = 86400 };

static const double turn = 6.283185307179586;

const char *const lks_calendar_cycles[] = {"hour",    "weekday", "monthday",
                                           "yearday", "month",   NULL};

/* Days from the start of the date's month or year to that of the next one. */
static int days_of(const lks_date *date, bool of_year) {
  lks_date first = {.year = date->year, .month = of_year ? 1 : date->month, .day = 1};
  lks_date next = first;
  next.year += of_year || first.month == 12;
  next.month = of_year || first.month == 12 ? 1 : first.month + 1;
  return (int)((lks_calendar_time(&next) - lks_calendar_time(&first)) / SECONDS_OF_DAY);
}

/* How much of the cycle has gone by, in [0, 1). */
static double position(int cycle, const lks_date *date) {
  switch (cycle) {
  case 0:
    return (date->hour * 3600 + date->minute * 60 + date->second) / (double)SECONDS_OF_DAY;
  case 1: return date->weekday / 7.0;
  case 2: return (date->day - 1) / (double)days_of(date, false);
  case 3: return date->year_day / (double)days_of(date, true);
  default: return (date->month - 1) / 12.0;
  }
}

bool lks_calendar_column(const char *name, int64_t time, double *value) {
  for (int cycle = 0; cycle < CYCLES; cycle++) {
    size_t bytes = strlen(lks_calendar_cycles[cycle]);
    if (strncmp(name, lks_calendar_cycles[cycle], bytes) != 0)
      continue;
    bool is_sine = strcmp(name + bytes, "_sin") == 0;
    if (!is_sine && strcmp(name + bytes, "_cos") != 0)
      continue;
    lks_date date = lks_calendar_date(time);
    double angle = turn * position(cycle, &date);
    *value = is_sine ? lks_sin_f64(angle) : lks_cos_f64(angle);
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
