/* SPDX-License-Identifier: Apache-2.0 */
/* samples.c - every rank lists the samples of the whole batch and reads its own.
 *
 * The list is cheap (the order is known to everybody) and tells each rank where the
 * one short sample is, so nothing has to be asked. */
#include "data/samples.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/order.h"

struct lks_samples {
  const lks_tokens *tokens; /* borrowed; outlives this */
  lks_samples_setup setup;
  int64_t count;   /* samples of the text */
  int last_length; /* steps of the text's last sample */
  lks_order *order;
  int64_t epoch;       /* which the order is set to */
  lks_rows full, last; /* of all batches but the last of an epoch, and of that one */
  int64_t *numbers;    /* [setup.rows] the samples of a global batch */
  int32_t *scratch;    /* [window + 1] */
};

static lks_status create(lks_samples *samples, int64_t block) {
  const lks_samples_setup *setup = &samples->setup;
  int64_t rest = samples->count % setup->rows;
  LKS_TRY(lks_order_create(&samples->order, samples->count, block, LKS_SAMPLES_ORDER_WINDOW,
                           setup->seed, setup->shuffled));
  LKS_TRY(
      lks_rows_create(&samples->full, setup->rows, setup->shards, setup->rank, setup->ranks));
  LKS_TRY(lks_rows_create(&samples->last, rest > 0 ? (int)rest : setup->rows, setup->shards,
                          setup->rank, setup->ranks));
  LKS_TRY(lks_allocate(&samples->numbers, (size_t)setup->rows, sizeof *samples->numbers));
  LKS_TRY(lks_allocate(&samples->scratch, (size_t)lks_samples_steps(samples) + 1,
                       sizeof *samples->scratch));
  return LKS_OK;
}

lks_status lks_samples_create(lks_samples **samples, const lks_tokens *tokens,
                              const lks_samples_setup *setup) {
  int64_t count = (tokens->count + setup->window - 1) / setup->window;
  if (count > UINT32_MAX)
    return LKS_FAIL(LKS_DATA,
                    "%s: split '%s' has %lld samples of %d tokens, the most is %lld"
                    "\n  hint: set a longer window",
                    lks_dataset_path(tokens->dataset), lks_split_text(tokens->split),
                    (long long)count, setup->window, (long long)UINT32_MAX);
  LKS_TRY(lks_allocate(samples, 1, sizeof **samples));
  lks_samples *s = *samples;
  s->tokens = tokens;
  s->setup = *setup;
  s->count = count;
  s->last_length = (int)(tokens->count - (count - 1) * setup->window);
  int64_t block = lks_dataset_block(tokens->dataset) / setup->window;
  lks_status status = create(s, block > 0 ? block : 1);
  if (status != LKS_OK) {
    lks_samples_destroy(s);
    *samples = NULL;
  }
  return status;
}

void lks_samples_destroy(lks_samples *samples) {
  if (samples == NULL)
    return;
  lks_release(samples->scratch);
  lks_release(samples->numbers);
  lks_rows_release(&samples->last);
  lks_rows_release(&samples->full);
  lks_order_destroy(samples->order);
  lks_release(samples);
}

int64_t lks_samples_batches(const lks_samples *samples) {
  return (samples->count + samples->setup.rows - 1) / samples->setup.rows;
}

int lks_samples_steps(const lks_samples *samples) {
  return samples->count > 1 ? samples->setup.window : samples->last_length;
}

int lks_samples_rows(const lks_samples *samples) {
  if (lks_samples_batches(samples) == 1 || samples->last.count > samples->full.count)
    return samples->last.count;
  return samples->full.count;
}

const lks_rows *lks_samples_full_rows(const lks_samples *samples) {
  return &samples->full;
}

/* Lists the batch's samples in `numbers`; *shorter tells whether the text's last one is
 * among them, and shorter than the others. */
static void list(lks_samples *samples, int64_t index, int rows, bool *shorter) {
  int64_t first = index * samples->setup.rows;
  int64_t last_sample = samples->count - 1;
  int listed = 0;
  *shorter = false;
  for (int i = 0; i < rows; i++) {
    int64_t number = lks_order_at(samples->order, first + i);
    if (number == last_sample && samples->last_length < samples->setup.window)
      *shorter = true;
    else
      samples->numbers[listed++] = number;
  }
  if (*shorter)
    samples->numbers[listed] = last_sample;
}

static void describe(const lks_samples *samples, bool ends, bool shorter, lks_batch *batch) {
  int window = samples->setup.window;
  int rows = batch->shards.rows;
  batch->starts = true;
  batch->ends = ends;
  batch->steps = shorter && rows == 1 ? samples->last_length : window;
  batch->terms = (int64_t)rows * window - (shorter ? window - samples->last_length : 0);
}

lks_status lks_samples_fill(lks_samples *samples, int64_t epoch, int64_t index,
                            lks_batch_slot *slot) {
  bool shorter;
  bool ends = index + 1 == lks_samples_batches(samples);
  if (epoch != samples->epoch) {
    lks_order_start(samples->order, epoch);
    samples->epoch = epoch;
  }
  lks_batch_slot_start(slot, ends ? &samples->last : &samples->full);
  int rows = slot->batch.shards.rows;
  list(samples, index, rows, &shorter);
  describe(samples, ends, shorter, &slot->batch);
  for (int row = 0; row < slot->batch.rows; row++) {
    int place = slot->batch.first_row + row;
    int64_t number = samples->numbers[place];
    int length = shorter && place == rows - 1 ? samples->last_length : samples->setup.window;
    LKS_TRY(lks_tokens_read(samples->tokens, number * samples->setup.window - 1, length + 1,
                            samples->scratch));
    lks_batch_slot_put(slot, row, (uint32_t)number, length, samples->scratch);
  }
  return LKS_OK;
}
