/* SPDX-License-Identifier: Apache-2.0 */
/* average.c - one elementwise pass a step. */
#include "optim/average.h"

#include "base/fail.h"
#include "base/memory.h"
#include "kernels/parallel.h"

#include <string.h>

struct lks_average {
  lks_params *params;         /* borrowed; outlives this */
  const lks_kernels *kernels; /* borrowed; static */
  int threads;
  double decay;
  float share; /* of this step */
  float *values;
};

lks_status lks_average_create(lks_average **average, const lks_config *config,
                              lks_params *params, const lks_kernels *kernels, int threads) {
  double decay = lks_config_real(config, "optimizer", "average");
  *average = NULL;
  if (decay <= 0)
    return LKS_OK;
  LKS_TRY(lks_allocate(average, 1, sizeof **average));
  **average =
      (lks_average){.params = params, .kernels = kernels, .threads = threads, .decay = decay};
  lks_status status =
      lks_allocate(&(*average)->values, lks_params_value_count(params), sizeof(float));
  if (status != LKS_OK) {
    lks_average_destroy(*average);
    *average = NULL;
  }
  return status;
}

void lks_average_destroy(lks_average *average) {
  if (average == NULL)
    return;
  lks_release(average->values);
  lks_release(average);
}

void lks_average_start(lks_average *average) {
  if (average != NULL)
    memcpy(average->values, lks_params_values(average->params),
           lks_params_value_count(average->params) * sizeof(float));
}

static void step_body(void *context, int part, int parts) {
  const lks_average *average = context;
  size_t first, last;
  lks_parallel_slice_size(lks_params_value_count(average->params), LKS_PARAMS_GRAIN, part,
                          parts, &first, &last);
  average->kernels->average(average->share, last - first,
                            lks_params_values(average->params) + first,
                            average->values + first);
}

void lks_average_step(lks_average *average, int64_t step) {
  if (average == NULL)
    return;
  double early = (1.0 + (double)step) / (10.0 + (double)step);
  average->share = (float)(1.0 - (average->decay < early ? average->decay : early));
  lks_parallel(average->threads, step_body, average);
}

float *lks_average_values(lks_average *average) {
  return average != NULL ? average->values : NULL;
}

void lks_average_swap(lks_average *average) {
  if (average == NULL)
    return;
  float *values = lks_params_values(average->params);
  size_t count = lks_params_value_count(average->params);
  for (size_t i = 0; i < count; i++) {
    float kept = values[i];
    values[i] = average->values[i];
    average->values[i] = kept;
  }
}
