/* SPDX-License-Identifier: Apache-2.0 */
/* trainer_open.c - from a configuration to a run that is ready to step.
 *
 * Local failures are agreed on before the first collective call that depends on
 * what failed, so a bad file on one rank ends all of them with its message. */
#include "base/arithmetic.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "comm/records.h"
#include "train/trainer.h"

#include <lockstep/lockstep.h>

#include <stdio.h>
#include <string.h>

/* The configuration: an INI file, or for a resumed run its own with the file's and
 * the assignments' changes, which must leave fixed keys alone. */
static lks_status read_config(lks_config **config, const lks_train_setup *setup,
                              const char *folder) {
  lks_status status;
  lks_config *before = NULL;
  char path[4200];
  *config = NULL;
  snprintf(path, sizeof path, "%s/config.ini", folder);
  if (!setup->resume)
    return lks_run_config_read(config, setup->config_path, setup->sets, setup->set_count);
  LKS_TRY(lks_run_config_read(config, setup->config_path ? setup->config_path : path,
                              setup->sets, setup->set_count));
  LKS_TRY_OR(cleanup, status, lks_run_config_read(&before, path, NULL, 0));
  LKS_TRY_OR(cleanup, status, lks_config_check_resume(*config, before));
cleanup:
  lks_config_destroy(before);
  if (status != LKS_OK) {
    lks_config_destroy(*config);
    *config = NULL;
  }
  return status;
}

/* Programs, configurations and datasets must be the same on all ranks. */
static lks_status check_equal(lks_trainer *t) {
  lks_text text = {0};
  lks_status status;
  const lks_digest *digest = lks_dataset_digest(t->session->dataset);
  LKS_TRY_OR(cleanup, status, lks_config_expand(t->session->config, false, &text));
  LKS_TRY_OR(cleanup, status,
             lks_comm_check_equal(t->comm, "lockstep's version", lks_version(),
                                  strlen(lks_version())));
  LKS_TRY_OR(cleanup, status,
             lks_comm_check_equal(t->comm, "the configuration", text.data, text.bytes));
  LKS_TRY_OR(cleanup, status,
             lks_comm_check_equal(t->comm, "the dataset", digest, sizeof *digest));
cleanup:
  lks_text_release(&text);
  return status;
}

static lks_status check_ranks(const lks_trainer *t) {
  int ranks = lks_comm_size(t->comm), wanted = t->shards;
  while (wanted < ranks)
    wanted *= 2;
  if (ranks <= t->shards)
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE,
                  "%d ranks for %d shards: expected at most one rank a shard\n  hint: set "
                  "[distributed] shards = %d (it is part of the configuration and of its "
                  "digest), or start at most %d ranks",
                  ranks, t->shards, wanted, t->shards);
}

static lks_status open_batcher(lks_trainer *t) {
  const lks_config *config = t->session->config;
  const lks_task *task = t->session->task;
  bool carries = lks_config_bool(config, "train", "carry_state");
  if (lks_config_integer(config, "evaluate", "walk_forward") > 0 && !task->train_windows)
    return LKS_FAIL(LKS_USAGE,
                    "[evaluate] walk_forward: %s has no folds\n  hint: it is for "
                    "time series, [task] kind = forecast",
                    task->kind->name);
  if (carries && task->train_windows)
    return LKS_FAIL(LKS_USAGE, "[train] carry_state = yes: windows of time series begin with a "
                               "state of zero\n  hint: leave carry_state out");
  lks_batcher_setup setup = {
      .split = LKS_SPLIT_TRAIN,
      .rows = (int)lks_config_integer(config, "train", "batch"),
      .window = (int)lks_config_integer(config, "data", "window"),
      .shards = t->shards,
      .carried = carries,
      .shuffled = !carries,
      .seed = (uint64_t)lks_config_integer(config, "train", "seed"),
      .rank = lks_comm_rank(t->comm),
      .ranks = lks_comm_size(t->comm),
      .windows = task->train_windows,
      .terms = task->terms,
  };
  LKS_TRY(lks_batcher_create(&t->batcher, t->session->dataset, t->session->io, &setup));
  t->batches = lks_batcher_batches(t->batcher);
  const int *cuts = lks_batcher_cuts(t->batcher);
  lks_shards plan = {t->shards, setup.rows, setup.rows};
  LKS_TRY(lks_allocate(&t->row_cuts, (size_t)setup.ranks + 1, sizeof *t->row_cuts));
  for (int r = 0; r <= setup.ranks; r++)
    t->row_cuts[r] = lks_shards_row(&plan, cuts[r]);
  if (!setup.carried)
    return LKS_OK;
  return lks_carried_create(&t->carried, t->session->task, lks_batcher_rows_max(t->batcher));
}

/* Gradient buffers for the worst of a full batch and the epoch's last one. */
static int most_partials(const lks_trainer *t, int accumulate) {
  const int sizes[] = {lks_batcher_full_rows(t->batcher), lks_batcher_last_rows(t->batcher)};
  int most = 1;
  int cuts[LKS_SHARDS_MAX + 1], rank = lks_comm_rank(t->comm);
  for (int i = 0; i < 2; i++) {
    lks_shards plan = {t->shards, sizes[i], sizes[i]};
    if (lks_shards_cut(&plan, lks_comm_size(t->comm), cuts) != LKS_OK)
      continue;
    int count = lks_step_partials(t->shards, accumulate, cuts[rank], cuts[rank + 1]);
    most = count > most ? count : most;
  }
  return most;
}

/* Allocates task, optimiser and scorer; items are those of the larger of a training
 * batch and a scoring batch. */
static lks_status allocate(lks_trainer *t, int *rows, int *items) {
  lks_session *session = t->session;
  int window = (int)lks_config_integer(session->config, "data", "window");
  int valid_rows = 0, valid_steps = 0;
  *rows = lks_batcher_rows_max(t->batcher);
  *items = *rows * window;
  if (lks_session_validates(session))
    lks_scorer_size(session, *items, &valid_rows, &valid_steps);
  int valid_items = valid_rows * valid_steps;
  int most_rows = *rows > valid_rows ? *rows : valid_rows;
  int most_items = *items > valid_items ? *items : valid_items;
  LKS_TRY(lks_session_allocate(session, most_rows, most_items, most_items, t->shards, true));
  LKS_TRY(lks_allocate(&t->valid_sums, (size_t)session->task->sum_count, sizeof(double)));
  LKS_TRY(lks_optimizer_create(&t->optimizer, session->config, session->task->params,
                               session->kernels, session->threads));
  LKS_TRY(lks_average_create(&t->average, session->config, session->task->params,
                             session->kernels, session->threads));
  LKS_TRY(lks_schedule_create(&t->schedule, session->config, t->batches, t->epochs));
  if (lks_session_validates(session))
    LKS_TRY(lks_scorer_create(&t->valid, session, t->comm, LKS_SPLIT_VALID, *items));
  return LKS_OK;
}

static lks_status make_step(lks_trainer *t, int rows, int items) {
  const lks_config *config = t->session->config;
  int accumulate = (int)lks_config_integer(config, "train", "accumulate");
  lks_step_setup setup = {
      .session = t->session,
      .comm = t->comm,
      .optimizer = t->optimizer,
      .carried = t->carried,
      .reduction = strcmp(lks_config_text(config, "distributed", "reduction"), "mpi") == 0
                       ? LKS_REDUCTION_MPI
                       : LKS_REDUCTION_EXACT,
      .shards = t->shards,
      .accumulate = accumulate,
      .rows = rows,
      .items = items,
      .partials = most_partials(t, accumulate),
  };
  return lks_step_create(&t->step, &setup);
}

static void read_limits(lks_trainer *t) {
  const lks_config *config = t->session->config;
  t->epochs = lks_config_integer(config, "train", "epochs");
  t->steps = lks_config_integer(config, "train", "steps");
  t->save_every = lks_config_integer(config, "checkpoint", "every_steps");
  t->keep = (int)lks_config_integer(config, "checkpoint", "keep");
  t->log_every = lks_config_integer(config, "log", "every_steps");
}

/* Everything that can fail on one rank alone. */
static lks_status open_local(lks_trainer *t, const lks_train_setup *setup, const char *path) {
  lks_config *config;
  LKS_TRY(lks_run_folder_open(&t->folder, path, setup->resume, t->speaks));
  LKS_TRY(read_config(&config, setup, path));
  LKS_TRY(lks_session_open(&t->session, config));
  read_limits(t);
  LKS_TRY(lks_run_config_shards(t->session->config, &t->shards));
  LKS_TRY(check_ranks(t));
  LKS_TRY(open_batcher(t));
  if (t->log_every == 0)
    t->log_every = t->batches > 20 ? t->batches / 20 : 1;
  return LKS_OK;
}

/* The first state, or the newest good one. */
static lks_status begin(lks_trainer *t, bool resume) {
  lks_session *session = t->session;
  char *path = NULL;
  if (!resume) {
    session->task->kind->initialise(
        session->task, (uint64_t)lks_config_integer(session->config, "train", "seed"));
    lks_average_start(t->average);
    return lks_run_folder_write_config(&t->folder, session->config);
  }
  LKS_TRY(lks_checkpoint_newest(t->folder.checkpoints, &path));
  lks_status status = lks_saving_load(&t->saving, path);
  if (status == LKS_OK) {
    lks_log(LKS_LOG_INFO, "resumed from %s: step %lld", path, (long long)t->cursor.step);
    status = lks_run_folder_rewind(&t->folder, t->cursor.step);
  }
  lks_release(path);
  return status;
}

static void describe(const lks_trainer *t) {
  char kernels[200];
  const lks_params *params = t->session->task->params;
  size_t count = 0;
  for (int i = 0; i < lks_params_count(params); i++)
    count += lks_params_at(params, i)->count;
  lks_kernels_describe(t->session->kernels, kernels, sizeof kernels);
  lks_log(LKS_LOG_INFO, "lockstep %s, %s, %d rank%s on %d host%s, %d thread%s a rank",
          lks_version(), lks_comm_transport(t->comm), lks_comm_size(t->comm),
          lks_comm_size(t->comm) == 1 ? "" : "s", lks_comm_hosts(t->comm),
          lks_comm_hosts(t->comm) == 1 ? "" : "s", t->session->threads,
          t->session->threads == 1 ? "" : "s");
  lks_log(LKS_LOG_INFO, "kernels %s", kernels);
  lks_log(LKS_LOG_INFO, "%s: %zu parameters, %lld batches an epoch, %d shards",
          t->session->task->kind->name, count, (long long)t->batches, t->shards);
}

lks_status lks_trainer_open(lks_trainer *t, lks_comm *comm, const lks_train_setup *setup) {
  int rows, items;
  memset(t, 0, sizeof *t);
  t->comm = comm;
  t->progress = setup->progress;
  t->speaks = lks_comm_rank(comm) == 0;
  t->valid_step = -1;
  LKS_TRY(lks_comm_agree(comm, open_local(t, setup, setup->run_folder)));
  lks_comm_set_deadline(comm,
                        lks_config_real(t->session->config, "distributed", "timeout_seconds"));
  LKS_TRY(lks_comm_agree(comm, lks_records_open(comm, setup->run_folder)));
  LKS_TRY(check_equal(t));
  LKS_TRY(lks_comm_agree(comm, allocate(t, &rows, &items)));
  LKS_TRY(make_step(t, rows, items));
  t->saving = (lks_saving){
      .session = t->session,
      .comm = comm,
      .optimizer = t->optimizer,
      .average = t->average,
      .carried = t->carried,
      .row_cuts = t->row_cuts,
      .batch = (int)lks_config_integer(t->session->config, "train", "batch"),
      .schedule = &t->schedule,
      .cursor = &t->cursor,
  };
  LKS_TRY(lks_comm_agree(comm, begin(t, setup->resume)));
  describe(t);
  t->session->task->kind->pack(t->session->task, t->session->kernels, t->session->threads,
                               true);
  if (!setup->resume)
    LKS_TRY(lks_saving_save(&t->saving, t->folder.checkpoints, false, t->keep));
  return lks_comm_agree(comm, lks_batcher_seek(t->batcher, t->cursor.epoch, t->cursor.batch));
}

void lks_trainer_close(lks_trainer *t) {
  lks_step_destroy(t->step);
  lks_scorer_destroy(t->valid);
  lks_release(t->valid_sums);
  lks_average_destroy(t->average);
  lks_optimizer_destroy(t->optimizer);
  lks_carried_destroy(t->carried);
  lks_batcher_destroy(t->batcher);
  lks_release(t->row_cuts);
  lks_session_close(t->session);
  lks_run_folder_close(&t->folder);
}
