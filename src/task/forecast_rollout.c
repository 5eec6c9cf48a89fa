/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_rollout.c - forecasts of a recursive model: what it says of the next row is
 * fed back as if it had been seen.
 *
 * A number is fed back as it is.  Of a distribution, `samples` values are drawn, each the
 * start of a path of its own (Salinas et al. 2020, DeepAR): a path's u in (0, 1) is a
 * function of seed, window, path and place, and its value is the quantile u.  A row's
 * forecast is then made of the paths: their mean, their quantiles, the score of the
 * sample (Jordan et al. 2019, eq. 3 for the CRPS), and the mean of their densities. */
#include "task/forecast_network.h"

#include "base/fail.h"
#include "base/arithmetic.h"
#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is drawn of one value on all paths: `value` and `nll` of each. */
typedef struct {
  float value, nll;
} draw;

static bool has_paths(const lks_forecast_setup *s) {
  return s->head.loss->has_quantiles && s->horizon > 1;
}

static lks_status allocate_states(const lks_forecast_network *m, int rows,
                                  lks_cell_state **states) {
  size_t elements = (size_t)rows * (size_t)m->task.state_units;
  LKS_TRY(lks_allocate(states, (size_t)m->task.state_count, sizeof **states));
  for (int i = 0; i < m->task.state_count; i++) {
    LKS_TRY(lks_allocate(&(*states)[i].hidden, elements, sizeof(float)));
    if (m->task.state_has_cell)
      LKS_TRY(lks_allocate(&(*states)[i].cell, elements, sizeof(float)));
  }
  return LKS_OK;
}

static void release_states(const lks_forecast_network *m, lks_cell_state *states) {
  for (int i = 0; states && i < m->task.state_count; i++) {
    lks_release(states[i].cell);
    lks_release(states[i].hidden);
  }
  lks_release(states);
}

lks_status lks_forecast_rollout_allocate(lks_forecast_network *m, int rows) {
  const lks_forecast_setup *s = &m->setup;
  size_t values = (size_t)rows * (size_t)(s->horizon * s->targets);
  size_t draws = has_paths(s) ? (size_t)s->samples * sizeof(draw) / sizeof(float) : 0;
  LKS_TRY(lks_allocate(&m->first, (size_t)rows * (size_t)s->outputs, sizeof(float)));
  LKS_TRY(allocate_states(m, rows, &m->start));
  LKS_TRY(allocate_states(m, rows, &m->state));
  /* the draws, then two rows of the table a window */
  return lks_allocate(&m->paths, values * draws + 2 * (size_t)(rows * s->table->columns),
                      sizeof(float));
}

void lks_forecast_rollout_release(lks_forecast_network *m) {
  lks_release(m->paths);
  lks_release(m->first);
  release_states(m, m->state);
  release_states(m, m->start);
}

/* One path through the horizon of all windows. */
typedef struct {
  const lks_forecast_call *call;
  int path; /* -1: the point forecast is fed back */
  int h;
  draw *draws;   /* [B, H, D, samples] */
  float *row;    /* [B, columns] the row that was forecast last */
  float *before; /* [B, columns] */
  lks_forecast_value *forecasts;
} rollout;

static double uniform_of(const rollout *r, int b, size_t value) {
  const lks_forecast_network *m = r->call->network;
  lks_random_key key =
      lks_random_key_of((uint64_t)lks_config_integer(m->config, "train", "seed"));
  const uint32_t *sample = r->call->pass->sample;
  uint32_t words[4];
  lks_philox(key,
             lks_random_counter_of(LKS_RANDOM_PATH, 0, 0, (uint32_t)r->path,
                                   sample ? sample[b] : (uint32_t)b, (uint32_t)value),
             words);
  double u = lks_random_unit_f64(words[0], words[1]);
  return u > 0 ? u : 0x1p-54;
}

/* Value d of row h of window b: forecast, drawn or not, and put into the next row. */
static void decide(const rollout *r, const lks_forecast_window *window, int b, size_t d) {
  const lks_forecast_network *m = r->call->network;
  const lks_forecast_setup *s = &m->setup;
  const lks_forecast_head *head = &s->head;
  size_t targets = (size_t)s->targets, value = (size_t)r->h * targets + d;
  size_t columns = (size_t)s->table->columns;
  size_t at = (size_t)b * (size_t)s->horizon * targets + value;
  const float *scaling = m->scaling + ((size_t)b * targets + d) * LKS_FORECAST_SCALING;
  const float *raw = m->raw + (size_t)b * (size_t)s->outputs + d * (size_t)s->raw;
  float base = s->residual == LKS_RESIDUAL_NAIVE && r->h > 0
                   ? r->before[(size_t)b * columns + d]
                   : m->base[(size_t)b * (size_t)s->horizon * targets + d];
  float actual = lks_forecast_window_future(window, r->h)[d];
  float *next = &r->row[(size_t)b * columns + d];
  lks_forecast_value forecast =
      lks_forecast_value_of(s, raw, scaling, base, actual, &window->series->fit[d]);
  if (r->path < 0) {
    r->forecasts[at] = forecast;
    *next = (float)forecast.point;
    return;
  }
  double level = (double)scaling[LKS_FORECAST_LEVEL];
  double drawn = head->loss->quantile(head, raw, level, uniform_of(r, b, value));
  *next = head->loss->is_count
              ? (float)drawn
              : (float)((double)base + (double)scaling[LKS_FORECAST_SCALE] * drawn);
  r->draws[at * (size_t)s->samples + (size_t)r->path] = (draw){*next, (float)forecast.nll};
  if (r->path == 0)
    r->forecasts[at] = forecast;
}

/* Row h of the windows of one thread: decided, and made into the next step's inputs. */
static void row_body(void *context, int part, int parts) {
  const rollout *r = context;
  const lks_forecast_network *m = r->call->network;
  const lks_forecast_setup *s = &m->setup;
  size_t columns = (size_t)s->table->columns, targets = (size_t)s->targets;
  int first, last;
  lks_parallel_slice(r->call->pass->rows, 1, part, parts, &first, &last);
  for (int b = first; b < last; b++) {
    lks_forecast_window window = lks_forecast_window_at(r->call, b);
    float *row = r->row + (size_t)b * columns, *before = r->before + (size_t)b * columns;
    const float *future = lks_forecast_window_future(&window, r->h);
    memcpy(before, r->h == 0 ? lks_forecast_window_row(&window, s->window - 1) : row,
           columns * sizeof *row);
    memcpy(row, future, columns * sizeof *row);
    for (size_t d = 0; d < targets; d++)
      decide(r, &window, b, d);
    if (r->h + 1 < s->horizon)
      lks_forecast_row_inputs(&window, m->scaling + (size_t)b * targets * LKS_FORECAST_SCALING,
                              row, before, future + columns,
                              m->inputs + (size_t)b * (size_t)s->inputs);
  }
}

static void copy_states(const lks_forecast_network *m, int rows) {
  size_t bytes = (size_t)rows * (size_t)m->task.state_units * sizeof(float);
  for (int i = 0; i < m->task.state_count; i++) {
    memcpy(m->state[i].hidden, m->start[i].hidden, bytes);
    if (m->task.state_has_cell)
      memcpy(m->state[i].cell, m->start[i].cell, bytes);
  }
}

/* The series' vectors stay where they are in the inputs of a step. */
static void place_vectors(const lks_forecast_call *call) {
  lks_forecast_network *m = call->network;
  size_t units = (size_t)m->setup.embedding, inputs = (size_t)m->setup.inputs;
  for (int b = 0; b < call->pass->rows; b++)
    memcpy(m->inputs + ((size_t)b + 1) * inputs - units, m->vectors + (size_t)b * units,
           units * sizeof(float));
}

/* `first` [B, outputs]: the head's output for the first row. */
static void run_path(rollout *r, const float *first) {
  const lks_forecast_call *call = r->call;
  lks_forecast_network *m = call->network;
  lks_pass one = *call->pass;
  one.steps = 1;
  copy_states(m, one.rows);
  memcpy(m->raw, first, (size_t)(one.rows * m->setup.outputs) * sizeof *first);
  place_vectors(call);
  for (r->h = 0; r->h < m->setup.horizon; r->h++) {
    lks_parallel(one.threads, row_body, r);
    if (r->h + 1 == m->setup.horizon)
      break;
    const float *top = lks_recurrent_forward(m->recurrent, &one, m->inputs, m->state, m->state);
    lks_forecast_network_head(call, top, m->raw);
  }
}

static int by_value(const void *a, const void *b) {
  float x = ((const draw *)a)->value, y = ((const draw *)b)->value;
  return x < y ? -1 : x > y;
}

/* Quantile p of sorted draws, linear between them. */
static double quantile_of(const draw *draws, int count, double p) {
  double place = p * (count - 1);
  int below = (int)place;
  double share = place - below, x = (double)draws[below].value;
  return below + 1 < count ? x + share * ((double)draws[below + 1].value - x) : x;
}

/* The forecast that all draws of one value make; the draws are sorted. */
static void sum_up(const lks_forecast_setup *s, draw *draws, lks_forecast_value *forecast) {
  int count = s->samples;
  double sum = 0, density = 0, distance = 0, spread = 0, n = count, least = INFINITY;
  for (int i = 0; i < count; i++)
    least = (double)draws[i].nll < least ? (double)draws[i].nll : least;
  for (int i = 0; i < count; i++)
    density += lks_exp_f64(least - (double)draws[i].nll);
  qsort(draws, (size_t)count, sizeof *draws, by_value);
  for (int i = 0; i < count; i++) {
    double x = (double)draws[i].value;
    sum += x;
    distance += fabs(x - forecast->actual);
    spread += (2 * i + 1 - n) * x;
  }
  double tail = (1 - s->interval) / 2;
  bool median = !s->head.loss->is_distribution;
  forecast->point = median ? quantile_of(draws, count, 0.5) : sum / n;
  forecast->lower = quantile_of(draws, count, tail);
  forecast->upper = quantile_of(draws, count, 1 - tail);
  forecast->crps = distance / n - spread / (n * n);
  if (s->head.loss->is_distribution)
    forecast->nll = least - lks_log_f64(density / n);
}

static void sum_up_body(void *context, int part, int parts) {
  const rollout *r = context;
  const lks_forecast_setup *s = &r->call->network->setup;
  int values = s->horizon * s->targets, first, last;
  lks_parallel_slice(r->call->pass->rows, 1, part, parts, &first, &last);
  for (int i = first * values; i < last * values; i++)
    sum_up(s, r->draws + (size_t)i * (size_t)s->samples, &r->forecasts[i]);
}

void lks_forecast_rollout(const lks_forecast_call *call, lks_forecast_value *forecasts) {
  lks_forecast_network *m = call->network;
  const lks_forecast_setup *s = &m->setup;
  size_t rows = (size_t)call->pass->rows, columns = (size_t)s->table->columns;
  size_t values = rows * (size_t)(s->horizon * s->targets);
  size_t draws = has_paths(s) ? values * (size_t)s->samples : 0;
  float *row = m->paths + draws * sizeof(draw) / sizeof(float);
  rollout r = {
      .call = call,
      .path = -1,
      .draws = (draw *)(void *)m->paths,
      .row = row,
      .before = row + rows * columns,
      .forecasts = forecasts,
  };
  memcpy(m->first, m->raw, rows * (size_t)s->outputs * sizeof(float));
  if (!has_paths(s)) {
    run_path(&r, m->first);
    return;
  }
  for (r.path = 0; r.path < s->samples; r.path++)
    run_path(&r, m->first);
  lks_parallel(call->pass->threads, sum_up_body, &r);
}
