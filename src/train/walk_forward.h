/* walk_forward.h - one model a fold, each tested on the rows after those it was trained
 * on: how a forecaster would have done had it been trained again from time to time. */
#ifndef LOCKSTEP_TRAIN_WALK_FORWARD_H
#define LOCKSTEP_TRAIN_WALK_FORWARD_H

#include "train/train.h"

/* Trains fold k in RUN/fold-k, skipping folds that are finished, and scores each on its
 * test rows.  RUN/state is as an ordinary run's.  Shows one line a fold and the table of
 * all; last_line gets "walk-forward nll 1.2345".                      Collective. */
lks_status lks_walk_forward_run(lks_comm *comm, const lks_train_setup *setup, int folds,
                                bool *stopped, char last_line[256]);

#endif
