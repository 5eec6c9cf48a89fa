/* SPDX-License-Identifier: Apache-2.0 */
/* session.c - opening in order, closing in reverse. */
#include "train/session.h"

#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/sequences.h"
#include "io/sealed_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

lks_status lks_session_open(lks_session **session, lks_config *config) {
  return lks_session_open_with(session, config, NULL);
}

lks_status lks_session_open_with(lks_session **session, lks_config *config, lks_io_thread *io) {
  lks_status status;
  const lks_task_kind *kind;
  lks_session *s;
  *session = NULL;
  status = lks_allocate(&s, 1, sizeof *s);
  if (status != LKS_OK) {
    lks_config_destroy(config);
    return status;
  }
  s->config = config;
  s->threads = lks_run_config_threads(config);
  LKS_TRY_OR(cleanup, status, lks_run_config_kernels(config, &s->kernels));
  LKS_TRY_OR(cleanup, status, lks_run_config_kind(config, &kind));
  s->io = io;
  if (!io) {
    LKS_TRY_OR(cleanup, status, lks_io_thread_create(&s->io));
    s->owns_io = true;
  }
  LKS_TRY_OR(cleanup, status,
             lks_dataset_open(&s->dataset, lks_config_text(config, "data", "file"), s->io));
  LKS_TRY_OR(cleanup, status, kind->create(&s->task, config, s->dataset));
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&s->values, lks_params_value_count(s->task->params), sizeof(float)));
  lks_params_bind(s->task->params, s->values);
  *session = s;
  return LKS_OK;
cleanup:
  lks_session_close(s);
  return status;
}

void lks_session_close(lks_session *s) {
  if (!s)
    return;
  if (s->task)
    s->task->kind->destroy(s->task);
  lks_release(s->values);
  lks_dataset_close(s->dataset);
  if (s->owns_io)
    lks_io_thread_destroy(s->io);
  lks_config_destroy(s->config);
  lks_release(s);
}

lks_status lks_session_allocate(lks_session *s, int rows, int steps, int items, int shards,
                                bool training) {
  lks_capacity capacity = {
      .rows = rows,
      .steps = steps,
      .items = items,
      .shards = shards,
      .training = training,
      .threads = s->threads,
      .kernels = s->kernels,
  };
  memcpy(capacity.field, s->room, sizeof capacity.field);
  return s->task->kind->allocate(s->task, &capacity);
}

/* Of sequences: the mean length of the first field stands for the steps of a row. */
lks_status lks_session_shards(const lks_session *s, int *shards) {
  const lks_sequence_table *table = lks_dataset_sequences(s->dataset);
  int64_t samples = table ? table->samples[LKS_SPLIT_TRAIN] : 0;
  if (samples == 0)
    return lks_run_config_shards(s->config, shards);
  int64_t symbols = table->field[0].offsets[LKS_SPLIT_TRAIN][samples];
  int64_t tokens = lks_config_integer(s->config, "train", "batch_tokens");
  double steps = (double)(symbols > samples ? symbols : samples) / (double)samples;
  double batch = tokens > 0 ? (double)tokens / steps
                            : (double)lks_config_integer(s->config, "train", "batch");
  return lks_run_config_shards_of(s->config, batch < 1 ? 1 : (int)batch, steps, shards);
}

static int larger(int a, int b) {
  return a > b ? a : b;
}

void lks_session_widen(lks_session *s, const lks_field_room room[LKS_BATCH_FIELDS_MAX]) {
  for (int f = 0; f < LKS_BATCH_FIELDS_MAX; f++) {
    s->room[f].longest = larger(s->room[f].longest, room[f].longest);
    s->room[f].symbols = larger(s->room[f].symbols, room[f].symbols);
    s->room[f].items = larger(s->room[f].items, room[f].items);
  }
}

bool lks_session_validates(const lks_session *s) {
  return lks_dataset_count(s->dataset, LKS_SPLIT_VALID) > 0 &&
         lks_config_bool(s->config, "evaluate", "valid");
}

static bool is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* RUN/checkpoints, which must be there. */
static lks_status find_checkpoints(const char *path, char folder[4096]) {
  snprintf(folder, 4096, "%s/fold-1/checkpoints", path);
  if (is_folder(folder))
    return LKS_FAIL(LKS_USAGE,
                    "%s: expected one model, found the folds of a walk-forward\n  hint: name a "
                    "fold, for example %s/fold-1",
                    path, path);
  snprintf(folder, 4096, "%s/checkpoints", path);
  if (!is_folder(folder))
    return LKS_FAIL(
        LKS_DATA,
        "%s: expected a run folder with checkpoints, found none\n  hint: name a run "
        "folder as lockstep train makes it, or a checkpoint file",
        path);
  return LKS_OK;
}

lks_status lks_session_find_checkpoint(const char *path, char **checkpoint) {
  char folder[4096], best[4200];
  struct stat info;
  *checkpoint = NULL;
  if (stat(path, &info) != 0)
    return LKS_FAIL(
        LKS_DATA,
        "%s: expected a run folder or a checkpoint file: %s\n  hint: lockstep train "
        "makes run folders, under runs unless --run names another",
        path, strerror(errno));
  if (!is_folder(path))
    return lks_copy_text(checkpoint, path);
  LKS_TRY(find_checkpoints(path, folder));
  snprintf(best, sizeof best, "%s/best.h5", folder);
  if (stat(best, &info) != 0)
    return lks_checkpoint_newest(folder, checkpoint);
  if (lks_checkpoint_check(best) == LKS_OK)
    return lks_copy_text(checkpoint, best);
  lks_log(LKS_LOG_WARNING, "%s; taking the newest good one", lks_error_message());
  return lks_checkpoint_newest(folder, checkpoint);
}

lks_status lks_session_list_parameters(lks_session *s, float *values, const char *group,
                                       lks_named_tensor *tensors) {
  const lks_params *params = s->task->params;
  for (int i = 0; i < lks_params_count(params); i++) {
    const lks_param *param = lks_params_at(params, i);
    char name[256], *copy;
    snprintf(name, sizeof name, "%s%s", group, param->name);
    LKS_TRY(lks_copy_text(&copy, name));
    tensors[i] = (lks_named_tensor){copy, LKS_F32, param->shape, values + param->offset};
  }
  return LKS_OK;
}

void lks_session_release_list(lks_named_tensor *tensors, size_t count) {
  for (size_t i = 0; tensors != NULL && i < count; i++)
    lks_release((char *)(uintptr_t)tensors[i].name);
  lks_release(tensors);
}

lks_status lks_session_digest(lks_session *s, char hex[LKS_DIGEST_HEX]) {
  lks_status status;
  lks_digest digest;
  size_t count = (size_t)lks_params_count(s->task->params);
  lks_named_tensor *tensors = NULL;
  LKS_TRY(lks_allocate(&tensors, count, sizeof *tensors));
  LKS_TRY_OR(cleanup, status,
             lks_session_list_parameters(s, s->values, "parameters/", tensors));
  LKS_TRY_OR(cleanup, status, lks_checkpoint_digest(tensors, count, &digest));
  lks_digest_to_hex(&digest, hex);
cleanup:
  lks_session_release_list(tensors, count);
  return status;
}

typedef struct {
  const char *path;
  const lks_checkpoint *checkpoint;
} load_job;

static lks_status run_load(void *context) {
  const load_job *job = context;
  return lks_checkpoint_load(job->path, job->checkpoint);
}

lks_status lks_session_load_parameters(lks_session *s, const char *path) {
  lks_status status;
  size_t count = (size_t)lks_params_count(s->task->params);
  lks_named_tensor *tensors = NULL;
  LKS_TRY(lks_allocate(&tensors, count, sizeof *tensors));
  bool averages = lks_config_real(s->config, "optimizer", "average") > 0;
  LKS_TRY_OR(cleanup, status,
             lks_session_list_parameters(s, s->values, averages ? "average/" : "parameters/",
                                         tensors));
  lks_checkpoint checkpoint = {.tensors = tensors, .tensor_count = count};
  LKS_TRY_OR(cleanup, status, lks_io_run(s->io, run_load, &(load_job){path, &checkpoint}));
cleanup:
  lks_session_release_list(tensors, count);
  return status;
}

typedef struct {
  const char *path;
  lks_named_value *value;
} value_job;

static lks_status run_read_value(void *context) {
  const value_job *job = context;
  return lks_checkpoint_read_value(job->path, job->value);
}

lks_status lks_session_read_value(const lks_session *s, const char *checkpoint,
                                  lks_named_value *value) {
  return lks_io_run(s->io, run_read_value, &(value_job){checkpoint, value});
}

lks_status lks_session_check_dataset(const lks_session *s, const char *path) {
  char found[LKS_DIGEST_HEX];
  lks_named_value digest = {.name = "dataset_digest", .kind = LKS_VALUE_TEXT};
  LKS_TRY(lks_session_read_value(s, path, &digest));
  lks_digest_to_hex(lks_dataset_digest(s->dataset), found);
  lks_status status = LKS_OK;
  if (strcmp(found, digest.text) != 0)
    status =
        LKS_FAIL(LKS_DATA,
                 "%s was trained on a dataset with digest %.16s..., found %s with %.16s...\n  "
                 "hint: name the right one with --set data.file=PATH",
                 path, digest.text, lks_dataset_path(s->dataset), found);
  lks_release(digest.text);
  return status;
}

lks_status lks_session_open_trained(lks_session **session, const char *path,
                                    const char *const *sets, size_t set_count,
                                    lks_io_thread *io) {
  lks_status status;
  char *file = NULL;
  lks_config *config;
  lks_named_value text = {.name = "config", .kind = LKS_VALUE_TEXT};
  *session = NULL;
  LKS_TRY(lks_session_find_checkpoint(path, &file));
  LKS_TRY_OR(cleanup, status, lks_checkpoint_check(file));
  LKS_TRY_OR(cleanup, status, lks_checkpoint_read_value(file, &text));
  LKS_TRY_OR(cleanup, status, lks_run_config_parse(&config, text.text, file, sets, set_count));
  LKS_TRY_OR(cleanup, status, lks_session_open_with(session, config, io));
  LKS_TRY_OR(cleanup, status, lks_session_check_dataset(*session, file));
  LKS_TRY_OR(cleanup, status, lks_session_load_parameters(*session, file));
cleanup:
  lks_release(text.text);
  lks_release(file);
  if (status != LKS_OK) {
    lks_session_close(*session);
    *session = NULL;
  }
  return status;
}
