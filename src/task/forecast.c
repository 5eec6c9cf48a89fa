/* SPDX-License-Identifier: Apache-2.0 */
/* forecast.c - the task of forecast.h: making it, training it. */
#include "task/forecast.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"
#include "task/forecast_network.h"
#include "task/forecast_score.h"
#include "task/network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void destroy(lks_task *task) {
  lks_forecast_network *m = (lks_forecast_network *)task;
  if (!m)
    return;
  lks_forecast_rollout_release(m);
  float *buffers[] = {m->scaling,   m->base,  m->inputs,   m->vectors,  m->top,
                      m->feature,   m->raw,   m->targets,  m->levels,   m->d_raw,
                      m->d_feature, m->d_top, m->d_inputs, m->d_vectors};
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
    lks_release(buffers[i]);
  lks_release(m->losses);
  lks_release(m->forecasts);
  lks_embedding_destroy(m->embedding);
  lks_dense_destroy(m->head);
  for (int l = 0; l < LKS_FORECAST_LAYERS_MAX; l++) {
    lks_release(m->activation[l]);
    lks_dense_destroy(m->layer[l]);
  }
  lks_recurrent_destroy(m->recurrent);
  lks_params_destroy(m->task.params);
  lks_release(m);
}

static lks_status build_layers(lks_forecast_network *m) {
  for (int l = m->layers - 1; l >= 0; l--) {
    char name[32];
    snprintf(name, sizeof name, "layer.%d", l);
    LKS_TRY(lks_dense_create(&m->layer[l], m->task.params, name,
                             l == 0 ? m->setup.inputs : m->units, m->units));
  }
  return LKS_OK;
}

static lks_status build_stack(lks_forecast_network *m) {
  lks_recurrent_setup recurrent = lks_network_read(m->config);
  recurrent.cell = lks_cell_find(lks_config_text(m->config, "model", "cell"));
  recurrent.inputs = m->setup.inputs;
  LKS_TRY(lks_recurrent_create(&m->recurrent, &recurrent, m->task.params));
  m->task.state_count = lks_recurrent_states(m->recurrent);
  m->task.state_units = recurrent.hidden;
  m->task.state_has_cell = recurrent.cell->has_cell;
  return LKS_OK;
}

/* Declares the parameters in the order in which backward finishes them. */
static lks_status build(lks_forecast_network *m) {
  const lks_forecast_setup *s = &m->setup;
  lks_recurrent_setup common = lks_network_read(m->config);
  m->units = common.hidden;
  m->layers = common.layers;
  m->dropout = common.dropout;
  m->features = m->units + s->extra;
  LKS_TRY(lks_dense_create(&m->head, m->task.params, "head", m->features, s->outputs));
  LKS_TRY(s->recurrent ? build_stack(m) : build_layers(m));
  if (s->embedding == 0)
    return LKS_OK;
  return lks_embedding_create(&m->embedding, m->task.params, "series.weight",
                              (int)s->table->count, s->embedding, -1);
}

static lks_status create(lks_task **task, const lks_config *config,
                         const lks_dataset *dataset) {
  lks_status status;
  lks_forecast_network *m;
  *task = NULL;
  LKS_TRY(lks_allocate(&m, 1, sizeof *m));
  m->task.kind = &lks_task_forecast;
  m->config = config;
  LKS_TRY_OR(cleanup, status, lks_forecast_read(&m->setup, config, dataset));
  LKS_TRY_OR(cleanup, status, lks_params_create(&m->task.params));
  LKS_TRY_OR(cleanup, status, build(m));
  const lks_forecast_setup *s = &m->setup;
  m->task.item = "windows";
  m->task.loss_per_row = !s->recursive;
  m->task.terms = s->recursive ? s->window : 1;
  m->task.train_windows = &s->train_plan;
  m->task.score_windows = &s->score_plan;
  m->task.sum_count = 2 + (int)lks_forecast_sums_count(s->targets);
  *task = &m->task;
  return LKS_OK;
cleanup:
  destroy(&m->task);
  return status;
}

static lks_status allocate_training(lks_forecast_network *m, const lks_capacity *capacity) {
  const lks_forecast_setup *s = &m->setup;
  size_t rows = (size_t)capacity->rows, units = (size_t)m->units;
  size_t items = s->recursive ? (size_t)capacity->items : rows;
  size_t steps = s->recurrent ? (size_t)capacity->items : rows;
  size_t values = (size_t)lks_forecast_item_values(s);
  LKS_TRY(lks_allocate(&m->targets, items * values, sizeof(float)));
  LKS_TRY(lks_allocate(&m->levels, items * values, sizeof(float)));
  LKS_TRY(lks_allocate(&m->losses, items, sizeof(double)));
  LKS_TRY(lks_allocate(&m->d_raw, items * (size_t)s->outputs, sizeof(float)));
  LKS_TRY(lks_allocate(&m->d_feature, rows * (size_t)m->features, sizeof(float)));
  LKS_TRY(lks_allocate(&m->d_top, steps * units, sizeof(float)));
  if (s->embedding == 0)
    return LKS_OK;
  LKS_TRY(lks_allocate(&m->d_inputs, steps * (size_t)s->inputs, sizeof(float)));
  return lks_allocate(&m->d_vectors, rows * (size_t)s->embedding, sizeof(float));
}

static lks_status allocate_modules(lks_forecast_network *m, const lks_capacity *capacity) {
  lks_capacity one = *capacity; /* rows as one time step */
  one.steps = 1;
  one.items = capacity->rows;
  if (m->embedding)
    LKS_TRY(lks_embedding_allocate(m->embedding, &one));
  if (m->recurrent)
    LKS_TRY(lks_recurrent_allocate(m->recurrent, capacity));
  for (int l = 0; l < m->layers && !m->recurrent; l++) {
    LKS_TRY(lks_dense_allocate(m->layer[l], capacity, capacity->rows));
    LKS_TRY(lks_allocate(&m->activation[l], (size_t)capacity->rows * (size_t)m->units,
                         sizeof(float)));
  }
  return lks_dense_allocate(m->head, capacity,
                            m->setup.recursive ? capacity->items : capacity->rows);
}

static lks_status allocate(lks_task *task, const lks_capacity *capacity) {
  lks_forecast_network *m = (lks_forecast_network *)task;
  const lks_forecast_setup *s = &m->setup;
  size_t rows = (size_t)capacity->rows, values = (size_t)s->horizon * (size_t)s->targets;
  size_t steps = s->recurrent ? (size_t)capacity->items : rows;
  size_t items = s->recursive ? steps : rows;
  LKS_TRY(allocate_modules(m, capacity));
  LKS_TRY(lks_allocate(&m->scaling, rows * (size_t)s->targets * LKS_FORECAST_SCALING,
                       sizeof(float)));
  LKS_TRY(lks_allocate(&m->base, rows * values, sizeof(float)));
  LKS_TRY(lks_allocate(&m->inputs, steps * (size_t)s->inputs, sizeof(float)));
  LKS_TRY(lks_allocate(&m->vectors, rows * (size_t)(s->embedding + 1), sizeof(float)));
  LKS_TRY(lks_allocate(&m->top, items * (size_t)m->units, sizeof(float)));
  LKS_TRY(lks_allocate(&m->feature, rows * (size_t)m->features, sizeof(float)));
  LKS_TRY(lks_allocate(&m->raw, items * (size_t)s->outputs, sizeof(float)));
  LKS_TRY(lks_allocate(&m->forecasts, rows * values, sizeof *m->forecasts));
  if (s->recursive)
    LKS_TRY(lks_forecast_rollout_allocate(m, capacity->rows));
  return capacity->training ? allocate_training(m, capacity) : LKS_OK;
}

static void initialise(lks_task *task, uint64_t seed) {
  lks_forecast_network *m = (lks_forecast_network *)task;
  lks_network_initialise(m->config, task->params, m->recurrent,
                         m->embedding ? lks_embedding_param(m->embedding) : -1, m->setup.window,
                         seed);
}

static void pack(lks_task *task, const lks_kernels *kernels, int threads, bool training) {
  lks_forecast_network *m = (lks_forecast_network *)task;
  if (m->recurrent)
    lks_recurrent_pack(m->recurrent, kernels, threads, training);
  for (int l = 0; l < m->layers && !m->recurrent; l++)
    lks_dense_pack(m->layer[l], kernels, threads, training);
  lks_dense_pack(m->head, kernels, threads, training);
}

/* One target: scaled, or a count as it is. */
static float scaled_target(const lks_forecast_setup *s, const float *scaling, float base,
                           float y) {
  return s->head.loss->is_count ? y : (y - base) / scaling[LKS_FORECAST_SCALE];
}

/* Targets of item (t, b); t is 0 unless recursive, when the next row is the target. */
static void put_item_targets(const lks_forecast_call *call, int t, int b, size_t item) {
  lks_forecast_network *m = call->network;
  const lks_forecast_setup *s = &m->setup;
  lks_forecast_window window = lks_forecast_window_at(call, b);
  size_t targets = (size_t)s->targets, values = (size_t)lks_forecast_item_values(s);
  const float *scaling = m->scaling + (size_t)b * targets * LKS_FORECAST_SCALING;
  const float *base = m->base + (size_t)b * (size_t)s->horizon * targets;
  for (size_t v = 0; v < values; v++) {
    size_t d = v % targets;
    const float *own = scaling + d * LKS_FORECAST_SCALING;
    const float *row = s->recursive ? lks_forecast_window_row(&window, t)
                                    : lks_forecast_window_future(&window, (int)(v / targets));
    float from = base[v];
    if (s->recursive) { /* relative to the row that it follows, or to the centre */
      from =
          s->residual == LKS_RESIDUAL_NONE || isnan(row[d]) ? own[LKS_FORECAST_CENTRE] : row[d];
      row += s->table->columns;
    }
    m->targets[item * values + v] = scaled_target(s, own, from, row[d]);
    m->levels[item * values + v] = own[LKS_FORECAST_LEVEL];
  }
}

/* Losses and their gradients of the windows of one thread. */
static void loss_body(void *context, int part, int parts) {
  const lks_forecast_call *call = context;
  lks_forecast_network *m = call->network;
  const lks_forecast_setup *s = &m->setup;
  int rows = call->pass->rows, steps = s->recursive ? call->pass->steps : 1, first, last;
  size_t values = (size_t)lks_forecast_item_values(s), outputs = (size_t)s->outputs;
  float share = 1.0f / (float)values;
  lks_parallel_slice(rows, 1, part, parts, &first, &last);
  for (int t = 0; t < steps; t++)
    for (int b = first; b < last; b++) {
      size_t item = (size_t)t * (size_t)rows + (size_t)b;
      float *d_raw = m->d_raw + item * outputs;
      put_item_targets(call, t, b, item);
      m->losses[item] =
          lks_forecast_losses(&s->head, values, m->raw + item * outputs,
                              m->targets + item * values, m->levels + item * values, d_raw) *
          (double)share;
      for (size_t i = 0; i < outputs; i++)
        d_raw[i] *= share;
    }
}

static void train(lks_task *task, const lks_task_call *given) {
  lks_forecast_network *m = (lks_forecast_network *)task;
  const lks_pass *pass = given->pass;
  lks_forecast_call call = {m, pass, &m->setup.train_plan, given->windows, given->series};
  lks_stopwatch_enter(given->watch, LKS_PART_FORWARD);
  lks_forecast_network_run(&call, NULL);
  lks_stopwatch_enter(given->watch, LKS_PART_LOSS);
  lks_parallel(pass->threads, loss_body, &call);
  const lks_segments *segments =
      m->setup.recursive ? pass->segments : given->row_pass->segments;
  for (int i = 0; i < segments->terms; i++)
    given->losses[i] = (float)m->losses[segments->item[i]];
  lks_stopwatch_enter(given->watch, LKS_PART_BACKWARD);
  lks_forecast_network_back(&call, given->row_pass, given->buffers, given->buffer_count);
}

static int train_scores(const lks_task *task, double loss, double terms,
                        lks_score out[LKS_SCORES_MAX]) {
  const lks_forecast_network *m = (const lks_forecast_network *)task;
  out[0] = (lks_score){m->setup.head.loss->name, loss / terms, false};
  return 1;
}

const lks_forecast_setup *lks_forecast_setup_of(const lks_task *task) {
  return &((const lks_forecast_network *)task)->setup;
}

const lks_task_kind lks_task_forecast = {
    .name = "forecast",
    .summary = "the next rows of time series, with intervals, beside naive forecasts",
    .register_keys = lks_forecast_register,
    .create = create,
    .destroy = destroy,
    .allocate = allocate,
    .initialise = initialise,
    .pack = pack,
    .train = train,
    .score = lks_forecast_score,
    .scores = lks_forecast_list_scores,
    .train_scores = train_scores,
    .table = lks_forecast_print_table,
};
