/* SPDX-License-Identifier: Apache-2.0 */
/* table_grid.c - what a step rules out is asked only until it is ruled out, so that most
 * steps cost a comparison. */
#include "prepare/table_grid.h"

enum { DAY = 86400, SHORTEST_MONTH = 28 * DAY };

static const lks_frequency one_month = {LKS_STEP_MONTH, 1};
static const lks_frequency one_weekday = {LKS_STEP_WEEKDAY, 1};

static void look_at_months(lks_grid_finder *finder, int64_t first, int64_t before,
                           int64_t time) {
  int64_t to = time - before < SHORTEST_MONTH ? -1 : lks_calendar_steps(one_month, first, time);
  finder->no_months = to < 0;
  if (to < 0)
    return;
  int64_t months = to - lks_calendar_steps(one_month, first, before);
  if (finder->least_months == 0 || months < finder->least_months)
    finder->least_months = months;
}

static void look_at_weekdays(lks_grid_finder *finder, int64_t before, int64_t time) {
  bool from_weekday = lks_calendar_steps(one_weekday, before, before) == 0;
  int64_t weekdays = lks_calendar_steps(one_weekday, before, time);
  finder->no_weekdays = !from_weekday || weekdays < 0;
  finder->crossed = finder->crossed || weekdays < (time - before) / DAY;
}

void lks_grid_add(lks_grid_finder *finder, int64_t first, int64_t before, int64_t time,
                  int64_t line) {
  int64_t step = time - before;
  if (finder->steps++ == 0 || step < finder->least) {
    finder->least = step;
    finder->least_line = line;
  }
  if (!finder->no_months)
    look_at_months(finder, first, before, time);
  if (!finder->no_weekdays)
    look_at_weekdays(finder, before, time);
}

lks_frequency lks_grid_frequency(const lks_grid_finder *finder, bool numbered) {
  if (finder->steps == 0)
    return (lks_frequency){numbered ? LKS_STEP_ROW : LKS_STEP_SECONDS, numbered ? 1 : DAY};
  if (numbered)
    return (lks_frequency){LKS_STEP_ROW, finder->least};
  if (!finder->no_months)
    return (lks_frequency){LKS_STEP_MONTH, finder->least_months};
  if (!finder->no_weekdays && finder->crossed && finder->least == DAY)
    return one_weekday;
  return (lks_frequency){LKS_STEP_SECONDS, finder->least};
}
