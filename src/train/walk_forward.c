/* SPDX-License-Identifier: Apache-2.0 */
/* walk_forward.c - a fold is an ordinary run with [data] fold set. */
#include "train/walk_forward.h"

#include "base/fail.h"
#include "base/memory.h"
#include "io/sealed_file.h"
#include "train/evaluate.h"
#include "train/run_folder.h"
#include "train/signals.h"

#include <stdio.h>
#include <string.h>

/* What rank 0 sees in a folder: other hosts may see it later. */
static lks_status look(lks_comm *comm, const char *folder, bool *begun, bool *finished) {
  bool seen[2] = {lks_run_has_begun(folder), lks_run_state_is(folder, "finished")};
  LKS_TRY(lks_comm_broadcast(comm, 0, seen, sizeof seen));
  *begun = seen[0];
  *finished = seen[1];
  return LKS_OK;
}

/* Makes RUN, unless an ordinary run, or folds that are not to be resumed, are in it. */
static lks_status open_folder(lks_comm *comm, const lks_train_setup *setup) {
  const char *run = setup->run_folder;
  char first[560];
  lks_status status = LKS_OK;
  snprintf(first, sizeof first, "%s/fold-1", run);
  if (lks_comm_rank(comm) != 0)
    status = LKS_OK;
  else if (lks_run_has_begun(run))
    status =
        LKS_FAIL(LKS_USAGE,
                 "%s holds a run without folds already\n  hint: choose another folder with "
                 "--run",
                 run);
  else if (!setup->resume && lks_run_has_begun(first))
    status = LKS_FAIL(LKS_USAGE,
                      "%s holds folds of a walk-forward already\n  hint: continue them with "
                      "--resume, or choose another folder with --run",
                      run);
  else
    status = lks_folder_make(run);
  LKS_TRY(lks_comm_agree(comm, status));
  return lks_run_state_write(comm, run, "running");
}

/* Trains one fold, unless that was done before. */
static lks_status train_fold(lks_comm *comm, const lks_train_setup *given, const char *folder,
                             int fold, bool *stopped, char last_line[256]) {
  char assignment[64];
  const char **sets = NULL;
  lks_train_setup setup = *given;
  bool begun, finished;
  *stopped = false;
  LKS_TRY(look(comm, folder, &begun, &finished));
  if (given->resume && finished)
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
  setup.resume = given->resume && begun;
  lks_status status = lks_train_run(comm, &setup, stopped, last_line);
  lks_release(sets);
  return status;
}

/* Trains and scores the folds in turn, until a signal stops one. */
static lks_status run_folds(lks_comm *comm, const lks_train_setup *setup, int folds,
                            bool *stopped, char last_line[256]) {
  lks_status status = LKS_OK;
  lks_evaluate_total total = {0};
  for (int fold = 1; fold <= folds; fold++) {
    char folder[560], line[256], text[320];
    snprintf(folder, sizeof folder, "%s/fold-%d", setup->run_folder, fold);
    LKS_TRY_OR(cleanup, status, train_fold(comm, setup, folder, fold, stopped, last_line));
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

lks_status lks_walk_forward_run(lks_comm *comm, const lks_train_setup *setup, int folds,
                                bool *stopped, char last_line[256]) {
  LKS_TRY(open_folder(comm, setup));
  /* A signal that comes while a fold is scored stops the next one at its first step. */
  lks_signals_enter();
  lks_status status = run_folds(comm, setup, folds, stopped, last_line);
  if (status == LKS_OK)
    status = lks_run_state_write(comm, setup->run_folder, *stopped ? "stopped" : "finished");
  lks_signals_leave();
  return status;
}
