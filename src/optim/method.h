/* SPDX-License-Identifier: Apache-2.0 */
/* method.h - what an optimizer is inside: for the files of this folder only. */
#ifndef LOCKSTEP_OPTIM_METHOD_H
#define LOCKSTEP_OPTIM_METHOD_H

#include "optim/optimizer.h"

/* The keys of [optimizer] that the methods use. */
typedef struct {
  double momentum;
  bool nesterov;
  double beta1;
  double beta2;
  double epsilon;
  double alpha;
  double weight_decay;
  double clip; /* 0: none */
} lks_optimizer_settings;

struct lks_optimizer {
  const lks_optimizer_method *method;
  lks_optimizer_settings settings;
  lks_params *params;         /* borrowed; outlives this */
  const lks_kernels *kernels; /* borrowed; static */
  int threads;
  int64_t steps;
  int state_count;        /* as many as the settings need */
  float *state[2];        /* [value_count] each */
  const float **gradient; /* [params] where each one's summed gradient lies in this step */
  float *merged;          /* gradients of the parameters with extra uses, all uses added */
  double *squares;        /* scratch of a norm: [blocks of the gradient] */
  double *blocks;         /* the same of one merged gradient: [blocks of the largest] */
};

extern const lks_optimizer_method lks_sgd_method;
extern const lks_optimizer_method lks_adam_method;
extern const lks_optimizer_method lks_adamw_method;
extern const lks_optimizer_method lks_rmsprop_method;

/* Reads and checks the settings, which `config` must have all the keys of. */
lks_status lks_optimizer_read_settings(const lks_config *config,
                                       lks_optimizer_settings *settings);

/* Elements of a parameter with its padding. */
size_t lks_optimizer_padded(const lks_param *param);

#endif
