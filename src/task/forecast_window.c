/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_window.c - sums along a window are f64, in the order of time. */
#include "task/forecast_window.h"

#include "base/arithmetic.h"

#include <math.h>
#include <stddef.h>

/* A window that hardly moves is not blown up: stored units are deviations of the
 * training split. */
static const double least_scale = 1e-3;

const float *lks_forecast_window_row(const lks_forecast_window *w, int t) {
  int row = w->plan->history - w->setup->window + t;
  return w->rows + (size_t)row * (size_t)w->setup->table->columns;
}

const float *lks_forecast_window_future(const lks_forecast_window *w, int h) {
  int row = w->plan->history + w->plan->lead - 1 + h;
  return w->rows + (size_t)row * (size_t)w->setup->table->columns;
}

/* The last value of target d in the window; 0 when all are missing. */
static double last_value(const lks_forecast_window *w, int d) {
  for (int t = w->setup->window - 1; t >= 0; t--) {
    float x = lks_forecast_window_row(w, t)[d];
    if (!isnan(x))
      return (double)x;
  }
  return 0;
}

/* Mean and deviation of target d in the window. */
static void spread(const lks_forecast_window *w, int d, double *mean, double *deviation) {
  double sum = 0, squares = 0, count = 0;
  for (int t = 0; t < w->setup->window; t++) {
    float x = lks_forecast_window_row(w, t)[d];
    if (isnan(x))
      continue;
    sum += (double)x;
    count += 1;
  }
  *mean = count > 0 ? sum / count : 0;
  for (int t = 0; t < w->setup->window; t++) {
    float x = lks_forecast_window_row(w, t)[d];
    if (!isnan(x))
      squares += ((double)x - *mean) * ((double)x - *mean);
  }
  *deviation = count > 0 ? lks_sqrt_f64(squares / count) : 0;
}

/* Root mean square of the differences of target d from row to row. */
static double step_size(const lks_forecast_window *w, int d) {
  double squares = 0, count = 0;
  for (int t = 1; t < w->setup->window; t++) {
    double step =
        (double)lks_forecast_window_row(w, t)[d] - (double)lks_forecast_window_row(w, t - 1)[d];
    if (isnan(step))
      continue;
    squares += step * step;
    count += 1;
  }
  return count > 0 ? lks_sqrt_f64(squares / count) : 0;
}

static double clamp_scale(double scale) {
  return scale > least_scale ? scale : least_scale;
}

void lks_forecast_window_scale(const lks_forecast_window *w, float *scaling) {
  const lks_forecast_setup *s = w->setup;
  for (int d = 0; d < s->targets; d++, scaling += LKS_FORECAST_SCALING) {
    double mean, deviation, level = 1;
    spread(w, d, &mean, &deviation);
    if (s->head.loss->is_count)
      level = 1 + mean;
    scaling[LKS_FORECAST_CENTRE] = (float)(s->centre == LKS_CENTRE_MEAN   ? mean
                                           : s->centre == LKS_CENTRE_LAST ? last_value(w, d)
                                                                          : 0);
    scaling[LKS_FORECAST_SCALE] =
        (float)(s->scale == LKS_SCALE_DEVIATION    ? clamp_scale(deviation)
                : s->scale == LKS_SCALE_DIFFERENCE ? clamp_scale(step_size(w, d))
                                                   : 1);
    scaling[LKS_FORECAST_LEVEL] = (float)level;
  }
}

/* A number, or 0 where it is missing. */
static float or_zero(float x) {
  return isnan(x) ? 0 : x;
}

static void put_targets(const lks_forecast_setup *s, const float *scaling, const float *row,
                        float *inputs) {
  for (int d = 0; d < s->targets; d++, scaling += LKS_FORECAST_SCALING)
    inputs[d] =
        s->head.loss->is_count
            ? or_zero(row[d] / scaling[LKS_FORECAST_LEVEL])
            : or_zero((row[d] - scaling[LKS_FORECAST_CENTRE]) / scaling[LKS_FORECAST_SCALE]);
}

void lks_forecast_row_inputs(const lks_forecast_window *w, const float *scaling,
                             const float *row, const float *before, const float *after,
                             float *inputs) {
  const lks_forecast_setup *s = w->setup;
  const lks_series_table *table = s->table;
  int past = s->targets + table->count_of[LKS_ROLE_PAST];
  put_targets(s, scaling, row, inputs);
  inputs += s->targets;
  for (int c = s->targets; c < past; c++)
    *inputs++ = or_zero(row[c]);
  for (int c = past; c < table->columns; c++)
    *inputs++ = after ? or_zero(after[c]) : 0.0f;
  for (int c = 0; c < table->columns; c++)
    if (table->column[c].has_missing)
      *inputs++ = (c < past ? isnan(row[c]) : !after || isnan(after[c])) ? 1.0f : 0.0f;
  for (int d = 0; s->differences && d < s->targets; d++)
    *inputs++ = before ? or_zero((row[d] - before[d]) /
                                 scaling[d * LKS_FORECAST_SCALING + LKS_FORECAST_SCALE])
                       : 0;
  for (int k = 0; k < table->static_count; k++)
    *inputs++ = w->series->statics[k];
}

void lks_forecast_window_inputs(const lks_forecast_window *w, const float *scaling, int t,
                                float *inputs) {
  const float *row = lks_forecast_window_row(w, t);
  size_t columns = (size_t)w->setup->table->columns;
  lks_forecast_row_inputs(w, scaling, row, row > w->rows ? row - columns : NULL, row + columns,
                          inputs);
}

void lks_forecast_window_known(const lks_forecast_window *w, float *known) {
  const lks_forecast_setup *s = w->setup;
  int first = s->table->columns - s->known;
  for (int h = 0; h < s->horizon; h++)
    for (int k = 0; k < s->known; k++)
      *known++ = or_zero(lks_forecast_window_future(w, h)[first + k]);
}

/* The value of the last season before step `ahead` after the window; NaN: none. */
static float seasonal_value(const lks_forecast_window *w, int ahead, int d) {
  int back = (ahead + w->setup->season - 1) / w->setup->season * w->setup->season - ahead;
  int row = w->plan->history - 1 - back;
  return row >= 0 ? w->rows[(size_t)row * (size_t)w->setup->table->columns + (size_t)d] : NAN;
}

void lks_forecast_window_base(const lks_forecast_window *w, const float *scaling, float *base) {
  const lks_forecast_setup *s = w->setup;
  for (int d = 0; d < s->targets; d++) {
    float last = (float)last_value(w, d);
    for (int h = 0; h < w->plan->horizon; h++) {
      float *to = &base[h * s->targets + d];
      *to = s->residual == LKS_RESIDUAL_NONE
                ? scaling[d * LKS_FORECAST_SCALING + LKS_FORECAST_CENTRE]
                : last;
      float season =
          s->residual == LKS_RESIDUAL_SEASONAL ? seasonal_value(w, s->lead + h, d) : NAN;
      if (!isnan(season))
        *to = season;
    }
  }
}
