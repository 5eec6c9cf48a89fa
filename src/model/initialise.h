/* SPDX-License-Identifier: Apache-2.0 */
/* initialise.h - first values of parameters, from counters: equal on every rank. */
#ifndef LOCKSTEP_MODEL_INITIALISE_H
#define LOCKSTEP_MODEL_INITIALISE_H

#include "base/random.h"
#include "model/recurrent.h"

/* Values uniform in [-bound, bound). */
void lks_initialise_uniform(lks_params *params, int param, lks_random_key key, double bound);

/* Normal values, mean 0 (Box and Muller 1958). */
void lks_initialise_normal(lks_params *params, int param, lks_random_key key, double deviation);

typedef enum {
  LKS_FORGET_AS_DRAWN, /* nothing special */
  LKS_FORGET_ONE,      /* 1: remember at first (Gers et al. 2000; Jozefowicz et al. 2015) */
  LKS_FORGET_CHRONO    /* log U(1, horizon - 1), and its negative for the input gate: memories
                          of up to `horizon` steps (Tallec and Ollivier 2018) */
} lks_forget_bias;

/* Sets the forget gates' biases (and, for chrono, the input gates') of all layers:
 * the value in bias_ih, 0 in bias_hh.  Cells without a forget gate are left alone. */
void lks_initialise_forget(lks_recurrent *recurrent, lks_params *params, lks_random_key key,
                           lks_forget_bias how, int horizon);

#endif
