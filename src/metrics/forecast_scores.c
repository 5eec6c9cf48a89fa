/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_scores.c - sums of a method and column, and what they stand for. */
#include "metrics/forecast_scores.h"

#include "base/arithmetic.h"

#include <math.h>

/* The sums of one method and column: errors and scores standardised, moments in original
 * units relative to the column's centre, which loses fewer digits. */
enum {
  COUNT,
  SQUARES, /* standardised */
  ABSOLUTES,
  SCALED_COUNT, /* of values with a seasonal error */
  SCALED,       /* |y - p| / seasonal error */
  NLL_COUNT,
  NLL,
  CRPS_COUNT,
  CRPS,
  INTERVAL_COUNT,
  COVERED,
  WIDTH,
  ORIGINAL_SQUARES, /* (y - p)^2 in original units */
  Y,                /* moments about the centre, original units */
  Y_Y,
  P,
  P_P,
  Y_P,
  CENTRE, /* count x centre: the same of every value of a column but not of all series */
  CENTRE_CENTRE,
  CENTRE_Y,
  CENTRE_P,
  FIELDS
};

const char *lks_forecast_method_text(lks_forecast_method method) {
  static const char *const names[LKS_METHOD_COUNT] = {
      "model", "naive", "seasonal-naive", "drift", "random walk", "random walk, rolling"};
  return names[method];
}

size_t lks_forecast_sums_count(int targets) {
  return (size_t)LKS_METHOD_COUNT * (size_t)targets * FIELDS;
}

static size_t place_of(int targets, lks_forecast_method method, int target) {
  return ((size_t)method * (size_t)targets + (size_t)target) * FIELDS;
}

static void add_scores(double *s, const lks_forecast_value *v) {
  double error = v->actual - v->point;
  s[COUNT] += 1;
  s[SQUARES] += error * error;
  s[ABSOLUTES] += fabs(error);
  if (v->seasonal_error > 0) {
    s[SCALED_COUNT] += 1;
    s[SCALED] += fabs(error) / v->seasonal_error;
  }
  if (!isnan(v->nll)) {
    s[NLL_COUNT] += 1;
    s[NLL] += v->nll;
  }
  if (!isnan(v->crps)) {
    s[CRPS_COUNT] += 1;
    s[CRPS] += v->crps;
  }
  if (!isnan(v->lower) && !isnan(v->upper)) {
    s[INTERVAL_COUNT] += 1;
    s[COVERED] += v->lower <= v->actual && v->actual <= v->upper ? 1 : 0;
    s[WIDTH] += v->upper - v->lower;
  }
}

void lks_forecast_sums_add(double *sums, int targets, lks_forecast_method method, int target,
                           const lks_forecast_value *v) {
  double *s = sums + place_of(targets, method, target);
  double y = v->scale * v->actual, p = v->scale * v->point, c = v->centre;
  add_scores(s, v);
  s[ORIGINAL_SQUARES] += (y - p) * (y - p);
  s[Y] += y;
  s[Y_Y] += y * y;
  s[P] += p;
  s[P_P] += p * p;
  s[Y_P] += y * p;
  s[CENTRE] += c;
  s[CENTRE_CENTRE] += c * c;
  s[CENTRE_Y] += c * y;
  s[CENTRE_P] += c * p;
}

/* Moments about 0 of y and p with their centres put back. */
typedef struct {
  double n, y, yy, p, pp, yp;
} moments;

static moments moments_of(const double *s) {
  return (moments){
      .n = s[COUNT],
      .y = s[Y] + s[CENTRE],
      .yy = s[Y_Y] + 2 * s[CENTRE_Y] + s[CENTRE_CENTRE],
      .p = s[P] + s[CENTRE],
      .pp = s[P_P] + 2 * s[CENTRE_P] + s[CENTRE_CENTRE],
      .yp = s[Y_P] + s[CENTRE_Y] + s[CENTRE_P] + s[CENTRE_CENTRE],
  };
}

/* Pearson's r of one column; NaN when y or p is constant. */
static double correlation(const double *s) {
  moments m = moments_of(s);
  double yy = m.yy - m.y * m.y / m.n, pp = m.pp - m.p * m.p / m.n;
  double least = 1e-12;
  if (!(m.n > 1) || yy <= least * m.yy || pp <= least * m.pp)
    return NAN;
  return (m.yp - m.y * m.p / m.n) / lks_sqrt_f64(yy * pp);
}

static double ratio(double sum, double count) {
  return count > 0 ? sum / count : NAN;
}

lks_forecast_scores lks_forecast_scores_of(const double *sums, int targets,
                                           lks_forecast_method method) {
  double total[FIELDS] = {0}, r_sum = 0, r_count = 0;
  for (int target = 0; target < targets; target++) {
    const double *s = sums + place_of(targets, method, target);
    double r = correlation(s);
    for (int i = 0; i < FIELDS; i++)
      total[i] += s[i];
    r_sum += isnan(r) ? 0 : r;
    r_count += isnan(r) ? 0 : 1;
  }
  moments m = moments_of(total);
  double spread = m.yy - m.y * m.y / m.n;
  lks_forecast_scores scores = {
      .values = (int64_t)total[COUNT],
      .mse = ratio(total[SQUARES], total[COUNT]),
      .mae = ratio(total[ABSOLUTES], total[COUNT]),
      .rse = spread > 0 ? lks_sqrt_f64(total[ORIGINAL_SQUARES] / spread) : NAN,
      .corr = ratio(r_sum, r_count),
      .mase = ratio(total[SCALED], total[SCALED_COUNT]),
      .nll = ratio(total[NLL], total[NLL_COUNT]),
      .crps = ratio(total[CRPS], total[CRPS_COUNT]),
      .coverage = ratio(total[COVERED], total[INTERVAL_COUNT]),
      .width = ratio(total[WIDTH], total[INTERVAL_COUNT]),
  };
  scores.rmse = isnan(scores.mse) ? NAN : lks_sqrt_f64(scores.mse);
  return scores;
}
