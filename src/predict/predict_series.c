/* SPDX-License-Identifier: Apache-2.0 */
/* predict_series.c - rows in, one window or one step a series, forecasts out. */
#include "predict/predict_series.h"

#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "predict/forecast_input.h"
#include "predict/forecast_print.h"
#include "predict/prediction.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static lks_status allocate(lks_prediction *p) {
  int window = p->forecast->window;
  LKS_TRY(lks_session_allocate(p->session, 1, window, window, 1, false));
  p->session->task->kind->pack(p->session->task, p->session->kernels, p->session->threads,
                               false);
  size_t columns = (size_t)p->table->columns, span = (size_t)lks_prediction_span(p);
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

static void release(lks_prediction *p) {
  for (int64_t s = 0; p->rows && s < p->table->count; s++)
    lks_forecast_rows_release(&p->rows[s]);
  lks_release(p->active);
  lks_release(p->values);
  lks_release(p->future);
  lks_release(p->window);
  lks_release(p->next);
  lks_release(p->rows);
  lks_forecast_stream_destroy(p->stream);
}

/* ---- forecasts ---- */

/* Says once which covariates of the rows to forecast in a window [span, columns] are not
 * known. */
static void warn_unknown(lks_prediction *p, const float *window) {
  int columns = p->table->columns, first = columns - p->forecast->known;
  const lks_window_plan *plan = &p->forecast->score_plan;
  if (p->warned)
    return;
  for (int row = plan->history; row < lks_prediction_span(p); row++)
    for (int c = first; c < columns; c++)
      if (isnan(window[row * columns + c])) {
        lks_log(LKS_LOG_WARNING,
                "column '%s' of the rows to forecast is not given: its mean in training is "
                "taken; rows at the end of INPUT may give it",
                p->table->column[c].name);
        p->warned = true;
        return;
      }
}

static void print(lks_prediction *p, int64_t series, int64_t origin, const float *window) {
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
  fflush(setup->out); /* lks_predict_series asks whether it could be written */
}

/* A forecast from a window that ends in row `origin` of the series' rows. */
static void forecast_window(lks_prediction *p, int64_t series, int64_t origin) {
  const lks_window_plan *plan = &p->forecast->score_plan;
  int32_t number = (int32_t)series;
  lks_session *session = p->session;
  lks_pass pass = {.kernels = session->kernels,
                   .threads = session->threads,
                   .rows = 1,
                   .steps = p->forecast->window,
                   .active = p->active};
  lks_forecast_rows_window(&p->rows[series], p->table, series, origin, plan->history,
                           lks_prediction_span(p), p->window);
  warn_unknown(p, p->window);
  lks_forecast_windows(session->task, &pass, p->window, &number, NULL, p->values);
  print(p, series, origin, p->window);
}

static bool is_wanted(const lks_prediction *p, int64_t series) {
  return !p->setup->series || strcmp(p->setup->series, p->table->series[series].name) == 0;
}

/* All rows of a series that were seen go through its stream; the last is forecast from. */
static lks_status forecast_stream(lks_prediction *p, int64_t series) {
  const lks_forecast_rows *rows = &p->rows[series];
  const lks_window_plan *plan = &p->forecast->score_plan;
  size_t columns = (size_t)p->table->columns;
  bool ready = false;
  for (int64_t row = 0; row < rows->seen; row++) {
    lks_forecast_rows_window(rows, p->table, series, row, 1,
                             lks_prediction_span(p) - plan->history + 1, p->window);
    memcpy(p->future, p->window + columns,
           (size_t)(lks_prediction_span(p) - plan->history) * columns * sizeof(float));
    LKS_TRY(lks_forecast_stream_see(p->stream, series, rows->first + row,
                                    rows->values + (size_t)row * columns, p->future, p->values,
                                    &ready));
  }
  if (!ready)
    return lks_prediction_fail_short(p, series, rows->seen);
  if (!is_wanted(p, series)) /* its state goes on all the same */
    return LKS_OK;
  warn_unknown(p, lks_forecast_stream_window(p->stream));
  print(p, series, rows->seen - 1, lks_forecast_stream_window(p->stream));
  return LKS_OK;
}

static lks_status forecast_series(lks_prediction *p, int64_t series) {
  lks_forecast_rows *rows = &p->rows[series];
  int64_t origin = rows->seen - 1;
  bool begins = p->stream && lks_forecast_stream_last(p->stream, series) < 0;
  if (!lks_prediction_has_split(p, series))
    return LKS_OK;
  if (!p->setup->input && (!p->stream || begins))
    LKS_TRY(lks_prediction_read_dataset(p, series, &origin));
  if (rows->seen == 0)
    return LKS_OK;
  if (p->stream)
    return forecast_stream(p, series);
  if (origin + 1 < p->forecast->window)
    return lks_prediction_fail_short(p, series, origin + 1);
  forecast_window(p, series, origin);
  return LKS_OK;
}

/* Whether there is a series of the name that was asked for. */
static lks_status check_series(const lks_prediction *p) {
  const char **names = NULL, *wanted = p->setup->series;
  bool found = false;
  if (!wanted)
    return LKS_OK;
  LKS_TRY(lks_allocate(&names, (size_t)p->table->count, sizeof *names));
  for (int64_t s = 0; s < p->table->count; s++) {
    names[s] = p->table->series[s].name;
    found = found || is_wanted(p, s);
  }
  const char *near = lks_text_closest(wanted, names, (size_t)p->table->count);
  lks_status status =
      found ? LKS_OK
            : LKS_FAIL(LKS_USAGE, "--series %s: there is no series of that name in %s%s%s%s",
                       wanted, lks_dataset_path(p->session->dataset),
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
  lks_release(names);
  return status;
}

static lks_status check_made(const lks_prediction *p) {
  const lks_predict_setup *setup = p->setup;
  if (p->made > 0)
    return LKS_OK;
  if (setup->split)
    return LKS_FAIL(
        LKS_USAGE,
        "--split %s: no forecast was made: the split is shorter than the horizon\n  "
        "hint: lockstep inspect %s tells the splits' rows",
        setup->split, lks_dataset_path(p->session->dataset));
  if (setup->series && setup->input)
    return LKS_FAIL(LKS_DATA, "--series %s: no forecast was made: %s has no row of it",
                    setup->series, lks_prediction_source(p));
  if (p->stream && !setup->input)
    return LKS_FAIL(LKS_DATA,
                    "%s: no forecast was made: the state has seen every row of the dataset\n  "
                    "hint: name a file with the rows that came after them",
                    setup->state);
  return LKS_FAIL(LKS_DATA,
                  "no forecast was made: expected %d rows of a series first\n  hint: the "
                  "model's [data] window says how many it sees%s",
                  p->forecast->window,
                  p->stream ? "; --state FILE without INPUT begins with those of the dataset"
                            : "");
}

/* A state goes on only from what somebody has been told. */
static lks_status finish(const lks_prediction *p) {
  const lks_predict_setup *setup = p->setup;
  LKS_TRY(check_made(p));
  if (fflush(setup->out) != 0 || ferror(setup->out))
    return LKS_FAIL(LKS_IO, "the forecasts cannot be written\n  hint: is the disk full?%s%s",
                    setup->state ? " the state is as it was in " : "",
                    setup->state ? setup->state : "");
  return setup->state ? lks_forecast_stream_save(p->stream, setup->state) : LKS_OK;
}

static lks_status open_stream(lks_prediction *p) {
  const lks_predict_setup *setup = p->setup;
  LKS_TRY(lks_forecast_stream_create(&p->stream, p->session));
  if (access(setup->state, F_OK) == 0)
    LKS_TRY(lks_forecast_stream_load(p->stream, setup->state));
  for (int64_t s = 0; s < p->table->count; s++)
    if (lks_forecast_stream_last(p->stream, s) >= 0)
      p->next[s] = lks_forecast_stream_last(p->stream, s) + 1;
  return LKS_OK;
}

static lks_status run(lks_prediction *p) {
  const lks_predict_setup *setup = p->setup;
  if (setup->split)
    LKS_TRY(lks_split_find(setup->split, &p->split));
  LKS_TRY(check_series(p));
  LKS_TRY(allocate(p));
  if (setup->state)
    LKS_TRY(open_stream(p));
  if (setup->input)
    LKS_TRY(
        lks_forecast_input_read(setup->input, p->table, p->next, lks_prediction_keep_row, p));
  for (int64_t s = 0; s < p->table->count; s++)
    if (p->stream || is_wanted(p, s))
      LKS_TRY(forecast_series(p, s));
  return finish(p);
}

lks_status lks_predict_series(lks_session *session, const lks_predict_setup *setup) {
  const lks_forecast_setup *forecast = lks_forecast_setup_of(session->task);
  lks_prediction p = {
      .setup = setup, .session = session, .forecast = forecast, .table = forecast->table};
  lks_status status = run(&p);
  release(&p);
  return status;
}
