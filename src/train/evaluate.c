/* SPDX-License-Identifier: Apache-2.0 */
/* evaluate.c - opens a trained model and scores one split of its dataset. */
#include "train/evaluate.h"

#include "base/fail.h"
#include "base/memory.h"
#include "train/score.h"

enum { ITEMS = 1024 }; /* of a scoring batch: long enough for large products */

static lks_status check_split(const lks_dataset *dataset, lks_split split) {
  const char *other = lks_dataset_count(dataset, LKS_SPLIT_VALID) > 0 ? "valid" : "train";
  if (lks_dataset_count(dataset, split) > 0)
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE, "%s has no %s split\n  hint: --split %s scores one that it has",
                  lks_dataset_path(dataset), lks_split_text(split), other);
}

static lks_status open_model(lks_session **session, lks_comm *comm,
                             const lks_evaluate_setup *setup, lks_split *split) {
  LKS_TRY(lks_split_find(setup->split, split));
  LKS_TRY(lks_session_open_trained(session, setup->path, setup->sets, setup->set_count, NULL));
  lks_comm_set_deadline(comm,
                        lks_config_real((*session)->config, "distributed", "timeout_seconds"));
  LKS_TRY(check_split((*session)->dataset, *split));
  LKS_TRY(lks_scorer_make_room(*session, comm, *split));
  int rows, steps;
  lks_scorer_size(*session, ITEMS, &rows, &steps);
  return lks_session_allocate(*session, rows, steps, rows * steps, 1, false);
}

/* Scores, and what becomes of the sums: shown as they are, or added to a total. */
static lks_status finish(const lks_session *session, const lks_evaluate_setup *setup,
                         const double *sums, lks_evaluate_total *total, bool shows,
                         char last_line[256], char total_line[256]) {
  size_t count = (size_t)session->task->sum_count;
  const double *shown = sums;
  lks_score_line(session->task, setup->split, sums, last_line);
  if (total) {
    if (!total->sums)
      LKS_TRY(lks_allocate(&total->sums, count, sizeof *total->sums));
    for (size_t i = 0; i < count; i++)
      total->sums[i] += sums[i];
    lks_score_line(session->task, "walk-forward", total->sums, total_line);
    shown = total->sums;
  }
  if (!shows || !setup->table || !session->task->kind->table)
    return LKS_OK;
  return session->task->kind->table(session->task, shown, setup->table);
}

static lks_status evaluate(lks_comm *comm, const lks_evaluate_setup *setup,
                           lks_evaluate_total *total, bool shows, char last_line[256],
                           char total_line[256]) {
  lks_status status;
  lks_split split;
  double *sums = NULL;
  lks_session *session = NULL;
  lks_scorer *scorer = NULL;
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, open_model(&session, comm, setup, &split)));
  LKS_ASSERT(session);
  LKS_TRY_OR(cleanup, status, /* every rank has read a file that a run may have replaced */
             lks_comm_check_equal(comm, "the model", session->values,
                                  lks_params_value_count(session->task->params) *
                                      sizeof *session->values));
  LKS_TRY_OR(cleanup, status,
             lks_comm_agree(comm, lks_scorer_create(&scorer, session, comm, split, ITEMS)));
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&sums, (size_t)session->task->sum_count, sizeof *sums));
  LKS_TRY_OR(cleanup, status, lks_scorer_run(scorer, setup->progress, sums));
  LKS_TRY_OR(cleanup, status,
             finish(session, setup, sums, total, shows, last_line, total_line));
cleanup:
  lks_release(sums);
  lks_scorer_destroy(scorer);
  lks_session_close(session);
  return status;
}

lks_status lks_evaluate_run(lks_comm *comm, const lks_evaluate_setup *setup,
                            char last_line[256]) {
  return evaluate(comm, setup, NULL, true, last_line, NULL);
}

lks_status lks_evaluate_add(lks_comm *comm, const lks_evaluate_setup *setup,
                            lks_evaluate_total *total, bool shows, char last_line[256],
                            char total_line[256]) {
  return evaluate(comm, setup, total, shows, last_line, total_line);
}
