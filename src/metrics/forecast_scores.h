/* forecast_scores.h - scores of forecasts beside those of naive ones, from sums that
 * can be added in any fixed order.
 *
 * Sums are kept for every method and target column.  Errors are summed in original and
 * in standardised units (divided by the column's training deviation, the `scale` of its
 * fit), so that a table can say both.
 *
 *   mse, mae   mean over all values, standardised units
 *   rse        sqrt(sum (y - p)^2) / sqrt(sum (y - Y)^2), original units, Y the one mean
 *              of all values (Lai et al. 2018, LSTNet)
 *   corr       mean over columns of Pearson's r of y and p; a constant column is left out
 *   mase       mean of |y - p| / the column's mean |y[t] - y[t-season]| in training
 *              (Hyndman and Koehler 2006)
 *   nll, crps  mean, of and in standardised units
 *   coverage   share of values in the interval; width: its mean width, standardised */
#ifndef LOCKSTEP_METRICS_FORECAST_SCORES_H
#define LOCKSTEP_METRICS_FORECAST_SCORES_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  LKS_METHOD_MODEL,
  LKS_METHOD_NAIVE,          /* the last value */
  LKS_METHOD_SEASONAL_NAIVE, /* the value of the last season */
  LKS_METHOD_DRIFT,          /* the line through the history's first and last value */
  LKS_METHOD_WALK_CONSTANT,  /* naive, Gaussian, deviation of the training split x sqrt h */
  LKS_METHOD_WALK_ROLLING,   /* naive, Gaussian, deviation of the last differences x sqrt h */
  LKS_METHOD_COUNT
} lks_forecast_method;

/* "model", "naive", "seasonal-naive", "drift", "random walk", "random walk, rolling". */
const char *lks_forecast_method_text(lks_forecast_method method);

/* One forecast of one value, in stored (standardised) units: original = centre + scale x. */
typedef struct {
  double actual;
  double point;
  double nll;          /* NaN: none */
  double crps;         /* NaN: none */
  double lower, upper; /* of the central interval; NaN: none */
  double centre, scale;
  double seasonal_error; /* stored units; NaN or 0: no mase */
} lks_forecast_value;

/* Doubles of a block of sums, and adding one value to it.  The sums of several blocks
 * are added elementwise. */
size_t lks_forecast_sums_count(int targets);
void lks_forecast_sums_add(double *sums, int targets, lks_forecast_method method, int target,
                           const lks_forecast_value *value);

/* Scores of one method; NaN where there is nothing to say. */
typedef struct {
  int64_t values;
  double mse, mae, rmse, rse, corr, mase, nll, crps, coverage, width;
} lks_forecast_scores;

lks_forecast_scores lks_forecast_scores_of(const double *sums, int targets,
                                           lks_forecast_method method);

/* Forecasts a naive method h = 1, 2, … steps after the end of a history, which may
 * have missing values.
 *
 *   history  [rows] every `stride`-th number: the column, oldest first
 *   season   rows of a season; 1: seasonal-naive is naive
 *   rolling  differences that the rolling deviation is of, from row to row (60)
 *   training_deviation  of first differences in the training split
 *
 * *deviation is NaN for a method without a distribution.  Returns false, and NaN in
 * both, when the history has no value at all.  A seasonal value that is missing or before
 * the history's start is replaced by the naive one. */
typedef struct {
  const float *history;
  size_t stride;
  int rows;
  int season;
  int rolling;
  double training_deviation;
} lks_naive_setup;

bool lks_naive_forecast(const lks_naive_setup *setup, lks_forecast_method method, int h,
                        double *point, double *deviation);

/* A table for people, one line a method that has values, with its columns' names in the
 * first line; columns that nobody has are left out.  The model's row comes first.
 *
 *   level  of the interval, 0.8: "cover 80 %" */
lks_status lks_forecast_table(const double *sums, int targets, double level, char *text,
                              size_t bytes);

#endif
