/* SPDX-License-Identifier: Apache-2.0 */
/* sequence_batches.c - every rank lists the samples of the whole batch, deals them, and
 * reads its own. */
#include "data/sequence_batches.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/deal.h"
#include "data/sequence_plan.h"

#include <string.h>

struct lks_sequence_batches {
  lks_sequence_batches_setup setup;
  lks_dataset *dataset; /* borrowed; outlives this */
  const lks_sequence_table *table;
  lks_sequence_plan *plan;
  lks_rows *rows; /* [row_plans] one for each number of rows that batches have */
  int row_plans;
  int *rows_of;  /* [most + 1] which of them, -1: none */
  int *row;      /* [most] rows for samples, longest first */
  int *filled;   /* [V] */
  uint32_t *own; /* [most] this rank's samples, by row */
};

static lks_status add_rows(lks_sequence_batches *b, int count) {
  if (b->rows_of[count] >= 0)
    return LKS_OK;
  b->rows_of[count] = b->row_plans;
  return lks_rows_create(&b->rows[b->row_plans++], count, b->setup.shards, b->setup.rank,
                         b->setup.ranks);
}

/* A plan of rows for every size that a batch can have. */
static lks_status plan_rows(lks_sequence_batches *b) {
  int most = lks_sequence_plan_most(b->plan);
  int64_t batches = lks_sequence_plan_count(b->plan);
  const uint32_t *samples;
  LKS_TRY(lks_allocate(&b->rows_of, (size_t)most + 1, sizeof *b->rows_of));
  LKS_TRY(lks_allocate(&b->rows, (size_t)most + 1, sizeof *b->rows));
  for (int i = 0; i <= most; i++)
    b->rows_of[i] = -1;
  LKS_TRY(add_rows(b, most));
  if (b->setup.streams)
    return LKS_OK;
  for (int64_t i = lks_sequence_plan_is_fixed(b->plan) ? 0 : batches - 1; i < batches; i++)
    LKS_TRY(add_rows(b, lks_sequence_plan_list(b->plan, -1, i, &samples)));
  return LKS_OK;
}

static lks_status create(lks_sequence_batches *b) {
  LKS_TRY(lks_sequence_plan_create(&b->plan, b->dataset, &b->setup));
  int most = lks_sequence_plan_most(b->plan);
  while (b->setup.streams && b->setup.shards > most)
    b->setup.shards /= 2;
  LKS_TRY(plan_rows(b));
  LKS_TRY(lks_allocate(&b->row, (size_t)most, sizeof *b->row));
  LKS_TRY(lks_allocate(&b->own, (size_t)most, sizeof *b->own));
  return lks_allocate(&b->filled, (size_t)b->setup.shards, sizeof *b->filled);
}

lks_status lks_sequence_batches_create(lks_sequence_batches **batches, lks_dataset *dataset,
                                       const lks_sequence_batches_setup *setup) {
  LKS_ASSERT(lks_dataset_sequences(dataset));
  LKS_TRY(lks_allocate(batches, 1, sizeof **batches));
  (*batches)->setup = *setup;
  (*batches)->dataset = dataset;
  (*batches)->table = lks_dataset_sequences(dataset);
  lks_status status = create(*batches);
  if (status != LKS_OK) {
    lks_sequence_batches_destroy(*batches);
    *batches = NULL;
  }
  return status;
}

void lks_sequence_batches_destroy(lks_sequence_batches *b) {
  if (b == NULL)
    return;
  for (int i = 0; i < b->row_plans; i++)
    lks_rows_release(&b->rows[i]);
  lks_release(b->filled);
  lks_release(b->own);
  lks_release(b->row);
  lks_release(b->rows);
  lks_release(b->rows_of);
  lks_sequence_plan_destroy(b->plan);
  lks_release(b);
}

int64_t lks_sequence_batches_count(const lks_sequence_batches *b) {
  return lks_sequence_plan_count(b->plan);
}

const lks_rows *lks_sequence_batches_full_rows(const lks_sequence_batches *b) {
  return &b->rows[0];
}

int lks_sequence_batches_plans(const lks_sequence_batches *b, const lks_rows **plans) {
  *plans = b->rows;
  return b->row_plans;
}

int lks_sequence_batches_rows(const lks_sequence_batches *b) {
  int most = 0;
  for (int i = 0; i < b->row_plans; i++)
    most = b->rows[i].count > most ? b->rows[i].count : most;
  return most;
}

static void widen(lks_field_room *room, int rows, int longest, int64_t symbols) {
  int items = rows * longest;
  room->longest = longest > room->longest ? longest : room->longest;
  room->items = items > room->items ? items : room->items;
  room->symbols = symbols > room->symbols ? (int)symbols : room->symbols;
}

void lks_sequence_batches_room(const lks_sequence_batches *b, lks_field_room *field) {
  lks_split split = b->setup.split;
  memset(field, 0, (size_t)b->table->count * sizeof *field);
  if (!lks_sequence_plan_is_fixed(b->plan)) {
    int rows = lks_sequence_batches_rows(b);
    for (int f = 0; f < b->table->count; f++) {
      int longest = b->table->field[f].longest[split];
      widen(&field[f], rows, longest, (int64_t)rows * longest);
    }
    return;
  }
  for (int64_t i = 0; i < lks_sequence_batches_count(b); i++) {
    const uint32_t *samples;
    int count = lks_sequence_plan_list(b->plan, -1, i, &samples);
    int rows = b->rows[b->setup.streams ? 0 : b->rows_of[count]].count;
    for (int f = 0; f < b->table->count; f++) {
      int longest = 0;
      int64_t symbols = 0;
      for (int s = 0; s < count; s++) {
        int length = lks_sequence_length(b->table, split, f, samples[s]);
        longest = length > longest ? length : longest;
        symbols += length;
      }
      widen(&field[f], rows, longest, symbols);
    }
  }
}

static int terms_of(const lks_sequence_batches *b, int64_t sample) {
  const lks_sequence_batches_setup *setup = &b->setup;
  if (setup->terms_field < 0)
    return setup->terms_more;
  return setup->terms_more +
         lks_sequence_length(b->table, setup->split, setup->terms_field, sample);
}

/* Finds out this rank's samples and the terms of all. */
static void deal(lks_sequence_batches *b, const uint32_t *samples, int count,
                 lks_batch *batch) {
  int first = batch->first_row, end = first + batch->rows;
  if (!b->setup.streams)
    lks_deal(&batch->shards, b->row, b->filled);
  for (int i = 0; i < count; i++) {
    int row = b->setup.streams ? i : b->row[i];
    batch->terms += terms_of(b, samples[i]);
    if (row >= first && row < end)
      b->own[row - first] = samples[i];
  }
}

static lks_status read_rows(lks_sequence_batches *b, int rows, lks_batch_slot *slot) {
  for (int row = 0; row < rows; row++) {
    slot->lengths[row] = 1;
    slot->sample[row] = b->own[row];
    slot->row_terms[row] = terms_of(b, b->own[row]);
  }
  for (int f = 0; f < b->table->count; f++) {
    int32_t *offsets = slot->field_offsets[f];
    offsets[0] = 0;
    for (int row = 0; row < slot->batch.rows; row++) {
      int length =
          row < rows ? lks_sequence_length(b->table, b->setup.split, f, b->own[row]) : 0;
      if (length > 0)
        LKS_TRY(lks_dataset_read_sequence(b->dataset, b->setup.split, f, b->own[row],
                                          slot->field_values[f] + offsets[row]));
      offsets[row + 1] = offsets[row] + length;
    }
  }
  return LKS_OK;
}

lks_status lks_sequence_batches_fill(lks_sequence_batches *b, int64_t epoch, int64_t index,
                                     lks_batch_slot *slot) {
  const uint32_t *samples;
  int count = lks_sequence_plan_list(b->plan, epoch, index, &samples);
  lks_batch_slot_start(slot, &b->rows[b->setup.streams ? 0 : b->rows_of[count]]);
  lks_batch *batch = &slot->batch;
  batch->starts = true;
  batch->ends = index + 1 == lks_sequence_batches_count(b);
  batch->steps = 1;
  batch->shards.present = count;
  deal(b, samples, count, batch);
  int present = count - batch->first_row;
  present = present < 0 ? 0 : present > batch->rows ? batch->rows : present;
  for (int row = present; row < batch->rows; row++) {
    slot->lengths[row] = 0;
    slot->row_terms[row] = 0;
  }
  return read_rows(b, present, slot);
}
