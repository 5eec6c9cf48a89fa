/* SPDX-License-Identifier: Apache-2.0 */
/* tail.h - the last block of the buffer that ranks sum: counts, flags, losses.
 *
 * Whole numbers are held exactly in floats; every shard has a slot of its own for
 * its loss, in two floats (high and low part of an f64), so the sum over ranks
 * only moves it.  Nothing else is on the wire in a step. */
#ifndef LOCKSTEP_TRAIN_TAIL_H
#define LOCKSTEP_TRAIN_TAIL_H

#include "tensor/shards.h"

#include <lockstep/status.h>

#include <stdbool.h>
#include <stdint.h>

enum { LKS_TAIL_FLOATS = 1024 };

/* What the ranks agree on in a step. */
typedef struct {
  int64_t terms; /* of the loss that were trained */
  bool stop;     /* somebody was asked to stop */
} lks_tail;

/* Clears a tail. */
void lks_tail_clear(float *tail);

/* Notes a shard's terms and loss. */
void lks_tail_add_shard(float *tail, int shard, int64_t terms, double loss);

/* Notes that this rank was asked to stop. */
void lks_tail_ask_stop(float *tail);

/* Reads a summed tail. */
lks_tail lks_tail_read(const float *tail);

/* Fails with LKS_COMM unless all ranks together trained `expected` terms in step `number`. */
lks_status lks_tail_check(const lks_tail *tail, int64_t expected, int64_t number);

/* The losses of all shards, added in f64 in the order of the tree. */
double lks_tail_loss(const float *tail, const lks_shards *shards);

#endif
