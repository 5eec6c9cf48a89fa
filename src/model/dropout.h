/* SPDX-License-Identifier: Apache-2.0 */
/* dropout.h - masks on the items of a sequence (Srivastava et al. 2014; between
 * layers only, Zaremba et al. 2014; one mask for all time steps of a row when
 * variational, Gal and Ghahramani 2016).
 *
 * A mask is a function of (seed, site, step, sample, time, unit): the backward
 * pass makes it again instead of keeping it. */
#ifndef LOCKSTEP_MODEL_DROPOUT_H
#define LOCKSTEP_MODEL_DROPOUT_H

#include "model/pass.h"

typedef struct {
  float drop; /* probability of a zero */
  bool variational;
} lks_dropout_setup;

/* y = x x mask on the active items of [T, B, units]; a plain copy outside training
 * or when nothing is dropped (none at all when y is x).
 *
 *   site  numbers the places of a model that drop, 0 .. 255 */
void lks_dropout_apply(const lks_pass *pass, const lks_dropout_setup *setup, unsigned site,
                       int units, const float *x, float *y);

/* The same on the time steps of a span alone. */
void lks_dropout_apply_span(const lks_span *span, const lks_dropout_setup *setup, unsigned site,
                            int units, const float *x, float *y);

#endif
