/* SPDX-License-Identifier: Apache-2.0 */
/* run_folder.h - the files of a run beside its checkpoints: config.ini, state,
 * metrics.jsonl, log.txt.  Only the first rank writes. */
#ifndef LOCKSTEP_TRAIN_RUN_FOLDER_H
#define LOCKSTEP_TRAIN_RUN_FOLDER_H

#include "comm/comm.h"
#include "task/task.h"

#include <stdio.h>

typedef struct {
  char *path;
  char *checkpoints; /* path/checkpoints */
  FILE *metrics;     /* NULL on other ranks */
  FILE *log;
} lks_run_folder;

/* Opens `path`.  A new run makes it, and fails with LKS_USAGE when it holds one
 * already; a resumed one must hold one.  Does nothing but note the path when
 * `writes` is false. */
lks_status lks_run_folder_open(lks_run_folder *folder, const char *path, bool resume,
                               bool writes);
void lks_run_folder_close(lks_run_folder *folder);

lks_status lks_run_folder_write_config(const lks_run_folder *folder, const lks_config *config);

/* RUN/state is "running", "stopped" or "finished"; rank 0 writes it.   Collective. */
lks_status lks_run_state_write(lks_comm *comm, const char *run, const char *state);
bool lks_run_state_is(const char *run, const char *state);

/* Whether a run has begun there: the folder has a config.ini. */
bool lks_run_has_begun(const char *run);

/* Drops lines of metrics.jsonl that come after `step`: a resumed run writes them again. */
lks_status lks_run_folder_rewind(lks_run_folder *folder, int64_t step);

/* What one line of metrics.jsonl says. */
typedef struct {
  int64_t step;
  int64_t epoch;
  const char *split;
  const lks_score *scores; /* [score_count] */
  int score_count;
  double loss;          /* nats per item */
  double learning_rate; /* train only, as the rest; not finite: left out */
  double grad_norm;
  double tokens_per_second;
  double compute_seconds, sum_seconds, update_seconds, input_seconds; /* a step, on average */
} lks_metrics_line;

lks_status lks_run_folder_write_metrics(const lks_run_folder *folder,
                                        const lks_metrics_line *line);

#endif
