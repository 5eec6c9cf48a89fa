/* SPDX-License-Identifier: Apache-2.0 */
/* optimizer_fixture.h - a small model's parameters with gradients, and an optimizer. */
#ifndef LOCKSTEP_TESTS_OPTIMIZER_FIXTURE_H
#define LOCKSTEP_TESTS_OPTIMIZER_FIXTURE_H

#include "config/config.h"
#include "optim/optimizer.h"

/* Three parameters of awkward sizes; the last one leaves decay alone. */
enum { FIXTURE_PARAMS = 3, FIXTURE_GRADIENT_MAX = 16 * LKS_PARAMS_GRAIN };

typedef struct {
  lks_config *config;
  lks_params *params;
  lks_optimizer *optimizer;
  float *values;   /* [value_count] */
  float *gradient; /* [gradient_count] */
} optimizer_fixture;

/* A configuration with the keys of this layer and `settings`, assignments as after
 * --set with a space between.  Destroy with lks_config_destroy. */
lks_config *optim_config_create(const char *settings);

/* `extra_uses` more uses: of parameter 1, of 2, of 1 again, and so on. */
void optimizer_fixture_create(optimizer_fixture *fixture, const char *settings, int extra_uses,
                              int threads);

/* The same with kernels that are not the fastest. */
void optimizer_fixture_create_on(optimizer_fixture *fixture, const lks_kernels *kernels,
                                 const char *settings, int extra_uses, int threads);
void optimizer_fixture_destroy(optimizer_fixture *fixture);

/* Fills every parameter's gradient, extra uses too, with numbers in [-1, 1) that
 * depend on the step; padding stays zero. */
void optimizer_fixture_fill(optimizer_fixture *fixture, uint32_t step);

/* `steps` steps with fresh gradients, the first one being step `first`. */
void optimizer_fixture_run(optimizer_fixture *fixture, uint32_t first, int steps);

#endif
