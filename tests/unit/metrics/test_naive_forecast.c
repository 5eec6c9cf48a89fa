/* SPDX-License-Identifier: Apache-2.0 */
/* test_naive_forecast.c - naive forecasts of small histories, by hand and by definition. */
#include "check.h"
#include "metrics/forecast_scores.h"

#include <math.h>

/* A few roundings of numbers below 100 in f64. */
static const double CLOSE = 1e-13;

static lks_naive_setup setup_of(const float *history, int rows, int season) {
  return (lks_naive_setup){.history = history,
                           .stride = 1,
                           .rows = rows,
                           .season = season,
                           .rolling = 60,
                           .training_deviation = 0.5};
}

/* The point forecast; the deviation must be missing. */
static double point_of(const lks_naive_setup *setup, lks_forecast_method method, int h) {
  double point, deviation;
  CHECK(lks_naive_forecast(setup, method, h, &point, &deviation));
  CHECK(isnan(deviation));
  return point;
}

static double deviation_of(const lks_naive_setup *setup, lks_forecast_method method, int h) {
  double point, deviation;
  CHECK(lks_naive_forecast(setup, method, h, &point, &deviation));
  CHECK(point == point_of(setup, LKS_METHOD_NAIVE, h));
  return deviation;
}

static void naive_is_the_last_value_that_is_there(void) {
  const float whole[] = {4, 2, 7}, ends_missing[] = {4, 2, NAN, NAN};
  lks_naive_setup setup = setup_of(whole, 3, 1);
  CHECK(point_of(&setup, LKS_METHOD_NAIVE, 1) == 7);
  CHECK(point_of(&setup, LKS_METHOD_NAIVE, 9) == 7);
  setup = setup_of(ends_missing, 4, 1);
  CHECK(point_of(&setup, LKS_METHOD_NAIVE, 1) == 2);
}

static void columns_of_a_table_are_read_by_their_stride(void) {
  const float table[] = {1, 10, 100, 2, 20, 200};
  lks_naive_setup setup = setup_of(table + 1, 2, 2);
  setup.stride = 3;
  CHECK(point_of(&setup, LKS_METHOD_NAIVE, 1) == 20);
  CHECK(point_of(&setup, LKS_METHOD_SEASONAL_NAIVE, 1) == 10);
  CHECK(point_of(&setup, LKS_METHOD_DRIFT, 1) == 30);
}

static void seasonal_naive_repeats_the_last_season(void) {
  const float history[] = {9, 8, 1, 2, 3};
  const double expected[] = {1, 2, 3, 1, 2, 3, 1};
  lks_naive_setup setup = setup_of(history, 5, 3);
  for (int h = 1; h <= 7; h++)
    CHECK(point_of(&setup, LKS_METHOD_SEASONAL_NAIVE, h) == expected[h - 1]);
  setup.season = 1;
  for (int h = 1; h <= 3; h++)
    CHECK(point_of(&setup, LKS_METHOD_SEASONAL_NAIVE, h) == 3);
}

static void a_seasonal_value_that_is_not_there_is_the_naive_one(void) {
  const float gap[] = {5, NAN, 6, 7}, short_history[] = {5, 6};
  lks_naive_setup setup = setup_of(gap, 4, 3);
  CHECK(point_of(&setup, LKS_METHOD_SEASONAL_NAIVE, 1) == 7); /* the gap */
  CHECK(point_of(&setup, LKS_METHOD_SEASONAL_NAIVE, 2) == 6);
  CHECK(point_of(&setup, LKS_METHOD_SEASONAL_NAIVE, 4) == 7);
  setup = setup_of(short_history, 2, 3);
  CHECK(point_of(&setup, LKS_METHOD_SEASONAL_NAIVE, 1) == 6); /* before the start */
  CHECK(point_of(&setup, LKS_METHOD_SEASONAL_NAIVE, 2) == 5);
}

static void drift_goes_on_along_the_line_from_first_to_last(void) {
  const float history[] = {1, 9, 4};
  const float gaps[] = {NAN, 2, NAN, 8, NAN};
  lks_naive_setup setup = setup_of(history, 3, 1);
  CHECK_CLOSE(point_of(&setup, LKS_METHOD_DRIFT, 1), 5.5, CLOSE);
  CHECK_CLOSE(point_of(&setup, LKS_METHOD_DRIFT, 4), 10, CLOSE);
  setup = setup_of(gaps, 5, 1); /* 3 a row, one row ago */
  CHECK_CLOSE(point_of(&setup, LKS_METHOD_DRIFT, 1), 14, CLOSE);
  setup = setup_of(history, 1, 1);
  CHECK(point_of(&setup, LKS_METHOD_DRIFT, 5) == 1);
}

static void a_constant_walk_widens_with_the_root_of_its_steps(void) {
  const float history[] = {1, 9, 4};
  lks_naive_setup setup = setup_of(history, 3, 1);
  CHECK(deviation_of(&setup, LKS_METHOD_WALK_CONSTANT, 1) == 0.5);
  CHECK(deviation_of(&setup, LKS_METHOD_WALK_CONSTANT, 4) == 1);
}

/* Differences of the last two rows are 2 and 5, mean 3.5, deviation 1.5; with the first row
 * 8 too, deviation sqrt(6). */
static void a_rolling_walk_looks_at_the_last_differences(void) {
  const float history[] = {1, 9, 11, 16};
  lks_naive_setup setup = setup_of(history, 4, 1);
  CHECK_CLOSE(deviation_of(&setup, LKS_METHOD_WALK_ROLLING, 1), sqrt(6), CLOSE);
  setup.rolling = 2;
  CHECK_CLOSE(deviation_of(&setup, LKS_METHOD_WALK_ROLLING, 1), 1.5, CLOSE);
  CHECK_CLOSE(deviation_of(&setup, LKS_METHOD_WALK_ROLLING, 9), 4.5, CLOSE);
}

static void a_rolling_walk_leaves_out_differences_that_are_missing(void) {
  const float gap[] = {1, 3, NAN, 10, 16, 16}; /* 2, 6, 0 */
  const float one_difference[] = {1, 3, NAN, 10};
  lks_naive_setup setup = setup_of(gap, 6, 1);
  CHECK_CLOSE(deviation_of(&setup, LKS_METHOD_WALK_ROLLING, 1),
              sqrt((4 + 36) / 3.0 - pow(8 / 3.0, 2)), CLOSE);
  setup = setup_of(one_difference, 4, 1);
  CHECK(isnan(deviation_of(&setup, LKS_METHOD_WALK_ROLLING, 1)));
}

static void a_history_without_values_forecasts_nothing(void) {
  const float missing[] = {NAN, NAN};
  for (int m = LKS_METHOD_NAIVE; m < LKS_METHOD_COUNT; m++)
    for (int rows = 0; rows <= 2; rows++) {
      lks_naive_setup setup = setup_of(missing, rows, 2);
      double point = 1, deviation = 1;
      CHECK(!lks_naive_forecast(&setup, (lks_forecast_method)m, 1, &point, &deviation));
      CHECK(isnan(point) && isnan(deviation));
    }
}

const lks_test naive_forecast_tests[] = {
    TEST(naive_is_the_last_value_that_is_there),
    TEST(columns_of_a_table_are_read_by_their_stride),
    TEST(seasonal_naive_repeats_the_last_season),
    TEST(a_seasonal_value_that_is_not_there_is_the_naive_one),
    TEST(drift_goes_on_along_the_line_from_first_to_last),
    TEST(a_constant_walk_widens_with_the_root_of_its_steps),
    TEST(a_rolling_walk_looks_at_the_last_differences),
    TEST(a_rolling_walk_leaves_out_differences_that_are_missing),
    TEST(a_history_without_values_forecasts_nothing),
    TEST_END,
};
