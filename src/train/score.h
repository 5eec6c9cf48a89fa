/* SPDX-License-Identifier: Apache-2.0 */
/* score.h - a split's loss under the present parameters.
 *
 * The split is cut into [evaluate] streams, whose state is carried through; the
 * losses of a stream are added in f64 in the order of time, the streams in a
 * binary tree: the same sum at any number of ranks and any window. */
#ifndef LOCKSTEP_TRAIN_SCORE_H
#define LOCKSTEP_TRAIN_SCORE_H

#include "comm/comm.h"
#include "train/progress.h"
#include "train/session.h"

typedef struct lks_scorer lks_scorer;

/* Time steps at once that score `streams` within `items`; at least 1. */
int lks_scorer_window(int streams, int items);

/* Prepares scoring a split of session's dataset; the task must have room for calls
 * of the streams' rows on this rank times lks_scorer_window(streams, items). */
lks_status lks_scorer_create(lks_scorer **scorer, lks_session *session, lks_comm *comm,
                             lks_split split, int items);
void lks_scorer_destroy(lks_scorer *scorer);

/* *sums of the whole split, equal on all ranks.                       Collective. */
lks_status lks_scorer_run(lks_scorer *scorer, const lks_progress *progress, lks_sums *sums);

/* "valid perplexity 121.30" of sums. */
void lks_score_line(const lks_task *task, const char *split, const lks_sums *sums,
                    char line[256]);

#endif
