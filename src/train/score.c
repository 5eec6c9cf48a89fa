/* SPDX-License-Identifier: Apache-2.0 */
/* score.c - a scorer is made once and run after every epoch without allocating. */
#include "train/score.h"

#include "base/arithmetic.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "comm/records.h"
#include "data/batcher.h"
#include "train/carried.h"

#include <stdio.h>
#include <string.h>

struct lks_scorer {
  lks_session *session; /* borrowed */
  lks_comm *comm;       /* borrowed */
  lks_split split;
  int streams;
  int window;
  lks_batcher *batcher;
  lks_carried *carried;
  float *losses; /* [window, rows] */
  int *active;   /* [window] */
  double *mine;  /* [rows] */
  double *all;   /* [streams] */
  size_t *sizes; /* [ranks] bytes of every rank's sums */
};

int lks_scorer_window(int streams, int items) {
  int window = items / streams;
  return window > 0 ? window : 1;
}

lks_status lks_scorer_create(lks_scorer **scorer, lks_session *session, lks_comm *comm,
                             lks_split split, int items) {
  lks_status status;
  lks_scorer *s;
  *scorer = NULL;
  LKS_TRY(lks_allocate(&s, 1, sizeof *s));
  s->session = session;
  s->comm = comm;
  s->split = split;
  s->streams = (int)lks_config_integer(session->config, "evaluate", "streams");
  s->window = lks_scorer_window(s->streams, items);
  int shards = lks_power_of_two_below(s->streams);
  lks_batcher_setup setup = {
      .split = split,
      .rows = s->streams,
      .window = s->window,
      .shards = shards < LKS_SHARDS_MAX ? shards : LKS_SHARDS_MAX,
      .carried = true,
      .rank = lks_comm_rank(comm),
      .ranks = lks_comm_size(comm),
  };
  LKS_TRY_OR(cleanup, status,
             lks_batcher_create(&s->batcher, session->dataset, session->io, &setup));
  int rows = lks_batcher_rows_max(s->batcher);
  size_t losses = (size_t)rows * (size_t)s->window;
  LKS_TRY_OR(cleanup, status, lks_carried_create(&s->carried, session->task, rows));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->losses, losses, sizeof *s->losses));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->active, (size_t)s->window, sizeof *s->active));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->mine, (size_t)rows, sizeof *s->mine));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->all, (size_t)s->streams, sizeof *s->all));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->sizes, (size_t)setup.ranks, sizeof *s->sizes));
  *scorer = s;
  return LKS_OK;
cleanup:
  lks_scorer_destroy(s);
  return status;
}

void lks_scorer_destroy(lks_scorer *s) {
  if (!s)
    return;
  lks_release(s->sizes);
  lks_release(s->all);
  lks_release(s->mine);
  lks_release(s->active);
  lks_release(s->losses);
  lks_carried_destroy(s->carried);
  lks_batcher_destroy(s->batcher);
  lks_release(s);
}

static void score_batch(lks_scorer *s, const lks_batch *batch) {
  lks_session *session = s->session;
  int rows = batch->rows, active = rows;
  for (int t = 0; t < batch->steps; t++) {
    while (active > 0 && batch->lengths[active - 1] <= t)
      active--;
    s->active[t] = active;
  }
  lks_pass pass = {
      .kernels = session->kernels,
      .threads = session->threads,
      .rows = rows,
      .steps = batch->steps,
      .active = s->active,
      .sample = batch->sample,
  };
  lks_task_call call = {
      .pass = &pass,
      .inputs = batch->inputs,
      .targets = batch->targets,
      .states = lks_carried_from(s->carried, 0),
      .losses = s->losses,
  };
  session->task->kind->score(session->task, &call);
  for (int t = 0; t < batch->steps; t++)
    for (int row = 0; row < s->active[t]; row++)
      s->mine[row] += (double)s->losses[(size_t)t * (size_t)rows + (size_t)row];
}

/* Sum of values[0..count), the left half of a node being the largest power of two
 * below its count. */
static double tree_sum(const double *values, int count) {
  if (count == 1)
    return values[0];
  int left = lks_power_of_two_below(count - 1);
  return tree_sum(values, left) + tree_sum(values + left, count - left);
}

/* The sums of all streams, on all ranks. */
static lks_status gather(lks_scorer *s) {
  const int *cuts = lks_batcher_cuts(s->batcher);
  int shards = lks_power_of_two_below(s->streams);
  lks_shards plan = {.shards = shards < LKS_SHARDS_MAX ? shards : LKS_SHARDS_MAX,
                     .rows = s->streams,
                     .present = s->streams};
  for (int r = 0; r < lks_comm_size(s->comm); r++)
    s->sizes[r] =
        (size_t)(lks_shards_row(&plan, cuts[r + 1]) - lks_shards_row(&plan, cuts[r])) *
        sizeof(double);
  return lks_comm_gather_all(s->comm, s->mine, s->sizes, s->all);
}

lks_status lks_scorer_run(lks_scorer *s, const lks_progress *progress, lks_sums *sums) {
  int64_t batches = lks_batcher_batches(s->batcher), tokens = 0;
  int rows = lks_batcher_rows_max(s->batcher);
  double waited = 0, start = lks_clock_seconds();
  lks_records_note(s->comm, -1, LKS_PHASE_EVALUATE);
  memset(s->mine, 0, (size_t)rows * sizeof *s->mine);
  lks_carried_clear(s->carried);
  lks_session *session = s->session;
  session->task->kind->pack(session->task, session->kernels, session->threads, false);
  LKS_TRY(lks_batcher_seek(s->batcher, 0, 0));
  for (int64_t i = 0; i < batches; i++) {
    const lks_batch *batch;
    LKS_TRY(lks_batcher_next(s->batcher, &batch, &waited));
    if (batch->rows > 0)
      score_batch(s, batch);
    tokens += batch->tokens;
    if (!progress || !progress->update)
      continue;
    lks_progress_state state = {
        .phase = lks_split_text(s->split),
        .done = i + 1,
        .total = batches,
        .epoch = -1,
        .text = "",
        .items_per_second = (double)tokens / (lks_clock_seconds() - start + 1e-9),
        .item = "tokens",
    };
    progress->update(progress->context, &state);
  }
  LKS_TRY(gather(s));
  sums->loss = tree_sum(s->all, s->streams);
  sums->terms = lks_batcher_tokens(s->batcher);
  return LKS_OK;
}

void lks_score_line(const lks_task *task, const char *split, const lks_sums *sums,
                    char line[256]) {
  lks_score scores[LKS_SCORES_MAX];
  task->kind->scores(task, sums, scores);
  snprintf(line, 256, "%s %s %.*f", split, scores[0].name, scores[0].value < 10 ? 4 : 2,
           scores[0].value);
}
