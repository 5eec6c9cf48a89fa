/* forecast.h - the next rows of time series from a window of rows before them.
 *
 *   direct     window -> recurrent stack -> last hidden state (and the covariates known
 *              of the horizon) -> linear head -> all rows of the horizon
 *   recursive  window -> recurrent stack -> linear head at every step -> the next row;
 *              forecasts are fed back, distributions by simulated paths (Salinas et al.
 *              2020, DeepAR)
 *   cell none  the window's last row -> feed-forward layers -> linear head
 *
 * Many-to-one, many-to-many and one-to-one.  Scores stand beside those of naive
 * forecasts, in standardised units where metrics/forecast_scores.h says so. */
#ifndef LOCKSTEP_TASK_FORECAST_H
#define LOCKSTEP_TASK_FORECAST_H

#include "metrics/forecast_scores.h"
#include "task/forecast_setup.h"
#include "task/task.h"

const lks_forecast_setup *lks_forecast_setup_of(const lks_task *task);

/* Forecasts of the first `rows` windows; row h, target d of window b is forecasts[(b x H +
 * h) x D + d], in stored units; `actual`, nll and crps are NaN where the window does not
 * know what came.
 *
 *   pass     no training; rows of the windows, W steps
 *   sample   [rows] numbers that simulated paths are drawn by
 *   windows  [rows, span, columns] as the score plan says
 *   final    the states after the windows, out, or NULL */
void lks_forecast_windows(lks_task *task, const lks_pass *pass, const float *windows,
                          const int32_t *series, const lks_cell_state *final,
                          lks_forecast_value *forecasts);

/* The same for one more row: a step from `states`, which are moved on.  The scaling and
 * the rows for the naive forecast are those of `window`, whose last row is the new one.
 *
 *   pass  one row, one step */
void lks_forecast_step(lks_task *task, const lks_pass *pass, const float *window,
                       const float *scaling, int32_t series, const lks_cell_state *states,
                       lks_forecast_value *forecasts);

#endif
