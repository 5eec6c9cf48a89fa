/* SPDX-License-Identifier: Apache-2.0 */
/* blocks.c - a table from blocks to slots, and the slot that was used longest ago.
 *
 * Finding that slot is a walk over all of them, which costs nothing beside the reading
 * that follows. */
#include "data/blocks.h"

#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { ARRAYS_MAX = 4, SLOTS_MIN = 8, EMPTY = -1, ELEMENT_BYTES = 4 };

struct lks_blocks {
  lks_hdf5_array *array[ARRAYS_MAX];
  int64_t count_of[ARRAYS_MAX];    /* elements */
  int64_t first_block[ARRAYS_MAX]; /* blocks are numbered through all arrays */
  lks_type type;                   /* LKS_F32 or LKS_I32 */
  int64_t block;                   /* elements */
  int64_t count;                   /* blocks */
  int slots;
  int32_t *slot_of; /* [count] or EMPTY */
  int64_t *held;    /* [slots] the block in a slot, or EMPTY */
  uint64_t *used;   /* [slots] when it was used last */
  uint64_t now;
  char *memory; /* [slots, block] elements; NULL before the first reading */
};

static lks_status allocate_tables(lks_blocks *blocks) {
  LKS_TRY(lks_allocate(&blocks->slot_of, (size_t)blocks->count, sizeof *blocks->slot_of));
  LKS_TRY(lks_allocate(&blocks->held, (size_t)blocks->slots, sizeof *blocks->held));
  LKS_TRY(lks_allocate(&blocks->used, (size_t)blocks->slots, sizeof *blocks->used));
  for (int64_t b = 0; b < blocks->count; b++)
    blocks->slot_of[b] = EMPTY;
  for (int s = 0; s < blocks->slots; s++)
    blocks->held[s] = EMPTY;
  return LKS_OK;
}

lks_status lks_blocks_create(lks_blocks **blocks, lks_hdf5_array *const *arrays, int count,
                             lks_type type, int64_t block, size_t bytes) {
  LKS_ASSERT(count <= ARRAYS_MAX && block > 0 && (type == LKS_F32 || type == LKS_I32));
  LKS_TRY(lks_allocate(blocks, 1, sizeof **blocks));
  lks_blocks *b = *blocks;
  b->type = type;
  b->block = block;
  for (int a = 0; a < count; a++) {
    b->array[a] = arrays[a];
    b->first_block[a] = b->count;
    b->count_of[a] = arrays[a] == NULL ? 0 : (int64_t)lks_hdf5_array_count(arrays[a]);
    b->count += (b->count_of[a] + block - 1) / block;
  }
  int64_t slots = (int64_t)(bytes / ELEMENT_BYTES) / block;
  slots = slots > SLOTS_MIN ? slots : SLOTS_MIN;
  b->slots = (int)(slots < b->count ? slots : b->count);
  lks_status status = allocate_tables(b);
  if (status != LKS_OK) {
    lks_blocks_destroy(b);
    *blocks = NULL;
  }
  return status;
}

void lks_blocks_destroy(lks_blocks *blocks) {
  if (blocks == NULL)
    return;
  lks_release(blocks->memory);
  lks_release(blocks->used);
  lks_release(blocks->held);
  lks_release(blocks->slot_of);
  lks_release(blocks);
}

/* An empty slot, or the one that was used longest ago, which is emptied. */
static int free_slot(lks_blocks *blocks) {
  int oldest = 0;
  for (int s = 0; s < blocks->slots; s++) {
    if (blocks->held[s] == EMPTY)
      return s;
    if (blocks->used[s] < blocks->used[oldest])
      oldest = s;
  }
  blocks->slot_of[blocks->held[oldest]] = EMPTY;
  blocks->held[oldest] = EMPTY;
  return oldest;
}

/* The place of the first infinite one of values [count], or -1. */
static int64_t find_infinite(const float *values, int64_t count) {
  for (int64_t i = 0; i < count; i++)
    if (isinf(values[i]))
      return i;
  return -1;
}

static char *slot_memory(const lks_blocks *blocks, int slot) {
  return blocks->memory + (size_t)slot * (size_t)blocks->block * ELEMENT_BYTES;
}

/* Reads block `number` of an array into *slot. */
static lks_status load(lks_blocks *blocks, int array, int64_t number, int *slot, int64_t *at) {
  int64_t first = number * blocks->block;
  int64_t rest = blocks->count_of[array] - first;
  int64_t count = rest < blocks->block ? rest : blocks->block;
  if (blocks->memory == NULL)
    LKS_TRY(lks_allocate(&blocks->memory, (size_t)blocks->slots * (size_t)blocks->block,
                         ELEMENT_BYTES));
  *slot = free_slot(blocks);
  void *values = slot_memory(blocks, *slot);
  LKS_TRY(lks_hdf5_array_read(blocks->array[array], blocks->type, (size_t)first, (size_t)count,
                              values));
  int64_t infinite = blocks->type == LKS_F32 ? find_infinite(values, count) : -1;
  if (infinite >= 0) {
    *at = first + infinite;
    return LKS_OK;
  }
  blocks->held[*slot] = blocks->first_block[array] + number;
  blocks->slot_of[blocks->held[*slot]] = *slot;
  return LKS_OK;
}

lks_status lks_blocks_read(lks_blocks *blocks, int array, int64_t first, int64_t count,
                           void *values, int64_t *at) {
  char *to = values;
  LKS_ASSERT(first >= 0 && count >= 0 && first <= blocks->count_of[array] - count);
  *at = -1;
  while (count > 0) {
    int64_t number = first / blocks->block;
    int64_t place = first - number * blocks->block;
    int64_t part = blocks->block - place < count ? blocks->block - place : count;
    int slot = blocks->slot_of[blocks->first_block[array] + number];
    if (slot == EMPTY) {
      LKS_TRY(load(blocks, array, number, &slot, at));
      if (*at >= 0)
        return LKS_OK;
    }
    blocks->used[slot] = ++blocks->now;
    memcpy(to, slot_memory(blocks, slot) + place * ELEMENT_BYTES, (size_t)part * ELEMENT_BYTES);
    to += part * ELEMENT_BYTES;
    first += part;
    count -= part;
  }
  return LKS_OK;
}
