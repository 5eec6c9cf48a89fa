/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_score.c - forecasts of windows, and how good they and naive ones are. */
#include "task/forecast_score.h"

#include "task/forecast_network.h"

#include "base/fail.h"
#include "base/arithmetic.h"

#include <math.h>
#include <string.h>

enum { TABLE_BYTES = 4096 };

lks_forecast_value lks_forecast_value_of(const lks_forecast_setup *s, const float *raw,
                                         const float *scaling, float base, float actual,
                                         const lks_series_fit *fit) {
  const lks_forecast_head *head = &s->head;
  const lks_forecast_loss *loss = head->loss;
  double level = (double)scaling[LKS_FORECAST_LEVEL];
  double from = loss->is_count ? 0 : (double)base;
  double scale = loss->is_count ? 1 : (double)scaling[LKS_FORECAST_SCALE];
  double tail = (1 - s->interval) / 2;
  lks_forecast_value value = {
      .actual = (double)actual,
      .point = from + scale * loss->point(head, raw, level),
      .nll = NAN,
      .crps = NAN,
      .lower = NAN,
      .upper = NAN,
      .centre = fit->centre,
      .scale = fit->scale,
      .seasonal_error = fit->seasonal_error,
  };
  if (s->has_interval) {
    value.lower = from + scale * loss->quantile(head, raw, level, tail);
    value.upper = from + scale * loss->quantile(head, raw, level, 1 - tail);
  }
  if (isnan(actual))
    return value;
  double z = ((double)actual - from) / scale;
  value.crps = scale * loss->crps(head, raw, z, level);
  if (loss->is_distribution)
    value.nll = loss->nll(head, raw, z, level) + lks_log_f64(scale);
  return value;
}

/* All forecasts of window b of a direct model. */
static void forecast_window(const lks_forecast_call *call, int b,
                            lks_forecast_value *forecasts) {
  const lks_forecast_network *m = call->network;
  const lks_forecast_setup *s = &m->setup;
  size_t targets = (size_t)s->targets, row = (size_t)b;
  lks_forecast_window window = lks_forecast_window_at(call, b);
  for (int h = 0; h < s->horizon; h++)
    for (size_t d = 0; d < targets; d++) {
      size_t value = (size_t)h * targets + d;
      size_t at = row * (size_t)s->horizon * targets + value;
      forecasts[at] = lks_forecast_value_of(
          s, m->raw + row * (size_t)s->outputs + value * (size_t)s->raw,
          m->scaling + (row * targets + d) * LKS_FORECAST_SCALING, m->base[at],
          lks_forecast_window_future(&window, h)[d], &window.series->fit[d]);
    }
}

typedef struct {
  const lks_forecast_call *call;
  lks_forecast_value *forecasts;
  double *sums; /* [B, sum_count] */
} score_work;

static void forecast_body(void *context, int part, int parts) {
  const score_work *work = context;
  int first, last;
  lks_parallel_slice(work->call->pass->rows, 1, part, parts, &first, &last);
  for (int b = first; b < last; b++)
    forecast_window(work->call, b, work->forecasts);
}

/* Leaves forecasts of the rows of a call in `forecasts` [B, H, D]. */
static void make_forecasts(const lks_forecast_call *call, const lks_cell_state *final,
                           lks_forecast_value *forecasts) {
  lks_forecast_network *m = call->network;
  score_work work = {call, forecasts, NULL};
  if (!m->setup.recursive) {
    lks_forecast_network_run(call, final);
    lks_parallel(call->pass->threads, forecast_body, &work);
    return;
  }
  lks_forecast_network_run(call, m->start);
  for (int i = 0; final && i < m->task.state_count; i++) {
    size_t bytes = (size_t)call->pass->rows * (size_t)m->task.state_units * sizeof(float);
    memcpy(final[i].hidden, m->start[i].hidden, bytes);
    if (m->task.state_has_cell)
      memcpy(final[i].cell, m->start[i].cell, bytes);
  }
  lks_forecast_rollout(call, forecasts);
}

void lks_forecast_windows(lks_task *task, const lks_pass *pass, const float *windows,
                          const int32_t *series, const lks_cell_state *final,
                          lks_forecast_value *forecasts) {
  lks_forecast_network *m = (lks_forecast_network *)task;
  lks_forecast_call call = {m, pass, &m->setup.score_plan, windows, series};
  make_forecasts(&call, final, forecasts);
}

void lks_forecast_step(lks_task *task, const lks_pass *pass, const float *window,
                       const float *scaling, int32_t series, const lks_cell_state *states,
                       lks_forecast_value *forecasts) {
  lks_forecast_network *m = (lks_forecast_network *)task;
  const lks_forecast_setup *s = &m->setup;
  lks_forecast_call call = {m, pass, &s->score_plan, window, &series};
  lks_forecast_window view = lks_forecast_window_at(&call, 0);
  size_t scalings = (size_t)s->targets * LKS_FORECAST_SCALING;
  if (m->embedding)
    lks_embedding_forward(m->embedding, pass, &series, m->vectors);
  memcpy(m->scaling, scaling, scalings * sizeof *scaling);
  lks_forecast_window_base(&view, scaling, m->base);
  lks_forecast_window_inputs(&view, scaling, s->window - 1, m->inputs);
  memcpy(m->inputs + s->inputs - s->embedding, m->vectors,
         (size_t)s->embedding * sizeof *m->inputs);
  if (s->extra > 0)
    lks_forecast_window_known(&view, m->feature + m->units);
  const float *top = lks_recurrent_forward(m->recurrent, pass, m->inputs, states, states);
  lks_forecast_network_head(&call, top, m->raw);
  if (!s->recursive) {
    forecast_window(&call, 0, forecasts);
    return;
  }
  size_t bytes = (size_t)m->task.state_units * sizeof(float);
  for (int i = 0; i < m->task.state_count; i++) {
    memcpy(m->start[i].hidden, states[i].hidden, bytes);
    if (m->task.state_has_cell)
      memcpy(m->start[i].cell, states[i].cell, bytes);
  }
  lks_forecast_rollout(&call, forecasts);
}

/* Adds one naive method's forecasts of target d of a window. */
static void score_naive(const lks_forecast_window *window, lks_forecast_method method, int d,
                        double *sums) {
  const lks_forecast_setup *s = window->setup;
  const lks_series_fit *fit = &window->series->fit[d];
  lks_naive_setup naive = {
      .history = window->rows + d,
      .stride = (size_t)s->table->columns,
      .rows = window->plan->history,
      .season = s->season,
      .rolling = LKS_FORECAST_ROLLING,
      .training_deviation = fit->difference_deviation,
  };
  for (int h = 0; h < s->horizon; h++) {
    double actual = (double)lks_forecast_window_future(window, h)[d], point, deviation;
    if (isnan(actual) || !lks_naive_forecast(&naive, method, s->lead + h, &point, &deviation))
      continue;
    lks_forecast_value value = {
        .actual = actual,
        .point = point,
        .nll = NAN,
        .crps = fabs(actual - point),
        .lower = NAN,
        .upper = NAN,
        .centre = fit->centre,
        .scale = fit->scale,
        .seasonal_error = fit->seasonal_error,
    };
    if (deviation > 0) {
      value.nll = lks_gaussian_nll(point, deviation, actual);
      value.crps = lks_gaussian_crps(point, deviation, actual);
      value.lower = lks_gaussian_quantile(point, deviation, (1 - s->interval) / 2);
      value.upper = lks_gaussian_quantile(point, deviation, (1 + s->interval) / 2);
    }
    lks_forecast_sums_add(sums, s->targets, method, d, &value);
  }
}

/* Adds window b: the loss in the network's units is the mean over what was there. */
static void score_window(const score_work *work, int b) {
  const lks_forecast_network *m = work->call->network;
  const lks_forecast_setup *s = &m->setup;
  size_t targets = (size_t)s->targets, row = (size_t)b;
  lks_forecast_window window = lks_forecast_window_at(work->call, b);
  double *sums = work->sums + row * (size_t)m->task.sum_count, loss = 0, count = 0;
  for (size_t value = 0; value < (size_t)s->horizon * targets; value++) {
    const lks_forecast_value *forecast =
        &work->forecasts[row * (size_t)s->horizon * targets + value];
    if (isnan(forecast->actual))
      continue;
    lks_forecast_sums_add(sums + 2, s->targets, LKS_METHOD_MODEL, (int)(value % targets),
                          forecast);
    double error = forecast->actual - forecast->point;
    loss += !isnan(forecast->nll)                    ? forecast->nll
            : s->head.loss->has_quantiles            ? forecast->crps
            : strcmp(s->head.loss->name, "mse") == 0 ? error * error
                                                     : fabs(error);
    count += 1;
  }
  sums[0] += count > 0 ? loss / count : 0;
  sums[1] += 1;
  for (int d = 0; d < s->targets; d++)
    for (int method = LKS_METHOD_NAIVE; method < LKS_METHOD_COUNT; method++)
      score_naive(&window, (lks_forecast_method)method, d, sums + 2);
}

static void score_body(void *context, int part, int parts) {
  const score_work *work = context;
  int first, last;
  lks_parallel_slice(work->call->pass->rows, 1, part, parts, &first, &last);
  for (int b = first; b < last; b++)
    score_window(work, b);
}

void lks_forecast_score(lks_task *task, const lks_task_call *given) {
  lks_forecast_network *m = (lks_forecast_network *)task;
  lks_pass pass = *given->pass;
  pass.rows = pass.active[0]; /* streams that have ended are the last ones */
  if (pass.rows == 0)
    return;
  lks_forecast_call call = {m, &pass, &m->setup.score_plan, given->windows, given->series};
  make_forecasts(&call, NULL, m->forecasts);
  score_work work = {&call, m->forecasts, given->sums};
  lks_parallel(pass.threads, score_body, &work);
}

/* The scores of a method under the names that the configuration uses. */
static double score_called(const lks_forecast_scores *scores, const char *name) {
  const lks_score all[] = {{"mse", scores->mse, false}, {"mae", scores->mae, false},
                           {"rse", scores->rse, false}, {"mase", scores->mase, false},
                           {"nll", scores->nll, false}, {"crps", scores->crps, false}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].name, name) == 0)
      return all[i].value;
  return NAN;
}

int lks_forecast_list_scores(const lks_task *task, const double *sums,
                             lks_score out[LKS_SCORES_MAX]) {
  const lks_forecast_setup *s = lks_forecast_setup_of(task);
  lks_forecast_scores scores = lks_forecast_scores_of(sums + 2, s->targets, LKS_METHOD_MODEL);
  const lks_score all[] = {{"mse", scores.mse, false},    {"mae", scores.mae, false},
                           {"rse", scores.rse, false},    {"corr", scores.corr, false},
                           {"mase", scores.mase, false},  {"nll", scores.nll, false},
                           {"crps", scores.crps, false},  {"coverage", scores.coverage, false},
                           {"width", scores.width, false}};
  const size_t all_count = sizeof all / sizeof *all;
  int count = 0;
  for (size_t i = 0; i < all_count; i++)
    if (strcmp(all[i].name, s->metric) == 0)
      out[count++] = all[i];
  for (size_t i = 0; i < all_count; i++)
    if (strcmp(all[i].name, s->metric) != 0 && !isnan(all[i].value))
      out[count++] = all[i];
  return count;
}

lks_status lks_forecast_print_table(const lks_task *task, const double *sums, lks_text *text) {
  const lks_forecast_setup *s = lks_forecast_setup_of(task);
  char table[TABLE_BYTES];
  LKS_TRY(lks_forecast_table(sums + 2, s->targets, s->interval, table, sizeof table));
  LKS_TRY(lks_text_print(text, "%s\nmodel's %s:", table, s->metric));
  lks_forecast_scores model = lks_forecast_scores_of(sums + 2, s->targets, LKS_METHOD_MODEL);
  double own = score_called(&model, s->metric);
  const char *comma = " ";
  for (int m = LKS_METHOD_NAIVE; m < LKS_METHOD_COUNT; m++) {
    lks_forecast_scores naive =
        lks_forecast_scores_of(sums + 2, s->targets, (lks_forecast_method)m);
    double other = score_called(&naive, s->metric), less = other - own;
    const char *name = lks_forecast_method_text((lks_forecast_method)m);
    if (isnan(less))
      continue;
    if (strcmp(s->metric, "nll") == 0) /* a difference of logarithms, not a ratio */
      LKS_TRY(lks_text_print(text, "%s%.4f %s %s", comma, fabs(less),
                             less > 0 ? "below" : "above", name));
    else
      LKS_TRY(lks_text_print(text, "%s%.1f %% %s %s", comma, 100 * fabs(less) / other,
                             less > 0 ? "below" : "above", name));
    comma = ", ";
  }
  return LKS_OK;
}
