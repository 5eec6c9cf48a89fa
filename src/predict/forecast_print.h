/* forecast_print.h - forecasts as text, in the units and with the times of the table. */
#ifndef LOCKSTEP_PREDICT_FORECAST_PRINT_H
#define LOCKSTEP_PREDICT_FORECAST_PRINT_H

#include "predict/forecast_rows.h"
#include "predict/predict.h"
#include "task/forecast.h"

/* One series' forecasts after row `origin` of its rows. */
typedef struct {
  const lks_forecast_setup *setup;
  const lks_forecast_rows *rows;
  int64_t series;
  int64_t origin;
  const lks_forecast_value *values; /* [H, D], stored units */
  const float *window;              /* [span, columns] of the score plan */
} lks_forecast_printed;

/* The first line of a CSV. */
void lks_forecast_print_header(FILE *out, const lks_forecast_setup *setup, bool has_actual);
void lks_forecast_print_csv(FILE *out, const lks_forecast_printed *forecast, bool has_actual);

/* One object a line. */
void lks_forecast_print_json(FILE *out, const lks_forecast_printed *forecast);

/* Target `target` with what came before it, beside the naive forecasts. */
void lks_forecast_print_plot(FILE *out, const lks_forecast_printed *forecast, int target);

#endif
