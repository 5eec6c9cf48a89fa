/* SPDX-License-Identifier: Apache-2.0 */
/* tile.h - the register tile of the fast products: rows x vectors of running sums.
 *
 * Every function is inlined with constant `rows` and `vectors`, and the rows are
 * written out: as a loop over rows clang 14 keeps the tile on the stack, which costs
 * two thirds of the speed.  A tile has 1, 2, 3 or TILE_VECTORS vectors; `columns` of
 * its elements are valid in each row, the others are padding. */
#ifndef LOCKSTEP_KERNELS_TILE_H
#define LOCKSTEP_KERNELS_TILE_H

#include "kernels/word.h"

enum {
  PANEL = WIDTH * TILE_VECTORS,
  CACHE_LINE = 16 /* floats */
};

typedef vec tile_row[TILE_VECTORS];

/* Vectors of a tile that is `columns` wide, at most PANEL. */
LKS_INLINE int tile_vectors(int columns) {
  const int vectors = (columns + WIDTH - 1) / WIDTH;
  return vectors <= 3 ? vectors : TILE_VECTORS;
}

/* Rows of the tiles that cut `rows` evenly. */
LKS_INLINE int tile_rows(int rows) {
  const int tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  return tiles > 0 ? (rows + tiles - 1) / tiles : 1;
}

/* Valid columns, and stored floats a row, of panel `p` of an operand. */
LKS_INLINE int panel_columns(int columns, int p) {
  const int rest = columns - p * PANEL;
  return rest < PANEL ? rest : PANEL;
}
LKS_INLINE int panel_stride(int columns, int p) {
  return tile_vectors(panel_columns(columns, p)) * WIDTH;
}

LKS_INLINE void row_zero(int vectors, vec *row) {
  for (int q = 0; q < vectors; q++)
    row[q] = vec_set(0.0f);
}

LKS_INLINE void row_load(int vectors, vec *row, const float *from, int columns) {
  for (int q = 0; q < vectors; q++) {
    const int n = columns - q * WIDTH;
    row[q] = n >= WIDTH ? vec_load(from + q * WIDTH)
             : n > 0    ? vec_load_first(from + q * WIDTH, n)
                        : vec_set(0.0f);
  }
}

LKS_INLINE void row_store(int vectors, const vec *row, float *to, int columns) {
  for (int q = 0; q < vectors; q++) {
    const int n = columns - q * WIDTH;
    if (n >= WIDTH)
      vec_store(to + q * WIDTH, row[q]);
    else if (n > 0)
      vec_store_first(to + q * WIDTH, row[q], n);
  }
}

/* row += from; adding is done on all vectors, padding included. */
LKS_INLINE void row_add(int vectors, vec *row, const float *from) {
  for (int q = 0; q < vectors; q++)
    row[q] = vec_add(vec_load(from + q * WIDTH), row[q]);
}

LKS_INLINE void row_fma(int vectors, vec *row, float a, const vec *b) {
  for (int q = 0; q < vectors; q++)
    row[q] = word_fma(vec_set(a), b[q], row[q]);
}

LKS_INLINE void tile_zero(int rows, int vectors, tile_row *tile) {
  if (rows > 0)
    row_zero(vectors, tile[0]);
  if (rows > 1)
    row_zero(vectors, tile[1]);
  if (rows > 2)
    row_zero(vectors, tile[2]);
  if (rows > 3)
    row_zero(vectors, tile[3]);
  if (rows > 4)
    row_zero(vectors, tile[4]);
  if (rows > 5)
    row_zero(vectors, tile[5]);
}

LKS_INLINE void tile_load(int rows, int vectors, tile_row *tile, const float *from,
                          size_t stride, int columns) {
  if (rows > 0)
    row_load(vectors, tile[0], from, columns);
  if (rows > 1)
    row_load(vectors, tile[1], from + stride, columns);
  if (rows > 2)
    row_load(vectors, tile[2], from + 2 * stride, columns);
  if (rows > 3)
    row_load(vectors, tile[3], from + 3 * stride, columns);
  if (rows > 4)
    row_load(vectors, tile[4], from + 4 * stride, columns);
  if (rows > 5)
    row_load(vectors, tile[5], from + 5 * stride, columns);
}

LKS_INLINE void tile_store(int rows, int vectors, tile_row *tile, float *to, size_t stride,
                           int columns) {
  if (rows > 0)
    row_store(vectors, tile[0], to, columns);
  if (rows > 1)
    row_store(vectors, tile[1], to + stride, columns);
  if (rows > 2)
    row_store(vectors, tile[2], to + 2 * stride, columns);
  if (rows > 3)
    row_store(vectors, tile[3], to + 3 * stride, columns);
  if (rows > 4)
    row_store(vectors, tile[4], to + 4 * stride, columns);
  if (rows > 5)
    row_store(vectors, tile[5], to + 5 * stride, columns);
}

/* tile += a stored tile of PANEL floats a row. */
LKS_INLINE void tile_add(int rows, int vectors, tile_row *tile, const float *from) {
  if (rows > 0)
    row_add(vectors, tile[0], from);
  if (rows > 1)
    row_add(vectors, tile[1], from + PANEL);
  if (rows > 2)
    row_add(vectors, tile[2], from + 2 * PANEL);
  if (rows > 3)
    row_add(vectors, tile[3], from + 3 * PANEL);
  if (rows > 4)
    row_add(vectors, tile[4], from + 4 * PANEL);
  if (rows > 5)
    row_add(vectors, tile[5], from + 5 * PANEL);
}

/* Where the tile of number `index` starts to ask for the block of right that follows at
 * `next`: the tiles of a block of `inner` share its cache lines out.  It may lie past
 * the operand, since asking is only a hint. */
LKS_INLINE const float *tile_ahead(const float *next, int index, int inner) {
  return next + (size_t)(index % (PANEL / CACHE_LINE)) * (size_t)inner * CACHE_LINE;
}

/* tile[m, n] = fma(left[m, k], right[k, n], tile[m, n]) for words k = 0, parts, 2 parts …
 * below `inner`.  Word (m, k) of left is left[m x row_stride + k x step]; right is one
 * panel.  A cache line of `ahead` is asked for at each k. */
LKS_INLINE void tile_fma(int rows, int vectors, tile_row *tile, const float *left,
                         size_t row_stride, size_t step, const float *right, int parts,
                         const float *ahead, int inner) {
  for (int k = 0; k < inner; k += parts) {
    __builtin_prefetch(ahead, 0, 2);
    vec b[TILE_VECTORS];
    for (int q = 0; q < vectors; q++)
      b[q] = vec_load(right + q * WIDTH);
    if (rows > 0)
      row_fma(vectors, tile[0], left[0], b);
    if (rows > 1)
      row_fma(vectors, tile[1], left[row_stride], b);
    if (rows > 2)
      row_fma(vectors, tile[2], left[2 * row_stride], b);
    if (rows > 3)
      row_fma(vectors, tile[3], left[3 * row_stride], b);
    if (rows > 4)
      row_fma(vectors, tile[4], left[4 * row_stride], b);
    if (rows > 5)
      row_fma(vectors, tile[5], left[5 * row_stride], b);
    left += (size_t)parts * step;
    right += parts * vectors * WIDTH;
    ahead += parts * CACHE_LINE;
  }
}

/* tile = tile + (even + odd). */
LKS_INLINE void tile_add_parts(int rows, int vectors, tile_row *tile, tile_row *even,
                               tile_row *odd) {
  for (int m = 0; m < rows; m++)
    for (int q = 0; q < vectors; q++)
      tile[m][q] = vec_add(tile[m][q], vec_add(even[m][q], odd[m][q]));
}

/* The tile's chains go on over the words below `inner`, the arguments those of tile_fma. */
LKS_INLINE void tile_chain(int rows, int vectors, tile_row *tile, const float *left,
                           size_t row_stride, size_t step, const float *right,
                           const float *ahead, int inner) {
  if (CHAIN_PARTS == 1) {
    tile_fma(rows, vectors, tile, left, row_stride, step, right, 1, ahead, inner);
    return;
  }
  for (int k = 0; k < inner; k += CHAIN_TERMS) {
    tile_row even[TILE_ROWS], odd[TILE_ROWS];
    tile_zero(rows, vectors, even);
    tile_fma(rows, vectors, even, left, row_stride, step, right, 2, ahead, CHAIN_TERMS);
    tile_zero(rows, vectors, odd);
    tile_fma(rows, vectors, odd, left + step, row_stride, step, right + vectors * WIDTH, 2,
             ahead + CACHE_LINE, CHAIN_TERMS);
    tile_add_parts(rows, vectors, tile, even, odd);
    left += CHAIN_TERMS * step;
    right += CHAIN_TERMS * vectors * WIDTH;
    ahead += CHAIN_TERMS * CACHE_LINE;
  }
}

#endif
