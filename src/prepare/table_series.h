/* table_series.h - a table that was read as the series of a dataset: splits are cut, and
 * columns are fitted on the training rows alone. */
#ifndef LOCKSTEP_PREPARE_TABLE_SERIES_H
#define LOCKSTEP_PREPARE_TABLE_SERIES_H

#include "data/series.h"
#include "prepare/table_rows.h"
#include "prepare/table_split.h"

typedef struct {
  lks_series_table table; /* its series' names belong to the intake */
  char *columns_text;     /* the other names, each with a zero byte */
  lks_series_fit *fits;   /* [series, columns] */
  float *statics;         /* [series, statics] */
  int64_t total;          /* rows of all series in the file */
  int64_t rows;           /* in the splits of all series */
  int64_t gaps;           /* of them, those that are not in the file */
  int64_t left_over;      /* rows that are in no split */
  int64_t *missing;       /* [columns] values in the splits */
} lks_table_series;

/* What the dataset is to be. */
typedef struct {
  const lks_prepare_table *setup;
  const lks_table_intake *intake;
  const lks_table_calendar *calendar;
  const lks_table_split *split;
} lks_series_request;

/* Reads the spool once; `rows` goes over `request`'s intake.  Fails with LKS_DATA, naming
 * file, lines and column, for a series with too few rows, a split without any, and a
 * column that is constant in training (unless that is to be kept) or has no value there,
 * and as lks_table_rows_next. */
lks_status lks_table_series_create(lks_table_series *series, const lks_series_request *request,
                                   lks_table_rows *rows);
void lks_table_series_release(lks_table_series *series);

#endif
