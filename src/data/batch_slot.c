/* SPDX-License-Identifier: Apache-2.0 */
/* batch_slot.c - rows come one after another, arrays are time-major: this is where
 * they are transposed. */
#include "data/batch_slot.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"

static lks_status allocate_rows(lks_batch_slot *slot, size_t rows) {
  LKS_TRY(lks_allocate(&slot->lengths, rows, sizeof *slot->lengths));
  return lks_allocate(&slot->sample, rows, sizeof *slot->sample);
}

static lks_status allocate_tokens(lks_batch_slot *slot, size_t rows, size_t steps) {
  size_t items;
  if (!lks_size_multiply(rows, steps, &items))
    return LKS_FAIL(LKS_NO_MEMORY, "a batch of %zu rows and %zu steps is too large", rows,
                    steps);
  LKS_TRY(lks_allocate(&slot->inputs, items, sizeof *slot->inputs));
  return lks_allocate(&slot->targets, items, sizeof *slot->targets);
}

static lks_status allocate_windows(lks_batch_slot *slot, size_t rows, size_t values) {
  size_t items;
  if (!lks_size_multiply(rows, values, &items))
    return LKS_FAIL(LKS_NO_MEMORY, "a batch of %zu windows of %zu values is too large", rows,
                    values);
  LKS_TRY(lks_allocate(&slot->series, rows, sizeof *slot->series));
  LKS_TRY(lks_allocate(&slot->origin, rows, sizeof *slot->origin));
  return lks_allocate(&slot->windows, items, sizeof *slot->windows);
}

lks_status lks_batch_slot_create(lks_batch_slot *slot, int rows, int steps) {
  *slot = (lks_batch_slot){.rows = NULL};
  lks_status status = allocate_rows(slot, (size_t)rows);
  if (status == LKS_OK)
    status = allocate_tokens(slot, (size_t)rows, (size_t)steps);
  if (status != LKS_OK)
    lks_batch_slot_release(slot);
  return status;
}

lks_status lks_batch_slot_create_windows(lks_batch_slot *slot, int rows, int span,
                                         int columns) {
  *slot = (lks_batch_slot){.batch = {.span = span, .columns = columns}};
  lks_status status = allocate_rows(slot, (size_t)rows);
  if (status == LKS_OK)
    status = allocate_windows(slot, (size_t)rows, (size_t)span * (size_t)columns);
  if (status != LKS_OK)
    lks_batch_slot_release(slot);
  return status;
}

static lks_status allocate_fields(lks_batch_slot *slot, size_t rows, int fields,
                                  const lks_field_room *room) {
  LKS_TRY(lks_allocate(&slot->row_terms, rows, sizeof *slot->row_terms));
  for (int f = 0; f < fields; f++) {
    LKS_TRY(lks_allocate(&slot->field_values[f], (size_t)room[f].symbols, sizeof(int32_t)));
    LKS_TRY(lks_allocate(&slot->field_offsets[f], rows + 1, sizeof(int32_t)));
  }
  return LKS_OK;
}

lks_status lks_batch_slot_create_sequences(lks_batch_slot *slot, int rows, int fields,
                                           const lks_field_room *room) {
  *slot = (lks_batch_slot){.batch = {.field_count = fields}};
  lks_status status = allocate_rows(slot, (size_t)rows);
  if (status == LKS_OK)
    status = allocate_fields(slot, (size_t)rows, fields, room);
  if (status != LKS_OK)
    lks_batch_slot_release(slot);
  return status;
}

void lks_batch_slot_release(lks_batch_slot *slot) {
  for (int f = 0; f < LKS_BATCH_FIELDS_MAX; f++) {
    lks_release(slot->field_values[f]);
    lks_release(slot->field_offsets[f]);
  }
  lks_release(slot->row_terms);
  lks_release(slot->windows);
  lks_release(slot->origin);
  lks_release(slot->series);
  lks_release(slot->targets);
  lks_release(slot->inputs);
  lks_release(slot->sample);
  lks_release(slot->lengths);
  *slot = (lks_batch_slot){.rows = NULL};
}

void lks_batch_slot_start(lks_batch_slot *slot, const lks_rows *rows) {
  slot->rows = rows;
  slot->batch = (lks_batch){.shards = rows->shards,
                            .first_row = rows->first,
                            .rows = rows->count,
                            .lengths = slot->lengths,
                            .sample = slot->sample,
                            .inputs = slot->inputs,
                            .targets = slot->targets,
                            .span = slot->batch.span,
                            .columns = slot->batch.columns,
                            .windows = slot->windows,
                            .series = slot->series,
                            .origin = slot->origin,
                            .field_count = slot->batch.field_count,
                            .row_terms = slot->row_terms};
  for (int f = 0; f < slot->batch.field_count; f++)
    slot->batch.field[f] = (lks_batch_field){slot->field_values[f], slot->field_offsets[f]};
}

void lks_batch_slot_put(lks_batch_slot *slot, int row, uint32_t sample, int length,
                        const int32_t *tokens) {
  size_t rows = (size_t)slot->batch.rows;
  slot->lengths[row] = length;
  slot->sample[row] = sample;
  int32_t *input = slot->inputs + row;
  int32_t *target = slot->targets + row;
  for (int t = 0; t < slot->batch.steps; t++, input += rows, target += rows) {
    *input = t < length ? tokens[t] : 0;
    *target = t < length ? tokens[t + 1] : 0;
  }
}
