/* SPDX-License-Identifier: Apache-2.0 */
/* segmented_fast.c - weight gradients by register tiles, segment by segment.
 *
 * The columns of left (wide: gradients of gates or of logits) are the rows of the
 * tile.  A block of LEFT_BLOCK of them is packed in term order into the thread's
 * scratch; the columns of right were packed once for all threads.  The loops go
 * over blocks of left, panels of right, blocks of words (WORD_BLOCK x PANEL floats
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
  LEFT_BLOCK = LKS_GRADIENT_BLOCK,
  WORD_BLOCK = 256,
  PACK_AHEAD = 16,               /* terms that packing asks memory for in advance */
  TILE_PADDING = 3 * CACHE_LINE, /* keeps the tiles' streams out of each other's cache sets */
  TILE_FLOATS = TILE_ROWS * PANEL,
  STACK_FLOATS = (LKS_SEGMENT_STACK_MAX + 1) * TILE_FLOATS
};

/* Where a walk through the words stands, between two blocks of them. */
typedef struct {
  int segment;
  int done;   /* words of the segment that are in its open sum */
  int output; /* that the segment belongs to */
  int depth;  /* partial sums on the stack; the open sum lies on top of them */
} cursor;

typedef struct {
  const lks_segmented *product;
  const float *left;  /* [words of the block, tile's rows] */
  const float *right; /* [words of the block, panel's stride] */
  const float *ahead; /* by tile_ahead */
  int words;
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
  for (int rest = task->words; rest > 0;) {
    const int open = word_count(segments->term_count[at.segment]) - at.done;
    const int words = open < rest ? open : rest;
    tile_chain(rows, vectors, tile, left, 1, (size_t)rows, right, ahead, words);
    ahead += (size_t)words * CACHE_LINE;
    left += words * rows;
    right += (size_t)words * (size_t)(vectors * WIDTH);
    rest -= words;
    at.done += words;
    if (words == open) {
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

/* Words of all terms: a chain a segment, none of which shares a word with another. */
static int words_of(const lks_segments *segments) {
  int words = 0;
  for (int s = 0; s < segments->count; s++)
    words += word_count(segments->term_count[s]);
  return words;
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

/* The most words that `terms` terms can be in: each segment has one, and ends one. */
static int words_max(int terms) {
  return smaller(terms, word_count(terms + (WORD_TERMS - 1) * LKS_SHARDS_MAX));
}

size_t LKS_KERNEL(packed_terms_floats)(int terms, int columns) {
  return LKS_KERNEL(packed_floats)(words_max(terms) * WORD_TERMS, columns);
}

/* Words, each as wide as a float, from one packed tile of left to the next. */
static size_t left_tile_words(int words) {
  return (size_t)words * TILE_ROWS + TILE_PADDING;
}

/* The packed block of left and the stacks of its tiles. */
size_t LKS_KERNEL(segmented_scratch_floats)(int terms, int right_columns) {
  (void)right_columns;
  return (size_t)(LEFT_BLOCK / TILE_ROWS) * (left_tile_words(words_max(terms)) + STACK_FLOATS);
}

/* The row of term t in `rows`; NULL past the end of its segment. */
LKS_INLINE const float *row_of_term(const lks_segments *segments, const float *rows,
                                    size_t stride, int t, int end) {
  return t < end ? rows + (size_t)segments->item[t] * stride : NULL;
}

/* Packs `columns` columns of the items, whose first is at `rows`. */
static void pack_panel(const lks_segments *segments, const float *rows, size_t rows_stride,
                       int columns, float *packed) {
  const int stride = tile_vectors(columns) * WIDTH;
  for (int s = 0, t = 0, end; s < segments->count; s++, t = end) {
    end = t + segments->term_count[s];
    for (; t < end; t += WORD_TERMS, packed += stride) {
      words_across(row_of_term(segments, rows, rows_stride, t, end),
                   row_of_term(segments, rows, rows_stride, t + 1, end), columns, packed);
      for (int n = columns; n < stride; n++)
        packed[n] = 0.0f;
    }
  }
}

void LKS_KERNEL(pack_terms)(const lks_segments *segments, const float *right,
                            size_t right_stride, int columns, float *packed, int first,
                            int last) {
  const size_t words = (size_t)words_of(segments);
  for (int p = first; p < last; p++)
    pack_panel(segments, right + (size_t)p * PANEL, right_stride, panel_columns(columns, p),
               packed + (size_t)p * PANEL * words);
}

/* Where the tiles of a packed block of left are: [tile][words][TILE_ROWS], the last tile
 * as high as it is. */
typedef struct {
  int whole, tail; /* tiles of TILE_ROWS rows, and rows of the last one */
  size_t tile_floats;
  float *packed;
} left_tiles;

LKS_INLINE void spread_word(const left_tiles *tiles, size_t word, const float *from) {
  float *to = tiles->packed + word * TILE_ROWS;
  for (int i = 0; i < tiles->whole; i++, from += TILE_ROWS, to += tiles->tile_floats)
    memcpy(to, from, TILE_ROWS * sizeof *to);
  to = tiles->packed + (size_t)tiles->whole * tiles->tile_floats + word * (size_t)tiles->tail;
  for (int i = 0; i < tiles->tail; i++)
    to[i] = from[i];
}

/* Asks memory for `rows` columns of the items of term t and of the others in its word. */
LKS_INLINE void prefetch_word(const lks_segments *segments, const float *left, size_t stride,
                              int t, int rows) {
  for (int j = 0; j < WORD_TERMS; j++)
    for (int i = 0; i < rows; i += CACHE_LINE)
      __builtin_prefetch(
          left + (size_t)segments->item[smaller(t + j, segments->terms - 1)] * stride + i);
}

/* Packs `rows` columns of left from `first` on, tile by tile. */
static void pack_left(const lks_segmented *product, int first, int rows, float *packed) {
  const lks_segments *segments = product->segments;
  const size_t stride = product->left_stride;
  const float *left = product->left + first;
  const left_tiles tiles = {rows / TILE_ROWS, rows % TILE_ROWS,
                            left_tile_words(words_of(segments)), packed};
  float room[WORD_TERMS == 1 ? 1 : LEFT_BLOCK] = {0};
  size_t word = 0;
  for (int s = 0, t = 0, end; s < segments->count; s++, t = end) {
    end = t + segments->term_count[s];
    for (; t < end; t += WORD_TERMS, word++) {
      const float *from = row_of_term(segments, left, stride, t, end);
      prefetch_word(segments, left, stride, t + PACK_AHEAD, rows);
      if (WORD_TERMS > 1) {
        words_across(from, row_of_term(segments, left, stride, t + 1, end), rows, room);
        from = room;
      }
      spread_word(&tiles, word, from);
    }
  }
}

/* A block of left, packed, against one panel of right. */
typedef struct {
  const lks_segmented *product;
  int first, rows; /* columns of left */
  const float *packed;
  int words;
  float *stacks;
  int panel;
} left_block;

/* All tiles over the block of words from `word` on, from cursor `at`; returns the one
 * after it. */
static cursor run_words(const left_block *block, int word, cursor at) {
  const lks_segmented *product = block->product;
  const size_t words = (size_t)block->words, w = (size_t)word;
  const size_t column = (size_t)block->panel * PANEL;
  const size_t stride = (size_t)panel_stride(product->right_columns, block->panel);
  const int taken = smaller(block->words - word, WORD_BLOCK);
  cursor after = at;
  for (int m = 0; m < block->rows; m += TILE_ROWS) {
    const int height = smaller(block->rows - m, TILE_ROWS), index = m / TILE_ROWS;
    const float *right = product->packed + column * words + w * stride;
    const tile_task task = {
        .product = product,
        .left =
            block->packed + (size_t)index * left_tile_words(block->words) + w * (size_t)height,
        .right = right,
        .ahead = tile_ahead(right + (size_t)taken * stride, index, taken),
        .words = taken,
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
  for (int w = 0; w < block->words; w += WORD_BLOCK)
    at = run_words(block, w, at);
}

void LKS_KERNEL(segmented_product)(const lks_segmented *product, int first, int last,
                                   float *scratch) {
  const int panels = (product->right_columns + PANEL - 1) / PANEL;
  const int words = words_of(product->segments);
  float *packed = scratch + (size_t)(LEFT_BLOCK / TILE_ROWS) * STACK_FLOATS;
  for (int m = first; m < last; m += LEFT_BLOCK) {
    const int rows = smaller(last - m, LEFT_BLOCK);
    if (!product->left_is_packed)
      pack_left(product, m, rows, packed);
    for (int p = 0; p < panels; p++)
      run_panel(&(left_block){product, m, rows, packed, words, scratch, p});
  }
}
