/* SPDX-License-Identifier: Apache-2.0 */
/* stepper.c - made in the order of its fields, undone in reverse. */
#include "train/stepper.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/sequences.h"

#include <string.h>

static lks_status check_ranks(const lks_stepper *s) {
  int ranks = lks_comm_size(s->comm), wanted = s->shards;
  while (wanted < ranks)
    wanted *= 2;
  if (ranks <= s->shards)
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE,
                  "%d ranks for %d shards: expected at most one rank a shard\n  hint: set "
                  "[distributed] shards = %d (it is part of the configuration and of its "
                  "digest), or start at most %d ranks",
                  ranks, s->shards, wanted, s->shards);
}

/* Keys that do not go with what the dataset holds. */
static lks_status check_keys(const lks_stepper *s, bool carries) {
  const lks_config *config = s->session->config;
  bool sequences = lks_dataset_sequences(s->session->dataset) != NULL;
  if (carries && s->session->task->train_windows)
    return LKS_FAIL(LKS_USAGE, "[train] carry_state = yes: windows of time series begin with a "
                               "state of zero\n  hint: leave carry_state out");
  if (carries && sequences)
    return LKS_FAIL(LKS_USAGE,
                    "[train] carry_state = yes: every sample of sequences begins with "
                    "a state of zero\n  hint: leave carry_state out");
  if (!sequences && (lks_config_integer(config, "train", "batch_tokens") > 0 ||
                     lks_config_integer(config, "data", "bucket") > 0))
    return LKS_FAIL(LKS_USAGE,
                    "[train] batch_tokens and [data] bucket gather samples of unequal length, "
                    "%s has none\n  hint: set [train] batch",
                    lks_dataset_path(s->session->dataset));
  return LKS_OK;
}

static lks_status open_batcher(lks_stepper *s) {
  const lks_config *config = s->session->config;
  const lks_task *task = s->session->task;
  bool carries = lks_config_bool(config, "train", "carry_state");
  if (lks_config_integer(config, "evaluate", "walk_forward") > 0 && !task->train_windows)
    return LKS_FAIL(LKS_USAGE,
                    "[evaluate] walk_forward: %s has no folds\n  hint: it is for "
                    "time series, [task] kind = forecast",
                    task->kind->name);
  LKS_TRY(check_keys(s, carries));
  lks_batcher_setup setup = {
      .split = LKS_SPLIT_TRAIN,
      .rows = (int)lks_config_integer(config, "train", "batch"),
      .window = (int)lks_config_integer(config, "data", "window"),
      .shards = s->shards,
      .carried = carries,
      .shuffled = !carries,
      .seed = (uint64_t)lks_config_integer(config, "train", "seed"),
      .rank = lks_comm_rank(s->comm),
      .ranks = lks_comm_size(s->comm),
      .windows = task->train_windows,
      .terms = task->terms,
      .sequences = lks_dataset_sequences(s->session->dataset) != NULL,
      .tokens = lks_config_integer(config, "train", "batch_tokens"),
      .bucket = (int)lks_config_integer(config, "data", "bucket"),
      .terms_field = task->terms_field,
      .terms_more = task->terms_more,
  };
  LKS_TRY(lks_batcher_create(&s->batcher, s->session->dataset, s->session->io, &setup));
  s->batches = lks_batcher_batches(s->batcher);
  s->rows = lks_batcher_rows_max(s->batcher);
  if (!setup.sequences && s->rows > INT32_MAX / setup.window)
    return LKS_FAIL(LKS_USAGE,
                    "a batch has %d rows of %d steps on this rank, expected at most %d items\n"
                    "  hint: set a smaller [train] batch or [data] window, or start more ranks",
                    s->rows, setup.window, INT32_MAX);
  s->items = setup.sequences ? s->rows : s->rows * setup.window;
  lks_field_room room[LKS_BATCH_FIELDS_MAX];
  lks_batcher_room(s->batcher, room);
  lks_session_widen(s->session, room);
  const int *cuts = lks_batcher_cuts(s->batcher);
  lks_shards plan = {s->shards, setup.rows, setup.rows};
  LKS_TRY(lks_allocate(&s->row_cuts, (size_t)setup.ranks + 1, sizeof *s->row_cuts));
  for (int r = 0; r <= setup.ranks; r++)
    s->row_cuts[r] = lks_shards_row(&plan, cuts[r]);
  if (!setup.carried)
    return LKS_OK;
  return lks_carried_create(&s->carried, s->session->task, s->rows);
}

lks_status lks_stepper_open(lks_stepper *s, lks_session *session, lks_comm *comm) {
  *s = (lks_stepper){.session = session, .comm = comm};
  LKS_TRY(lks_session_shards(session, &s->shards));
  LKS_TRY(check_ranks(s));
  return open_batcher(s);
}

lks_status lks_stepper_allocate(lks_stepper *s, int rows, int items) {
  lks_session *session = s->session;
  int most_rows = s->rows > rows ? s->rows : rows;
  int most_items = s->items > items ? s->items : items;
  LKS_TRY(lks_session_allocate(session, most_rows, most_items, most_items, s->shards, true));
  return lks_optimizer_create(&s->optimizer, session->config, session->task->params,
                              session->kernels, session->threads);
}

/* Gradient buffers for the worst of the sizes that batches have. */
static int most_partials(const lks_stepper *s, int accumulate) {
  int most = 1, rows, cuts[LKS_SHARDS_MAX + 1], rank = lks_comm_rank(s->comm);
  for (int i = 0; (rows = lks_batcher_row_count(s->batcher, i)) > 0; i++) {
    lks_shards plan = {s->shards, rows, rows};
    if (lks_shards_cut(&plan, lks_comm_size(s->comm), cuts) != LKS_OK)
      continue;
    int count = lks_step_partials(s->shards, accumulate, cuts[rank], cuts[rank + 1]);
    most = count > most ? count : most;
  }
  return most;
}

lks_status lks_stepper_start(lks_stepper *s) {
  const lks_config *config = s->session->config;
  int accumulate = (int)lks_config_integer(config, "train", "accumulate");
  lks_step_setup setup = {
      .session = s->session,
      .comm = s->comm,
      .optimizer = s->optimizer,
      .carried = s->carried,
      .reduction = strcmp(lks_config_text(config, "distributed", "reduction"), "mpi") == 0
                       ? LKS_REDUCTION_MPI
                       : LKS_REDUCTION_EXACT,
      .shards = s->shards,
      .accumulate = accumulate,
      .rows = s->rows,
      .items = s->items,
      .partials = most_partials(s, accumulate),
  };
  return lks_step_create(&s->step, &setup);
}

void lks_stepper_close(lks_stepper *s) {
  lks_step_destroy(s->step);
  lks_optimizer_destroy(s->optimizer);
  lks_carried_destroy(s->carried);
  lks_batcher_destroy(s->batcher);
  lks_release(s->row_cuts);
}
