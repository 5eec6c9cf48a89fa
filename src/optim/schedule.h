/* schedule.h - the learning rate as a function of step and epoch, early stopping.
 *
 * [optimizer] schedule = constant | step | cosine | inverse-sqrt | plateau, all
 * with warmup_steps (linear from 0).  `step` multiplies by decay once an epoch
 * from decay_from on (epochs are counted from 1); `plateau` multiplies by decay
 * when the score did not improve for `patience` evaluations.  Rates are computed
 * in f64 by our own arithmetic.  `[train] steps` enters no schedule: cosine runs
 * over `epochs`, so a run that is continued with more epochs goes on along the
 * longer curve.
 *
 * With n = step + 1, e = epoch + 1 and W = warmup_steps, the rate is
 * learning_rate x min(1, n / W) x
 *
 *   constant      1
 *   step          decay^max(0, e - decay_from + 1)
 *   cosine        (1 + cos(pi x (step - W) / (epochs x steps_per_epoch - W))) / 2
 *                 after warm-up: Loshchilov and Hutter 2017, "SGDR", equation 5
 *   inverse-sqrt  sqrt(W / n) after warm-up (W at least 1): Vaswani et al. 2017,
 *                 "Attention is all you need", equation 3, scaled to its peak
 *   plateau       decay^reductions
 *
 * The rate that Zaremba et al. 2014 ("Recurrent neural network regularization",
 * small model) halve in every epoch after the fourth is decay = 0.5, decay_from = 5. */
#ifndef LOCKSTEP_OPTIM_SCHEDULE_H
#define LOCKSTEP_OPTIM_SCHEDULE_H

#include "config/config.h"

/* All that a schedule remembers: saved in checkpoints as is. */
typedef struct {
  double best;             /* best score so far (lower is better) */
  int64_t best_step;       /* step of it; -1: none yet */
  int64_t since_best;      /* evaluations since */
  int64_t since_reduction; /* plateau: evaluations since the last reduction or improvement */
  double factor;           /* plateau: product of reductions */
} lks_schedule_state;

typedef struct {
  const lks_config *config; /* borrowed; outlives this */
  int64_t steps_per_epoch;
  int64_t epochs;
  lks_schedule_state state;
} lks_schedule;

lks_status lks_schedule_register(lks_config *config);

/* Reads [optimizer] schedule and its keys.  Fails with LKS_USAGE for a cosine whose
 * warm-up is as long as the run. */
lks_status lks_schedule_create(lks_schedule *schedule, const lks_config *config,
                               int64_t steps_per_epoch, int64_t epochs);

/* Rate of step `step` (from 0) in epoch `epoch` (from 0). */
double lks_schedule_rate(const lks_schedule *schedule, int64_t step, int64_t epoch);

/* Notes a validation score (lower is better); true when it is the best so far. */
bool lks_schedule_note(lks_schedule *schedule, double score, int64_t step);

/* Whether [train] early_stopping (evaluations without improvement; 0: never) says stop. */
bool lks_schedule_is_over(const lks_schedule *schedule);

#endif
