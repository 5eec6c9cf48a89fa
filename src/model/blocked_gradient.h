/* SPDX-License-Identifier: Apache-2.0 */
/* blocked_gradient.h - the segmented weight gradient of a dense layer whose left
 * operand is too large to be kept for a whole step.
 *
 * Terms arrive block by block.  Chains and the partial sums of the tree are kept
 * in memory between blocks and taken up again, so the bits are those of one
 * segmented product over all terms. */
#ifndef LOCKSTEP_MODEL_BLOCKED_GRADIENT_H
#define LOCKSTEP_MODEL_BLOCKED_GRADIENT_H

#include "model/pass.h"

typedef struct lks_blocked_gradient lks_blocked_gradient;

/* For a weight [rows, columns] and a bias [rows], blocks of at most `block` terms,
 * trees over at most `shards` segments. */
lks_status lks_blocked_gradient_create(lks_blocked_gradient **gradient, int rows, int columns,
                                       int block, int shards, const lks_kernels *kernels);
void lks_blocked_gradient_destroy(lks_blocked_gradient *gradient);

/* Begins a step. */
void lks_blocked_gradient_start(lks_blocked_gradient *gradient);

/* Takes the next `count` terms: left [count, rows], right [count, columns].  Writes an
 * output's gradients (at weight_offset and bias_offset) when its last term has come. */
void lks_blocked_gradient_add(lks_blocked_gradient *gradient, const lks_pass *pass, int count,
                              const float *left, const float *right, size_t weight_offset,
                              size_t bias_offset);

#endif
