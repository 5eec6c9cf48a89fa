/* SPDX-License-Identifier: Apache-2.0 */
/* run_folder.h - the files of a run beside its checkpoints: config.ini, state,
 * metrics.jsonl, log.txt.  Only the first rank writes. */
#ifndef LOCKSTEP_TRAIN_RUN_FOLDER_H
#define LOCKSTEP_TRAIN_RUN_FOLDER_H

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

/* Writes config.ini; state: "running", "stopped" or "finished". */
lks_status lks_run_folder_write_config(const lks_run_folder *folder, const lks_config *config);
lks_status lks_run_folder_write_state(const lks_run_folder *folder, const char *state);

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
