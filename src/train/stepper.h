/* stepper.h - what an open session needs to make training steps: batches, carried
 * states, the optimiser, the step.  A training run has one, and so has a benchmark. */
#ifndef LOCKSTEP_TRAIN_STEPPER_H
#define LOCKSTEP_TRAIN_STEPPER_H

#include "data/batcher.h"
#include "train/step.h"

typedef struct {
  lks_session *session; /* borrowed, as is comm */
  lks_comm *comm;
  lks_batcher *batcher;
  lks_optimizer *optimizer;
  lks_carried *carried; /* NULL: rows start from zero */
  lks_step *step;
  int shards;
  int *row_cuts;   /* [ranks + 1] */
  int64_t batches; /* of an epoch */
  int rows;        /* most of this rank in a training batch, and items of it */
  int items;
} lks_stepper;

/* Shards, batches of the training split, carried states.  Fails with LKS_USAGE when there
 * are more ranks than shards or keys do not go together.  Not collective.  Close in any
 * case. */
lks_status lks_stepper_open(lks_stepper *stepper, lks_session *session, lks_comm *comm);

/* The task and the optimiser: for training batches, and for scoring `rows` rows of `items`
 * items (0 and 0: it is not used to score).  Not collective. */
lks_status lks_stepper_allocate(lks_stepper *stepper, int rows, int items);

/* The step.                                                           Collective. */
lks_status lks_stepper_start(lks_stepper *stepper);
void lks_stepper_close(lks_stepper *stepper);

#endif
