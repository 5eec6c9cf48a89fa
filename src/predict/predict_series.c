/* SPDX-License-Identifier: Apache-2.0 */
/* predict_series.c - rows in, one window or one step a series, forecasts out. */
#include "predict/predict_series.h"
#include "predict/predict_lines.h"
#include "data/sequences.h"

#include "base/fail.h"
#include "base/floating_point.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/calendar_columns.h"
#include "predict/forecast_input.h"
#include "predict/forecast_print.h"
#include "predict/forecast_stream.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 200, TIME = 64 };

typedef struct {
  const lks_predict_setup *setup;
  lks_session *session;
  const lks_forecast_setup *forecast;
  const lks_series_table *table;
  lks_forecast_rows *rows;     /* [series] */
  int64_t *next;               /* [series] where rows without a time go on */
  lks_forecast_stream *stream; /* NULL: every window anew */
  float *window;               /* [span, columns] */
  float *future;               /* [H + lead - 1, columns] */
  lks_forecast_value *values;  /* [H, D] */
  int *active;                 /* [W] */
  int64_t made;                /* forecasts so far */
  bool warned;                 /* that covariates of the future are missing */
} prediction;

static bool is_standard_input(const prediction *p) {
  return p->setup->input && strcmp(p->setup->input, "-") == 0;
}

static int span_of(const prediction *p) {
  return lks_window_span(&p->forecast->score_plan);
}

/* What only forecasts have. */
static lks_status check_lines(const prediction *p) {
  const lks_predict_setup *setup = p->setup;
  const char *option = setup->split                        ? "--split"
                       : setup->series                     ? "--series"
                       : setup->state                      ? "--state"
                       : setup->interval > 0               ? "--interval"
                       : setup->format == LKS_PREDICT_JSON ? "--json"
                       : setup->format == LKS_PREDICT_PLOT ? "--plot"
                                                           : NULL;
  if (option)
    return LKS_FAIL(LKS_USAGE,
                    "%s: expected a forecast model, found a %s model\n  hint: it answers the "
                    "lines of INPUT, or of standard input",
                    option, p->session->task->kind->name);
  return LKS_OK;
}

/* Opens the forecast model again, with the level that was asked for: only now is it known
 * that such a model has the key. */
static lks_status open_with_interval(prediction *p) {
  const lks_predict_setup *setup = p->setup;
  char assignment[64];
  const char **sets = NULL;
  size_t count = setup->set_count;
  lks_session_close(p->session);
  p->session = NULL;
  LKS_TRY(lks_allocate(&sets, count + 1, sizeof *sets));
  for (size_t i = 0; i < count; i++)
    sets[i] = setup->sets[i];
  sets[count] = assignment;
  snprintf(assignment, sizeof assignment, "evaluate.interval=%.17g", setup->interval);
  lks_status status = lks_session_open_trained(&p->session, setup->path, sets, count + 1, NULL);
  lks_release(sets);
  LKS_TRY(status);
  const lks_forecast_setup *forecast = lks_forecast_setup_of(p->session->task);
  if (!forecast->has_interval)
    return LKS_FAIL(LKS_USAGE,
                    "--interval: expected a model that gives one, found [train] loss = %s\n  "
                    "hint: train with loss = quantiles, gaussian or student-t",
                    forecast->head.loss->name);
  return LKS_OK;
}

static lks_status open_model(prediction *p) {
  const lks_predict_setup *setup = p->setup;
  LKS_TRY(
      lks_session_open_trained(&p->session, setup->path, setup->sets, setup->set_count, NULL));
  if (lks_dataset_sequences(p->session->dataset))
    return check_lines(p); /* lines are answered */
  if (p->session->task->kind != &lks_task_forecast)
    return LKS_FAIL(LKS_USAGE,
                    "%s: predict wants a model of [task] kind = forecast, found %s\n  hint: "
                    "lockstep generate writes text with a language model",
                    setup->path, p->session->task->kind->name);
  if (setup->interval > 0)
    LKS_TRY(open_with_interval(p));
  p->forecast = lks_forecast_setup_of(p->session->task);
  p->table = p->forecast->table;
  int window = p->forecast->window;
  LKS_TRY(lks_session_allocate(p->session, 1, window, window, 1, false));
  p->session->task->kind->pack(p->session->task, p->session->kernels, p->session->threads,
                               false);
  return LKS_OK;
}

static lks_status allocate(prediction *p) {
  size_t columns = (size_t)p->table->columns, span = (size_t)span_of(p);
  LKS_TRY(lks_allocate(&p->rows, (size_t)p->table->count, sizeof *p->rows));
  LKS_TRY(lks_allocate(&p->next, (size_t)p->table->count, sizeof *p->next));
  LKS_TRY(lks_allocate(&p->window, span * columns, sizeof(float)));
  LKS_TRY(lks_allocate(&p->future, span * columns, sizeof(float)));
  LKS_TRY(lks_allocate(&p->values, (size_t)(p->forecast->horizon * p->forecast->targets),
                       sizeof *p->values));
  LKS_TRY(lks_allocate(&p->active, (size_t)p->forecast->window, sizeof *p->active));
  for (int t = 0; t < p->forecast->window; t++)
    p->active[t] = 1;
  for (int64_t s = 0; s < p->table->count; s++)
    p->next[s] = lks_series_rows(&p->table->series[s]);
  return LKS_OK;
}

static void release(prediction *p) {
  for (int64_t s = 0; p->rows && s < p->table->count; s++)
    lks_forecast_rows_release(&p->rows[s]);
  lks_release(p->active);
  lks_release(p->values);
  lks_release(p->future);
  lks_release(p->window);
  lks_release(p->next);
  lks_release(p->rows);
  lks_forecast_stream_destroy(p->stream);
  lks_session_close(p->session);
}

/* ---- rows ---- */

static const char *source_of(const prediction *p) {
  return is_standard_input(p) ? "standard input"
         : p->setup->input    ? p->setup->input
                              : lks_dataset_path(p->session->dataset);
}

/* " series 'north':", or nothing for the only series of a table. */
static const char *name_series(const prediction *p, int64_t series, char text[NAME]) {
  const char *name = p->table->series[series].name;
  text[0] = '\0';
  if (name[0])
    snprintf(text, NAME, " series '%s':", name);
  return text;
}

/* The time of a step of a series, or its number when rows have no times. */
static const char *print_time(const prediction *p, int64_t series, int64_t step,
                              char text[TIME]) {
  const lks_series_table *table = p->table;
  int64_t start = table->series[series].start;
  lks_calendar_print(table->frequency, lks_calendar_add(table->frequency, start, step), text,
                     TIME);
  return text;
}

static lks_status fail_short(const prediction *p, int64_t series, int64_t found) {
  char name[NAME];
  return LKS_FAIL(LKS_DATA,
                  "%s:%s expected %d rows to forecast from, found %" PRId64
                  "\n  hint: the model's [data] window says how many it sees",
                  source_of(p), name_series(p, series, name), p->forecast->window, found);
}

/* Says once which covariates of the rows to forecast are not known. */
static void warn_unknown(prediction *p) {
  int columns = p->table->columns, first = columns - p->forecast->known;
  const lks_window_plan *plan = &p->forecast->score_plan;
  if (p->warned)
    return;
  for (int row = plan->history; row < span_of(p); row++)
    for (int c = first; c < columns; c++)
      if (isnan(p->window[row * columns + c])) {
        lks_log(LKS_LOG_WARNING,
                "column '%s' of the rows to forecast is not given: its mean in training is "
                "taken; rows at the end of INPUT may give it",
                p->table->column[c].name);
        p->warned = true;
        return;
      }
}

/* The dataset's last rows: before the end of the split's last forecast, or all. */
static lks_status read_dataset(prediction *p, int64_t series, lks_split split,
                               int64_t *origin) {
  const lks_window_plan *plan = &p->forecast->score_plan;
  const lks_series *one = &p->table->series[series];
  int64_t end = lks_series_rows(one), first;
  lks_forecast_rows *rows = &p->rows[series];
  if (p->setup->split)
    lks_window_borders(plan, one, split, &first, &end);
  LKS_TRY(lks_forecast_rows_read(rows, p->session, series, end, span_of(p)));
  *origin = rows->count - 1 - (p->setup->split ? plan->lead - 1 + plan->horizon : 0);
  if (*origin + 1 < p->forecast->window)
    return fail_short(p, series, *origin + 1);
  return LKS_OK;
}

/* Whether a row has any target. */
static bool is_seen(const prediction *p, const float *values) {
  for (int d = 0; d < p->forecast->targets; d++)
    if (!isnan(values[d]))
      return true;
  return false;
}

/* Keeps a row of the input, with missing rows in the gap before it. */
static lks_status keep_row(void *context, int64_t series, int64_t step, const float *values,
                           size_t line) {
  prediction *p = context;
  lks_forecast_rows *rows = &p->rows[series];
  int64_t expected = rows->first + rows->count;
  if (rows->count == 0)
    rows->first = expected = step;
  if (step < expected)
    return LKS_FAIL(LKS_DATA,
                    "%s:%zu: expected a time after the row before it\n  hint: rows of a series "
                    "come in the order of time, each once",
                    source_of(p), line);
  for (; expected < step; expected++) {
    for (int c = 0; c < p->table->columns; c++)
      p->future[c] = NAN;
    lks_calendar_columns_fill(p->table, series, expected, p->future);
    LKS_TRY(lks_forecast_rows_append(rows, p->table->columns, p->future));
  }
  LKS_TRY(lks_forecast_rows_append(rows, p->table->columns, values));
  if (is_seen(p, values))
    rows->seen = rows->count;
  return LKS_OK;
}

/* ---- forecasts ---- */

static void print(prediction *p, int64_t series, int64_t origin, const float *window) {
  const lks_predict_setup *setup = p->setup;
  lks_forecast_printed printed = {p->forecast, &p->rows[series], series,
                                  origin,      p->values,        window};
  bool has_actual = setup->split != NULL;
  if (setup->format == LKS_PREDICT_CSV && p->made == 0)
    lks_forecast_print_header(setup->out, p->forecast, has_actual);
  if (setup->format == LKS_PREDICT_CSV)
    lks_forecast_print_csv(setup->out, &printed, has_actual);
  else if (setup->format == LKS_PREDICT_JSON)
    lks_forecast_print_json(setup->out, &printed);
  for (int d = 0; setup->format == LKS_PREDICT_PLOT && d < p->forecast->targets; d++)
    lks_forecast_print_plot(setup->out, &printed, d);
  p->made++;
  fflush(setup->out);
}

/* A forecast from a window that ends in row `origin` of the series' rows. */
static void forecast_window(prediction *p, int64_t series, int64_t origin) {
  const lks_window_plan *plan = &p->forecast->score_plan;
  int32_t number = (int32_t)series;
  lks_session *session = p->session;
  lks_pass pass = {.kernels = session->kernels,
                   .threads = session->threads,
                   .rows = 1,
                   .steps = p->forecast->window,
                   .active = p->active};
  lks_forecast_rows_window(&p->rows[series], p->table, series, origin, plan->history,
                           span_of(p), p->window);
  warn_unknown(p);
  lks_forecast_windows(session->task, &pass, p->window, &number, NULL, p->values);
  print(p, series, origin, p->window);
}

/* All rows of a series that were seen go through its stream; the last is forecast from. */
static lks_status forecast_stream(prediction *p, int64_t series) {
  const lks_forecast_rows *rows = &p->rows[series];
  const lks_window_plan *plan = &p->forecast->score_plan;
  size_t columns = (size_t)p->table->columns;
  char name[NAME], expected[TIME], found[TIME];
  bool ready = false;
  for (int64_t row = 0; row < rows->seen; row++) {
    int64_t last = lks_forecast_stream_last(p->stream, series);
    if (last >= 0 && rows->first + row != last + 1)
      return LKS_FAIL(LKS_DATA,
                      "%s:%s expected the row after the last one seen, %s, found %s\n  hint: "
                      "rows of a stream follow one another, each once",
                      source_of(p), name_series(p, series, name),
                      print_time(p, series, last + 1, expected),
                      print_time(p, series, rows->first + row, found));
    lks_forecast_rows_window(rows, p->table, series, row, 1, span_of(p) - plan->history + 1,
                             p->window);
    memcpy(p->future, p->window + columns,
           (size_t)(span_of(p) - plan->history) * columns * sizeof(float));
    LKS_TRY(lks_forecast_stream_see(p->stream, series, rows->first + row,
                                    rows->values + (size_t)row * columns, p->future, p->values,
                                    &ready));
  }
  if (ready)
    print(p, series, rows->seen - 1, lks_forecast_stream_window(p->stream));
  return LKS_OK;
}

static bool is_wanted(const prediction *p, int64_t series) {
  return !p->setup->series || strcmp(p->setup->series, p->table->series[series].name) == 0;
}

static lks_status forecast_series(prediction *p, int64_t series, lks_split split) {
  lks_forecast_rows *rows = &p->rows[series];
  int64_t origin = rows->seen - 1;
  bool begins = p->stream && lks_forecast_stream_last(p->stream, series) < 0;
  if (!p->setup->input && (!p->stream || begins))
    LKS_TRY(read_dataset(p, series, split, &origin));
  if (rows->seen == 0)
    return LKS_OK;
  if (p->stream)
    return forecast_stream(p, series);
  if (origin + 1 < p->forecast->window)
    return fail_short(p, series, origin + 1);
  forecast_window(p, series, origin);
  return LKS_OK;
}

static lks_status check_made(const prediction *p) {
  if (p->made > 0)
    return LKS_OK;
  if (p->setup->series)
    return LKS_FAIL(LKS_USAGE, "--series %s: there is no series of that name in %s",
                    p->setup->series, lks_dataset_path(p->session->dataset));
  if (p->stream && !p->setup->input)
    return LKS_FAIL(LKS_DATA,
                    "%s: no forecast was made: the state has seen every row of the dataset\n  "
                    "hint: name a file with the rows that came after them",
                    p->setup->state);
  return LKS_FAIL(LKS_DATA,
                  "no forecast was made: expected %d rows of a series first\n  hint: the "
                  "model's [data] window says how many it sees%s",
                  p->forecast->window,
                  p->stream ? "; --state FILE without INPUT begins with those of the dataset"
                            : "");
}

static lks_status run(prediction *p) {
  const lks_predict_setup *setup = p->setup;
  lks_split split = LKS_SPLIT_TEST;
  if (setup->split)
    LKS_TRY(lks_split_find(setup->split, &split));
  LKS_TRY(open_model(p));
  const char *lines = is_standard_input(p) ? NULL : setup->input;
  if (lks_dataset_sequences(p->session->dataset))
    return setup->columns ? lks_predict_columns(p->session, lines, setup->out)
                          : lks_predict_lines(p->session, lines, setup->out);
  if (setup->columns)
    return LKS_FAIL(LKS_USAGE, "--columns: expected a tag model, found a %s model",
                    p->session->task->kind->name);
  LKS_TRY(allocate(p));
  if (setup->state)
    LKS_TRY(lks_forecast_stream_create(&p->stream, p->session));
  if (setup->state && access(setup->state, F_OK) == 0)
    LKS_TRY(lks_forecast_stream_load(p->stream, setup->state));
  for (int64_t s = 0; p->stream && s < p->table->count; s++)
    if (lks_forecast_stream_last(p->stream, s) >= 0)
      p->next[s] = lks_forecast_stream_last(p->stream, s) + 1;
  if (setup->input)
    LKS_TRY(lks_forecast_input_read(setup->input, p->table, p->next, keep_row, p));
  for (int64_t s = 0; s < p->table->count; s++)
    if (is_wanted(p, s))
      LKS_TRY(forecast_series(p, s, split));
  LKS_TRY(check_made(p));
  return setup->state ? lks_forecast_stream_save(p->stream, setup->state) : LKS_OK;
}

lks_status lks_predict_run(const lks_predict_setup *setup) {
  prediction p = {.setup = setup};
  unsigned saved = lks_floating_point_enter();
  lks_status status = run(&p);
  lks_floating_point_leave(saved);
  release(&p);
  return status;
}
