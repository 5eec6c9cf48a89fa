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

#include "base/stopwatch.h"
#include "config/config.h"
#include "data/windows.h"
#include "model/recurrent.h"

typedef struct lks_task lks_task;

/* One call of train or score: rows of one batch. */
typedef struct {
  const lks_pass *pass;
  const lks_pass *row_pass;      /* the same rows as one time step, of time series */
  const int32_t *inputs;         /* [T, B], of a text */
  const int32_t *targets;        /* [T, B] */
  const float *windows;          /* [B, span, columns], of time series */
  const int32_t *series;         /* [B] */
  const lks_batch_field *fields; /* of sequences, of the rows of row_pass; else NULL */
  const lks_cell_state
      *states;           /* [state_count] read at the start, written at the end; or NULL */
  float *losses;         /* train, out: in term order, of items or of rows */
  double *sums;          /* score, out: [B, sum_count], to be added to */
  float *const *buffers; /* train: all gradient buffers of this rank … */
  int buffer_count;      /* … which may hold more than the pass fills */
  lks_stopwatch *watch;  /* train: is told which part begins; or NULL */
} lks_task_call;

typedef struct {
  const char *name; /* one word: perplexity */
  double value;
  bool rises; /* higher is better */
} lks_score;

enum { LKS_SCORES_MAX = 16 };

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

  /* Losses and gradients; what sums are made of. */
  void (*train)(lks_task *task, const lks_task_call *call);
  void (*score)(lks_task *task, const lks_task_call *call);

  /* The scores that sums [sum_count] of a split stand for, the one that models are chosen
   * by first; returns their number.  The same of the loss of training
   * steps, which is all that is known of them. */
  int (*scores)(const lks_task *task, const double *sums, lks_score scores[LKS_SCORES_MAX]);
  int (*train_scores)(const lks_task *task, double loss, double terms,
                      lks_score scores[LKS_SCORES_MAX]);

  /* OPTIONAL: a table for people, of the same sums. */
  lks_status (*table)(const lks_task *task, const double *sums, lks_text *text);

  /* OPTIONAL: what is predicted for rows of sequences, a text each: answers[B], to be
   * added to.  `lines` are the rows as they were written, to copy words from. */
  lks_status (*answer)(lks_task *task, const lks_task_call *call, const char *const *lines,
                       lks_text *answers);

  /* OPTIONAL: fails with LKS_DATA when a line is none that `answer` can answer. */
  lks_status (*check_line)(const lks_task *task, const char *line);

  /* OPTIONAL: the vocabulary whose symbols the rows of parameter `param` belong to, or
   * NULL: [model] init_from finds them by their symbols in another model. */
  const lks_vocabulary *(*symbols)(const lks_task *task, int param);
} lks_task_kind;

/* What every task begins with. */
struct lks_task {
  const lks_task_kind *kind;
  lks_params *params;
  int state_count; /* carried states: layers x directions */
  int state_units; /* H */
  bool state_has_cell;

  const char *item;  /* what terms of the loss are: "tokens", "windows" */
  bool loss_per_row; /* a row has one loss, not one for every time step */
  int terms_field;   /* of sequences: a row has as many terms as this field has symbols,
                        and terms_more more; -1: only those */
  int terms_more;
  int sum_count; /* doubles of a row's sums: the loss, its terms, and what scores need */

  /* Of time series; NULL: rows are tokens. */
  const lks_window_plan *train_windows;
  const lks_window_plan *score_windows;
  int terms; /* of the loss, of one training window */
};

extern const lks_task_kind lks_task_language_model;
extern const lks_task_kind lks_task_forecast;
extern const lks_task_kind lks_task_translate;
extern const lks_task_kind lks_task_tag;
extern const lks_task_kind lks_task_classify;
extern const lks_task_kind lks_task_generate;

/* The task called `name`; LKS_USAGE with the closest match when there is none. */
lks_status lks_task_find(const char *name, const lks_task_kind **kind);

/* All tasks; *count of them. */
const lks_task_kind *const *lks_task_all(int *count);

#endif
