/* SPDX-License-Identifier: Apache-2.0 */
/* product_amx.c - the packed product of precision bf16-amx by tile registers.
 *
 * right is packed in panels of SIDE columns, [panel][block][2 tiles], so that a square of
 * sums streams through memory.  The loops go over runs of blocks, groups of panels (whose
 * part of right stays in the second cache while all rows pass: a core of a Sapphire Rapids
 * multiplies 2.6 TFLOP/s from there, and 0.4 from beyond), blocks of rows, whose part of
 * left is turned to words, panels, and squares.  Squares that lie in the result as a whole
 * are loaded and stored there, others by way of a copy. */
#include "kernels/isa_amx.h"
#include "kernels/kernel_table.h"

enum {
  ROW_BLOCK = 3 * SIDE,
  RUN = 32,      /* most blocks of a run */
  RUN_LEAST = 8, /* fewest, to have all panels in one group */
  GROUP = 512,   /* blocks of the panels of a group */
  LEFT_WORDS = ROW_BLOCK / SIDE * RUN * BLOCK_WORDS
};

static int blocks_of(int terms) {
  return (terms + LKS_AMX_TERMS - 1) / LKS_AMX_TERMS;
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

size_t LKS_KERNEL(packed_floats)(int inner, int columns) {
  return (size_t)blocks_of(inner) * (size_t)((columns + SIDE - 1) / SIDE) * BLOCK_WORDS;
}

/* ---- packing ---------------------------------------------------------------- */

/* Terms k … of columns n …, where they lie in memory; at most `terms` and `columns`. */
typedef struct {
  const float *data;
  size_t row_stride, column_stride;
  int terms, columns;
} right_part;

/* Row by row of the source: a row is a term. */
static void words_of_rows(const right_part *part, ivec v[TILE_SIDE]) {
  for (int j = 0; j < TILE_SIDE; j++) {
    const float *first = part->data + (size_t)(2 * j) * part->row_stride;
    v[j] =
        words_across(2 * j < part->terms ? first : NULL,
                     2 * j + 1 < part->terms ? first + part->row_stride : NULL, part->columns);
  }
}

/* Column by column, whose terms are side by side. */
static void words_of_columns(const right_part *part, ivec v[TILE_SIDE]) {
  for (int n = 0; n < TILE_SIDE; n++)
    v[n] = words_along(part->data + (size_t)n * part->column_stride,
                       n < part->columns ? part->terms : 0);
  words_transpose(v);
}

/* Anything else, a number at a time. */
static void words_of_numbers(const right_part *part, ivec v[TILE_SIDE]) {
  float room[LKS_AMX_TERMS * TILE_SIDE];
  for (int k = 0; k < part->terms; k++)
    for (int n = 0; n < smaller(part->columns, TILE_SIDE); n++)
      room[k * TILE_SIDE + n] =
          part->data[(size_t)k * part->row_stride + (size_t)n * part->column_stride];
  words_of_rows(&(right_part){room, TILE_SIDE, 1, part->terms, part->columns}, v);
}

/* The tile of right at term k and column n of the source. */
static void pack_tile(int inner, int columns, lks_operand source, int k, int n, float *to) {
  const right_part part = {
      .data = source.data + (size_t)k * source.row_stride + (size_t)n * source.column_stride,
      .row_stride = source.row_stride,
      .column_stride = source.column_stride,
      .terms = smaller(inner - k, LKS_AMX_TERMS),
      .columns = columns - n,
  };
  ivec v[TILE_SIDE];
  if (part.columns <= 0)
    for (int j = 0; j < TILE_SIDE; j++)
      v[j] = vec_bits(vec_set(0.0f));
  else if (source.column_stride == 1)
    words_of_rows(&part, v);
  else if (source.row_stride == 1)
    words_of_columns(&part, v);
  else
    words_of_numbers(&part, v);
  words_store(to, v);
}

void LKS_KERNEL(pack)(int inner, int columns, lks_operand source, float *packed, int first,
                      int last) {
  float *to = packed + LKS_KERNEL(packed_floats)(inner, SIDE * first);
  for (int p = first; p < last; p++)
    for (int k = 0; k < inner; k += LKS_AMX_TERMS, to += BLOCK_WORDS)
      for (int half = 0; half < 2; half++)
        pack_tile(inner, columns, source, k, p * SIDE + half * TILE_SIDE,
                  to + half * TILE_WORDS);
}

/* Rows of left, `terms` terms of each, in words: [square][block][2 tiles]. */
static void take_left(int rows, int terms, const float *left, size_t stride, float *to) {
  const int blocks = blocks_of(terms);
  for (int m = 0; m < (rows + SIDE - 1) / SIDE * SIDE; m++) {
    float *row = to + (m / SIDE) * blocks * BLOCK_WORDS + m % SIDE * TILE_SIDE;
    for (int i = 0; i < blocks; i++, row += BLOCK_WORDS)
      vec_store(row,
                ivec_floats(words_along(left + (size_t)m * stride + (size_t)(i * LKS_AMX_TERMS),
                                        m < rows ? terms - i * LKS_AMX_TERMS : 0)));
  }
}

/* ---- multiplying ------------------------------------------------------------ */

typedef struct {
  int columns;       /* of the result */
  int blocks;        /* of the run */
  const float *left; /* in words */
  const float *packed;
  size_t panel_words;
  const float *start; /* NULL: +0 */
  size_t start_stride;
  float *out;
  size_t out_stride;
} run_task;

static void copy_rows(int rows, int columns, const float *from, size_t from_stride, float *to,
                      size_t to_stride) {
  for (int m = 0; m < rows; m++, from += from_stride, to += to_stride)
    for (int n = 0; n < columns; n += WIDTH) {
      if (columns - n >= WIDTH)
        vec_store(to + n, vec_load(from + n));
      else
        vec_store_first(to + n, vec_load_first(from + n, columns - n), columns - n);
    }
}

/* Asks memory for a square that will be written. */
LKS_INLINE void ask_for_square(float *out, size_t stride) {
  for (int m = 0; m < SIDE; m++, out += stride)
    for (int n = 0; n < SIDE; n += TILE_SIDE)
      __builtin_prefetch(out + n, 1);
}

/* The square of rows m … and panel p, of which `rows` are wanted. */
static void run_square(const run_task *task, int m, int rows, int p) {
  const int columns = smaller(task->columns - p * SIDE, SIDE);
  const bool whole = rows == SIDE && columns == SIDE;
  const float *start =
      task->start != NULL ? task->start + (size_t)m * task->start_stride + p * SIDE : NULL;
  float *out = task->out + (size_t)m * task->out_stride + p * SIDE;
  float room[SQUARE] __attribute__((aligned(64)));
  if (whole && start != out)
    ask_for_square(out, task->out_stride);
  if (start == NULL) {
    square_zero();
  } else if (whole && task->start_stride > 0) {
    square_load(start, task->start_stride);
  } else {
    copy_rows(rows, columns, start, task->start_stride, room, SIDE);
    square_load(room, SIDE);
  }
  square_run(rows, columns, task->left + m / SIDE * task->blocks * BLOCK_WORDS,
             task->packed + (size_t)p * task->panel_words, task->blocks);
  if (whole) {
    square_store(out, task->out_stride);
  } else {
    square_store(room, SIDE);
    copy_rows(rows, columns, room, SIDE, out, task->out_stride);
  }
}

/* All squares of `rows` rows and of panels first .. last-1. */
static void run_panels(const run_task *task, int rows, int first, int last) {
  for (int p = first; p < last; p++)
    for (int m = 0; m < rows; m += SIDE)
      run_square(task, m, smaller(rows - m, SIDE), p);
}

/* How many blocks make a run, and how many panels a group. */
static void cut(int rows, int blocks, int panels, int *run, int *group) {
  *run = RUN;
  *group = GROUP / smaller(RUN, blocks > 0 ? blocks : 1);
  if (rows <= ROW_BLOCK) {
    *group = panels; /* which pass once in any case */
  } else if (panels * RUN_LEAST <= GROUP) {
    *run = smaller(RUN, GROUP / panels);
    *group = panels;
  }
}

void LKS_KERNEL(product)(int rows, int inner, int columns, const float *left,
                         size_t left_stride, const float *packed, const float *start,
                         size_t start_stride, float *out, size_t out_stride, int first,
                         int last) {
  float room[LEFT_WORDS] __attribute__((aligned(64)));
  const int blocks = blocks_of(inner);
  int run, group, block = 0;
  if (first >= last)
    return;
  cut(rows, blocks, last - first, &run, &group);
  tiles_begin();
  do {
    const int term = block * LKS_AMX_TERMS;
    run_task task = {
        .columns = columns,
        .blocks = smaller(blocks - block, run),
        .left = room,
        .packed = packed + (size_t)block * BLOCK_WORDS,
        .panel_words = (size_t)blocks * BLOCK_WORDS,
        .start_stride = block > 0 ? out_stride : start_stride,
        .out_stride = out_stride,
    };
    for (int p = first; p < last; p += group)
      for (int m = 0; m < rows; m += ROW_BLOCK) {
        task.out = out + (size_t)m * out_stride;
        task.start = block > 0       ? task.out
                     : start != NULL ? start + (size_t)m * start_stride
                                     : NULL;
        take_left(smaller(rows - m, ROW_BLOCK), smaller(inner - term, run * LKS_AMX_TERMS),
                  left + (size_t)m * left_stride + term, left_stride, room);
        run_panels(&task, smaller(rows - m, ROW_BLOCK), p, smaller(last, p + group));
      }
    block += run;
  } while (block < blocks);
  tiles_end();
}
