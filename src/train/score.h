/* SPDX-License-Identifier: Apache-2.0 */
/* score.h - a split's scores under the present parameters.
 *
 * The split is cut into [evaluate] streams: of a text, whose state is carried through,
 * of windows, or of samples of sequences.  The sums of a stream are added in f64 in the order
 * of time, the streams in a binary tree: the same sum at any number of ranks and any window. */
#ifndef LOCKSTEP_TRAIN_SCORE_H
#define LOCKSTEP_TRAIN_SCORE_H

#include "comm/comm.h"
#include "train/progress.h"
#include "train/session.h"

typedef struct lks_scorer lks_scorer;

/* Rows of a scoring call on all ranks, and its time steps, which keep to `items` where
 * that can be chosen: what the task must have room for. */
void lks_scorer_size(const lks_session *session, int items, int *rows, int *steps);

/* Makes room in the session for scoring a split of sequences; nothing else has to. */
lks_status lks_scorer_make_room(lks_session *session, const lks_comm *comm, lks_split split);

/* Prepares scoring a split of session's dataset. */
lks_status lks_scorer_create(lks_scorer **scorer, lks_session *session, lks_comm *comm,
                             lks_split split, int items);
void lks_scorer_destroy(lks_scorer *scorer);

/* sums [task->sum_count] of the whole split, equal on all ranks.      Collective. */
lks_status lks_scorer_run(lks_scorer *scorer, const lks_progress *progress, double *sums);

/* "valid perplexity 121.30" of sums. */
void lks_score_line(const lks_task *task, const char *split, const double *sums,
                    char line[256]);

/* Adds ", best 117.42 at step 900" to it: `best` as lks_schedule_note takes it, lower is
 * better; `sums` only say what the score is called. */
void lks_score_line_best(const lks_task *task, const double *sums, double best, int64_t step,
                         char line[256]);

/* The same line of the loss of training steps. */
void lks_train_score_line(const lks_task *task, double loss, double terms, char line[256]);

#endif
