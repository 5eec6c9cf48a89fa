/* SPDX-License-Identifier: Apache-2.0 */
/* naive_forecast.c - forecasts that need no model (Hyndman and Athanasopoulos 2021,
 * section 5.2), and the random walk's distribution. */
#include "metrics/forecast_scores.h"

#include "base/arithmetic.h"

#include <math.h>

static double value_at(const lks_naive_setup *setup, int row) {
  return (double)setup->history[(size_t)row * setup->stride];
}

/* The last row before `end` that has a value; -1: none. */
static int last_row(const lks_naive_setup *setup, int end) {
  int row = end - 1;
  while (row >= 0 && isnan(value_at(setup, row)))
    row--;
  return row;
}

static int first_row(const lks_naive_setup *setup) {
  int row = 0;
  while (isnan(value_at(setup, row)))
    row++;
  return row;
}

/* The same place in the last season that is over; NaN when there is none. */
static double seasonal_value(const lks_naive_setup *setup, int h) {
  int seasons = (h + setup->season - 1) / setup->season;
  int row = setup->rows - 1 + h - seasons * setup->season;
  return row >= 0 ? value_at(setup, row) : NAN;
}

/* Standard deviation of the differences in the last `rolling` rows; NaN: too few. */
static double rolling_deviation(const lks_naive_setup *setup) {
  int first = setup->rows - setup->rolling;
  double sum = 0, squares = 0, count = 0;
  for (int pass = 0; pass < 2; pass++) {
    double mean = pass == 1 ? sum / count : 0;
    for (int row = first > 1 ? first : 1; row < setup->rows; row++) {
      double step = value_at(setup, row) - value_at(setup, row - 1);
      if (isnan(step))
        continue;
      if (pass == 0) {
        sum += step;
        count += 1;
      } else {
        squares += (step - mean) * (step - mean);
      }
    }
    if (count < 2)
      return NAN;
  }
  return lks_sqrt_f64(squares / count);
}

bool lks_naive_forecast(const lks_naive_setup *setup, lks_forecast_method method, int h,
                        double *point, double *deviation) {
  int last = last_row(setup, setup->rows);
  *point = *deviation = NAN;
  if (last < 0)
    return false;
  *point = value_at(setup, last);
  if (method == LKS_METHOD_SEASONAL_NAIVE) {
    double seasonal = seasonal_value(setup, h);
    *point = isnan(seasonal) ? *point : seasonal;
  } else if (method == LKS_METHOD_DRIFT) {
    int first = first_row(setup);
    if (last > first)
      *point +=
          (*point - value_at(setup, first)) / (last - first) * (setup->rows - 1 - last + h);
  } else if (method == LKS_METHOD_WALK_CONSTANT) {
    *deviation = setup->training_deviation * lks_sqrt_f64((double)h);
  } else if (method == LKS_METHOD_WALK_ROLLING) {
    *deviation = rolling_deviation(setup) * lks_sqrt_f64((double)h);
  }
  return true;
}
