/* evaluate.h - a trained model's scores on a split. */
#ifndef LOCKSTEP_TRAIN_EVALUATE_H
#define LOCKSTEP_TRAIN_EVALUATE_H

#include "base/text.h"
#include "comm/comm.h"
#include "train/progress.h"

typedef struct {
  const char *path; /* a run folder (its best checkpoint, or the newest) or a checkpoint file */
  const char *split;       /* "train", "valid" or "test" */
  const char *const *sets; /* "evaluate.streams=4" … */
  size_t set_count;
  const lks_progress *progress;
  lks_text *table; /* gets the task's table, if it has one; or NULL */
} lks_evaluate_setup;

/* Scores are equal at any rank count.  last_line gets "test perplexity 115.72".
 *                                                                     Collective. */
lks_status lks_evaluate_run(lks_comm *comm, const lks_evaluate_setup *setup,
                            char last_line[256]);

/* Sums over several models: begins as {0}; lks_release sums. */
typedef struct {
  double *sums;
} lks_evaluate_total;

/* The same, and the model's sums are added to `total`; the table shown is the total's when
 * `shows`, else none is; total_line gets the total's last line.       Collective. */
lks_status lks_evaluate_add(lks_comm *comm, const lks_evaluate_setup *setup,
                            lks_evaluate_total *total, bool shows, char last_line[256],
                            char total_line[256]);

#endif
