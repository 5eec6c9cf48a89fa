/* optimizer.h - from a summed gradient to new parameters.
 *
 * All replicas do the same arithmetic on the same bits.  State (moments) lies in
 * flat buffers with the layout of the parameters. */
#ifndef LOCKSTEP_OPTIM_OPTIMIZER_H
#define LOCKSTEP_OPTIM_OPTIMIZER_H

#include "config/config.h"
#include "kernels/kernels.h"
#include "tensor/marks.h"
#include "tensor/params.h"

typedef struct lks_optimizer lks_optimizer;

/* A method: one file, one row in the table of optimizer.c. */
typedef struct {
  const char *name;           /* sgd, adam, adamw, rmsprop */
  int state_count;            /* flat buffers of state, at most */
  const char *state_names[2]; /* "velocity"; "first_moment", "second_moment" */
  /* How many of them, the first ones, the settings need; NULL: all. */
  int (*states_needed)(const lks_optimizer *optimizer);
  /* One step on elements first .. last-1 of the flat buffers, which belong to `param`.
   *
   *   gradient  [last - first] that of element `first` and on */
  void (*update)(const lks_optimizer *optimizer, const lks_param *param, size_t first,
                 size_t last, double learning_rate, float scale, const float *gradient);
  /* Whether a gradient of +0 leaves finite parameters and the state as they are, so that
   * blocks without a mark are passed over; NULL: it never does. */
  bool (*rests)(const lks_optimizer *optimizer);
} lks_optimizer_method;

/* A gradient that is summed over all ranks (not written: it may be shared). */
typedef struct {
  const float *values;   /* [gradient_count] */
  const double *squares; /* [gradient_count / LKS_NORM_BLOCK] kernels->norm_blocks of it, where
                            somebody has them already; NULL: a pass of its own */
  const uint8_t *marks;  /* [gradient_count / LKS_PARAMS_GRAIN] by marks.h, or NULL */
} lks_gradient;

/* [optimizer] kind, learning_rate, momentum, nesterov, beta1, beta2, epsilon,
 * alpha, weight_decay, clip, average. */
lks_status lks_optimizer_register(lks_config *config);

/* An optimiser with its state at zero, from the keys above.  Borrows params, all of which
 * are declared, and kernels.  Fails with LKS_USAGE for keys that do not go together, as
 * nesterov without momentum, and with LKS_NO_MEMORY. */
lks_status lks_optimizer_create(lks_optimizer **optimizer, const lks_config *config,
                                lks_params *params, const lks_kernels *kernels, int threads);
void lks_optimizer_destroy(lks_optimizer *optimizer);

/* One step.  Extra uses of a parameter are added to its own gradient first (in an own
 * buffer), everything is divided by `terms` (tokens or samples), clipped to the global
 * norm, and applied.  *norm is the norm before clipping, of the mean gradient.
 *
 * When the norm is not finite nothing is changed and *norm says so.  Does not fail. */
lks_status lks_optimizer_step(lks_optimizer *optimizer, const lks_gradient *gradient,
                              double terms, double learning_rate, double *norm);

/* Steps done so far: enters bias corrections, saved and restored. */
int64_t lks_optimizer_steps(const lks_optimizer *optimizer);
void lks_optimizer_set_steps(lks_optimizer *optimizer, int64_t steps);

/* State buffer i (lks_params_value_count elements, layout of the parameters, padding
 * zero) and its name; i < state_count, which is 0 for sgd without momentum.  The
 * buffers belong to the optimizer; whoever restores a run writes into them. */
int lks_optimizer_state_count(const lks_optimizer *optimizer);
const char *lks_optimizer_state_name(const lks_optimizer *optimizer, int i);
float *lks_optimizer_state(const lks_optimizer *optimizer, int i);

#endif
