/* SPDX-License-Identifier: Apache-2.0 */
/* prediction.h - what predict_series.c and prediction_rows.c share: one call of `predict`
 * with a model of series, and the rows that its forecasts start from. */
#ifndef LOCKSTEP_PREDICT_PREDICTION_H
#define LOCKSTEP_PREDICT_PREDICTION_H

#include "predict/forecast_rows.h"
#include "predict/forecast_stream.h"
#include "predict/predict.h"
#include "task/forecast.h"
#include "train/session.h"

typedef struct {
  const lks_predict_setup *setup;
  lks_session *session; /* borrowed */
  const lks_forecast_setup *forecast;
  const lks_series_table *table;
  lks_split split;             /* where setup->split names one */
  lks_forecast_rows *rows;     /* [series] */
  int64_t *next;               /* [series] where rows without a time go on */
  lks_forecast_stream *stream; /* NULL: every window anew */
  float *window;               /* [span, columns] */
  float *future;               /* [H + lead - 1, columns] */
  lks_forecast_value *values;  /* [H, D] */
  int *active;                 /* [W] */
  int64_t made;                /* forecasts so far */
  bool warned;                 /* that covariates of the future are missing */
} lks_prediction;

/* Rows of a window with all that lies behind it. */
int lks_prediction_span(const lks_prediction *p);

/* What the rows come from, for messages. */
const char *lks_prediction_source(const lks_prediction *p);

/* Fails with LKS_DATA: `found` rows of a series are too few. */
lks_status lks_prediction_fail_short(const lks_prediction *p, int64_t series, int64_t found);

/* Whether the split that was asked for, if any, has rows for a forecast of the series; says
 * so where not. */
bool lks_prediction_has_split(const lks_prediction *p, int64_t series);

/* Reads the last rows of a series of the dataset: before the end of the split's last
 * forecast, or all.  *origin is the row to forecast from.  Fails with LKS_DATA when they are
 * too few. */
lks_status lks_prediction_read_dataset(lks_prediction *p, int64_t series, int64_t *origin);

/* Keeps a row of the input, with rows without values in a gap before it: an
 * lks_forecast_input_visit whose context is the lks_prediction.  Fails with LKS_DATA for rows
 * out of order and for a gap as long as a window. */
lks_status lks_prediction_keep_row(void *prediction, int64_t series, int64_t step,
                                   const float *values, size_t line);

#endif
