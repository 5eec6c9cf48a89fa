/* SPDX-License-Identifier: Apache-2.0 */
/* unroll_share.h - what each thread owns in the sweep over time.
 *
 * By rows: a thread owns rows of the batch and all units, and waits for nobody; the
 * hidden weights pass through its cache at every step.  By units: a thread owns units and
 * all rows; its slice of the hidden weights stays in its cache, and the threads meet at
 * every step, since each needs the hidden states of all.  Few rows a thread make short
 * register tiles, which is when units win; the bits are the same, so the faster is found
 * by trying both.  Two directions may run at once, with half of the threads each.
 * Private to unroll*.c. */
#ifndef LOCKSTEP_MODEL_UNROLL_SHARE_H
#define LOCKSTEP_MODEL_UNROLL_SHARE_H

#include "model/unroll.h"

typedef struct {
  int part;
  int first, last; /* rows */
  int unit, units; /* first unit, and how many */
} lks_share;

/* Which of two sweeps thread `part` of `parts` >= 2 is in when they run at once; *part and
 * *parts become its place among the threads of that sweep. */
static inline int lks_share_sweep(int *part, int *parts) {
  int sweep = *part % 2;
  *part /= 2;
  *parts = (*parts + 1 - sweep) / 2;
  return sweep;
}

/* Shares that `parts` threads have: thread p owns shares p, p + parts, …, one as a rule. */
int lks_share_count(const lks_unroll *unroll, int parts);

/* Share `part` of `shares` in a batch of `rows` rows. */
lks_share lks_share_of(const lks_unroll *unroll, int rows, int part, int shares);

/* Room for the packed hidden weights by either split. */
lks_status lks_share_allocate(lks_unroll *unroll, const lks_capacity *capacity);

/* Packs the hidden weights for the split that `unroll` has. */
void lks_share_pack(lks_unroll *unroll, const lks_kernels *kernels, int threads, bool training);

/* gates [rows, width], own units of the first cell->gates blocks, += chain over H of
 * h_prev [rows, H] W_hh^T.  `gates` starts at unit 0. */
void lks_share_product(const lks_unroll *unroll, const lks_kernels *kernels,
                       const lks_share *share, int rows, const float *h_prev, float *gates);

/* d_hidden [rows, H], own units, += chain over gate columns of d_gates [rows, width] W_hh.
 * Both start at unit 0. */
void lks_share_product_back(const lks_unroll *unroll, const lks_kernels *kernels,
                            const lks_share *share, int rows, const float *d_gates,
                            float *d_hidden);

#endif
