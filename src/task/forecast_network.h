/* forecast_network.h - the network of the forecast task: for the files of this task. */
#ifndef LOCKSTEP_TASK_FORECAST_NETWORK_H
#define LOCKSTEP_TASK_FORECAST_NETWORK_H

#include "model/dense.h"
#include "model/embedding.h"
#include "task/forecast.h"
#include "task/forecast_window.h"

enum { LKS_FORECAST_LAYERS_MAX = 64 };

typedef struct {
  lks_task task;
  const lks_config *config; /* borrowed; outlives this */
  lks_forecast_setup setup;
  lks_dropout_setup dropout;
  int units;                /* of the features that the network makes */
  int features;             /* units + setup.extra */
  lks_recurrent *recurrent; /* or, for cell none, … */
  lks_dense *layer[LKS_FORECAST_LAYERS_MAX];
  int layers;
  lks_dense *head;
  lks_embedding *embedding; /* NULL: none */

  float *scaling; /* [B, D, 3] */
  float *base;    /* [B, H, D] */
  float *inputs;  /* [T, B, I]; cell none: [B, I] */
  float *vectors; /* [B, E] */
  float *top;     /* [items, units] after dropout, where the head reads them */
  float *feature; /* [B, features] direct */
  float *raw;     /* [items, outputs] */
  float *activation[LKS_FORECAST_LAYERS_MAX]; /* cell none: [B, hidden] */

  float *targets;   /* training: [items, values of an item] scaled */
  float *levels;    /* [items, values of an item] counts */
  float *d_raw;     /* [items, outputs] */
  float *d_feature; /* [B, features] */
  float *d_top;     /* [T, B, units] */
  float *d_inputs;  /* [T, B, I] with an embedding */
  float *d_vectors; /* [B, E] */
  double *losses;   /* [items] */

  lks_forecast_value *forecasts; /* scoring: [B, H, D] */
  float *first;                  /* recursive: [B, outputs] of the first row */
  float *paths;                  /* recursive distributions: see forecast_rollout.c */
  lks_cell_state *start, *state; /* recursive: after the window; on a path */
} lks_forecast_network;

/* One call on rows of windows. */
typedef struct {
  lks_forecast_network *network;
  const lks_pass *pass;
  const lks_window_plan *plan;
  const float *windows;
  const int32_t *series;
} lks_forecast_call;

/* Window b of a call. */
lks_forecast_window lks_forecast_window_at(const lks_forecast_call *call, int b);

/* Values of one item of the head's output: H x D, or D when recursive. */
int lks_forecast_item_values(const lks_forecast_setup *setup);

/* From windows to raw outputs: scaling, bases and inputs are left in the network.
 * `final` is for the states after the windows, or NULL.
 *
 * A pass with more rows than windows is not allowed: pass->rows windows are read. */
void lks_forecast_network_run(const lks_forecast_call *call, const lks_cell_state *final);

/* The head on the features of one time step [B, units], without training. */
void lks_forecast_network_head(const lks_forecast_call *call, const float *top, float *raw);

/* Gradients of the last run from d_raw. */
void lks_forecast_network_back(const lks_forecast_call *call, const lks_pass *row_pass,
                               float *const *buffers, int buffer_count);

/* Forecasts of recursive models: rows of the horizon after the last run (which left the
 * states in network->start). */
lks_status lks_forecast_rollout_allocate(lks_forecast_network *network, int rows);
void lks_forecast_rollout_release(lks_forecast_network *network);
void lks_forecast_rollout(const lks_forecast_call *call, lks_forecast_value *forecasts);

/* One forecast from its raw outputs, scaled back: stored units. */
lks_forecast_value lks_forecast_value_of(const lks_forecast_setup *setup, const float *raw,
                                         const float *scaling, float base, float actual,
                                         const lks_series_fit *fit);

#endif
