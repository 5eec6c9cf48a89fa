/* forecast_setup.h - what a forecaster is, from configuration and table. */
#ifndef LOCKSTEP_TASK_FORECAST_SETUP_H
#define LOCKSTEP_TASK_FORECAST_SETUP_H

#include "config/config.h"
#include "data/windows.h"
#include "loss/forecast_loss.h"

/* Differences that the random walk with a rolling deviation looks back over. */
enum { LKS_FORECAST_ROLLING = 60 };

typedef enum { LKS_CENTRE_NONE, LKS_CENTRE_LAST, LKS_CENTRE_MEAN } lks_window_centre;
typedef enum {
  LKS_SCALE_NONE,
  LKS_SCALE_DEVIATION, /* standard deviation of the window's values */
  LKS_SCALE_DIFFERENCE /* root mean square of their first differences */
} lks_window_scale;
typedef enum { LKS_RESIDUAL_NONE, LKS_RESIDUAL_NAIVE, LKS_RESIDUAL_SEASONAL } lks_residual;

typedef struct {
  const lks_series_table *table;
  int window;  /* W */
  int horizon; /* H */
  int lead;
  int stride;
  int season;
  bool recursive;   /* forecasts one step at a time and feeds it back */
  bool differences; /* first differences of the targets are inputs too */
  bool recurrent;   /* false: cell = none */
  lks_window_centre centre;
  lks_window_scale scale;
  lks_residual residual;
  lks_forecast_head head;
  int raw;            /* raw outputs of one value */
  int embedding;      /* units of a series' vector; 0: none */
  double interval;    /* level of the central interval */
  bool has_interval;  /* false: a number, or quantiles of one side */
  int samples;        /* paths of a recursive distribution */
  const char *metric; /* that models are chosen by */

  /* Sizes that follow. */
  int targets; /* D */
  int masked;  /* columns with missing values: an input each says where */
  int known;   /* K */
  int inputs;  /* I: of a time step */
  int extra;   /* known covariates of the horizon that join the head's inputs: H x K */
  int outputs; /* of the head: of a time step when recursive, else of the whole horizon */
  lks_window_plan train_plan, score_plan;
} lks_forecast_setup;

lks_status lks_forecast_register(lks_config *config);

/* Fails with LKS_USAGE for choices that do not go together, with LKS_DATA when the
 * dataset is no table of series. */
lks_status lks_forecast_read(lks_forecast_setup *setup, const lks_config *config,
                             const lks_dataset *dataset);

#endif
