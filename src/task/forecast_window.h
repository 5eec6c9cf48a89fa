/* forecast_window.h - from the rows of a window to numbers that a network sees, and
 * back.
 *
 * Of every window and target, `centre` and `scale` are what its values are scaled by,
 * in stored units: z = (x - centre) / scale.  A row to forecast is scaled as z =
 * (y - base) / scale, base being the centre or the residual's naive forecast. */
#ifndef LOCKSTEP_TASK_FORECAST_WINDOW_H
#define LOCKSTEP_TASK_FORECAST_WINDOW_H

#include "task/forecast_setup.h"

#include <stdint.h>

/* One window: its rows, oldest first. */
typedef struct {
  const lks_forecast_setup *setup;
  const lks_window_plan *plan;
  const float *rows; /* [span, columns] */
  const lks_series *series;
} lks_forecast_window;

/* Centre, scale and level (of counts: 1 + the window's mean) of every target.
 *
 *   scaling  [targets, 3], out */
enum { LKS_FORECAST_CENTRE, LKS_FORECAST_SCALE, LKS_FORECAST_LEVEL, LKS_FORECAST_SCALING };
void lks_forecast_window_scale(const lks_forecast_window *window, float *scaling);

/* The inputs of time step t, 0 .. W-1, but for the series' vector, whose place at the end
 * is left alone: targets, masks, differences, past and known covariates (those of the
 * next row), statics.
 *
 *   inputs  [I], out */
void lks_forecast_window_inputs(const lks_forecast_window *window, const float *scaling, int t,
                                float *inputs);

/* The same from a row and those before and after it (NULL: there is none). */
void lks_forecast_row_inputs(const lks_forecast_window *window, const float *scaling,
                             const float *row, const float *before, const float *after,
                             float *inputs);

/* Known covariates of the rows to forecast: [H, K], out; a missing one is 0. */
void lks_forecast_window_known(const lks_forecast_window *window, float *known);

/* What the forecasts h = 0 .. H-1 of target d are relative to: [H, D], out. */
void lks_forecast_window_base(const lks_forecast_window *window, const float *scaling,
                              float *base);

/* Row `h` of those to forecast, [columns]. */
const float *lks_forecast_window_future(const lks_forecast_window *window, int h);

/* Row `t` of the model's window, [columns]. */
const float *lks_forecast_window_row(const lks_forecast_window *window, int t);

#endif
