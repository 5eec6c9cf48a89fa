/* SPDX-License-Identifier: Apache-2.0 */
/* trainer_open.c - from a configuration to a run that is ready to step.
 *
 * Local failures are agreed on before the first collective call that depends on
 * what failed, so a bad file on one rank ends all of them with its message. */
#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "comm/records.h"
#include "train/init_from.h"
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

/* Every rank reads its files by itself: a folder may look different from another host, or
 * change in between. */
static lks_status check_start(const lks_trainer *t) {
  LKS_TRY(lks_comm_check_equal(t->comm, "the step to begin from", &t->cursor.step,
                               sizeof t->cursor.step));
  return lks_comm_check_equal(t->comm, "the parameters to begin from", t->session->values,
                              lks_params_value_count(t->session->task->params) *
                                  sizeof *t->session->values);
}

/* Allocates task, optimiser and scorer. */
static lks_status allocate(lks_trainer *t) {
  lks_session *session = t->session;
  bool validates = lks_session_validates(session);
  int rows = 0, steps = 0;
  if (validates) {
    lks_scorer_size(session, t->stepper.items, &rows, &steps);
    LKS_TRY(lks_scorer_make_room(session, t->comm, LKS_SPLIT_VALID));
  }
  LKS_TRY(lks_stepper_allocate(&t->stepper, rows, rows * steps));
  LKS_TRY(lks_allocate(&t->valid_sums, (size_t)session->task->sum_count, sizeof(double)));
  LKS_TRY(lks_average_create(&t->average, session->config, session->task->params,
                             session->kernels, session->threads));
  LKS_TRY(lks_schedule_create(&t->schedule, session->config, t->stepper.batches, t->epochs));
  if (!validates)
    return LKS_OK;
  return lks_scorer_create(&t->valid, session, t->comm, LKS_SPLIT_VALID, t->stepper.items);
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
  lks_comm_set_deadline(t->comm, lks_config_real(config, "distributed", "timeout_seconds"));
  LKS_TRY(lks_session_open(&t->session, config));
  read_limits(t);
  LKS_TRY(lks_stepper_open(&t->stepper, t->session, t->comm));
  if (t->log_every == 0)
    t->log_every = t->stepper.batches > 20 ? t->stepper.batches / 20 : 1;
  return LKS_OK;
}

/* The first state, or the newest good one. */
static lks_status begin(lks_trainer *t, bool resume) {
  lks_session *session = t->session;
  char *path = NULL;
  if (!resume) {
    session->task->kind->initialise(
        session->task, (uint64_t)lks_config_integer(session->config, "train", "seed"));
    LKS_TRY(lks_init_from(session));
    lks_average_start(t->average);
    return LKS_OK;
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

/* The checkpoint first: a folder with a config.ini is one that can be resumed. */
static lks_status save_first(lks_trainer *t) {
  LKS_TRY(lks_saving_save(&t->saving, t->folder.checkpoints, false, t->keep));
  return lks_comm_agree(t->comm, lks_run_folder_write_config(&t->folder, t->session->config));
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
          t->session->task->kind->name, count, (long long)t->stepper.batches,
          t->stepper.shards);
}

lks_status lks_trainer_open(lks_trainer *t, lks_comm *comm, const lks_train_setup *setup) {
  memset(t, 0, sizeof *t);
  t->comm = comm;
  t->progress = setup->progress;
  t->speaks = lks_comm_rank(comm) == 0;
  t->valid_step = -1;
  LKS_TRY(lks_comm_agree(comm, open_local(t, setup, setup->run_folder)));
  LKS_TRY(lks_comm_agree(comm, lks_records_open(comm, setup->run_folder)));
  LKS_TRY(check_equal(t));
  LKS_TRY(lks_comm_agree(comm, allocate(t)));
  LKS_TRY(lks_stepper_start(&t->stepper));
  t->saving = (lks_saving){
      .session = t->session,
      .comm = comm,
      .optimizer = t->stepper.optimizer,
      .average = t->average,
      .carried = t->stepper.carried,
      .row_cuts = t->stepper.row_cuts,
      .batch = (int)lks_config_integer(t->session->config, "train", "batch"),
      .schedule = &t->schedule,
      .cursor = &t->cursor,
  };
  LKS_TRY(lks_comm_agree(comm, begin(t, setup->resume)));
  LKS_TRY(check_start(t));
  describe(t);
  t->session->task->kind->pack(t->session->task, t->session->kernels, t->session->threads,
                               true);
  if (!setup->resume)
    LKS_TRY(save_first(t));
  return lks_comm_agree(comm,
                        lks_batcher_seek(t->stepper.batcher, t->cursor.epoch, t->cursor.batch));
}

void lks_trainer_close(lks_trainer *t) {
  lks_scorer_destroy(t->valid);
  lks_release(t->valid_sums);
  lks_average_destroy(t->average);
  lks_stepper_close(&t->stepper);
  lks_session_close(t->session);
  lks_run_folder_close(&t->folder);
}
