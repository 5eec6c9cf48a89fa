/* series.h - what a dataset of task `series` holds: a table of one or many time
 * series (a panel) with the same columns.
 *
 * A series is a regular grid of rows; a row has `columns` values, targets first, then
 * covariates known only in the past, then covariates known in the future too.  Its
 * rows lie in time order in the splits: train, then valid, then test.  Row numbers
 * here run over all three, so that a window may look back over a border.
 *
 * Values are stored as (x - centre) / scale in f32, centre and scale fitted on the
 * training split alone; a missing value is NaN. */
#ifndef LOCKSTEP_DATA_SERIES_H
#define LOCKSTEP_DATA_SERIES_H

#include "base/calendar.h"
#include "data/dataset.h"
#include "data/dialect.h"

typedef enum { LKS_ROLE_TARGET, LKS_ROLE_PAST, LKS_ROLE_KNOWN, LKS_ROLE_COUNT } lks_role;

typedef struct {
  char *name;
  lks_role role;
  bool has_missing; /* in any split */
} lks_series_column;

/* One column of one series; all but centre and scale in stored units (x - centre) / scale,
 * and all of the training split. */
typedef struct {
  double centre, scale;        /* scale > 0; 0 and 1 when the table is stored as it is */
  double difference_mean;      /* of y[t] - y[t-1] where both are there */
  double difference_deviation; /* its standard deviation */
  double naive_error;          /* mean |y[t] - y[t-1]|; NaN when there is none */
  double seasonal_error;       /* mean |y[t] - y[t-season]|; NaN when there is none */
} lks_series_fit;

typedef struct {
  char *name;                    /* "" when the table is one series without a name */
  int64_t rows[LKS_SPLIT_COUNT]; /* of each split */
  int64_t start;                 /* time of row 0: see calendar.h */
  lks_series_fit *fit;           /* [columns] */
  float *statics;                /* [static_count], standardised over the series */
} lks_series;

typedef struct {
  int columns; /* targets + past + known */
  int count_of[LKS_ROLE_COUNT];
  lks_series_column *column; /* [columns] */
  int static_count;
  char **static_names; /* [static_count] */
  int64_t count;       /* series */
  lks_series *series;  /* [count] */
  lks_frequency frequency;
  int season;       /* rows of a season; 1: none */
  char *time_name;  /* header of the time column, "" when rows are only numbered */
  char *group_name; /* header of the column that names the series, "" when each is a column, or
                        there is one without a name */
  lks_dialect dialect;
} lks_series_table;

/* The table of a dataset; NULL when its task is not `series`. */
const lks_series_table *lks_dataset_series(const lks_dataset *dataset);

/* Rows of a series before `split`, and in all splits. */
int64_t lks_series_first_row(const lks_series *series, lks_split split);
int64_t lks_series_rows(const lks_series *series);

/* Rows first .. first+count-1 of series number `series`: values [count, columns] in
 * stored units.  Only from a job of the I/O thread.  Fails with LKS_DATA when a chunk
 * is damaged or a value is infinite.
 *
 * A dataset's chunks are kept in memory while they are likely to be used again. */
lks_status lks_dataset_read_series(lks_dataset *dataset, int64_t series, int64_t first,
                                   int64_t count, float *values);

#endif
