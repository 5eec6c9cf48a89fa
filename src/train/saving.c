/* SPDX-License-Identifier: Apache-2.0 */
/* saving.c - one list of tensors and values serves both directions. */
#include "train/saving.h"

#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/sealed_file.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_COUNT = 16 };

/* The list, and the memory behind it. */
typedef struct {
  lks_checkpoint checkpoint;
  float *hidden; /* [states, batch, H] */
  float *cell;
  lks_named_value values[VALUE_COUNT];
  char *config;
  char digest[LKS_DIGEST_HEX];
} listing;

static void release(listing *l) {
  lks_session_release_list(l->checkpoint.tensors, l->checkpoint.tensor_count);
  lks_release(l->config);
  lks_release(l->cell);
  lks_release(l->hidden);
}

static lks_status list_state(const lks_saving *s, listing *l) {
  const lks_carried *carried = s->carried;
  if (!carried)
    return LKS_OK;
  size_t elements = lks_carried_elements(carried, s->batch);
  lks_shape shape =
      lks_shape_3((size_t)carried->count, (size_t)s->batch, (size_t)carried->units);
  lks_named_tensor *next = l->checkpoint.tensors + l->checkpoint.tensor_count;
  char *name;
  LKS_TRY(lks_allocate(&l->hidden, elements, sizeof(float)));
  LKS_TRY(lks_copy_text(&name, "state/hidden"));
  *next++ = (lks_named_tensor){name, LKS_F32, shape, l->hidden};
  l->checkpoint.tensor_count++;
  if (!carried->has_cell)
    return LKS_OK;
  LKS_TRY(lks_allocate(&l->cell, elements, sizeof(float)));
  LKS_TRY(lks_copy_text(&name, "state/cell"));
  *next = (lks_named_tensor){name, LKS_F32, shape, l->cell};
  l->checkpoint.tensor_count++;
  return LKS_OK;
}

static lks_status list_tensors(const lks_saving *s, listing *l) {
  size_t params = (size_t)lks_params_count(s->session->task->params);
  int states = lks_optimizer_state_count(s->optimizer);
  LKS_TRY(lks_allocate(&l->checkpoint.tensors, params * (size_t)(2 + states) + 2,
                       sizeof *l->checkpoint.tensors));
  LKS_TRY(lks_session_list_parameters(s->session, s->session->values, "parameters/",
                                      l->checkpoint.tensors));
  l->checkpoint.tensor_count = params;
  for (int i = 0; i < states; i++) {
    char group[64];
    snprintf(group, sizeof group, "optimizer/%s.", lks_optimizer_state_name(s->optimizer, i));
    LKS_TRY(lks_session_list_parameters(s->session, lks_optimizer_state(s->optimizer, i), group,
                                        l->checkpoint.tensors + l->checkpoint.tensor_count));
    l->checkpoint.tensor_count += params;
  }
  if (s->average) {
    LKS_TRY(lks_session_list_parameters(s->session, lks_average_values(s->average), "average/",
                                        l->checkpoint.tensors + l->checkpoint.tensor_count));
    l->checkpoint.tensor_count += params;
  }
  return list_state(s, l);
}

static void list_integer(listing *l, const char *name, int64_t value) {
  l->values[l->checkpoint.value_count++] =
      (lks_named_value){.name = name, .kind = LKS_VALUE_INTEGER, .integer = value};
}

static void list_real(listing *l, const char *name, double value) {
  l->values[l->checkpoint.value_count++] =
      (lks_named_value){.name = name, .kind = LKS_VALUE_REAL, .real = value};
}

static void list_values(const lks_saving *s, listing *l) {
  const lks_schedule_state *schedule = &s->schedule->state;
  l->checkpoint.values = l->values;
  list_integer(l, "step", s->cursor->step);
  list_integer(l, "epoch", s->cursor->epoch);
  list_integer(l, "batch", s->cursor->batch);
  list_real(l, "epoch_loss", s->cursor->epoch_loss);
  list_integer(l, "epoch_tokens", s->cursor->epoch_tokens);
  list_integer(l, "optimizer_steps", lks_optimizer_steps(s->optimizer));
  list_real(l, "best_score", schedule->best);
  list_integer(l, "best_step", schedule->best_step);
  list_integer(l, "since_best", schedule->since_best);
  list_integer(l, "since_reduction", schedule->since_reduction);
  list_real(l, "rate_factor", schedule->factor);
}

/* Texts that say where the state comes from; they are not part of it. */
static lks_status list_texts(const lks_saving *s, listing *l) {
  lks_text text = {0};
  lks_status status = lks_config_expand(s->session->config, false, &text);
  if (status != LKS_OK) {
    lks_text_release(&text);
    return status;
  }
  l->config = text.data;
  lks_digest_to_hex(lks_dataset_digest(s->session->dataset), l->digest);
  l->values[l->checkpoint.value_count++] =
      (lks_named_value){.name = "config", .kind = LKS_VALUE_TEXT, .text = l->config};
  l->values[l->checkpoint.value_count++] =
      (lks_named_value){.name = "dataset_digest", .kind = LKS_VALUE_TEXT, .text = l->digest};
  return LKS_OK;
}

static void take_values(const lks_saving *s, const listing *l) {
  lks_schedule_state *schedule = &s->schedule->state;
  const lks_named_value *v = l->values;
  s->cursor->step = v[0].integer;
  s->cursor->epoch = v[1].integer;
  s->cursor->batch = v[2].integer;
  s->cursor->epoch_loss = v[3].real;
  s->cursor->epoch_tokens = v[4].integer;
  lks_optimizer_set_steps(s->optimizer, v[5].integer);
  schedule->best = v[6].real;
  schedule->best_step = v[7].integer;
  schedule->since_best = v[8].integer;
  schedule->since_reduction = v[9].integer;
  schedule->factor = v[10].real;
}

typedef struct {
  const char *path;
  const lks_checkpoint *checkpoint;
} file_job;

static lks_status run_save(void *context) {
  const file_job *job = context;
  return lks_checkpoint_save(job->path, job->checkpoint);
}

static lks_status run_load(void *context) {
  const file_job *job = context;
  return lks_checkpoint_load(job->path, job->checkpoint);
}

/* Rank 0's part: best.h5 first, so that the newest file is never better than it. */
static lks_status write_files(const lks_saving *s, const listing *l, const char *folder,
                              bool is_best, int keep) {
  lks_status status = LKS_OK;
  lks_text best = {0};
  char *path = NULL;
  if (is_best) {
    LKS_TRY_OR(cleanup, status, lks_text_print(&best, "%s/best.h5", folder));
    LKS_TRY_OR(cleanup, status,
               lks_io_run(s->session->io, run_save, &(file_job){best.data, &l->checkpoint}));
  }
  LKS_TRY_OR(cleanup, status, lks_checkpoint_path(folder, s->cursor->step, &path));
  LKS_TRY_OR(cleanup, status,
             lks_io_run(s->session->io, run_save, &(file_job){path, &l->checkpoint}));
  LKS_TRY_OR(cleanup, status, lks_checkpoint_prune(folder, keep, s->cursor->step));
cleanup:
  lks_release(path);
  lks_text_release(&best);
  return status;
}

lks_status lks_saving_save(const lks_saving *s, const char *folder, bool is_best, int keep) {
  lks_status status = LKS_OK;
  listing l = {0};
  bool writes = lks_comm_rank(s->comm) == 0;
  if (writes) {
    status = list_tensors(s, &l);
    if (status == LKS_OK)
      status = list_texts(s, &l);
    list_values(s, &l);
  }
  status = lks_comm_agree(s->comm, status);
  if (status == LKS_OK && s->carried)
    status = lks_carried_gather(s->carried, s->comm, s->row_cuts, l.hidden, l.cell);
  if (status == LKS_OK) {
    if (writes)
      status = write_files(s, &l, folder, is_best, keep);
    status = lks_comm_agree(s->comm, status);
  }
  release(&l);
  return status;
}

lks_status lks_saving_load(const lks_saving *s, const char *path) {
  lks_status status;
  listing l = {0};
  LKS_TRY(lks_session_check_dataset(s->session, path));
  LKS_TRY_OR(cleanup, status, list_tensors(s, &l));
  list_values(s, &l);
  LKS_TRY_OR(cleanup, status,
             lks_io_run(s->session->io, run_load, &(file_job){path, &l.checkpoint}));
  take_values(s, &l);
  if (s->carried)
    lks_carried_take(s->carried, s->batch, s->row_cuts[lks_comm_rank(s->comm)], l.hidden,
                     l.cell);
cleanup:
  release(&l);
  return status;
}
