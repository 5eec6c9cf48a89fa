/* SPDX-License-Identifier: Apache-2.0 */
/* table_calendar.c - a cycle is a position and a length in whole units, so that equal
 * places of a cycle have equal values. */
#include "prepare/table_calendar.h"

#include "base/arithmetic.h"
#include "base/calendar.h"
#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { SECONDS_OF_DAY = 86400 };

static const double turn = 6.283185307179586;

static const char *const cycles[LKS_CYCLES_MAX] = {"hour", "weekday", "monthday", "yearday",
                                                   "month"};

static lks_status add_cycle(lks_table_calendar *calendar, const char *name) {
  char suggestion[256];
  for (int c = 0; c < LKS_CYCLES_MAX; c++) {
    if (strcmp(cycles[c], name) != 0)
      continue;
    for (int i = 0; i < calendar->count; i++)
      if (calendar->cycle[i] == c)
        return LKS_FAIL(LKS_USAGE, "--calendar: '%s' stands twice", name);
    calendar->cycle[calendar->count++] = c;
    return LKS_OK;
  }
  lks_text_suggest(name, cycles, LKS_CYCLES_MAX, suggestion, sizeof suggestion);
  return LKS_FAIL(LKS_USAGE, "--calendar: unknown cycle '%s'%s", name, suggestion);
}

lks_status lks_table_calendar_parse(lks_table_calendar *calendar, const char *list) {
  char *copy;
  lks_status status = LKS_OK;
  *calendar = (lks_table_calendar){.count = 0};
  if (list == NULL)
    return LKS_OK;
  LKS_TRY(lks_copy_text(&copy, list));
  for (char *rest = copy; rest != NULL && status == LKS_OK;)
    status = add_cycle(calendar, strsep(&rest, ","));
  lks_release(copy);
  return status;
}

void lks_table_calendar_name(const lks_table_calendar *calendar, int c,
                             char name[LKS_CYCLE_NAME_BYTES]) {
  (void)snprintf(name, LKS_CYCLE_NAME_BYTES, "%s_%s", cycles[calendar->cycle[c / 2]],
                 c % 2 == 0 ? "sin" : "cos");
}

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

void lks_table_calendar_fill(const lks_table_calendar *calendar, int64_t time, double *value) {
  lks_date date = lks_calendar_date(time);
  for (int i = 0; i < calendar->count; i++) {
    double angle = turn * position(calendar->cycle[i], &date);
    value[2 * i] = lks_cos_f64(angle - turn / 4);
    value[2 * i + 1] = lks_cos_f64(angle);
  }
}
