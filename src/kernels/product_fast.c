/* SPDX-License-Identifier: Apache-2.0 */
/* product_fast.c - the packed product by register tiles.
 *
 * right is packed in panels of PANEL columns, [panel][inner][PANEL], so that a tile
 * streams through memory; the last panel is as wide as its vectors.  The loops go
 * over blocks of rows, runs of inner (the block's part of left stays in L2: 88 x 10000 x
 * 200 went from 139 to 150 GFLOP/s on a core of a Sapphire Rapids whose peak is 176),
 * panels, blocks of inner (INNER_BLOCK x PANEL floats of right stay in cache) and tiles;
 * between blocks of inner a tile is stored and loaded again, so each output stays one chain.
 * The tiles of a block ask memory for the next one: 64 x 1024 x 4096 with weights of 16 MB went
 * from 178 to 203 GFLOP/s on a core of a Zen 5 whose peak is 227. */
#include "kernels/tile.h"

enum {
  ROW_BLOCK = 96,
  INNER_BLOCK = 256,                      /* words */
  TURNED = 16,                            /* terms of a cache line */
  STREAM_FLOATS = 512 * 1024,             /* of a packed operand that no second cache holds */
  LEFT_WORDS = WORD_IS_TERM ? 1024 : 512, /* of a row of left at once … */
  LEFT_WORDS_MAX = 2 * 1024,              /* … unless all of them stay in the second cache */
  LEFT_ROOM = WORD_IS_TERM ? 1 : ROW_BLOCK * LEFT_WORDS
};

typedef struct {
  const float *left;
  size_t left_stride;
  const float *right; /* [inner, stride of the panel] */
  const float *ahead; /* by tile_ahead */
  int inner;          /* words */
  const float *start; /* NULL: +0 */
  size_t start_stride;
  float *out;
  size_t out_stride;
  int columns; /* of the tile */
} tile_task;

LKS_INLINE void tile_run(int rows, int vectors, const tile_task *task) {
  tile_row tile[TILE_ROWS];
  if (task->start != NULL)
    tile_load(rows, vectors, tile, task->start, task->start_stride, task->columns);
  else
    tile_zero(rows, vectors, tile);
  tile_chain(rows, vectors, tile, task->left, task->left_stride, 1, task->right, task->ahead,
             task->inner);
  tile_store(rows, vectors, tile, task->out, task->out_stride, task->columns);
}

#include "kernels/tile_cases.h"

size_t LKS_KERNEL(packed_floats)(int inner, int columns) {
  const int panels = (columns + PANEL - 1) / PANEL;
  return (size_t)word_count(inner) * (size_t)(panels * PANEL);
}

/* TURNED terms, side by side in memory, of four columns. */
LKS_INLINE void turn_four(const float *source, size_t column_stride, float (*room)[PANEL],
                          int n) {
  float four[WIDTH];
  for (int k = 0; k < TURNED; k += WIDTH) {
    ivec v[4];
    for (int i = 0; i < 4; i++)
      v[i] = vec_bits(vec_load(source + (size_t)i * column_stride + k));
    ivec_transpose(v);
    for (int j = 0; j < 4; j++) {
      vec_store(four, ivec_floats(v[j]));
      for (int group = 0; group < WIDTH; group += 4)
        memcpy(&room[k + group + j][n], four + group, 4 * sizeof *four);
    }
  }
}

/* At most TURNED terms of `columns` columns, term by term: a cache line of every column is
 * read at once. */
static void turn_terms(int terms, int columns, const float *source, lks_operand strides,
                       float (*room)[PANEL]) {
  int n = 0;
  if (WIDTH >= 4 && terms == TURNED && strides.row_stride == 1)
    for (; n + 4 <= columns; n += 4)
      turn_four(source + (size_t)n * strides.column_stride, strides.column_stride, room, n);
  for (; n < columns; n++)
    for (int k = 0; k < terms; k++)
      room[k][n] = source[(size_t)n * strides.column_stride + (size_t)k * strides.row_stride];
}

/* Words of a panel's row. */
LKS_INLINE void pack_row(const float *first, const float *second, int columns, int stride,
                         float *to) {
  words_across(first, second, columns, to);
  for (int n = columns; n < stride; n++)
    to[n] = 0.0f;
}

LKS_INLINE void stream_row(const float *from, int stride, float *to) {
  for (int n = 0; n < stride; n += WIDTH)
    vec_stream(to + n, vec_load(from + n));
}

/* Packs one panel whose first column is at `source`; past the caches, if `stream`. */
static void pack_panel(int inner, int columns, const float *source, lks_operand strides,
                       float *packed, bool stream) {
  const int stride = tile_vectors(columns) * WIDTH;
  float room[TURNED][PANEL], row[PANEL];
  for (int k = 0; k < word_count(inner) * WORD_TERMS; k += WORD_TERMS, packed += stride) {
    const float *first = source + (size_t)k * strides.row_stride;
    size_t next = strides.row_stride;
    if (strides.column_stride != 1 && k < inner) {
      if (k % TURNED == 0)
        turn_terms(inner - k < TURNED ? inner - k : TURNED, columns, first, strides, room);
      first = room[k % TURNED];
      next = PANEL;
    }
    const bool is_row = WORD_IS_TERM && columns == stride; /* as it lies in memory */
    if (!stream || !is_row)
      pack_row(k < inner ? first : NULL, k + 1 < inner ? first + next : NULL, columns, stride,
               stream ? row : packed);
    if (stream)
      stream_row(is_row ? first : row, stride, packed);
  }
}

void LKS_KERNEL(pack)(int inner, int columns, lks_operand source, float *packed, int first,
                      int last) {
  const size_t panel = (size_t)word_count(inner) * PANEL;
  const bool stream = LKS_KERNEL(packed_floats)(inner, columns) >= STREAM_FLOATS &&
                      (uintptr_t)packed % (WIDTH * sizeof *packed) == 0;
  for (int p = first; p < last; p++)
    pack_panel(inner, panel_columns(columns, p),
               source.data + (size_t)p * PANEL * source.column_stride, source,
               packed + (size_t)p * panel, stream);
  if (stream)
    vec_streamed();
}

/* All tiles of `rows` rows over one block of inner of one panel. */
static void run_block(int rows, tile_task task) {
  const int height = tile_rows(rows);
  const float *next = task.right + (size_t)task.inner * (size_t)panel_stride(task.columns, 0);
  for (int m = 0; m < rows; m += height) {
    task.ahead = tile_ahead(next, m / height, task.inner);
    run(rows - m < height ? rows - m : height, &task);
    task.left += (size_t)height * task.left_stride;
    task.out += (size_t)height * task.out_stride;
    if (task.start != NULL)
      task.start += (size_t)height * task.start_stride;
  }
}

/* One panel: its blocks of `inner` words in order, the first from task.start. */
static void run_panel(int rows, int inner, int stride, tile_task task) {
  int k = 0;
  do {
    task.inner = inner - k < INNER_BLOCK ? inner - k : INNER_BLOCK;
    run_block(rows, task);
    k += task.inner;
    task.left += task.inner;
    task.right += (size_t)task.inner * (size_t)stride;
    task.start = task.out;
    task.start_stride = task.out_stride;
  } while (k < inner);
}

/* A block of left in words: left itself where words are its terms, else in `room`. */
typedef struct {
  const float *words;
  size_t stride;
} left_block;

LKS_INLINE left_block take_left(int rows, int terms, const float *left, size_t stride,
                                float *room) {
  if (WORD_IS_TERM)
    return (left_block){left, stride};
  for (int m = 0; m < rows; m++)
    words_along(left + (size_t)m * stride, terms, room + m * LEFT_WORDS);
  return (left_block){room, LEFT_WORDS};
}

/* Terms of left that pass all panels before the next: sums are stored between runs, which
 * costs more than it saves where left stays in cache as it is. */
LKS_INLINE int left_terms(int inner) {
  return WORD_IS_TERM && inner <= LEFT_WORDS_MAX ? inner : LEFT_WORDS * WORD_TERMS;
}

void LKS_KERNEL(product)(int rows, int inner, int columns, const float *left,
                         size_t left_stride, const float *packed, const float *start,
                         size_t start_stride, float *out, size_t out_stride, int first,
                         int last) {
  float room[LEFT_ROOM];
  const int run = left_terms(inner);
  for (int m = 0; m < rows; m += ROW_BLOCK) {
    const int height = rows - m < ROW_BLOCK ? rows - m : ROW_BLOCK;
    int k = 0;
    do {
      const int terms = inner - k < run ? inner - k : run;
      const left_block block =
          take_left(height, terms, left + (size_t)m * left_stride + k, left_stride, room);
      for (int p = first; p < last; p++) {
        const size_t column = (size_t)p * PANEL;
        const size_t stride = (size_t)panel_stride(columns, p);
        float *to = out + (size_t)m * out_stride + column;
        const tile_task task = {
            .left = block.words,
            .left_stride = block.stride,
            .right =
                packed + column * (size_t)word_count(inner) + (size_t)(k / WORD_TERMS) * stride,
            .start = k > 0           ? to
                     : start != NULL ? start + (size_t)m * start_stride + column
                                     : NULL,
            .start_stride = k > 0 ? out_stride : start_stride,
            .out = to,
            .out_stride = out_stride,
            .columns = panel_columns(columns, p),
        };
        run_panel(height, word_count(terms), (int)stride, task);
      }
      k += terms;
    } while (k < inner);
  }
}
