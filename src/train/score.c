/* SPDX-License-Identifier: Apache-2.0 */
/* score.c - a scorer is made once and run after every epoch without allocating. */
#include "train/score.h"

#include "base/arithmetic.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/floating_point.h"
#include "base/memory.h"
#include "comm/records.h"
#include "data/batcher.h"
#include "data/sequences.h"
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
  int *active;   /* [window] */
  double *mine;  /* [rows, sum_count] */
  double *all;   /* [streams, sum_count] */
  size_t *sizes; /* [ranks] bytes of every rank's sums */
};

/* Streams of windows and of sequences, unless [evaluate] streams says. */
enum { WINDOWS_AT_ONCE = 256, SAMPLES_AT_ONCE = 64 };

void lks_scorer_size(const lks_session *session, int items, int *rows, int *steps) {
  int streams = (int)lks_config_integer(session->config, "evaluate", "streams");
  const lks_window_plan *plan = session->task->score_windows;
  bool sequences = lks_dataset_sequences(session->dataset) != NULL;
  *rows = streams > 0 ? streams : plan ? WINDOWS_AT_ONCE : sequences ? SAMPLES_AT_ONCE : 1;
  *steps = sequences ? 1 : plan ? plan->window : items / *rows > 0 ? items / *rows : 1;
}

static lks_status open_batcher(lks_batcher **batcher, const lks_session *session,
                               const lks_comm *comm, lks_split split, int items) {
  const lks_task *task = session->task;
  int rows, steps;
  lks_scorer_size(session, items, &rows, &steps);
  int shards = lks_power_of_two_below(rows);
  const lks_batcher_setup setup = {
      .split = split,
      .rows = rows,
      .window = steps,
      .shards = shards < LKS_SHARDS_MAX ? shards : LKS_SHARDS_MAX,
      .carried = true,
      .rank = lks_comm_rank(comm),
      .ranks = lks_comm_size(comm),
      .windows = task->score_windows,
      .terms = 1,
      .sequences = lks_dataset_sequences(session->dataset) != NULL,
      .terms_field = task->terms_field,
      .terms_more = task->terms_more,
  };
  return lks_batcher_create(batcher, session->dataset, session->io, &setup);
}

lks_status lks_scorer_make_room(lks_session *session, const lks_comm *comm, lks_split split) {
  lks_field_room room[LKS_BATCH_FIELDS_MAX];
  lks_batcher *batcher;
  if (!lks_dataset_sequences(session->dataset))
    return LKS_OK;
  LKS_TRY(open_batcher(&batcher, session, comm, split, 1));
  lks_batcher_room(batcher, room);
  lks_session_widen(session, room);
  lks_batcher_destroy(batcher);
  return LKS_OK;
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
  lks_scorer_size(session, items, &s->streams, &s->window);
  LKS_TRY_OR(cleanup, status, open_batcher(&s->batcher, session, comm, split, items));
  size_t ranks = (size_t)lks_comm_size(comm);
  bool carries = !session->task->score_windows && !lks_dataset_sequences(session->dataset);
  s->streams = lks_batcher_full_rows(s->batcher);
  int rows = lks_batcher_rows_max(s->batcher);
  size_t sum_bytes = (size_t)session->task->sum_count * sizeof(double);
  if (carries)
    LKS_TRY_OR(cleanup, status, lks_carried_create(&s->carried, session->task, rows));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->active, (size_t)s->window, sizeof *s->active));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->mine, (size_t)rows, sum_bytes));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->all, (size_t)s->streams, sum_bytes));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->sizes, ranks, sizeof *s->sizes));
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
  bool sequences = batch->field_count > 0;
  if (sequences && active == 0)
    return; /* the last batch has no samples for this rank */
  lks_pass pass = {
      .kernels = session->kernels,
      .threads = session->threads,
      .rows = sequences ? active : rows, /* a row without a sample is no empty sequence */
      .steps = batch->steps,
      .active = s->active,
      .sample = batch->sample,
  };
  lks_task_call call = {
      .pass = &pass,
      .inputs = batch->inputs,
      .targets = batch->targets,
      .windows = batch->windows,
      .series = batch->series,
      .row_pass = sequences ? &pass : NULL,
      .fields = sequences ? batch->field : NULL,
      .states = s->carried ? lks_carried_from(s->carried, 0) : NULL,
      .sums = s->mine,
  };
  unsigned saved = lks_floating_point_enter();
  session->task->kind->score(session->task, &call);
  lks_floating_point_leave(saved);
}

/* Sum of values[0], values[stride] … [count], the left half of a node being the largest
 * power of two below its count. */
static double tree_sum(const double *values, size_t stride, int count) {
  if (count == 1)
    return values[0];
  int left = lks_power_of_two_below(count - 1);
  return tree_sum(values, stride, left) +
         tree_sum(values + (size_t)left * stride, stride, count - left);
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
        (size_t)s->session->task->sum_count * sizeof(double);
  return lks_comm_gather_all(s->comm, s->mine, s->sizes, s->all);
}

lks_status lks_scorer_run(lks_scorer *s, const lks_progress *progress, double *sums) {
  int64_t batches = lks_batcher_batches(s->batcher), terms = 0;
  int rows = lks_batcher_rows_max(s->batcher);
  double waited = 0, start = lks_clock_seconds();
  lks_records_note(s->comm, -1, LKS_PHASE_EVALUATE);
  lks_session *session = s->session;
  size_t sum_count = (size_t)session->task->sum_count;
  memset(s->mine, 0, (size_t)rows * sum_count * sizeof *s->mine);
  if (s->carried)
    lks_carried_clear(s->carried);
  session->task->kind->pack(session->task, session->kernels, session->threads, false);
  LKS_TRY(lks_batcher_seek(s->batcher, 0, 0));
  for (int64_t i = 0; i < batches; i++) {
    const lks_batch *batch;
    LKS_TRY(lks_batcher_next(s->batcher, &batch, &waited));
    if (batch->rows > 0)
      score_batch(s, batch);
    terms += batch->terms;
    if (!progress || !progress->update)
      continue;
    lks_progress_state state = {
        .phase = lks_split_text(s->split),
        .done = i + 1,
        .total = batches,
        .epoch = -1,
        .text = "",
        .items_per_second = (double)terms / (lks_clock_seconds() - start + 1e-9),
        .item = session->task->item,
    };
    progress->update(progress->context, &state);
  }
  LKS_TRY(gather(s));
  for (size_t i = 0; i < sum_count; i++)
    sums[i] = tree_sum(s->all + i, sum_count, s->streams);
  return LKS_OK;
}

static int digits_of(double value) {
  return value < 10 ? 4 : 2;
}

static void print_line(const char *split, const lks_score *score, char line[256]) {
  snprintf(line, 256, "%s %s %.*f", split, score->name, digits_of(score->value), score->value);
}

void lks_score_line(const lks_task *task, const char *split, const double *sums,
                    char line[256]) {
  lks_score scores[LKS_SCORES_MAX];
  task->kind->scores(task, sums, scores);
  print_line(split, &scores[0], line);
}

void lks_score_line_best(const lks_task *task, const double *sums, double best, int64_t step,
                         char line[256]) {
  lks_score scores[LKS_SCORES_MAX];
  task->kind->scores(task, sums, scores);
  size_t bytes = strlen(line);
  double value = scores[0].rises ? -best : best;
  snprintf(line + bytes, 256 - bytes, ", best %.*f at step %lld", digits_of(value), value,
           (long long)step);
}

void lks_train_score_line(const lks_task *task, double loss, double terms, char line[256]) {
  lks_score scores[LKS_SCORES_MAX];
  task->kind->train_scores(task, loss, terms, scores);
  print_line("train", &scores[0], line);
}
