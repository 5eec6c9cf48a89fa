/* SPDX-License-Identifier: Apache-2.0 */
/* segmented_fast.c - weight gradients by register tiles, segment by segment.
 *
 * The columns of left (wide: gradients of gates or of logits) are the rows of the
 * tile.  The loops go over blocks of LEFT_BLOCK of them, runs of words (left is summed
 * for the bias, then packed in term order into the thread's scratch), panels of right,
 * which were packed once for all threads, blocks of words (WORD_BLOCK x PANEL floats of
 * right stay in cache while all tiles pass) and tiles.
 *
 * A tile walks through its terms: where a segment ends it pops and adds partial
 * sums as `additions` says and pushes itself, where a block of words ends within a
 * segment it is put away and taken up again.  So the tree costs some loads and
 * additions a segment, while terms stay one chain.
 *
 * What cost most was waiting for memory: packing asks for left PACK_AHEAD terms in
 * advance (700 terms, 10000 x 200: from 151 to 170 GFLOP/s), and the tiles of a block
 * ask for the next block of right (3200 terms, 4096 x 1024: from 170 to 190; Zen 5).
 * Runs made a step of 10752 terms, 2 x 128 units, 5 to 9 % faster. */
#include "kernels/row_sum.h"
#include "kernels/tile.h"

enum {
  LEFT_BLOCK = 96,
  WORD_BLOCK = 256,
  RUN_WORDS = 4 * WORD_BLOCK,    /* whose packed left stays in the second cache … */
  RUN_WORDS_MAX = 4096,          /* … unless that saves a second run */
  SUM_AHEAD = 8,                 /* terms that summing asks memory for in advance … */
  PACK_AHEAD = 16,               /* … and packing */
  TILE_PADDING = 3 * CACHE_LINE, /* keeps the tiles' streams out of each other's cache sets */
  TILE_FLOATS = TILE_ROWS * PANEL,
  DEPTH = LKS_SEGMENT_STACK_MAX + 1,
  STACK_FLOATS = DEPTH * TILE_FLOATS,
  LEFT_TILES = LEFT_BLOCK / TILE_ROWS,
  BIAS_FLOATS = DEPTH * LEFT_BLOCK
};

/* Where a walk through the words stands, between two blocks of them. */
typedef struct {
  int segment;
  int term;   /* the segment's first */
  int done;   /* words of the segment that are in its open sum */
  int output; /* that the segment belongs to */
  int depth;  /* partial sums on the stack; the open sum lies on top of them */
} cursor;

static int smaller(int a, int b) {
  return a < b ? a : b;
}

/* The first output from `output` on that has a segment from `segment` on. */
LKS_INLINE int output_from(const lks_segments *segments, int output, int segment) {
  while (output < segments->outputs && segments->output_first[output + 1] == segment)
    output++;
  return output;
}

/* The segment is complete: on to the next, what could be added having been.  True when it
 * was the last of its output, whose sum is then the only one. */
LKS_INLINE bool walk_on(const lks_segments *segments, cursor *at) {
  at->depth -= segments->additions[at->segment];
  at->term += segments->term_count[at->segment];
  at->segment++;
  at->done = 0;
  if (at->segment < segments->output_first[at->output + 1]) {
    at->depth++;
    return false;
  }
  at->output = output_from(segments, at->output, at->segment);
  return true;
}

typedef struct {
  const lks_segmented *product;
  const lks_gradient_right *side;
  const float *left;  /* [words of the block, tile's rows] */
  const float *right; /* [words of the block, panel's stride] */
  const float *ahead; /* by tile_ahead */
  int words;
  const cursor *from; /* by address: a copy would wait for the stores of the tile before */
  cursor *to;         /* the one after the words */
  float *stack;       /* of this tile */
  size_t place;       /* of the tile in a gradient buffer */
  int columns;
} tile_task;

/* The tile's segment is complete: the tree's additions, then push or store. */
LKS_INLINE void tile_finish(int rows, int vectors, tile_row *tile, const tile_task *task,
                            cursor *at) {
  const lks_segments *segments = task->product->segments;
  const int output = at->output;
  float *sum = task->stack + (size_t)at->depth * TILE_FLOATS;
  for (int i = segments->additions[at->segment]; i > 0; i--) {
    sum -= TILE_FLOATS;
    tile_add(rows, vectors, tile, sum);
  }
  if (walk_on(segments, at))
    tile_store(rows, vectors, tile, task->product->outputs[output] + task->place,
               task->side->stride, task->columns);
  else
    tile_store(rows, vectors, tile, sum, PANEL, PANEL);
}

LKS_INLINE void tile_run(int rows, int vectors, const tile_task *task) {
  const lks_segments *segments = task->product->segments;
  cursor at = *task->from;
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
  *task->to = at;
}

#include "kernels/tile_cases.h"

/* Words of all terms: a chain a segment, none of which shares a word with another. */
static int words_of(const lks_segments *segments) {
  int words = 0;
  for (int s = 0; s < segments->count; s++)
    words += word_count(segments->term_count[s]);
  return words;
}

/* The most words that `terms` terms can be in: each segment has one, and fills up a chain. */
static int words_max(int terms) {
  return smaller(terms * (CHAIN_TERMS / WORD_TERMS),
                 word_count(terms + (CHAIN_TERMS - 1) * LKS_SHARDS_MAX));
}

size_t LKS_KERNEL(packed_terms_floats)(int terms, int columns) {
  return LKS_KERNEL(packed_floats)(words_max(terms) * WORD_TERMS, columns);
}

/* Words that left is packed for at once. */
static int words_of_run(int words) {
  return words <= RUN_WORDS_MAX ? words : RUN_WORDS;
}

/* Words, each as wide as a float, from one packed tile of left to the next. */
static size_t left_tile_words(int run) {
  return (size_t)run * TILE_ROWS + TILE_PADDING;
}

static int panels_of(int columns) {
  return (columns + PANEL - 1) / PANEL;
}

/* The stacks of the tiles, which last from run to run: of each panel, unless there is only
 * one run. */
size_t LKS_KERNEL(segmented_scratch_floats)(int terms, int columns) {
  const int words = words_max(terms), run = words_of_run(words);
  const size_t panels = run < words ? (size_t)(panels_of(columns) + LKS_RIGHTS_MAX - 1) : 1;
  return BIAS_FLOATS +
         LEFT_TILES * (left_tile_words(smaller(words, RUN_WORDS_MAX)) + panels * STACK_FLOATS);
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
    const int filled = t + word_count(segments->term_count[s]) * WORD_TERMS;
    end = t + segments->term_count[s];
    for (; t < filled; t += WORD_TERMS, packed += stride) {
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

/* Asks memory for `columns` columns of the item of term t, or of the last. */
LKS_INLINE void prefetch_term(const lks_segments *segments, const float *left, size_t stride,
                              int t, int columns) {
  const float *row = left + (size_t)segments->item[smaller(t, segments->terms - 1)] * stride;
  for (int m = 0; m < columns; m += CACHE_LINE)
    __builtin_prefetch(row + m);
}

/* A block of left and the run of words that it is packed for. */
typedef struct {
  const lks_segmented *product;
  int words;          /* of all terms */
  int run;            /* most words of a run */
  int first, columns; /* of left */
  int word, end;      /* the run */
  float *bias;        /* [DEPTH, LEFT_BLOCK] partial sums */
  float *packed;
  float *stacks; /* [panel][tile][DEPTH, TILE_FLOATS]; of one panel, when there is one run */
} left_block;

/* The segment of the bias' open sum is complete; like tile_finish. */
static void bias_finish(const left_block *block, cursor *at) {
  const lks_segmented *product = block->product;
  const int output = at->output;
  float *sum = block->bias + at->depth * LEFT_BLOCK;
  for (int i = product->segments->additions[at->segment]; i > 0; i--, sum -= LEFT_BLOCK)
    add_row(block->columns, sum - LEFT_BLOCK, sum);
  if (walk_on(product->segments, at))
    memcpy(product->outputs[output] + product->bias + block->first, sum,
           (size_t)block->columns * sizeof *sum);
}

/* Sums left for the bias over the run, on whose first word `at` stands.  This is what
 * fetches left from memory: packing then finds it in the cache. */
static void sum_run(const left_block *block, cursor at) {
  const lks_segments *segments = block->product->segments;
  const size_t stride = block->product->left_stride;
  const float *left = block->product->left + block->first;
  for (int word = block->word; word < block->end;) {
    const int words = word_count(segments->term_count[at.segment]);
    const int taken = smaller(words - at.done, block->end - word);
    const int first = at.term + at.done * WORD_TERMS;
    const int last =
        smaller(first + taken * WORD_TERMS, at.term + segments->term_count[at.segment]);
    float *sum = block->bias + at.depth * LEFT_BLOCK;
    if (at.done == 0)
      memset(sum, 0, LEFT_BLOCK * sizeof *sum);
    for (int t = first; t < last; t++) {
      prefetch_term(segments, left, stride, t + SUM_AHEAD, block->columns);
      add_row(block->columns, sum, left + (size_t)segments->item[t] * stride);
    }
    word += taken;
    at.done += taken;
    if (at.done == words)
      bias_finish(block, &at);
  }
}

/* Packs left for the run, on whose first word `at` stands. */
static void pack_run(const left_block *block, cursor at) {
  const lks_segments *segments = block->product->segments;
  const size_t stride = block->product->left_stride;
  const float *left = block->product->left + block->first;
  const left_tiles tiles = {block->columns / TILE_ROWS, block->columns % TILE_ROWS,
                            left_tile_words(block->run), block->packed};
  float room[WORD_IS_TERM ? 1 : LEFT_BLOCK] = {0};
  int t = at.term + at.done * WORD_TERMS;
  for (int s = at.segment, end = at.term, word = block->word; word < block->end; s++) {
    const int filled = end + word_count(segments->term_count[s]) * WORD_TERMS;
    end += segments->term_count[s];
    for (; word < block->end && t < filled; t += WORD_TERMS, word++) {
      const float *from = row_of_term(segments, left, stride, t, end);
      for (int j = 0; j < WORD_TERMS; j++)
        prefetch_term(segments, left, stride, t + j + PACK_AHEAD, block->columns);
      if (!WORD_IS_TERM) {
        words_across(from, row_of_term(segments, left, stride, t + 1, end), block->columns,
                     room);
        from = room;
      }
      spread_word(&tiles, (size_t)(word - block->word), from);
    }
    t = smaller(t, end); /* a segment's last words may have room for more terms */
  }
}

/* All tiles against one panel of a right, over the block of words from `word` on, on which
 * *at stands; it goes on to the next. */
static void run_words(const left_block *block, const lks_gradient_right *side, int panel,
                      float *stacks, int word, cursor *at) {
  const size_t column = (size_t)panel * PANEL;
  const size_t stride = (size_t)panel_stride(side->columns, panel);
  const int taken = smaller(block->end - word, WORD_BLOCK);
  const float *right = side->packed + column * (size_t)block->words + (size_t)word * stride;
  cursor after;
  for (int m = 0; m < block->columns; m += TILE_ROWS) {
    const int height = smaller(block->columns - m, TILE_ROWS), index = m / TILE_ROWS;
    const tile_task task = {
        .product = block->product,
        .side = side,
        .left = block->packed + (size_t)index * left_tile_words(block->run) +
                (size_t)((word - block->word) * height),
        .right = right,
        .ahead = tile_ahead(right + (size_t)taken * stride, index, taken),
        .words = taken,
        .from = at,
        .to = &after,
        .stack = stacks + (size_t)index * STACK_FLOATS,
        .place = side->offset + (size_t)(block->first + m) * side->stride + column,
        .columns = panel_columns(side->columns, panel),
    };
    run(height, &task);
  }
  *at = after;
}

/* The block over the run, from cursor `at`; returns the one after it. */
static cursor run_block(const left_block *block, cursor at) {
  const lks_segmented *product = block->product;
  float *stacks = block->stacks;
  cursor after = at;
  if (product->bias != LKS_NO_BIAS)
    sum_run(block, at);
  pack_run(block, at);
  for (int r = 0; r < product->rights; r++)
    for (int p = 0; p < panels_of(product->right[r].columns); p++) {
      after = at;
      for (int w = block->word; w < block->end; w += WORD_BLOCK)
        run_words(block, &product->right[r], p, stacks, w, &after);
      if (block->run < block->words)
        stacks += LEFT_TILES * STACK_FLOATS;
    }
  return after;
}

void LKS_KERNEL(segmented_product)(const lks_segmented *product, int first, int last,
                                   float *scratch) {
  const int words = words_of(product->segments);
  left_block block = {.product = product, .words = words, .run = words_of_run(words)};
  block.bias = scratch;
  block.packed = block.bias + BIAS_FLOATS;
  block.stacks = block.packed + LEFT_TILES * left_tile_words(block.run);
  for (block.first = first; block.first < last; block.first += LEFT_BLOCK) {
    cursor at = {.output = output_from(product->segments, 0, 0)};
    block.columns = smaller(last - block.first, LEFT_BLOCK);
    for (block.word = 0; block.word < words; block.word += block.run) {
      block.end = smaller(words, block.word + block.run);
      at = run_block(&block, at);
    }
  }
}
