/* SPDX-License-Identifier: Apache-2.0 */
/* test_forecast_scores.c - scores out of sums against their definitions over all values. */
#include "metrics/forecast_scores.h"

#include "base/random.h"
#include "check.h"

#include <math.h>
#include <string.h>

enum { TARGETS = 3, VALUES = 400, SUMS_MAX = 1000 };

/* Moments about 0 lose the digits that values have before they differ: centres here are up
 * to 1e3 deviations, so 6 of 16. */
static const double CLOSE = 1e-9;

static double uniform(uint32_t index, double low, double high) {
  uint32_t out[4];
  lks_philox(lks_random_key_of(4), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, 0, index, 0),
             out);
  return low + (high - low) * lks_random_unit_f64(out[0], out[1]);
}

/* Value i, of target i mod 3: series have centres and scales of their own, and some values
 * no score, no interval or no seasonal error. */
static lks_forecast_value value_of(int i) {
  uint32_t at = 10 * (uint32_t)i;
  double actual = uniform(at, -3, 3), point = 0.5 * actual + uniform(at + 1, -1, 1);
  double half = uniform(at + 2, 0.1, 1);
  return (lks_forecast_value){
      .actual = actual,
      .point = point,
      .nll = i % 5 == 0 ? NAN : uniform(at + 3, -1, 2),
      .crps = i % 7 == 0 ? NAN : uniform(at + 4, 0, 2),
      .lower = i % 3 == 0 ? NAN : point - half,
      .upper = i % 3 == 0 ? NAN : point + half,
      .centre = i % 2 == 0 ? 1000 : -20,
      .scale = i % 2 == 0 ? 2 : 7,
      .seasonal_error = i % 11 == 0   ? NAN
                        : i % 13 == 0 ? 0
                                      : 0.75,
  };
}

static void add_values(double *sums, lks_forecast_method method, int first, int last) {
  for (int i = first; i < last; i++) {
    lks_forecast_value value = value_of(i);
    lks_forecast_sums_add(sums, TARGETS, method, i % TARGETS, &value);
  }
}

/* In original units. */
static double actual_of(const lks_forecast_value *v) {
  return v->centre + v->scale * v->actual;
}

static double point_of(const lks_forecast_value *v) {
  return v->centre + v->scale * v->point;
}

/* sqrt(sum (y - p)^2) / sqrt(sum (y - Y)^2) */
static double rse(void) {
  double mean = 0, errors = 0, spread = 0;
  for (int i = 0; i < VALUES; i++) {
    lks_forecast_value v = value_of(i);
    mean += actual_of(&v) / VALUES;
  }
  for (int i = 0; i < VALUES; i++) {
    lks_forecast_value v = value_of(i);
    errors += pow(actual_of(&v) - point_of(&v), 2);
    spread += pow(actual_of(&v) - mean, 2);
  }
  return sqrt(errors) / sqrt(spread);
}

/* Pearson's r of one column, in two passes. */
static double correlation(int target) {
  double y_mean = 0, p_mean = 0, n = 0, yy = 0, pp = 0, yp = 0;
  for (int i = target; i < VALUES; i += TARGETS) {
    lks_forecast_value v = value_of(i);
    y_mean += actual_of(&v);
    p_mean += point_of(&v);
    n += 1;
  }
  for (int i = target; i < VALUES; i += TARGETS) {
    lks_forecast_value v = value_of(i);
    double y = actual_of(&v) - y_mean / n, p = point_of(&v) - p_mean / n;
    yy += y * y;
    pp += p * p;
    yp += y * p;
  }
  return yp / sqrt(yy * pp);
}

/* Sums of a definition, and of how many values it is. */
typedef struct {
  double sum, count;
} mean_sum;

static void take(mean_sum *m, double value) {
  if (isnan(value))
    return;
  m->sum += value;
  m->count += 1;
}

static void scores_are_their_definitions(void) {
  double sums[SUMS_MAX] = {0};
  mean_sum mse = {0}, mae = {0}, mase = {0}, nll = {0}, crps = {0}, cover = {0}, width = {0};
  CHECK(lks_forecast_sums_count(TARGETS) <= SUMS_MAX);
  add_values(sums, LKS_METHOD_DRIFT, 0, VALUES);
  for (int i = 0; i < VALUES; i++) {
    lks_forecast_value v = value_of(i);
    double error = fabs(v.actual - v.point);
    take(&mse, error * error);
    take(&mae, error);
    take(&mase, v.seasonal_error > 0 ? error / v.seasonal_error : NAN);
    take(&nll, v.nll);
    take(&crps, v.crps);
    take(&width, v.upper - v.lower);
    if (!isnan(v.lower))
      take(&cover, v.actual >= v.lower && v.actual <= v.upper);
  }
  lks_forecast_scores s = lks_forecast_scores_of(sums, TARGETS, LKS_METHOD_DRIFT);
  CHECK_EQUAL(s.values, VALUES);
  CHECK_CLOSE(s.mse, mse.sum / mse.count, CLOSE);
  CHECK_CLOSE(s.rmse, sqrt(mse.sum / mse.count), CLOSE);
  CHECK_CLOSE(s.mae, mae.sum / mae.count, CLOSE);
  CHECK_CLOSE(s.mase, mase.sum / mase.count, CLOSE);
  CHECK_CLOSE(s.nll, nll.sum / nll.count, CLOSE);
  CHECK_CLOSE(s.crps, crps.sum / crps.count, CLOSE);
  CHECK_CLOSE(s.coverage, cover.sum / cover.count, CLOSE);
  CHECK_CLOSE(s.width, width.sum / width.count, CLOSE);
  CHECK_CLOSE(s.rse, rse(), CLOSE);
  CHECK_CLOSE(s.corr, (correlation(0) + correlation(1) + correlation(2)) / 3, CLOSE);
}

static void sums_of_two_blocks_add_up_to_one(void) {
  double one[SUMS_MAX] = {0}, first[SUMS_MAX] = {0}, second[SUMS_MAX] = {0};
  add_values(one, LKS_METHOD_MODEL, 0, VALUES);
  add_values(first, LKS_METHOD_MODEL, 0, 123);
  add_values(second, LKS_METHOD_MODEL, 123, VALUES);
  for (size_t i = 0; i < lks_forecast_sums_count(TARGETS); i++)
    CHECK_CLOSE(first[i] + second[i], one[i], 1e-13 * VALUES * fmax(1, fabs(one[i])));
}

static void methods_are_kept_apart(void) {
  double sums[SUMS_MAX] = {0}, alone[SUMS_MAX] = {0};
  add_values(sums, LKS_METHOD_NAIVE, 0, 30);
  add_values(sums, LKS_METHOD_WALK_ROLLING, 30, 90);
  add_values(alone, LKS_METHOD_NAIVE, 0, 30);
  lks_forecast_scores together = lks_forecast_scores_of(sums, TARGETS, LKS_METHOD_NAIVE);
  lks_forecast_scores apart = lks_forecast_scores_of(alone, TARGETS, LKS_METHOD_NAIVE);
  CHECK(memcmp(&together, &apart, sizeof apart) == 0);
  CHECK_EQUAL(lks_forecast_scores_of(sums, TARGETS, LKS_METHOD_WALK_ROLLING).values, 60);
  CHECK_EQUAL(lks_forecast_scores_of(sums, TARGETS, LKS_METHOD_MODEL).values, 0);
}

static void nothing_has_no_scores(void) {
  double sums[SUMS_MAX] = {0};
  lks_forecast_scores s = lks_forecast_scores_of(sums, TARGETS, LKS_METHOD_MODEL);
  const double all[] = {s.mse,  s.mae, s.rmse, s.rse,      s.corr,
                        s.mase, s.nll, s.crps, s.coverage, s.width};
  CHECK_EQUAL(s.values, 0);
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    CHECK(isnan(all[i]));
}

/* A point forecast of one column with nothing but numbers. */
static void add_point(double *sums, int targets, int target, double actual, double point) {
  lks_forecast_value value = {actual, point, NAN, NAN, NAN, NAN, 0, 1, NAN};
  lks_forecast_sums_add(sums, targets, LKS_METHOD_MODEL, target, &value);
}

/* y = 1 2 3, p = 2 2 5: squares 1 0 4; y's spread 2; p's 6; together 3. */
static void scores_of_three_values_are_those_by_hand(void) {
  double sums[SUMS_MAX] = {0};
  add_point(sums, 1, 0, 1, 2);
  add_point(sums, 1, 0, 2, 2);
  add_point(sums, 1, 0, 3, 5);
  lks_forecast_scores s = lks_forecast_scores_of(sums, 1, LKS_METHOD_MODEL);
  CHECK_CLOSE(s.mse, 5.0 / 3, CLOSE);
  CHECK_CLOSE(s.mae, 1, CLOSE);
  CHECK_CLOSE(s.rse, sqrt(5.0 / 2), CLOSE);
  CHECK_CLOSE(s.corr, 3 / sqrt(12), CLOSE);
  CHECK(isnan(s.mase) && isnan(s.nll) && isnan(s.crps));
  CHECK(isnan(s.coverage) && isnan(s.width));
}

static void the_mean_of_all_columns_has_an_rse_of_one(void) {
  double sums[SUMS_MAX] = {0};
  for (int i = 0; i < 4; i++) {
    add_point(sums, 2, 0, i, 6);
    add_point(sums, 2, 1, 9 + i, 6);
  }
  CHECK_CLOSE(lks_forecast_scores_of(sums, 2, LKS_METHOD_MODEL).rse, 1, CLOSE);
}

static void a_constant_column_is_left_out_of_the_correlation(void) {
  double sums[SUMS_MAX] = {0};
  for (int i = 0; i < 4; i++) {
    add_point(sums, 3, 0, i, -2 * i); /* r = -1 */
    add_point(sums, 3, 1, 0.1, i);
    add_point(sums, 3, 2, i, 0.3);
  }
  CHECK_CLOSE(lks_forecast_scores_of(sums, 3, LKS_METHOD_MODEL).corr, -1, CLOSE);
}

static void a_value_at_the_end_of_an_interval_is_inside(void) {
  double sums[SUMS_MAX] = {0};
  const double actuals[] = {1, 3, 0.999, 3.001, 2};
  for (int i = 0; i < 5; i++) {
    lks_forecast_value value = {actuals[i], 2, NAN, NAN, 1, 3, 0, 1, NAN};
    lks_forecast_sums_add(sums, 1, LKS_METHOD_MODEL, 0, &value);
  }
  lks_forecast_scores s = lks_forecast_scores_of(sums, 1, LKS_METHOD_MODEL);
  CHECK_CLOSE(s.coverage, 0.6, CLOSE);
  CHECK_CLOSE(s.width, 2, CLOSE);
}

const lks_test forecast_scores_tests[] = {
    TEST(scores_are_their_definitions),
    TEST(sums_of_two_blocks_add_up_to_one),
    TEST(methods_are_kept_apart),
    TEST(nothing_has_no_scores),
    TEST(scores_of_three_values_are_those_by_hand),
    TEST(the_mean_of_all_columns_has_an_rse_of_one),
    TEST(a_constant_column_is_left_out_of_the_correlation),
    TEST(a_value_at_the_end_of_an_interval_is_inside),
    TEST_END,
};
