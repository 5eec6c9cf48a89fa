/* SPDX-License-Identifier: Apache-2.0 */
/* evaluate.c - opens a trained model and scores one split of its dataset. */
#include "train/evaluate.h"

#include "base/fail.h"
#include "train/score.h"

enum { ITEMS = 1024 }; /* of a scoring batch: long enough for large products */

static lks_status open_model(lks_session **session, const lks_evaluate_setup *setup,
                             lks_split *split) {
  LKS_TRY(lks_split_find(setup->split, split));
  LKS_TRY(lks_session_open_trained(session, setup->path, setup->sets, setup->set_count));
  if (lks_dataset_count((*session)->dataset, *split) == 0)
    return LKS_FAIL(LKS_USAGE, "%s has no %s split", lks_dataset_path((*session)->dataset),
                    setup->split);
  int streams = (int)lks_config_integer((*session)->config, "evaluate", "streams");
  int window = lks_scorer_window(streams, ITEMS);
  return lks_session_allocate(*session, streams, window, streams * window, 1, false);
}

lks_status lks_evaluate_run(lks_comm *comm, const lks_evaluate_setup *setup,
                            char last_line[256]) {
  lks_status status;
  lks_split split;
  lks_sums sums;
  lks_session *session = NULL;
  lks_scorer *scorer = NULL;
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, open_model(&session, setup, &split)));
  LKS_ASSERT(session);
  LKS_TRY_OR(cleanup, status,
             lks_comm_agree(comm, lks_scorer_create(&scorer, session, comm, split, ITEMS)));
  LKS_TRY_OR(cleanup, status, lks_scorer_run(scorer, setup->progress, &sums));
  lks_score_line(session->task, setup->split, &sums, last_line);
cleanup:
  lks_scorer_destroy(scorer);
  lks_session_close(session);
  return status;
}
