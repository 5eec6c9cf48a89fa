/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_stream.c - the last rows, the scaling and the states of every series, all in
 * arrays that are saved as they are. */
#include "predict/forecast_stream.h"

#include "base/fail.h"
#include "base/memory.h"
#include "task/forecast_window.h"

#include <math.h>
#include <string.h>

enum { TENSORS = 7 };

struct lks_forecast_stream {
  lks_session *session; /* borrowed */
  const lks_forecast_setup *setup;
  size_t columns, history, series, units;
  int state_count;
  float *rows;            /* [S, history, columns] the last rows, NaN before the first */
  float *scaling;         /* [S, D, 3] */
  float *hidden;          /* [S, states, H] */
  float *cell;            /* [S, states, H] */
  int64_t *last;          /* [S] steps to the last row; -1: not begun */
  int64_t *seen;          /* [S] rows so far */
  int64_t *fresh;         /* [S] rows since the window was run as a whole */
  float *window;          /* [span, columns] */
  int *active;            /* [W] one row at every step */
  lks_cell_state *states; /* [states] of one series */
  char digest[LKS_DIGEST_HEX];
};

static lks_status allocate(lks_forecast_stream *s) {
  size_t span = (size_t)lks_window_span(&s->setup->score_plan);
  size_t scaling = s->series * (size_t)s->setup->targets * LKS_FORECAST_SCALING;
  size_t states = s->series * (size_t)s->state_count * s->units;
  LKS_TRY(lks_allocate(&s->rows, s->series * s->history * s->columns, sizeof(float)));
  LKS_TRY(lks_allocate(&s->scaling, scaling, sizeof(float)));
  LKS_TRY(lks_allocate(&s->hidden, states, sizeof(float)));
  LKS_TRY(lks_allocate(&s->cell, states, sizeof(float)));
  LKS_TRY(lks_allocate(&s->last, s->series, sizeof *s->last));
  LKS_TRY(lks_allocate(&s->seen, s->series, sizeof *s->seen));
  LKS_TRY(lks_allocate(&s->fresh, s->series, sizeof *s->fresh));
  LKS_TRY(lks_allocate(&s->window, span * s->columns, sizeof(float)));
  LKS_TRY(lks_allocate(&s->active, (size_t)s->setup->window, sizeof *s->active));
  for (int t = 0; t < s->setup->window; t++)
    s->active[t] = 1;
  LKS_TRY(lks_allocate(&s->states, (size_t)s->state_count, sizeof *s->states));
  for (size_t i = 0; i < s->series * s->history * s->columns; i++)
    s->rows[i] = NAN;
  for (size_t i = 0; i < s->series; i++)
    s->last[i] = -1;
  return LKS_OK;
}

lks_status lks_forecast_stream_create(lks_forecast_stream **stream, lks_session *session) {
  lks_status status;
  lks_forecast_stream *s;
  *stream = NULL;
  if (!lks_forecast_setup_of(session->task)->recurrent)
    return LKS_FAIL(LKS_USAGE, "--state: [model] cell = none carries no state\n  hint: leave "
                               "--state out");
  LKS_TRY(lks_allocate(&s, 1, sizeof *s));
  s->session = session;
  s->setup = lks_forecast_setup_of(session->task);
  s->columns = (size_t)s->setup->table->columns;
  s->history = (size_t)s->setup->score_plan.history;
  s->series = (size_t)s->setup->table->count;
  s->units = (size_t)session->task->state_units;
  s->state_count = session->task->state_count;
  LKS_TRY_OR(cleanup, status, allocate(s));
  LKS_TRY_OR(cleanup, status, lks_session_digest(session, s->digest));
  *stream = s;
  return LKS_OK;
cleanup:
  lks_forecast_stream_destroy(s);
  return status;
}

void lks_forecast_stream_destroy(lks_forecast_stream *s) {
  if (!s)
    return;
  lks_release(s->states);
  lks_release(s->active);
  lks_release(s->window);
  lks_release(s->fresh);
  lks_release(s->seen);
  lks_release(s->last);
  lks_release(s->cell);
  lks_release(s->hidden);
  lks_release(s->scaling);
  lks_release(s->rows);
  lks_release(s);
}

static size_t list(lks_forecast_stream *s, lks_named_tensor tensors[TENSORS]) {
  size_t targets = (size_t)s->setup->targets, states = (size_t)s->state_count;
  const lks_named_tensor all[] = {
      {"stream/rows", LKS_F32, lks_shape_3(s->series, s->history, s->columns), s->rows},
      {"stream/scaling", LKS_F32, lks_shape_3(s->series, targets, LKS_FORECAST_SCALING),
       s->scaling},
      {"stream/hidden", LKS_F32, lks_shape_3(s->series, states, s->units), s->hidden},
      {"stream/cell", LKS_F32, lks_shape_3(s->series, states, s->units), s->cell},
      {"stream/last", LKS_I64, lks_shape_1(s->series), s->last},
      {"stream/seen", LKS_I64, lks_shape_1(s->series), s->seen},
      {"stream/fresh", LKS_I64, lks_shape_1(s->series), s->fresh},
  };
  memcpy(tensors, all, sizeof all);
  return sizeof all / sizeof *all;
}

typedef struct {
  const char *path;
  const lks_checkpoint *checkpoint;
} file_job;

static lks_status run_load(void *context) {
  const file_job *job = context;
  return lks_checkpoint_load(job->path, job->checkpoint);
}

static lks_status run_save(void *context) {
  const file_job *job = context;
  return lks_checkpoint_save(job->path, job->checkpoint);
}

lks_status lks_forecast_stream_load(lks_forecast_stream *s, const char *path) {
  lks_named_tensor tensors[TENSORS];
  lks_named_value model = {.name = "model", .kind = LKS_VALUE_TEXT};
  lks_checkpoint checkpoint = {.tensors = tensors, .tensor_count = list(s, tensors)};
  LKS_TRY(lks_checkpoint_check(path));
  LKS_TRY(lks_session_read_value(s->session, path, &model));
  bool is_same = strcmp(model.text, s->digest) == 0;
  lks_status status = LKS_OK;
  if (!is_same)
    status = LKS_FAIL(LKS_DATA,
                      "%s: expected the state of the model with digest %.16s..., found that "
                      "of %.16s...\n  hint: begin a new state file for another model",
                      path, s->digest, model.text);
  lks_release(model.text);
  LKS_TRY(status);
  return lks_io_run(s->session->io, run_load, &(file_job){path, &checkpoint});
}

lks_status lks_forecast_stream_save(lks_forecast_stream *s, const char *path) {
  lks_named_tensor tensors[TENSORS];
  lks_named_value model = {.name = "model", .kind = LKS_VALUE_TEXT, .text = s->digest};
  lks_checkpoint checkpoint = {tensors, list(s, tensors), &model, 1};
  return lks_io_run(s->session->io, run_save, &(file_job){path, &checkpoint});
}

int64_t lks_forecast_stream_last(const lks_forecast_stream *s, int64_t series) {
  return s->last[series];
}

const float *lks_forecast_stream_window(const lks_forecast_stream *s) {
  return s->window;
}

static void point_states(lks_forecast_stream *s, int64_t series) {
  for (int i = 0; i < s->state_count; i++) {
    size_t at = ((size_t)series * (size_t)s->state_count + (size_t)i) * s->units;
    s->states[i].hidden = s->hidden + at;
    s->states[i].cell = s->session->task->state_has_cell ? s->cell + at : NULL;
  }
}

/* Moves the rows up by one and puts the new one last; then the window. */
static void take_row(lks_forecast_stream *s, int64_t series, const float *values,
                     const float *future) {
  size_t row = s->columns * sizeof(float);
  float *rows = s->rows + (size_t)series * s->history * s->columns;
  size_t span = (size_t)lks_window_span(&s->setup->score_plan);
  memmove(rows, rows + s->columns, (s->history - 1) * row);
  memcpy(rows + (s->history - 1) * s->columns, values, row);
  memcpy(s->window, rows, s->history * row);
  memcpy(s->window + s->history * s->columns, future, (span - s->history) * row);
}

/* Runs the whole window from a state of zero, and scales anew. */
static void run_window(lks_forecast_stream *s, int64_t series, lks_forecast_value *forecasts) {
  const lks_forecast_setup *setup = s->setup;
  lks_session *session = s->session;
  int32_t number = (int32_t)series;
  lks_forecast_window window = {setup, &setup->score_plan, s->window,
                                &setup->table->series[series]};
  lks_forecast_window_scale(&window, s->scaling + (size_t)series * (size_t)setup->targets *
                                                      LKS_FORECAST_SCALING);
  lks_pass pass = {.kernels = session->kernels,
                   .threads = session->threads,
                   .rows = 1,
                   .steps = setup->window,
                   .active = s->active};
  lks_forecast_windows(session->task, &pass, s->window, &number, s->states, forecasts);
  s->fresh[series] = 0;
}

lks_status lks_forecast_stream_see(lks_forecast_stream *s, int64_t series, int64_t step,
                                   const float *values, const float *future,
                                   lks_forecast_value *forecasts, bool *ready) {
  const lks_forecast_setup *setup = s->setup;
  bool scales = setup->centre != LKS_CENTRE_NONE || setup->scale != LKS_SCALE_NONE ||
                setup->head.loss->is_count;
  LKS_ASSERT(s->last[series] < 0 || step == s->last[series] + 1);
  take_row(s, series, values, future);
  s->last[series] = step;
  s->seen[series]++;
  *ready = s->seen[series] >= setup->window;
  if (!*ready)
    return LKS_OK;
  point_states(s, series);
  s->fresh[series]++;
  if (s->seen[series] == setup->window || (scales && s->fresh[series] >= setup->window)) {
    run_window(s, series, forecasts);
    return LKS_OK;
  }
  lks_pass pass = {.kernels = s->session->kernels,
                   .threads = s->session->threads,
                   .rows = 1,
                   .steps = 1,
                   .active = s->active};
  lks_forecast_step(s->session->task, &pass, s->window,
                    s->scaling + (size_t)series * (size_t)setup->targets * LKS_FORECAST_SCALING,
                    (int32_t)series, s->states, forecasts);
  return LKS_OK;
}
