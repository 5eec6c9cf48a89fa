/* SPDX-License-Identifier: Apache-2.0 */
/* prediction_rows.c - rows of the dataset, or rows of a file with the gaps between them. */
#include "predict/prediction.h"

#include "base/fail.h"
#include "base/log.h"
#include "data/calendar_columns.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { NAME = 200, TIME = 64 };

int lks_prediction_span(const lks_prediction *p) {
  return lks_window_span(&p->forecast->score_plan);
}

static bool is_standard_input(const lks_prediction *p) {
  return p->setup->input && strcmp(p->setup->input, "-") == 0;
}

const char *lks_prediction_source(const lks_prediction *p) {
  return is_standard_input(p) ? "standard input"
         : p->setup->input    ? p->setup->input
                              : lks_dataset_path(p->session->dataset);
}

/* " series 'north':", or nothing for the only series of a table. */
static const char *name_series(const lks_prediction *p, int64_t series, char text[NAME]) {
  const char *name = p->table->series[series].name;
  text[0] = '\0';
  if (name[0])
    snprintf(text, NAME, " series '%s':", name);
  return text;
}

/* The time of a step of a series, or its number when rows have no times. */
static const char *print_time(const lks_prediction *p, int64_t series, int64_t step,
                              char text[TIME]) {
  const lks_series_table *table = p->table;
  int64_t start = table->series[series].start;
  lks_calendar_print(table->frequency, lks_calendar_add(table->frequency, start, step), text,
                     TIME);
  return text;
}

lks_status lks_prediction_fail_short(const lks_prediction *p, int64_t series, int64_t found) {
  char name[NAME];
  return LKS_FAIL(LKS_DATA,
                  "%s:%s expected %d rows to forecast from, found %" PRId64
                  "\n  hint: the model's [data] window says how many it sees",
                  lks_prediction_source(p), name_series(p, series, name), p->forecast->window,
                  found);
}

bool lks_prediction_has_split(const lks_prediction *p, int64_t series) {
  char name[NAME];
  int64_t first, end;
  if (!p->setup->split)
    return true;
  lks_window_borders(&p->forecast->score_plan, &p->table->series[series], p->split, &first,
                     &end);
  if (end - first >= p->forecast->horizon)
    return true;
  lks_log(LKS_LOG_WARNING,
          "%s:%s no forecast: split '%s' has %" PRId64 " rows, fewer than the horizon of %d",
          lks_prediction_source(p), name_series(p, series, name), p->setup->split, end - first,
          p->forecast->horizon);
  return false;
}

lks_status lks_prediction_read_dataset(lks_prediction *p, int64_t series, int64_t *origin) {
  const lks_window_plan *plan = &p->forecast->score_plan;
  const lks_series *one = &p->table->series[series];
  int64_t end = lks_series_rows(one), first;
  lks_forecast_rows *rows = &p->rows[series];
  if (p->setup->split)
    lks_window_borders(plan, one, p->split, &first, &end);
  LKS_TRY(lks_forecast_rows_read(rows, p->session, series, end, lks_prediction_span(p)));
  *origin = rows->count - 1 - (p->setup->split ? plan->lead - 1 + plan->horizon : 0);
  if (*origin + 1 < p->forecast->window)
    return lks_prediction_fail_short(p, series, *origin + 1);
  return LKS_OK;
}

/* Whether a row has any target. */
static bool is_seen(const lks_prediction *p, const float *values) {
  for (int d = 0; d < p->forecast->targets; d++)
    if (!isnan(values[d]))
      return true;
  return false;
}

/* Where the next row of a series belongs; -1: the first one may be anywhere. */
static int64_t next_step(const lks_prediction *p, int64_t series) {
  const lks_forecast_rows *rows = &p->rows[series];
  if (rows->count > 0)
    return rows->first + rows->count;
  int64_t last = p->stream ? lks_forecast_stream_last(p->stream, series) : -1;
  return last >= 0 ? last + 1 : -1;
}

static lks_status fail_order(const lks_prediction *p, int64_t series, int64_t step,
                             size_t line) {
  char name[NAME], expected[TIME], found[TIME];
  if (p->rows[series].count > 0)
    return LKS_FAIL(LKS_DATA,
                    "%s:%zu: expected a time after the row before it\n  hint: rows of a series "
                    "come in the order of time, each once",
                    lks_prediction_source(p), line);
  return LKS_FAIL(LKS_DATA,
                  "%s:%zu:%s expected the row after the last one seen, %s, found %s\n  hint: "
                  "rows of a stream follow one another, each once",
                  lks_prediction_source(p), line, name_series(p, series, name),
                  print_time(p, series, next_step(p, series), expected),
                  print_time(p, series, step, found));
}

/* Puts rows without values before row `step`; as many as a window has leave nothing to
 * forecast from. */
static lks_status fill_gap(lks_prediction *p, int64_t series, int64_t step, size_t line) {
  char name[NAME], before[TIME];
  int64_t missing = step - next_step(p, series);
  if (missing >= p->forecast->score_plan.history)
    return LKS_FAIL(LKS_DATA,
                    "%s:%zu:%s %" PRId64 " rows are missing before %s, a whole window\n  hint: "
                    "is the time right? else begin%s with the rows behind the gap",
                    lks_prediction_source(p), line, name_series(p, series, name), missing,
                    print_time(p, series, step, before), p->stream ? " a new state" : "");
  for (; missing > 0; missing--) {
    for (int c = 0; c < p->table->columns; c++)
      p->future[c] = NAN;
    lks_calendar_columns_fill(p->table, series, step - missing, p->future);
    LKS_TRY(lks_forecast_rows_append(&p->rows[series], p->table->columns, p->future));
  }
  return LKS_OK;
}

lks_status lks_prediction_keep_row(void *context, int64_t series, int64_t step,
                                   const float *values, size_t line) {
  lks_prediction *p = context;
  lks_forecast_rows *rows = &p->rows[series];
  int64_t expected = next_step(p, series);
  bool may_be_anywhere = rows->count == 0 && expected < 0;
  if (!may_be_anywhere && step < expected)
    return fail_order(p, series, step, line);
  if (rows->count == 0)
    rows->first = may_be_anywhere ? step : expected;
  if (!may_be_anywhere)
    LKS_TRY(fill_gap(p, series, step, line));
  LKS_TRY(lks_forecast_rows_append(rows, p->table->columns, values));
  if (is_seen(p, values))
    rows->seen = rows->count;
  return LKS_OK;
}
