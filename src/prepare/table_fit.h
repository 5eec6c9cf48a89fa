/* table_fit.h - what the training rows of a series tell about its columns: mean, standard
 * deviation, differences (data/series.h).
 *
 * One pass in the order of the rows, by Welford's updates: the result does not depend on
 * how the rows are cut into blocks, and a constant column has a deviation of exactly 0. */
#ifndef LOCKSTEP_PREPARE_TABLE_FIT_H
#define LOCKSTEP_PREPARE_TABLE_FIT_H

#include "data/series.h"

typedef struct {
  int64_t count;
  double mean, squares; /* sum of squared distances from the mean */
} lks_moments;

void lks_moments_add(lks_moments *moments, double value);

/* The standard deviation, n in the denominator; 0 when there are no values. */
double lks_moments_deviation(const lks_moments *moments);

/* A column so far. */
typedef struct {
  lks_moments values, differences;
  double naive, seasonal; /* sums of |y[t] - y[t-1]| and |y[t] - y[t-season]| */
  int64_t seasonal_count;
} lks_column_fit;

typedef struct {
  int columns, season;
  int64_t rows;           /* so far */
  lks_column_fit *column; /* [columns] */
  double *last;           /* [season, columns] the last rows, in a ring */
} lks_table_fit;

lks_status lks_table_fit_create(lks_table_fit *fit, int columns, int season);
void lks_table_fit_release(lks_table_fit *fit);

/* Forgets all rows. */
void lks_table_fit_begin(lks_table_fit *fit);

/* The next training row: value [columns], NaN where missing. */
void lks_table_fit_add(lks_table_fit *fit, const double *value);

/* The column in units (x - centre) / scale. */
lks_series_fit lks_table_fit_column(const lks_table_fit *fit, int column, double centre,
                                    double scale);

#endif
