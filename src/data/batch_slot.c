/* SPDX-License-Identifier: Apache-2.0 */
/* batch_slot.c - rows come one after another, arrays are time-major: this is where
 * they are transposed. */
#include "data/batch_slot.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"

static lks_status allocate(lks_batch_slot *slot, size_t rows, size_t steps) {
  size_t items;
  if (!lks_size_multiply(rows, steps, &items))
    return LKS_FAIL(LKS_NO_MEMORY, "a batch of %zu rows and %zu steps is too large", rows,
                    steps);
  LKS_TRY(lks_allocate(&slot->lengths, rows, sizeof *slot->lengths));
  LKS_TRY(lks_allocate(&slot->sample, rows, sizeof *slot->sample));
  LKS_TRY(lks_allocate(&slot->inputs, items, sizeof *slot->inputs));
  LKS_TRY(lks_allocate(&slot->targets, items, sizeof *slot->targets));
  return LKS_OK;
}

lks_status lks_batch_slot_create(lks_batch_slot *slot, int rows, int steps) {
  *slot = (lks_batch_slot){.rows = NULL};
  lks_status status = allocate(slot, (size_t)rows, (size_t)steps);
  if (status != LKS_OK)
    lks_batch_slot_release(slot);
  return status;
}

void lks_batch_slot_release(lks_batch_slot *slot) {
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
                            .targets = slot->targets};
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
