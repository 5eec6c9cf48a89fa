/* SPDX-License-Identifier: Apache-2.0 */
/* test_forecast.c - gradients of the whole network against central differences of its
 * own loss, for every kind of network; forecasts that do not depend on what comes after. */
#include "base/fail.h"
#include "base/memory.h"
#include "check.h"
#include "series_fixture.h"
#include "task/forecast.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK = 64, ROWS = 3, WINDOW = 6, HISTORY_MAX = 64, HORIZON = 4, SPAN_MAX = 80 };

/* A step of 2^-7 in f32 parameters: the loss's third derivative and its rounding (a few
 * 1e-7, divided by the step) both give errors below this. */
#define DIFFERENCE_STEP 0.0078125f
#define GRADIENT_TOLERANCE 2e-3

typedef struct {
  lks_test_table table;
  lks_series_fixture file;
  lks_config *config;
  lks_task *task;
  const lks_kernels *kernels;
  float *values, *gradient;
  float windows[ROWS * SPAN_MAX * LKS_TEST_COLUMNS];
  int32_t series[ROWS];
  lks_segments *segments, *row_segments;
  int active[WINDOW];
  uint32_t sample[ROWS];
} fixture;

static const lks_key data_keys[] = {
    {"train", "batch", LKS_KEY_INTEGER, "20", NULL, 1, 100, LKS_KEY_FIXED, "batch"},
    {"data", "window", LKS_KEY_INTEGER, "6", NULL, 1, 100, LKS_KEY_FIXED, "window"},
    {"data", "fold", LKS_KEY_INTEGER, "0", NULL, 0, 100, LKS_KEY_FIXED, "fold"},
    {"train", "carry_state", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED, "carry"},
    {"train", "seed", LKS_KEY_INTEGER, "1", NULL, 0, 100, LKS_KEY_FIXED, "seed"},
    {"evaluate", "walk_forward", LKS_KEY_INTEGER, "0", NULL, 0, 9, LKS_KEY_FIXED, "folds"},
};

/* Rows of series 1 around three origins, targets made small. */
static void fill_windows(fixture *f) {
  const lks_window_plan *plan = f->task->train_windows;
  int span = lks_window_span(plan);
  CHECK(span <= SPAN_MAX);
  for (int b = 0; b < ROWS; b++) {
    f->series[b] = b % 2;
    f->sample[b] = (uint32_t)b;
    CHECK_OK(lks_test_read_series(&f->file, f->series[b], 3 + 7 * b, span,
                                  f->windows + b * span * LKS_TEST_COLUMNS));
  }
}

static void bind(fixture *f) {
  lks_capacity capacity = {.rows = ROWS,
                           .steps = WINDOW,
                           .items = ROWS * WINDOW,
                           .shards = 2,
                           .training = true,
                           .threads = 2,
                           .kernels = f->kernels};
  lks_params *params = f->task->params;
  CHECK_OK(lks_allocate(&f->values, lks_params_value_count(params), sizeof(float)));
  CHECK_OK(lks_allocate(&f->gradient, lks_params_gradient_count(params), sizeof(float)));
  lks_params_bind(params, f->values);
  CHECK_OK(f->task->kind->allocate(f->task, &capacity));
  f->task->kind->initialise(f->task, 5);
}

static void set_up(fixture *f, const char *const *sets, size_t count) {
  memset(f, 0, sizeof *f);
  lks_test_table_set(&f->table);
  for (int s = 0; s < LKS_TEST_SERIES; s++)
    for (int c = 0; c < LKS_TEST_COLUMNS; c++) { /* values of about 1 */
      f->table.fit[s][c].centre = 7;
      f->table.fit[s][c].scale = 5;
    }
  lks_series_fixture_create(&f->file, &f->table, CHUNK);
  CHECK_OK(lks_config_create(&f->config));
  CHECK_OK(lks_config_register(f->config, data_keys, sizeof data_keys / sizeof *data_keys));
  CHECK_OK(lks_task_forecast.register_keys(f->config));
  CHECK_OK(lks_config_set(f->config, "model.hidden=5"));
  CHECK_OK(lks_config_set(f->config, "data.horizon=4"));
  for (size_t i = 0; i < count; i++)
    CHECK_OK(lks_config_set(f->config, sets[i]));
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &f->kernels));
  CHECK_OK(lks_task_forecast.create(&f->task, f->config, f->file.dataset));
  bind(f);
  fill_windows(f);
  const lks_shards shards = {2, ROWS, ROWS};
  const lks_subtree all = {0, 2};
  CHECK_OK(lks_segments_create(&f->segments, ROWS * WINDOW, 2));
  CHECK_OK(lks_segments_create(&f->row_segments, ROWS, 2));
  lks_segments_fill(f->segments, &shards, &all, 1, WINDOW, NULL);
  lks_segments_fill(f->row_segments, &shards, &all, 1, 1, NULL);
  for (int t = 0; t < WINDOW; t++)
    f->active[t] = ROWS;
}

static void tear_down(fixture *f) {
  lks_segments_destroy(f->row_segments);
  lks_segments_destroy(f->segments);
  f->task->kind->destroy(f->task);
  lks_config_destroy(f->config);
  lks_release(f->gradient);
  lks_release(f->values);
  lks_series_fixture_destroy(&f->file);
}

/* Runs a training pass; returns the summed loss, with gradients in f->gradient. */
static double run(fixture *f) {
  float *buffers[] = {f->gradient}, losses[ROWS * WINDOW];
  lks_pass pass = {.kernels = f->kernels,
                   .threads = 2,
                   .rows = ROWS,
                   .steps = WINDOW,
                   .active = f->active,
                   .training = true,
                   .segments = f->segments,
                   .gradients = buffers,
                   .key = lks_random_key_of(1),
                   .sample = f->sample};
  lks_pass row_pass = pass;
  row_pass.steps = 1;
  row_pass.segments = f->row_segments;
  lks_task_call call = {.pass = &pass,
                        .row_pass = &row_pass,
                        .windows = f->windows,
                        .series = f->series,
                        .losses = losses,
                        .buffers = buffers,
                        .buffer_count = 1};
  f->task->kind->pack(f->task, f->kernels, 2, true);
  f->task->kind->train(f->task, &call);
  int terms = f->task->loss_per_row ? ROWS : ROWS * WINDOW;
  double loss = 0;
  for (int i = 0; i < terms; i++)
    loss += (double)losses[i];
  return loss;
}

/* Every third parameter of each tensor. */
static void check_gradients(const char *const *sets, size_t count) {
  fixture f;
  set_up(&f, sets, count);
  double worst = 0;
  CHECK(isfinite(run(&f)));
  size_t total = lks_params_gradient_count(f.task->params);
  float *analytic;
  CHECK_OK(lks_allocate(&analytic, total, sizeof(float)));
  memcpy(analytic, f.gradient, total * sizeof(float));
  for (int p = 0; p < lks_params_count(f.task->params); p++) {
    const lks_param *param = lks_params_at(f.task->params, p);
    for (size_t i = 0; i < param->count; i += 3) {
      float *value = &f.values[param->offset + i], kept = *value;
      *value = kept + DIFFERENCE_STEP;
      double above = run(&f);
      *value = kept - DIFFERENCE_STEP;
      double below = run(&f);
      *value = kept;
      double difference = (above - below) / (2 * (double)DIFFERENCE_STEP);
      double error =
          fabs(difference - (double)analytic[param->offset + i]) / (1 + fabs(difference));
      if (error > GRADIENT_TOLERANCE)
        printf("%s: %s[%zu]: %g, expected %g\n", sets[0], param->name, i,
               (double)analytic[param->offset + i], difference);
      worst = error > worst ? error : worst;
    }
  }
  CHECK(worst < GRADIENT_TOLERANCE);
  lks_release(analytic);
  tear_down(&f);
}

static void gradients_match_differences_of_the_loss(void) {
  const char *const variants[][4] = {
      {"train.loss=mse", "model.cell=lstm", "model.layers=2", "model.series_embedding=2"},
      {"train.loss=gaussian", "model.cell=gru", "model.window_centre=last",
       "model.window_scale=deviation"},
      {"train.loss=quantiles", "model.cell=rnn", "model.differences=yes",
       "model.residual=naive"},
      {"train.loss=student-t", "model.cell=none", "model.layers=2", "model.series_embedding=2"},
      {"train.loss=mse", "model.cell=lstm", "data.lead=3", "model.window_centre=mean"},
      {"train.loss=huber", "model.residual=seasonal-naive", "data.season=5", "data.lead=2"},
  };
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
    check_gradients(variants[i], 4);
}

static void recursive_gradients_match_differences_of_the_loss(void) {
  const char *const variants[][4] = {
      {"train.loss=mse", "model.decoder=recursive", "model.series_embedding=2",
       "data.horizon=1"},
      {"train.loss=gaussian", "model.decoder=recursive", "model.residual=naive",
       "data.horizon=1"},
  };
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
    check_gradients(variants[i], 4);
}

/* Forecasts of a model whose windows end at `origin`, with a later value changed or not. */
static void forecast(fixture *f, bool change, lks_forecast_value *values) {
  const lks_window_plan *plan = f->task->score_windows;
  int span = lks_window_span(plan);
  static float windows[4 * SPAN_MAX * LKS_TEST_COLUMNS];
  CHECK(span <= 4 * SPAN_MAX);
  CHECK_OK(lks_test_read_series(&f->file, 0, 2, span, windows));
  for (int i = plan->history; change && i < span; i++)
    windows[i * LKS_TEST_COLUMNS] += 100; /* targets that come */
  lks_pass pass = {.kernels = f->kernels,
                   .threads = 1,
                   .rows = 1,
                   .steps = WINDOW,
                   .active = f->active,
                   .sample = f->sample};
  f->task->kind->pack(f->task, f->kernels, 1, false);
  lks_forecast_windows(f->task, &pass, windows, f->series, NULL, values);
}

static void check_blind(const char *const *sets, size_t count) {
  fixture f;
  lks_forecast_value before[HORIZON], after[HORIZON];
  set_up(&f, sets, count);
  forecast(&f, false, before);
  forecast(&f, true, after);
  for (int h = 0; h < HORIZON; h++) {
    CHECK(isfinite(before[h].point));
    CHECK(memcmp(&before[h].point, &after[h].point, sizeof(double)) == 0);
    CHECK(memcmp(&before[h].lower, &after[h].lower, sizeof(double)) == 0);
    CHECK(before[h].actual != after[h].actual);
  }
  tear_down(&f);
}

static void what_comes_after_a_window_changes_no_forecast(void) {
  const char *const direct[] = {"train.loss=gaussian", "model.window_scale=deviation",
                                "model.window_centre=mean"};
  const char *const seasonal[] = {"train.loss=quantiles", "model.residual=seasonal-naive",
                                  "model.window_scale=difference"};
  check_blind(direct, 3);
  check_blind(seasonal, 3);
}

static void what_does_not_go_together_is_refused(void) {
  static const struct {
    const char *sets[2], *text;
  } cases[] = {
      {{"model.decoder=recursive", "model.cell=none"}, "needs a recurrent cell"},
      {{"model.decoder=recursive", "data.lead=2"}, "expected [data] lead = 1, found 2"},
      {{"model.decoder=recursive", "data.horizon=2"},
       "column 'wind' is not known in the rows to forecast"},
      {{"train.loss=mse", "evaluate.metric=nll"}, "loss = mse gives no distribution"},
      {{"train.loss=negative-binomial", "model.window_centre=last"},
       "expected window_centre, window_scale and residual = none"},
      {{"train.loss=negative-binomial", "model.layers=1"}, "expected counts as they are"},
      {{"train.quantiles=0.5 0.2", "train.loss=quantiles"}, "expected numbers that rise"},
      {{"evaluate.walk_forward=2", "data.fold=3"}, "walk_forward has 2 folds"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lks_test_table table;
    lks_series_fixture file;
    lks_config *config;
    lks_task *task;
    lks_test_table_set(&table);
    lks_series_fixture_create(&file, &table, CHUNK);
    CHECK_OK(lks_config_create(&config));
    CHECK_OK(lks_config_register(config, data_keys, sizeof data_keys / sizeof *data_keys));
    CHECK_OK(lks_task_forecast.register_keys(config));
    for (int j = 0; j < 2; j++)
      CHECK_OK(lks_config_set(config, cases[i].sets[j]));
    lks_status status = lks_task_forecast.create(&task, config, file.dataset);
    CHECK(status == LKS_USAGE || status == LKS_DATA);
    if (status == LKS_OK)
      task->kind->destroy(task);
    lks_check_contains(lks_error_message(), cases[i].text, __FILE__, __LINE__);
    lks_config_destroy(config);
    lks_series_fixture_destroy(&file);
  }
}

const lks_test forecast_tests[] = {
    TEST(gradients_match_differences_of_the_loss),
    TEST(recursive_gradients_match_differences_of_the_loss),
    TEST(what_comes_after_a_window_changes_no_forecast),
    TEST(what_does_not_go_together_is_refused),
    TEST_END,
};
