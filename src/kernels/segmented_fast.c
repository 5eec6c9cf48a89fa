/* SPDX-License-Identifier: Apache-2.0 */
/* segmented_fast.c - weight gradients by register tiles, segment by segment.
 *
 * The columns of left (wide: gradients of gates or of logits) are the rows of the
 * tile.  A block of LEFT_BLOCK of them is packed in term order into the thread's
 * scratch; the columns of right were packed once for all threads.  The loops go
 * over blocks of left, panels of right, blocks of terms (TERM_BLOCK x PANEL floats
 * of right stay in cache while all tiles pass) and tiles.
 *
 * A tile walks through its terms: where a segment ends it pops and adds partial
 * sums as `additions` says and pushes itself, where a block of terms ends within a
 * segment it is put away and taken up again.  So the tree costs some loads and
 * additions a segment, while terms stay one chain.
 *
 * What cost most was waiting for memory: packing asks for left PACK_AHEAD terms in
 * advance (700 terms, 10000 x 200: from 151 to 170 GFLOP/s), and the tiles of a block
 * ask for the next block of right (3200 terms, 4096 x 1024: from 170 to 190; Zen 5). */
#include "kernels/tile.h"

enum {
  LEFT_BLOCK = 16 * TILE_ROWS,
  TERM_BLOCK = 256,
  PACK_AHEAD = 16, /* terms that packing asks memory for in advance */
  TILE_FLOATS = TILE_ROWS * PANEL,
  STACK_FLOATS = (LKS_SEGMENT_STACK_MAX + 1) * TILE_FLOATS
};

/* Where a walk through the terms stands, between two blocks of them. */
typedef struct {
  int segment;
  int done;   /* terms of the segment that are in its open sum */
  int output; /* that the segment belongs to */
  int depth;  /* partial sums on the stack; the open sum lies on top of them */
} cursor;

typedef struct {
  const lks_segmented *product;
  const float *left;  /* [terms of the block, tile's rows] */
  const float *right; /* [terms of the block, panel's stride] */
  const float *ahead; /* by tile_ahead */
  int terms;
  float *stack; /* of this tile */
  size_t place; /* of the tile in a gradient buffer */
  int columns;
} tile_task;

/* The tile's segment is complete: the tree's additions, then push or store.  `at` is
 * on the segment; steps on to the next. */
LKS_INLINE void tile_finish(int rows, int vectors, tile_row *tile, const tile_task *task,
                            cursor *at) {
  const lks_segmented *product = task->product;
  const lks_segments *segments = product->segments;
  for (int i = segments->additions[at->segment]; i > 0; i--)
    tile_add(rows, vectors, tile, task->stack + (size_t)--at->depth * TILE_FLOATS);
  at->segment++;
  at->done = 0;
  if (at->segment == segments->output_first[at->output + 1]) {
    tile_store(rows, vectors, tile, product->outputs[at->output] + task->place, product->stride,
               task->columns);
    do
      at->output++;
    while (at->output < segments->outputs &&
           at->segment == segments->output_first[at->output + 1]);
  } else {
    tile_store(rows, vectors, tile, task->stack + (size_t)at->depth++ * TILE_FLOATS, PANEL,
               PANEL);
  }
}

LKS_INLINE cursor tile_run(int rows, int vectors, const tile_task *task, cursor at) {
  const lks_segments *segments = task->product->segments;
  const float *left = task->left, *right = task->right, *ahead = task->ahead;
  tile_row tile[TILE_ROWS];
  if (at.done > 0)
    tile_load(rows, vectors, tile, task->stack + (size_t)at.depth * TILE_FLOATS, PANEL, PANEL);
  else
    tile_zero(rows, vectors, tile);
  for (int rest = task->terms; rest > 0;) {
    const int open = segments->term_count[at.segment] - at.done;
    const int terms = open < rest ? open : rest;
    tile_chain(rows, vectors, tile, left, 1, (size_t)rows, right, ahead, terms);
    ahead += (size_t)terms * CACHE_LINE;
    left += terms * rows;
    right += (size_t)terms * (size_t)(vectors * WIDTH);
    rest -= terms;
    at.done += terms;
    if (terms == open) {
      tile_finish(rows, vectors, tile, task, &at);
      tile_zero(rows, vectors, tile);
    }
  }
  if (at.done > 0)
    tile_store(rows, vectors, tile, task->stack + (size_t)at.depth * TILE_FLOATS, PANEL, PANEL);
  return at;
}

LKS_INLINE cursor run_vectors(int rows, const tile_task *task, cursor at) {
  switch (tile_vectors(task->columns)) {
  case 1: return tile_run(rows, 1, task, at);
  case 2: return tile_run(rows, 2, task, at);
  case 3: return tile_run(rows, TILE_VECTORS > 3 ? 3 : TILE_VECTORS, task, at);
  default: return tile_run(rows, TILE_VECTORS, task, at);
  }
}

static cursor run(int rows, const tile_task *task, cursor at) {
  switch (rows) {
  case 1: return run_vectors(1, task, at);
  case 2: return run_vectors(2, task, at);
  case 3: return run_vectors(3, task, at);
  case 4: return run_vectors(4, task, at);
  case 5: return run_vectors(5, task, at);
  default: return run_vectors(6, task, at);
  }
}

size_t LKS_KERNEL(packed_terms_floats)(int terms, int columns) {
  return LKS_KERNEL(packed_floats)(terms, columns);
}

/* The packed block of left and the stacks of its tiles. */
size_t LKS_KERNEL(segmented_scratch_floats)(int terms, int right_columns) {
  (void)right_columns;
  return (size_t)terms * LEFT_BLOCK + (size_t)(LEFT_BLOCK / TILE_ROWS) * STACK_FLOATS;
}

void LKS_KERNEL(pack_terms)(const lks_segments *segments, const float *right,
                            size_t right_stride, int columns, float *packed, int first,
                            int last) {
  for (int p = first; p < last; p++) {
    const int width = panel_columns(columns, p), stride = panel_stride(columns, p);
    float *to = packed + (size_t)p * PANEL * (size_t)segments->terms;
    for (int t = 0; t < segments->terms; t++, to += stride) {
      const float *from = right + (size_t)segments->item[t] * right_stride + (size_t)p * PANEL;
      memcpy(to, from, (size_t)width * sizeof *to);
      for (int n = width; n < stride; n++)
        to[n] = 0.0f;
    }
  }
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

/* Column `first` of the item of term t. */
static const float *left_row(const lks_segmented *product, int first, int t) {
  return product->left + (size_t)product->segments->item[t] * product->left_stride +
         (size_t)first;
}

/* Packs `rows` columns of left from `first` on, tile by tile: [tile][terms][TILE_ROWS],
 * the last tile as high as it is. */
static void pack_left(const lks_segmented *product, int first, int rows, float *packed) {
  const lks_segments *segments = product->segments;
  const int whole = rows / TILE_ROWS, tail = rows % TILE_ROWS;
  const size_t tile_floats = (size_t)segments->terms * TILE_ROWS;
  for (int t = 0; t < segments->terms; t++) {
    const float *from = left_row(product, first, t);
    const float *ahead = left_row(product, first, smaller(t + PACK_AHEAD, segments->terms - 1));
    for (int i = 0; i < rows; i += CACHE_LINE)
      __builtin_prefetch(ahead + i);
    float *to = packed + (size_t)t * TILE_ROWS;
    for (int i = 0; i < whole; i++, from += TILE_ROWS, to += tile_floats)
      memcpy(to, from, TILE_ROWS * sizeof *to);
    to = packed + (size_t)whole * tile_floats + (size_t)t * (size_t)tail;
    for (int i = 0; i < tail; i++)
      to[i] = from[i];
  }
}

/* A block of left, packed, against one panel of right. */
typedef struct {
  const lks_segmented *product;
  int first, rows; /* columns of left */
  const float *packed;
  float *stacks;
  int panel;
} left_block;

/* All tiles over the block of terms from `term` on, from cursor `at`; returns the one
 * after it. */
static cursor run_terms(const left_block *block, int term, cursor at) {
  const lks_segmented *product = block->product;
  const size_t terms = (size_t)product->segments->terms, t = (size_t)term;
  const size_t column = (size_t)block->panel * PANEL;
  const size_t stride = (size_t)panel_stride(product->right_columns, block->panel);
  const int taken = smaller(product->segments->terms - term, TERM_BLOCK);
  cursor after = at;
  for (int m = 0; m < block->rows; m += TILE_ROWS) {
    const int height = smaller(block->rows - m, TILE_ROWS), index = m / TILE_ROWS;
    const float *right = product->packed + column * terms + t * stride;
    const tile_task task = {
        .product = product,
        .left = block->packed + (size_t)m * terms + t * (size_t)height,
        .right = right,
        .ahead = tile_ahead(right + (size_t)taken * stride, index, taken),
        .terms = taken,
        .stack = block->stacks + (size_t)index * STACK_FLOATS,
        .place = product->offset + (size_t)(block->first + m) * product->stride + column,
        .columns = panel_columns(product->right_columns, block->panel),
    };
    after = run(height, &task, at);
  }
  return after;
}

static void run_panel(const left_block *block) {
  const lks_segments *segments = block->product->segments;
  cursor at = {.output = 0};
  while (at.output < segments->outputs && segments->output_first[at.output + 1] == 0)
    at.output++;
  for (int t = 0; t < segments->terms; t += TERM_BLOCK)
    at = run_terms(block, t, at);
}

void LKS_KERNEL(segmented_product)(const lks_segmented *product, int first, int last,
                                   float *scratch) {
  const int panels = (product->right_columns + PANEL - 1) / PANEL;
  float *packed = scratch + (size_t)(LEFT_BLOCK / TILE_ROWS) * STACK_FLOATS;
  for (int m = first; m < last; m += LEFT_BLOCK) {
    const int rows = smaller(last - m, LEFT_BLOCK);
    pack_left(product, m, rows, packed);
    for (int p = 0; p < panels; p++)
      run_panel(&(left_block){product, m, rows, packed, scratch, p});
  }
}
