/* SPDX-License-Identifier: Apache-2.0 */
/* saving.h - a run's whole state as a checkpoint, and back.
 *
 * Nothing in it depends on the number of ranks or threads. */
#ifndef LOCKSTEP_TRAIN_SAVING_H
#define LOCKSTEP_TRAIN_SAVING_H

#include "comm/comm.h"
#include "optim/average.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "train/carried.h"
#include "train/session.h"

/* Where a run is: what a checkpoint holds beside tensors. */
typedef struct {
  int64_t step;      /* steps done */
  int64_t epoch;     /* epochs done */
  int64_t batch;     /* batches done of the epoch under way */
  double epoch_loss; /* of the epoch under way */
  int64_t epoch_tokens;
} lks_cursor;

/* What there is to save; all borrowed. */
typedef struct {
  lks_session *session;
  lks_comm *comm;
  lks_optimizer *optimizer;
  lks_average *average; /* NULL: none */
  lks_carried *carried; /* NULL: nothing is carried */
  const int *row_cuts;  /* [ranks + 1] first row of each rank */
  int batch;            /* rows of all ranks */
  lks_schedule *schedule;
  lks_cursor *cursor;
} lks_saving;

/* Writes the state to folder/step-N.h5 (and to best.h5 when it is the best), keeping
 * the newest `keep`.  Only rank 0 writes.                             Collective. */
lks_status lks_saving_save(const lks_saving *saving, const char *folder, bool is_best,
                           int keep);

/* Reads a state; every rank takes its rows.  Not collective. */
lks_status lks_saving_load(const lks_saving *saving, const char *path);

#endif
