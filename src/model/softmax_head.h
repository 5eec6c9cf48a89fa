/* SPDX-License-Identifier: Apache-2.0 */
/* softmax_head.h - from hidden states to scores of every symbol, and the
 * cross-entropy of the right one.
 *
 *   logits = W h + b          W [vocab, units], b [vocab]
 *   loss   = -log softmax(logits)[target], smoothed towards the uniform distribution
 *
 * Items are gathered in term order (shards, then time) and worked through in
 * blocks whose logits take at most `block_bytes`; forward and backward meet while
 * a block is in cache.  Block size changes no bit. */
#ifndef LOCKSTEP_MODEL_SOFTMAX_HEAD_H
#define LOCKSTEP_MODEL_SOFTMAX_HEAD_H

#include "model/pass.h"

enum { LKS_SOFTMAX_HEAD_BLOCK_BYTES = 64 << 20 };

typedef struct {
  const char *name; /* parameters NAME.weight and NAME.bias */
  int vocab;
  int units;
  float smoothing;
  size_t block_bytes; /* 0: LKS_SOFTMAX_HEAD_BLOCK_BYTES */
} lks_softmax_head_setup;

typedef struct lks_softmax_head lks_softmax_head;

lks_status lks_softmax_head_create(lks_softmax_head **head, const lks_softmax_head_setup *setup,
                                   lks_params *params);
lks_status lks_softmax_head_allocate(lks_softmax_head *head, const lks_capacity *capacity);
void lks_softmax_head_destroy(lks_softmax_head *head);

/* Numbers of the two parameters. */
int lks_softmax_head_weight(const lks_softmax_head *head);
int lks_softmax_head_bias(const lks_softmax_head *head);

void lks_softmax_head_pack(lks_softmax_head *head, const lks_kernels *kernels, int threads,
                           bool training);

/* Loss and gradients of pass->segments' terms.
 *
 *   hidden   [T, B, units]
 *   targets  [T, B]
 *   losses   [terms] out, in term order
 *   d_hidden [T, B, units] out, active items only */
void lks_softmax_head_train(lks_softmax_head *head, const lks_pass *pass, const float *hidden,
                            const int32_t *targets, float *losses, float *d_hidden);

/* Losses without smoothing, of all active items: losses [T, B] out. */
void lks_softmax_head_score(lks_softmax_head *head, const lks_pass *pass, const float *hidden,
                            const int32_t *targets, float *losses);

/* logits [count, vocab] of hidden [count, units]. */
void lks_softmax_head_logits(lks_softmax_head *head, const lks_kernels *kernels, int threads,
                             int count, const float *hidden, float *logits);

#endif
