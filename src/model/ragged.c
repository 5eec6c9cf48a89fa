/* SPDX-License-Identifier: Apache-2.0 */
/* ragged.c - a counting sort by length, and segments by owners. */
#include "model/ragged.h"

#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

lks_status lks_ragged_create(lks_ragged **ragged, int count, int steps, int terms, int shards) {
  lks_status status;
  lks_ragged *r;
  size_t room = (size_t)count, times = (size_t)steps;
  *ragged = NULL;
  LKS_TRY(lks_allocate(&r, 1, sizeof *r));
  r->most = count;
  r->most_steps = steps;
  LKS_TRY_OR(cleanup, status, lks_allocate(&r->position, room, sizeof *r->position));
  LKS_TRY_OR(cleanup, status, lks_allocate(&r->sequence, room, sizeof *r->sequence));
  LKS_TRY_OR(cleanup, status, lks_allocate(&r->lengths, room, sizeof *r->lengths));
  LKS_TRY_OR(cleanup, status, lks_allocate(&r->active, times, sizeof *r->active));
  LKS_TRY_OR(cleanup, status, lks_allocate(&r->samples, room, sizeof *r->samples));
  LKS_TRY_OR(cleanup, status, lks_allocate(&r->next, times + 1, sizeof *r->next));
  LKS_TRY_OR(cleanup, status, lks_segments_create(&r->segments, terms, shards));
  *ragged = r;
  return LKS_OK;
cleanup:
  lks_ragged_destroy(r);
  return status;
}

void lks_ragged_destroy(lks_ragged *r) {
  if (!r)
    return;
  lks_segments_destroy(r->segments);
  lks_release(r->next);
  lks_release(r->samples);
  lks_release(r->active);
  lks_release(r->lengths);
  lks_release(r->sequence);
  lks_release(r->position);
  lks_release(r);
}

/* Positions, longest first, ties as they were given; returns the greatest length. */
static int sort(lks_ragged *r, int count, const int *lengths) {
  int longest = 0;
  for (int i = 0; i < count; i++) {
    LKS_ASSERT(lengths[i] >= 0 && lengths[i] <= r->most_steps);
    longest = lengths[i] > longest ? lengths[i] : longest;
  }
  for (int t = 0; t <= longest; t++)
    r->next[t] = 0;
  for (int i = 0; i < count; i++)
    r->next[lengths[i]]++;
  for (int t = longest, longer = 0; t >= 0; t--) {
    int equal = r->next[t];
    r->next[t] = longer;
    if (t < longest)
      r->active[t] = longer;
    longer += equal;
  }
  for (int i = 0; i < count; i++) {
    int position = r->next[lengths[i]]++;
    r->position[i] = position;
    r->sequence[position] = i;
    r->lengths[position] = lengths[i];
  }
  return longest;
}

static int owner_of(const lks_ragged *r, int i) {
  return r->owner ? r->owner[i] : i;
}

/* First sequence that row `row` or a later one owns. */
static int first_of(const lks_ragged *r, int row) {
  int low = 0, high = r->count;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (owner_of(r, middle) < row)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Items of the sequences of rows first .. last-1 in (time, order given) order. */
static int items_of(void *context, int first, int last, int room, int32_t *out) {
  const lks_ragged *r = context;
  int from = first_of(r, first), to = first_of(r, last), count = 0;
  for (int t = 0, before = -1; before < count; t++) {
    before = count;
    for (int i = from; i < to; i++) {
      if (r->lengths[r->position[i]] <= t)
        continue;
      LKS_ASSERT(count < room);
      out[count++] = (int32_t)lks_ragged_item(r, i, t);
    }
  }
  return count;
}

void lks_ragged_fill(lks_ragged *r, const lks_pass *rows, int count, const int *lengths,
                     const int *owner) {
  LKS_ASSERT(count <= r->most);
  r->count = count;
  r->owner = owner;
  r->pass = *rows;
  r->pass.rows = count;
  r->pass.steps = sort(r, count, lengths);
  r->pass.active = r->active;
  r->pass.segments = rows->training ? r->segments : NULL;
  r->pass.sample = r->samples;
  for (int i = 0; i < count; i++)
    r->samples[r->position[i]] = rows->sample ? rows->sample[owner_of(r, i)] : 0;
  if (rows->training)
    lks_segments_fill_rows(r->segments, rows->shards, rows->subtrees, rows->segments->outputs,
                           items_of, r);
}

void lks_ragged_symbols(const lks_ragged *r, const int32_t *values, const int32_t *offsets,
                        int32_t *out) {
  for (int t = 0; t < r->pass.steps; t++)
    for (int p = 0; p < r->count; p++)
      out[(size_t)t * (size_t)r->count + (size_t)p] =
          t < r->lengths[p] ? values[offsets[r->sequence[p]] + t] : 0;
}

void lks_ragged_add_losses(const lks_ragged *ragged, const float *terms, double *sums,
                           float *losses) {
  const lks_segments *segments = ragged->pass.segments;
  memset(sums, 0, (size_t)ragged->count * sizeof *sums);
  for (int term = 0; term < segments->terms; term++) {
    int position = segments->item[term] % ragged->count;
    sums[ragged->sequence[position]] += (double)terms[term];
  }
  for (int i = 0; i < ragged->count; i++)
    losses[i] = (float)sums[i];
}
