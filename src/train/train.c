/* SPDX-License-Identifier: Apache-2.0 */
/* train.c - a run from its INI file to its last line. */
#include "train/train.h"

#include "base/fail.h"
#include "base/memory.h"
#include "comm/records.h"
#include "train/evaluate.h"
#include "train/signals.h"
#include "train/trainer.h"
#include "train/walk_forward.h"

#include <stdio.h>
#include <string.h>

/* runs/NAME for configs/NAME.ini. */
static void default_folder(const char *config_path, char folder[512]) {
  const char *name = strrchr(config_path, '/');
  name = name ? name + 1 : config_path;
  const char *dot = strrchr(name, '.');
  int bytes = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
  snprintf(folder, 512, "runs/%.*s", bytes, name);
}

/* The result so far: the last validation score, or training's in this epoch or the last. */
static lks_status sum_up(lks_trainer *t, char last_line[256]) {
  const lks_schedule_state *best = &t->schedule.state;
  LKS_TRY(lks_trainer_validate(t));
  if (t->valid) {
    lks_score_line(t->session->task, "valid", t->valid_sums, last_line);
    if (best->best_step >= 0 && best->best_step != t->cursor.step)
      lks_score_line_best(t->session->task, t->valid_sums, best->best, best->best_step,
                          last_line);
    return LKS_OK;
  }
  bool is_within = t->cursor.epoch_tokens > 0;
  double loss = is_within ? t->cursor.epoch_loss : t->epoch_loss;
  int64_t tokens = is_within ? t->cursor.epoch_tokens : t->epoch_tokens;
  if (tokens > 0)
    lks_train_score_line(t->session->task, loss, (double)tokens, last_line);
  else
    snprintf(last_line, 256, "train step %lld", (long long)t->cursor.step);
  return LKS_OK;
}

/* Whether the test split is to be scored: once, when the run is finished. */
static bool wants_test(const lks_trainer *t) {
  return lks_config_bool(t->session->config, "evaluate", "test") &&
         lks_dataset_count(t->session->dataset, LKS_SPLIT_TEST) > 0;
}

/* From the first step to the state in the folder; signals only ask to stop. */
static lks_status run(lks_trainer *t, lks_comm *comm, bool *stopped, bool *tests,
                      char last_line[256]) {
  LKS_TRY(lks_trainer_run(t, stopped));
  LKS_TRY(sum_up(t, last_line));
  *tests = !*stopped && wants_test(t);
  lks_records_close(comm);
  return lks_run_state_write(comm, t->folder.path, *stopped ? "stopped" : "finished");
}

static lks_status train(lks_trainer *t, lks_comm *comm, const lks_train_setup *setup,
                        bool *stopped, bool *tests, char last_line[256]) {
  LKS_TRY(lks_trainer_open(t, comm, setup));
  lks_signals_enter();
  lks_status status = run(t, comm, stopped, tests, last_line);
  lks_signals_leave();
  return status;
}

/* How many folds of a walk-forward the configuration asks for; 0: an ordinary run. */
static lks_status count_folds(const lks_train_setup *setup, int *folds) {
  lks_config *config;
  *folds = 0;
  if (!setup->config_path)
    return LKS_OK;
  LKS_TRY(lks_run_config_read(&config, setup->config_path, setup->sets, setup->set_count));
  if (lks_config_integer(config, "data", "fold") == 0)
    *folds = (int)lks_config_integer(config, "evaluate", "walk_forward");
  lks_config_destroy(config);
  return LKS_OK;
}

lks_status lks_train_run(lks_comm *comm, const lks_train_setup *given, bool *stopped,
                         char last_line[256]) {
  lks_trainer trainer;
  lks_train_setup setup = *given;
  char folder[512];
  bool tests = false;
  int folds = 0;
  *stopped = false;
  if (!setup.run_folder) {
    default_folder(setup.config_path ? setup.config_path : "run", folder);
    setup.run_folder = folder;
  }
  LKS_TRY(lks_comm_agree(comm, count_folds(&setup, &folds)));
  if (folds > 0)
    return lks_walk_forward_run(comm, &setup, folds, stopped, last_line);
  lks_status status = train(&trainer, comm, &setup, stopped, &tests, last_line);
  lks_trainer_close(&trainer);
  if (status != LKS_OK || !tests)
    return status;
  if (setup.progress && setup.progress->line)
    setup.progress->line(setup.progress->context, last_line);
  return lks_evaluate_run(comm,
                          &(lks_evaluate_setup){.path = setup.run_folder,
                                                .split = "test",
                                                .progress = setup.progress,
                                                .table = setup.table},
                          last_line);
}

lks_status lks_train_describe_keys(const char *kind_name, lks_text *text) {
  const lks_task_kind *kind;
  lks_config *config;
  LKS_TRY(lks_task_find(kind_name, &kind));
  LKS_TRY(lks_run_config_create(&config, kind));
  lks_status status = lks_config_expand(config, true, text);
  lks_config_destroy(config);
  return status;
}
