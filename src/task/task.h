/* SPDX-License-Identifier: Apache-2.0 */
/* task.h - what is learned: network, loss, metrics and what is predicted.
 *
 * A task is one file and one row in the table of task.c.  The trainer asks it to
 * declare its parameters, to run rows forward and backward, and to name its
 * scores; it knows nothing of files, ranks or optimisers.
 *
 * Life cycle: create -> (bind the parameters) -> allocate -> initialise or load ->
 * [pack -> train or score] … -> destroy. */
#ifndef LOCKSTEP_TASK_TASK_H
#define LOCKSTEP_TASK_TASK_H

#include "config/config.h"
#include "data/dataset.h"
#include "model/recurrent.h"

typedef struct lks_task lks_task;

/* One call of train or score: rows of one batch. */
typedef struct {
  const lks_pass *pass;
  const int32_t *inputs;  /* [T, B] */
  const int32_t *targets; /* [T, B] */
  const lks_cell_state
      *states;           /* [state_count] read at the start, written at the end; or NULL */
  float *losses;         /* out: train: [terms] in term order; score: [T, B] */
  float *const *buffers; /* train: all gradient buffers of this rank … */
  int buffer_count;      /* … which may hold more than the pass fills */
} lks_task_call;

/* Summed over all items of a split or a step. */
typedef struct {
  double loss;   /* nats */
  int64_t terms; /* tokens */
} lks_sums;

typedef struct {
  const char *name; /* one word: perplexity */
  double value;
} lks_score;

enum { LKS_SCORES_MAX = 8 };

typedef struct {
  const char *name;    /* [task] kind */
  const char *summary; /* one line */
  lks_status (*register_keys)(lks_config *config);

  /* Makes the network for a dataset and declares its parameters in task->params. */
  lks_status (*create)(lks_task **task, const lks_config *config, const lks_dataset *dataset);
  void (*destroy)(lks_task *task);
  lks_status (*allocate)(lks_task *task, const lks_capacity *capacity);

  /* First values of the parameters. */
  void (*initialise)(lks_task *task, uint64_t seed);

  /* Takes in changed parameters. */
  void (*pack)(lks_task *task, const lks_kernels *kernels, int threads, bool training);

  /* Losses and gradients; losses only. */
  void (*train)(lks_task *task, const lks_task_call *call);
  void (*score)(lks_task *task, const lks_task_call *call);

  /* The scores that sums stand for, the one that models are chosen by first (lower is
   * better); returns their number. */
  int (*scores)(const lks_task *task, const lks_sums *sums, lks_score scores[LKS_SCORES_MAX]);
} lks_task_kind;

/* What every task begins with. */
struct lks_task {
  const lks_task_kind *kind;
  lks_params *params;
  int state_count; /* carried states: layers x directions */
  int state_units; /* H */
  bool state_has_cell;
};

extern const lks_task_kind lks_task_language_model;

/* The task called `name`; LKS_USAGE with the closest match when there is none. */
lks_status lks_task_find(const char *name, const lks_task_kind **kind);

/* All tasks; *count of them. */
const lks_task_kind *const *lks_task_all(int *count);

#endif
