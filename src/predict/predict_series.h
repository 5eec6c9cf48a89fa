/* SPDX-License-Identifier: Apache-2.0 */
/* predict_series.h - forecasts of series, as CSV, JSON or a plot. */
#ifndef LOCKSTEP_PREDICT_PREDICT_SERIES_H
#define LOCKSTEP_PREDICT_PREDICT_SERIES_H

#include "predict/predict.h"
#include "train/session.h"

/* Writes forecasts of `horizon` rows for each series, with the trained model of `session`
 * (task forecast; not allocated yet).
 *
 * With setup->input the rows are the file's, which has the columns of the table that the
 * model was trained on; rows behind the last one with a target give covariates known in the
 * future.  With setup->state the rows are new ones: the first call wants a whole window,
 * later ones go on, one step of the model a row; the file is replaced when all forecasts
 * are written.
 *
 * One process; not collective.  Fails with LKS_DATA, naming file, line and column, for rows
 * that cannot be used or are too few; with LKS_USAGE for a series or a split that is not
 * there; with LKS_IO when the forecasts or the state cannot be written: the state is as it
 * was then. */
lks_status lks_predict_series(lks_session *session, const lks_predict_setup *setup);

#endif
