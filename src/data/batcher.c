/* SPDX-License-Identifier: Apache-2.0 */
/* batcher.c - two slots that take turns, and the job that fills one of them.
 *
 * At most one job is under way.  It makes the batch as a whole (plan and arrays), so
 * that the caller's thread only waits and swaps. */
#include "data/batcher.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "data/samples.h"
#include "data/sequence_batches.h"
#include "data/streams.h"
#include "data/windows.h"

struct lks_batcher {
  lks_batcher_setup setup;
  lks_io_thread *io; /* borrowed; outlives this */
  lks_tokens tokens;
  lks_rows rows;        /* with streams */
  lks_streams *streams; /* one of the four is there */
  lks_samples *samples;
  lks_windows *windows;
  lks_sequence_batches *sequences;
  int64_t epoch, index; /* the batch that is being made, or will be */
  lks_batch_slot slots[2];
  int filling;  /* the slot for it */
  bool pending; /* the job is under way */
  lks_io_job job;
};

/* The slot that was handed out last: the one that is not being filled. */
static lks_batch_slot *given_slot(lks_batcher *batcher) {
  return &batcher->slots[1 - batcher->filling];
}

static lks_status run_job(void *context) {
  lks_batcher *batcher = context;
  lks_batch_slot *slot = &batcher->slots[batcher->filling];
  if (batcher->sequences != NULL)
    LKS_TRY(
        lks_sequence_batches_fill(batcher->sequences, batcher->epoch, batcher->index, slot));
  else if (batcher->windows != NULL)
    LKS_TRY(lks_windows_fill(batcher->windows, batcher->epoch, batcher->index, slot));
  else if (batcher->streams != NULL)
    LKS_TRY(lks_streams_fill(batcher->streams, batcher->index, slot));
  else
    LKS_TRY(lks_samples_fill(batcher->samples, batcher->epoch, batcher->index, slot));
  return LKS_OK;
}

static lks_status check(const lks_batcher_setup *setup) {
  if (setup->rows < 1 || setup->window < 1)
    return LKS_FAIL(LKS_USAGE, "a batch of %d rows and %d steps\n  hint: both are at least 1",
                    setup->rows, setup->window);
  LKS_ASSERT(setup->ranks >= 1 && setup->rank >= 0 && setup->rank < setup->ranks);
  return LKS_OK;
}

static lks_status create_windows(lks_batcher *batcher, lks_dataset *dataset) {
  const lks_batcher_setup *setup = &batcher->setup;
  const lks_windows_setup windows = {.plan = *setup->windows,
                                     .split = setup->split,
                                     .rows = setup->rows,
                                     .shards = setup->shards,
                                     .streams = setup->carried,
                                     .shuffled = setup->shuffled,
                                     .seed = setup->seed,
                                     .terms = setup->terms,
                                     .rank = setup->rank,
                                     .ranks = setup->ranks};
  LKS_TRY(lks_windows_create(&batcher->windows, dataset, &windows));
  for (int i = 0; i < 2; i++)
    LKS_TRY(lks_batch_slot_create_windows(&batcher->slots[i], lks_batcher_rows_max(batcher),
                                          lks_window_span(setup->windows),
                                          lks_dataset_series(dataset)->columns));
  given_slot(batcher)->rows = lks_windows_full_rows(batcher->windows);
  return LKS_OK;
}

static lks_status create_sequences(lks_batcher *batcher, lks_dataset *dataset) {
  const lks_batcher_setup *setup = &batcher->setup;
  const lks_sequence_batches_setup sequences = {.split = setup->split,
                                                .rows = setup->rows,
                                                .tokens = setup->tokens,
                                                .bucket = setup->bucket,
                                                .shards = setup->shards,
                                                .streams = setup->carried,
                                                .shuffled = setup->shuffled,
                                                .seed = setup->seed,
                                                .terms_field = setup->terms_field,
                                                .terms_more = setup->terms_more,
                                                .rank = setup->rank,
                                                .ranks = setup->ranks};
  lks_field_room room[LKS_BATCH_FIELDS_MAX];
  LKS_TRY(lks_sequence_batches_create(&batcher->sequences, dataset, &sequences));
  lks_batcher_room(batcher, room);
  for (int i = 0; i < 2; i++)
    LKS_TRY(lks_batch_slot_create_sequences(&batcher->slots[i], lks_batcher_rows_max(batcher),
                                            lks_dataset_sequences(dataset)->count, room));
  given_slot(batcher)->rows = lks_sequence_batches_full_rows(batcher->sequences);
  return LKS_OK;
}

static lks_status create_tokens(lks_batcher *batcher, lks_dataset *dataset) {
  const lks_batcher_setup *setup = &batcher->setup;
  LKS_TRY(lks_tokens_of(dataset, setup->split, &batcher->tokens));
  if (setup->carried) {
    LKS_TRY(
        lks_rows_create(&batcher->rows, setup->rows, setup->shards, setup->rank, setup->ranks));
    LKS_TRY(
        lks_streams_create(&batcher->streams, &batcher->tokens, &batcher->rows, setup->window));
  } else {
    const lks_samples_setup samples = {.rows = setup->rows,
                                       .window = setup->window,
                                       .shards = setup->shards,
                                       .rank = setup->rank,
                                       .ranks = setup->ranks,
                                       .shuffled = setup->shuffled,
                                       .seed = setup->seed};
    LKS_TRY(lks_samples_create(&batcher->samples, &batcher->tokens, &samples));
  }
  for (int i = 0; i < 2; i++)
    LKS_TRY(lks_batch_slot_create(&batcher->slots[i], lks_batcher_rows_max(batcher),
                                  lks_batcher_steps_max(batcher)));
  given_slot(batcher)->rows =
      batcher->streams != NULL ? &batcher->rows : lks_samples_full_rows(batcher->samples);
  return LKS_OK;
}

lks_status lks_batcher_create(lks_batcher **batcher, lks_dataset *dataset, lks_io_thread *io,
                              const lks_batcher_setup *setup) {
  *batcher = NULL;
  LKS_TRY(check(setup));
  LKS_TRY(lks_allocate(batcher, 1, sizeof **batcher));
  (*batcher)->setup = *setup;
  (*batcher)->io = io;
  (*batcher)->job = (lks_io_job){.run = run_job, .context = *batcher};
  lks_status status = setup->sequences         ? create_sequences(*batcher, dataset)
                      : setup->windows != NULL ? create_windows(*batcher, dataset)
                                               : create_tokens(*batcher, dataset);
  if (status != LKS_OK) {
    lks_batcher_destroy(*batcher);
    *batcher = NULL;
  }
  return status;
}

/* Lets the job finish, whatever comes of it. */
static void settle(lks_batcher *batcher) {
  if (batcher->pending)
    (void)lks_io_wait(batcher->io, &batcher->job);
  batcher->pending = false;
}

void lks_batcher_destroy(lks_batcher *batcher) {
  if (batcher == NULL)
    return;
  settle(batcher);
  for (int i = 0; i < 2; i++)
    lks_batch_slot_release(&batcher->slots[i]);
  lks_sequence_batches_destroy(batcher->sequences);
  lks_windows_destroy(batcher->windows);
  lks_samples_destroy(batcher->samples);
  lks_streams_destroy(batcher->streams);
  lks_rows_release(&batcher->rows);
  lks_release(batcher);
}

int64_t lks_batcher_batches(const lks_batcher *batcher) {
  if (batcher->sequences != NULL)
    return lks_sequence_batches_count(batcher->sequences);
  if (batcher->windows != NULL)
    return lks_windows_batches(batcher->windows);
  return batcher->streams != NULL ? lks_streams_batches(batcher->streams)
                                  : lks_samples_batches(batcher->samples);
}

int lks_batcher_full_rows(const lks_batcher *batcher) {
  if (batcher->sequences != NULL)
    return lks_sequence_batches_full_rows(batcher->sequences)->shards.rows;
  if (batcher->windows != NULL)
    return lks_windows_full_rows(batcher->windows)->shards.rows;
  return batcher->setup.rows;
}

/* Rows of an epoch's last batch, of texts and windows. */
static int last_rows(const lks_batcher *batcher) {
  const lks_batcher_setup *setup = &batcher->setup;
  int full = lks_batcher_full_rows(batcher);
  if (setup->carried)
    return full;
  int64_t samples = batcher->windows != NULL
                        ? lks_windows_count(batcher->windows)
                        : (batcher->tokens.count + setup->window - 1) / setup->window;
  return samples % full > 0 ? (int)(samples % full) : full;
}

int lks_batcher_row_count(const lks_batcher *batcher, int i) {
  const lks_rows *plans;
  if (batcher->sequences != NULL) {
    int count = lks_sequence_batches_plans(batcher->sequences, &plans);
    return i < count ? plans[i].shards.rows : 0;
  }
  return i == 0 ? lks_batcher_full_rows(batcher) : i == 1 ? last_rows(batcher) : 0;
}

void lks_batcher_room(const lks_batcher *batcher, lks_field_room field[LKS_BATCH_FIELDS_MAX]) {
  for (int f = 0; f < LKS_BATCH_FIELDS_MAX; f++)
    field[f] = (lks_field_room){0};
  if (batcher->sequences != NULL)
    lks_sequence_batches_room(batcher->sequences, field);
}

int lks_batcher_rows_max(const lks_batcher *batcher) {
  if (batcher->sequences != NULL)
    return lks_sequence_batches_rows(batcher->sequences);
  if (batcher->windows != NULL)
    return lks_windows_rows(batcher->windows);
  return batcher->streams != NULL ? batcher->rows.count : lks_samples_rows(batcher->samples);
}

int lks_batcher_steps_max(const lks_batcher *batcher) {
  if (batcher->sequences != NULL)
    return 1;
  if (batcher->windows != NULL)
    return batcher->setup.windows->window;
  return batcher->streams != NULL ? lks_streams_steps(batcher->streams)
                                  : lks_samples_steps(batcher->samples);
}

static void start(lks_batcher *batcher) {
  batcher->pending = true;
  lks_io_submit(batcher->io, &batcher->job);
}

lks_status lks_batcher_seek(lks_batcher *batcher, int64_t epoch, int64_t index) {
  int64_t batches = lks_batcher_batches(batcher);
  if (epoch < 0 || index < 0 || index > batches)
    return LKS_FAIL(LKS_DATA,
                    "batch %lld of epoch %lld was asked for, an epoch has %lld batches",
                    (long long)index, (long long)epoch, (long long)batches);
  settle(batcher);
  batcher->epoch = index == batches ? epoch + 1 : epoch;
  batcher->index = index == batches ? 0 : index;
  start(batcher);
  return LKS_OK;
}

lks_status lks_batcher_next(lks_batcher *batcher, const lks_batch **batch, double *waited) {
  double since = lks_clock_seconds();
  if (!batcher->pending)
    start(batcher);
  bool ready = lks_io_is_done(batcher->io, &batcher->job);
  lks_status status = lks_io_wait(batcher->io, &batcher->job);
  batcher->pending = false;
  if (!ready)
    *waited += lks_clock_seconds() - since;
  LKS_TRY(status);
  batcher->filling = 1 - batcher->filling;
  *batch = &given_slot(batcher)->batch;
  batcher->index++;
  if (batcher->index == lks_batcher_batches(batcher)) {
    batcher->index = 0;
    batcher->epoch++;
  }
  start(batcher);
  return LKS_OK;
}

const int *lks_batcher_cuts(const lks_batcher *batcher) {
  return batcher->slots[1 - batcher->filling].rows->cuts;
}
