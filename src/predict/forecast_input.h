/* forecast_input.h - new rows from a CSV with the columns of a model's table. */
#ifndef LOCKSTEP_PREDICT_FORECAST_INPUT_H
#define LOCKSTEP_PREDICT_FORECAST_INPUT_H

#include "predict/forecast_rows.h"

/* Called for every row of the file: its series, its place (steps from the series' start),
 * its values [columns] in stored units, NaN where missing. */
typedef lks_status (*lks_forecast_input_visit)(void *context, int64_t series, int64_t step,
                                               const float *values, size_t line);

/* Reads `path` ("-": standard input) row by row, written as the CSV that the table comes from;
 * of a table from an array with a header and in the usual way.  Columns are found by their
 * names, in any order; targets may be missing from rows to forecast, other columns not at all.
 * Times must lie on the table's grid.  Fails with LKS_DATA naming file, line and column.
 *
 *   next  [series] for tables without a time column: the place of the next row, moved on */
lks_status lks_forecast_input_read(const char *path, const lks_series_table *table,
                                   int64_t *next, lks_forecast_input_visit visit,
                                   void *context);

#endif
