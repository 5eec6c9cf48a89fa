/* SPDX-License-Identifier: Apache-2.0 */
/* segmented_amx.c - weight gradients of precision bf16-amx by tile registers.
 *
 * The columns of left are the rows of the squares.  For some squares of them left is packed,
 * then every panel of right passes, each for all of them; a square walks through the
 * segments, and the tree's additions are done on a stack in memory.  The bias is
 * segmented_sum's. */
#include "kernels/isa_amx.h"
#include "kernels/kernel_table.h"
#include "kernels/row_sum.h"

LKS_F32_PROTOTYPE(segmented_sum)

enum {
  DEPTH = LKS_SEGMENT_STACK_MAX + 1,
  LEFT_BLOCKS = 512, /* of left that are packed at once, unless a square has more */
  SQUARES = 8        /* that they are of, at most */
};

static int blocks_of(int terms) {
  return (terms + LKS_AMX_TERMS - 1) / LKS_AMX_TERMS;
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

/* Of all terms: a chain a segment. */
static int blocks_of_segments(const lks_segments *segments) {
  int blocks = 0;
  for (int s = 0; s < segments->count; s++)
    blocks += blocks_of(segments->term_count[s]);
  return blocks;
}

/* The most that `terms` terms can be in: each segment has one, and fills up its last. */
static int blocks_most(int terms) {
  return smaller(terms, terms / LKS_AMX_TERMS + LKS_SHARDS_MAX);
}

size_t LKS_KERNEL(packed_terms_floats)(int terms, int columns) {
  return LKS_KERNEL(packed_floats)(blocks_most(terms) * LKS_AMX_TERMS, columns);
}

size_t LKS_KERNEL(segmented_scratch_floats)(int terms, int columns) {
  const int blocks = blocks_most(terms);
  (void)columns;
  return (size_t)(blocks > LEFT_BLOCKS ? blocks : LEFT_BLOCKS) * BLOCK_WORDS +
         (size_t)DEPTH * SQUARE;
}

/* A matrix of items, of which `columns` columns from the first at `rows` are taken. */
typedef struct {
  const lks_segments *segments;
  const float *rows;
  size_t stride;
  int columns;
} items;

/* Words of two terms of 16 columns, of a block of LKS_AMX_TERMS that begins at term t of a
 * segment that ends before term `end`. */
static void words_of_terms(const items *from, int t, int end, int column, ivec v[TILE_SIDE]) {
  for (int j = 0; j < TILE_SIDE; j++, t += 2) {
    const int32_t *item = from->segments->item + t;
    const float *rows = from->rows + column;
    v[j] = words_across(t < end ? rows + (size_t)item[0] * from->stride : NULL,
                        t + 1 < end ? rows + (size_t)item[1] * from->stride : NULL,
                        from->columns - column);
  }
}

/* [block][2 tiles] of SIDE columns, as a left or a right operand. */
static void pack_items(const items *from, bool is_left, float *to) {
  const lks_segments *segments = from->segments;
  for (int s = 0, t = 0, end; s < segments->count; s++, t = end) {
    end = t + segments->term_count[s];
    for (int first = t; first < end; first += LKS_AMX_TERMS)
      for (int half = 0; half < 2; half++, to += TILE_WORDS) {
        ivec v[TILE_SIDE];
        words_of_terms(from, first, end, half * TILE_SIDE, v);
        if (is_left)
          words_transpose(v);
        words_store(to, v);
      }
  }
}

void LKS_KERNEL(pack_terms)(const lks_segments *segments, const float *right,
                            size_t right_stride, int columns, float *packed, int first,
                            int last) {
  const size_t panel_words = (size_t)blocks_of_segments(segments) * BLOCK_WORDS;
  for (int p = first; p < last; p++)
    pack_items(&(items){segments, right + p * SIDE, right_stride, columns - p * SIDE}, false,
               packed + (size_t)p * panel_words);
}

typedef struct {
  const lks_segmented *product;
  const lks_gradient_right *side;
  int row, rows; /* of the weight */
  int column, columns;
  const float *left, *right;
  float *stack; /* [DEPTH, SQUARE] */
} square_task;

static void store_sum(const square_task *task, const float *sum, float *output) {
  float *to = output + task->side->offset + (size_t)task->row * task->side->stride +
              (size_t)task->column;
  for (int m = 0; m < task->rows; m++, sum += SIDE, to += task->side->stride)
    for (int n = 0; n < task->columns; n += WIDTH) {
      const int count = smaller(task->columns - n, WIDTH);
      vec_store_first(to + n, vec_load(sum + n), count);
    }
}

/* A square of the gradient, in all outputs. */
static void run_square(const square_task *task) {
  const lks_segments *segments = task->product->segments;
  const float *left = task->left, *right = task->right;
  for (int o = 0; o < segments->outputs; o++) {
    float *top = task->stack;
    for (int s = segments->output_first[o]; s < segments->output_first[o + 1]; s++) {
      const int blocks = blocks_of(segments->term_count[s]);
      square_zero();
      square_run(task->rows, task->columns, left, right, blocks);
      square_store(top, SIDE);
      left += (size_t)blocks * BLOCK_WORDS;
      right += (size_t)blocks * BLOCK_WORDS;
      for (int i = segments->additions[s]; i > 0; i--, top -= SQUARE)
        add_row(task->rows * SIDE, top - SQUARE, top);
      top += SQUARE;
    }
    if (segments->output_first[o] < segments->output_first[o + 1])
      store_sum(task, task->stack, task->product->outputs[o]);
  }
}

static void bias_gradient(const lks_segmented *product, int first, int last) {
  LKS_F32_KERNEL(segmented_sum)
  (product->segments, product->left, product->left_stride, first, last, product->outputs,
   product->bias);
}

/* Squares that left is packed for at once. */
static int squares_at_once(int blocks) {
  return blocks * SQUARES <= LEFT_BLOCKS ? SQUARES
         : blocks <= LEFT_BLOCKS         ? LEFT_BLOCKS / blocks
                                         : 1;
}

/* Rows m .. m + rows - 1 of the gradients. */
static void run_squares(const lks_segmented *product, int m, int rows, size_t panel_words,
                        float *scratch) {
  square_task task = {.product = product};
  for (int i = 0; i < rows; i += SIDE)
    pack_items(&(items){product->segments, product->left + m + i, product->left_stride,
                        smaller(rows - i, SIDE)},
               true, scratch + (size_t)(i / SIDE) * panel_words);
  task.stack = scratch + (size_t)((rows + SIDE - 1) / SIDE) * panel_words;
  for (int r = 0; r < product->rights; r++) {
    task.side = &product->right[r];
    for (int p = 0; p * SIDE < task.side->columns; p++) {
      task.right = task.side->packed + (size_t)p * panel_words;
      task.column = p * SIDE;
      task.columns = smaller(task.side->columns - p * SIDE, SIDE);
      for (int i = 0; i < rows; i += SIDE) {
        task.left = scratch + (size_t)(i / SIDE) * panel_words;
        task.row = m + i;
        task.rows = smaller(rows - i, SIDE);
        run_square(&task);
      }
    }
  }
}

void LKS_KERNEL(segmented_product)(const lks_segmented *product, int first, int last,
                                   float *scratch) {
  const int blocks = blocks_of_segments(product->segments);
  const size_t panel_words = (size_t)blocks * BLOCK_WORDS;
  const int squares = squares_at_once(blocks);
  if (product->bias != LKS_NO_BIAS)
    bias_gradient(product, first, last);
  tiles_begin();
  for (int m = first; m < last; m += squares * SIDE)
    run_squares(product, m, smaller(last - m, squares * SIDE), panel_words, scratch);
  tiles_end();
}
