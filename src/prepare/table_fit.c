/* SPDX-License-Identifier: Apache-2.0 */
/* table_fit.c - Welford, "Note on a method for calculating corrected sums of squares and
 * products" (1962). */
#include "prepare/table_fit.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

void lks_moments_add(lks_moments *moments, double value) {
  double distance = value - moments->mean;
  moments->count++;
  moments->mean += distance / (double)moments->count;
  moments->squares += distance * (value - moments->mean);
}

double lks_moments_deviation(const lks_moments *moments) {
  return moments->count > 0 ? lks_sqrt_f64(moments->squares / (double)moments->count) : 0;
}

lks_status lks_table_fit_create(lks_table_fit *fit, int columns, int season) {
  *fit = (lks_table_fit){.columns = columns, .season = season};
  LKS_TRY(lks_allocate(&fit->column, (size_t)columns, sizeof *fit->column));
  lks_status status =
      lks_allocate(&fit->last, (size_t)season * (size_t)columns, sizeof *fit->last);
  if (status != LKS_OK)
    lks_table_fit_release(fit);
  return status;
}

void lks_table_fit_release(lks_table_fit *fit) {
  lks_release(fit->last);
  lks_release(fit->column);
  *fit = (lks_table_fit){.columns = 0};
}

void lks_table_fit_begin(lks_table_fit *fit) {
  memset(fit->column, 0, (size_t)fit->columns * sizeof *fit->column);
  fit->rows = 0;
}

/* Row t - back of the ring. */
static double *row_before(const lks_table_fit *fit, int64_t back) {
  return fit->last + (fit->rows - back) % fit->season * fit->columns;
}

void lks_table_fit_add(lks_table_fit *fit, const double *value) {
  const double *before = fit->rows > 0 ? row_before(fit, 1) : NULL;
  const double *season = fit->rows >= fit->season ? row_before(fit, fit->season) : NULL;
  for (int c = 0; c < fit->columns; c++) {
    lks_column_fit *column = &fit->column[c];
    if (isnan(value[c]))
      continue;
    lks_moments_add(&column->values, value[c]);
    if (before != NULL && !isnan(before[c])) {
      lks_moments_add(&column->differences, value[c] - before[c]);
      column->naive += fabs(value[c] - before[c]);
    }
    if (season != NULL && !isnan(season[c])) {
      column->seasonal += fabs(value[c] - season[c]);
      column->seasonal_count++;
    }
  }
  memcpy(row_before(fit, 0), value, (size_t)fit->columns * sizeof *value);
  fit->rows++;
}

/* Differences do not know the centre. */
lks_series_fit lks_table_fit_column(const lks_table_fit *fit, int column, double centre,
                                    double scale) {
  const lks_column_fit *found = &fit->column[column];
  int64_t pairs = found->differences.count, seasons = found->seasonal_count;
  return (lks_series_fit){
      .centre = centre,
      .scale = scale,
      .difference_mean = pairs > 0 ? found->differences.mean / scale : NAN,
      .difference_deviation =
          pairs > 0 ? lks_moments_deviation(&found->differences) / scale : NAN,
      .naive_error = pairs > 0 ? found->naive / (double)pairs / scale : NAN,
      .seasonal_error = seasons > 0 ? found->seasonal / (double)seasons / scale : NAN};
}
