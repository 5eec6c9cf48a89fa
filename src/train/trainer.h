/* SPDX-License-Identifier: Apache-2.0 */
/* trainer.h - everything a training run owns, made in order and undone in reverse.
 *
 * train.c drives it: trainer_open.c makes it, trainer_epoch.c goes through steps,
 * evaluations and saves. */
#ifndef LOCKSTEP_TRAIN_TRAINER_H
#define LOCKSTEP_TRAIN_TRAINER_H

#include "optim/average.h"
#include "train/run_folder.h"
#include "train/saving.h"
#include "train/score.h"
#include "train/stepper.h"
#include "train/train.h"

typedef struct {
  lks_comm *comm;               /* borrowed */
  const lks_progress *progress; /* borrowed; may be NULL */
  bool speaks;                  /* the first rank */
  lks_run_folder folder;
  lks_session *session;
  lks_stepper stepper;
  lks_average *average; /* NULL: none */
  lks_schedule schedule;
  lks_scorer *valid; /* NULL: no validation */
  lks_saving saving;
  lks_cursor cursor;
  int64_t epochs;
  int64_t steps; /* stop after so many; 0: no limit */
  int64_t log_every;
  int64_t save_every; /* 0: at ends of epochs */
  int keep;

  /* Since the last line of metrics.jsonl. */
  double line_loss, line_start, line_waited;
  int64_t line_tokens, line_steps;
  lks_step_result line_times; /* its three times, added up */
  double *valid_sums;         /* [sum_count] of the last validation */
  int64_t valid_step;

  /* Of the last whole epoch; 0 tokens: none since the run was opened. */
  double epoch_loss;
  int64_t epoch_tokens;
} lks_trainer;

/* Opens a run, new or resumed.                                        Collective. */
lks_status lks_trainer_open(lks_trainer *trainer, lks_comm *comm, const lks_train_setup *setup);
void lks_trainer_close(lks_trainer *trainer);

/* Trains until the epochs, the steps or the patience are used up, or a rank is asked
 * to stop (*stopped).                                                 Collective. */
lks_status lks_trainer_run(lks_trainer *trainer, bool *stopped);

/* Scores the validation split unless that was done at this step.      Collective. */
lks_status lks_trainer_validate(lks_trainer *trainer);

#endif
