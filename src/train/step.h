/* SPDX-License-Identifier: Apache-2.0 */
/* step.h - one training step: gradients of this rank's rows, the one sum over all
 * ranks, the update.
 *
 * Every rank makes the same calls.  Nothing is allocated in a step. */
#ifndef LOCKSTEP_TRAIN_STEP_H
#define LOCKSTEP_TRAIN_STEP_H

#include "comm/exchange.h"
#include "optim/optimizer.h"
#include "tensor/batch.h"
#include "train/carried.h"
#include "train/session.h"

typedef struct {
  lks_session *session; /* borrowed, as all here: they outlive the step */
  lks_comm *comm;
  lks_optimizer *optimizer;
  lks_carried *carried; /* NULL: rows start from zero */
  lks_reduction reduction;
  int shards; /* V */
  int accumulate;
  int rows; /* most rows of this rank, and items of a call */
  int items;
  int partials; /* gradient buffers this rank needs, by lks_step_partials */
} lks_step_setup;

typedef struct lks_step lks_step;

/* Gradient buffers that shards [first, last) need, worked through in groups. */
int lks_step_partials(int shards, int accumulate, int first, int last);

/* Collective (the window of the sum). */
lks_status lks_step_create(lks_step **step, const lks_step_setup *setup);
void lks_step_destroy(lks_step *step);

typedef struct {
  double loss; /* summed over the terms of all ranks: tokens, windows */
  int64_t terms;
  double norm;                         /* of the mean gradient, before clipping */
  bool stop;                           /* a rank was asked to stop */
  bool is_finite;                      /* else nothing was changed */
  double part_seconds[LKS_PART_COUNT]; /* input: 0, the batch is there */
  /* The same in three: forward, loss and backward; sum; update and pack. */
  double compute_seconds, sum_seconds, update_seconds;
} lks_step_result;

/* Runs step number `number` on `batch`.
 *
 *   cuts  [ranks + 1] whose shards are whose
 *   stop  this rank was asked to stop
 *
 * Collective. */
lks_status lks_step_run(lks_step *step, const lks_batch *batch, const int *cuts, int64_t number,
                        double learning_rate, bool stop, lks_step_result *result);

/* After a result that is not finite: fails with LKS_DIVERGED, saying the step, where
 * it shows first and in which samples.                               Collective. */
lks_status lks_step_explain(lks_step *step, const lks_batch *batch, int64_t number);

#endif
