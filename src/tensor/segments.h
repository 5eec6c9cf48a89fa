/* segments.h - the terms of a rank's sums over rows, in order.
 *
 * A call runs rows first_row .. last_row-1 of the global batch, which are whole
 * shards, as local rows 0 .. batch-1 with time-major arrays: the item of row b at
 * time t has index t x batch + b.  A segment is one non-empty shard; its terms
 * are its items in (time, row) order, items past a row's length left out.  A
 * sum over rows is one chain a segment, and the tree over the segments of one
 * output, here as "additions after this segment" (a stack machine).
 *
 * An output is one maximal aligned subtree of the rank, with a gradient buffer
 * of its own. */
#ifndef LOCKSTEP_TENSOR_SEGMENTS_H
#define LOCKSTEP_TENSOR_SEGMENTS_H

#include "tensor/shards.h"

#include <lockstep/status.h>

#include <stdint.h>

enum { LKS_SEGMENT_STACK_MAX = 9 }; /* partial sums at once: log2(LKS_SHARDS_MAX) + 1 */
_Static_assert(LKS_SHARDS_MAX == 1 << (LKS_SEGMENT_STACK_MAX - 1), "a level of the tree each");

typedef struct {
  int terms;          /* all terms */
  int count;          /* segments */
  int outputs;        /* subtrees; an output may have no segment: it is then absent */
  int *term_count;    /* [count] terms of each segment, at least 1 */
  int *additions;     /* [count] how often the two topmost partial sums are added after it */
  int *output_first;  /* [outputs + 1] first segment of each output */
  int32_t *item;      /* [terms] index t x batch + b */
  int capacity_terms; /* what was allocated, in terms and in segments */
  int capacity_segments;
} lks_segments;

/* Room for `terms` terms and `segments` segments (outputs are at most
 * LKS_SUBTREES_MAX).  The pair create/destroy owns the arrays. */
lks_status lks_segments_create(lks_segments **segments, int terms, int segments_max);
void lks_segments_destroy(lks_segments *segments);

/* Fills in the terms of shards `subtrees[0..outputs)` (consecutive, in order).
 *
 *   steps    T
 *   lengths  [batch] active steps of the local rows, NULL: all have T.
 *            Longest first: lengths never rise.
 *
 * Allocates nothing; room is asserted. */
void lks_segments_fill(lks_segments *segments, const lks_shards *shards,
                       const lks_subtree *subtrees, int outputs, int steps, const int *lengths);

/* The same where a row has more or other items than its time steps: `items` writes those
 * of local rows first .. last-1 to out [room], in term order, and returns how many.  More
 * than `room` is a mistake of the caller's and asserted by `items`. */
typedef int (*lks_segment_items)(void *context, int first, int last, int room, int32_t *out);
void lks_segments_fill_rows(lks_segments *segments, const lks_shards *shards,
                            const lks_subtree *subtrees, int outputs, lks_segment_items items,
                            void *context);

#endif
