/* train.h - a training run, from its INI file to its last checkpoint.
 *
 * A run folder holds config.ini (expanded), metrics.jsonl, log.txt, state
 * (running, stopped or finished), checkpoints/ and ranks/.  Every rank calls
 * these functions with the same arguments. */
#ifndef LOCKSTEP_TRAIN_TRAIN_H
#define LOCKSTEP_TRAIN_TRAIN_H

#include "base/text.h"
#include "comm/comm.h"
#include "train/progress.h"

typedef struct {
  const char *config_path; /* the INI file */
  const char *run_folder;  /* NULL: runs/NAME-OF-THE-INI */
  const char *const *sets; /* "section.key=value" */
  size_t set_count;
  bool resume;                  /* continue the run in run_folder */
  const lks_progress *progress; /* borrowed; NULL: silent */
  lks_text *table; /* gets the task's table of the scored split, if it has one; or NULL */
} lks_train_setup;

/* Trains.  *stopped tells that a signal ended it early, with a checkpoint; else the
 * run is finished and, when the dataset has a test split and [evaluate] test = yes,
 * the best model was evaluated on it.  `last_line` (256 bytes) gets the result,
 * "valid perplexity 121.30" or "test perplexity 115.72".             Collective. */
lks_status lks_train_run(lks_comm *comm, const lks_train_setup *setup, bool *stopped,
                         char last_line[256]);

/* The expanded default configuration of a task, with a line of help above each key.
 * `kind` is a task's name, e.g. language-model. */
lks_status lks_train_describe_keys(const char *kind, lks_text *text);

#endif
