/* forecast_rows.h - the rows of a series that forecasts start from. */
#ifndef LOCKSTEP_PREDICT_FORECAST_ROWS_H
#define LOCKSTEP_PREDICT_FORECAST_ROWS_H

#include "train/session.h"

/* Rows of one series, oldest first; values in stored units, NaN where missing. */
typedef struct {
  int64_t first; /* steps from the series' start to row 0 */
  int64_t count;
  int64_t seen;     /* rows up to the last one with a target: the others are the future */
  int64_t capacity; /* rows that `values` has room for */
  float *values;    /* [count, columns] */
} lks_forecast_rows;

void lks_forecast_rows_release(lks_forecast_rows *rows);

/* Appends a row of `columns` values.  Fails with LKS_NO_MEMORY. */
lks_status lks_forecast_rows_append(lks_forecast_rows *rows, int columns, const float *values);

/* Makes the rows the last `most` before row `end` of the dataset's series.  Fails with
 * LKS_NO_MEMORY, and with LKS_DATA when a chunk of the dataset is damaged. */
lks_status lks_forecast_rows_read(lks_forecast_rows *rows, lks_session *session, int64_t series,
                                  int64_t end, int64_t most);

/* A window of `span` rows whose row `history`-1 is row `origin`; what the rows do not have
 * is NaN, but covariates that follow from the time are computed.
 *
 *   window  [span, columns], out */
void lks_forecast_rows_window(const lks_forecast_rows *rows, const lks_series_table *table,
                              int64_t series, int64_t origin, int history, int span,
                              float *window);

#endif
