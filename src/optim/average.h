/* average.h - the exponential moving average of the parameters, which often scores better
 * than they do (Polyak and Juditsky 1992).
 *
 *   average = d x average + (1 - d) x parameters,  d = min(decay, (1 + step) / (10 + step))
 *
 * so that early averages forget the first values (as TensorFlow's
 * ExponentialMovingAverage with num_updates).
 *
 * Life cycle: create -> (start, or load its values) -> step … -> destroy.  Functions take
 * NULL for no average and then do nothing. */
#ifndef LOCKSTEP_OPTIM_AVERAGE_H
#define LOCKSTEP_OPTIM_AVERAGE_H

#include "config/config.h"
#include "kernels/kernels.h"
#include "tensor/params.h"

typedef struct lks_average lks_average;

/* The average that [optimizer] average asks for; NULL when it is 0.  `params` is borrowed,
 * as `kernels`; both outlive it. */
lks_status lks_average_create(lks_average **average, const lks_config *config,
                              lks_params *params, const lks_kernels *kernels, int threads);
void lks_average_destroy(lks_average *average);

/* Sets it to the parameters as they are: before the first step. */
void lks_average_start(lks_average *average);

/* Takes in the parameters after update number `step`, from 1. */
void lks_average_step(lks_average *average, int64_t step);

/* [lks_params_value_count], for saving; NULL when there is none. */
float *lks_average_values(lks_average *average);

/* Exchanges average and parameters: before scoring, and after it once more. */
void lks_average_swap(lks_average *average);

#endif
