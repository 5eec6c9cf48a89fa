/* evaluate.h - a trained model's scores on a split. */
#ifndef LOCKSTEP_TRAIN_EVALUATE_H
#define LOCKSTEP_TRAIN_EVALUATE_H

#include "comm/comm.h"
#include "train/progress.h"

typedef struct {
  const char *path; /* a run folder (its best checkpoint, or the newest) or a checkpoint file */
  const char *split;       /* "train", "valid" or "test" */
  const char *const *sets; /* "evaluate.streams=4" … */
  size_t set_count;
  const lks_progress *progress;
} lks_evaluate_setup;

/* Scores are equal at any rank count.  last_line gets "test perplexity 115.72".
 *                                                                     Collective. */
lks_status lks_evaluate_run(lks_comm *comm, const lks_evaluate_setup *setup,
                            char last_line[256]);

#endif
