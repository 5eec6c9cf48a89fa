/* forecast_stream.h - a model whose state goes on from row to row: one new row costs one
 * step.
 *
 * A stream begins with a whole window, as in training.  Models that scale by the window
 * keep the scaling of the row where the window was last seen as a whole, for W rows;
 * then the window is run again.  So a row costs two steps at most, on average. */
#ifndef LOCKSTEP_PREDICT_FORECAST_STREAM_H
#define LOCKSTEP_PREDICT_FORECAST_STREAM_H

#include "predict/forecast_rows.h"
#include "task/forecast.h"
#include "train/carried.h"

typedef struct lks_forecast_stream lks_forecast_stream;

/* Streams of all series of the session's table, none of them begun. */
lks_status lks_forecast_stream_create(lks_forecast_stream **stream, lks_session *session);
void lks_forecast_stream_destroy(lks_forecast_stream *stream);

/* Takes the state from a file, or writes it there.  A file of another model is LKS_DATA. */
lks_status lks_forecast_stream_load(lks_forecast_stream *stream, const char *path);
lks_status lks_forecast_stream_save(lks_forecast_stream *stream, const char *path);

/* Steps from the series' start to the last row that was seen; -1: not begun. */
int64_t lks_forecast_stream_last(const lks_forecast_stream *stream, int64_t series);

/* Sees row `step` with its values [columns], which must follow the last one, and forecasts
 * from it once a window is there.
 *
 *   future     [H + lead - 1, columns] what is known of the rows behind it; NaN elsewhere
 *   forecasts  [H, D], out
 *   ready      whether forecasts were made: a whole window has been seen */
lks_status lks_forecast_stream_see(lks_forecast_stream *stream, int64_t series, int64_t step,
                                   const float *values, const float *future,
                                   lks_forecast_value *forecasts, bool *ready);

/* The window of the last row [span, columns]. */
const float *lks_forecast_stream_window(const lks_forecast_stream *stream);

#endif
