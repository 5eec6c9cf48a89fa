/* SPDX-License-Identifier: Apache-2.0 */
/* segments.c - the terms of a rank's sums over rows, and the tree above them.
 *
 * The tree is walked as it is defined: a node with two non-empty halves is an
 * addition, due when the last non-empty segment of its right half is pushed. */
#include "tensor/segments.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdbool.h>

/* What the walk needs to know besides the segments it fills. */
typedef struct {
  lks_segments *segments;
  const lks_shards *shards;
  int first_row; /* global row of local row 0 */
  lks_segment_items items;
  void *context;
} walk;

lks_status lks_segments_create(lks_segments **segments, int terms, int segments_max) {
  lks_segments *made = NULL;
  lks_status status = LKS_OK;
  *segments = NULL;
  LKS_TRY(lks_allocate(&made, 1, sizeof *made));
  made->capacity_terms = terms;
  made->capacity_segments = segments_max;
  size_t room = (size_t)segments_max;
  LKS_TRY_OR(failed, status, lks_allocate(&made->term_count, room, sizeof(int)));
  LKS_TRY_OR(failed, status, lks_allocate(&made->additions, room, sizeof(int)));
  LKS_TRY_OR(failed, status,
             lks_allocate(&made->output_first, LKS_SUBTREES_MAX + 1, sizeof(int)));
  LKS_TRY_OR(failed, status, lks_allocate(&made->item, (size_t)terms, sizeof(int32_t)));
  *segments = made;
  return LKS_OK;
failed:
  lks_segments_destroy(made);
  return status;
}

void lks_segments_destroy(lks_segments *segments) {
  if (!segments)
    return;
  lks_release(segments->item);
  lks_release(segments->output_first);
  lks_release(segments->additions);
  lks_release(segments->term_count);
  lks_release(segments);
}

/* Appends the items of shard s; false when it has none. */
static bool add_segment(const walk *at, int s) {
  lks_segments *segments = at->segments;
  int first = lks_shards_row(at->shards, s);
  int last = lks_shards_row(at->shards, s + 1);
  if (last > at->shards->present)
    last = at->shards->present;
  int count = 0;
  if (first < last)
    count =
        at->items(at->context, first - at->first_row, last - at->first_row,
                  segments->capacity_terms - segments->terms, segments->item + segments->terms);
  if (count == 0)
    return false;
  segments->terms += count;
  LKS_ASSERT(segments->count < segments->capacity_segments);
  segments->term_count[segments->count] = count;
  segments->additions[segments->count++] = 0;
  return true;
}

/* Appends the segments of a node; false when it has none. */
static bool add_node(const walk *at, lks_subtree node) {
  if (node.count == 1)
    return add_segment(at, node.first);
  int half = node.count / 2;
  bool left = add_node(at, (lks_subtree){node.first, half});
  bool right = add_node(at, (lks_subtree){node.first + half, half});
  if (left && right)
    at->segments->additions[at->segments->count - 1]++;
  return left || right;
}

void lks_segments_fill_rows(lks_segments *segments, const lks_shards *shards,
                            const lks_subtree *subtrees, int outputs, lks_segment_items items,
                            void *context) {
  LKS_ASSERT(outputs >= 0 && outputs <= LKS_SUBTREES_MAX);
  segments->terms = 0;
  segments->count = 0;
  segments->outputs = outputs;
  segments->output_first[0] = 0;
  if (outputs == 0)
    return;
  walk at = {segments, shards, lks_shards_row(shards, subtrees[0].first), items, context};
  for (int i = 0; i < outputs; i++) {
    (void)add_node(&at, subtrees[i]);
    segments->output_first[i + 1] = segments->count;
  }
}

/* Rows with one item for every time step. */
typedef struct {
  const int *lengths; /* [batch] or NULL */
  int steps;
  int batch; /* local rows */
} steps_of_rows;

/* In (time, row) order. */
static int items_of_rows(void *context, int first, int last, int room, int32_t *out) {
  const steps_of_rows *of = context;
  int count = 0;
  for (int t = 0; t < of->steps; t++) {
    for (int b = first; b < last; b++) {
      if (of->lengths && of->lengths[b] <= t)
        break; /* lengths never rise */
      LKS_ASSERT(count < room);
      out[count++] = (int32_t)(t * of->batch + b);
    }
  }
  return count;
}

void lks_segments_fill(lks_segments *segments, const lks_shards *shards,
                       const lks_subtree *subtrees, int outputs, int steps,
                       const int *lengths) {
  steps_of_rows rows = {lengths, steps, 0};
  if (outputs > 0) {
    const lks_subtree *end = &subtrees[outputs - 1];
    rows.batch = lks_shards_row(shards, end->first + end->count) -
                 lks_shards_row(shards, subtrees[0].first);
  }
  lks_segments_fill_rows(segments, shards, subtrees, outputs, items_of_rows, &rows);
}
