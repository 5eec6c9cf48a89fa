/* SPDX-License-Identifier: Apache-2.0 */
/* walk_forward.c - a fold is an ordinary run with [data] fold set. */
#include "train/walk_forward.h"

#include "base/fail.h"
#include "base/memory.h"
#include "train/evaluate.h"

#include <stdio.h>
#include <string.h>

/* Whether a run folder says that its run is finished; the same on all ranks. */
static bool is_finished(lks_comm *comm, const char *folder) {
  char path[600], state[32] = "";
  double finished = 0;
  snprintf(path, sizeof path, "%s/state", folder);
  FILE *file = lks_comm_rank(comm) == 0 ? fopen(path, "r") : NULL;
  if (file) {
    if (fgets(state, sizeof state, file))
      finished = strncmp(state, "finished", 8) == 0 ? 1 : 0;
    fclose(file);
  }
  return lks_comm_broadcast(comm, 0, &finished, sizeof finished) == LKS_OK && finished > 0;
}

static bool has_begun(lks_comm *comm, const char *folder) {
  char path[600];
  double begun = 0;
  snprintf(path, sizeof path, "%s/config.ini", folder);
  FILE *file = lks_comm_rank(comm) == 0 ? fopen(path, "r") : NULL;
  if (file) {
    begun = 1;
    fclose(file);
  }
  return lks_comm_broadcast(comm, 0, &begun, sizeof begun) == LKS_OK && begun > 0;
}

/* Trains one fold, unless that was done before. */
static lks_status train_fold(lks_comm *comm, const lks_train_setup *given, const char *folder,
                             int fold, bool *stopped) {
  char assignment[64], line[256];
  const char **sets = NULL;
  lks_train_setup setup = *given;
  *stopped = false;
  if (given->resume && is_finished(comm, folder))
    return LKS_OK;
  snprintf(assignment, sizeof assignment, "data.fold=%d", fold);
  LKS_TRY(lks_allocate(&sets, given->set_count + 2, sizeof *sets));
  if (given->set_count > 0)
    memcpy(sets, given->sets, given->set_count * sizeof *sets);
  sets[given->set_count] = assignment;
  sets[given->set_count + 1] = "evaluate.test=no";
  setup.sets = sets;
  setup.set_count += 2;
  setup.run_folder = folder;
  setup.table = NULL;
  setup.resume = given->resume && has_begun(comm, folder);
  lks_status status = lks_train_run(comm, &setup, stopped, line);
  lks_release(sets);
  return status;
}

lks_status lks_walk_forward_run(lks_comm *comm, const lks_train_setup *setup, int folds,
                                bool *stopped, char last_line[256]) {
  lks_status status = LKS_OK;
  lks_evaluate_total total = {0};
  for (int fold = 1; fold <= folds; fold++) {
    char folder[560], line[256], text[320];
    snprintf(folder, sizeof folder, "%s/fold-%d", setup->run_folder, fold);
    LKS_TRY_OR(cleanup, status, train_fold(comm, setup, folder, fold, stopped));
    if (*stopped)
      break;
    lks_evaluate_setup evaluate = {
        .path = folder, .split = "test", .progress = setup->progress, .table = setup->table};
    LKS_TRY_OR(cleanup, status,
               lks_evaluate_add(comm, &evaluate, &total, fold == folds, line, last_line));
    snprintf(text, sizeof text, "fold %d/%d  %s", fold, folds, line);
    if (setup->progress && setup->progress->line)
      setup->progress->line(setup->progress->context, text);
  }
cleanup:
  lks_release(total.sums);
  return status;
}
