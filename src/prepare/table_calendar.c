/* SPDX-License-Identifier: Apache-2.0 */
/* table_calendar.c - which of the calendar's columns a table gets. */
#include "prepare/table_calendar.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/calendar_columns.h"

#include <stdio.h>
#include <string.h>

static lks_status add_cycle(lks_table_calendar *calendar, const char *name) {
  char suggestion[256];
  for (int c = 0; c < LKS_CYCLES_MAX; c++) {
    if (strcmp(lks_calendar_cycles[c], name) != 0)
      continue;
    for (int i = 0; i < calendar->count; i++)
      if (calendar->cycle[i] == c)
        return LKS_FAIL(LKS_USAGE, "--calendar: '%s' stands twice", name);
    calendar->cycle[calendar->count++] = c;
    return LKS_OK;
  }
  lks_text_suggest(name, lks_calendar_cycles, LKS_CYCLES_MAX, suggestion, sizeof suggestion);
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
  (void)snprintf(name, LKS_CYCLE_NAME_BYTES, "%s_%s",
                 lks_calendar_cycles[calendar->cycle[c / 2]], c % 2 == 0 ? "sin" : "cos");
}

void lks_table_calendar_fill(const lks_table_calendar *calendar, int64_t time, double *value) {
  for (int c = 0; c < 2 * calendar->count; c++) {
    char name[LKS_CYCLE_NAME_BYTES];
    lks_table_calendar_name(calendar, c, name);
    (void)lks_calendar_column(name, time, &value[c]);
  }
}
