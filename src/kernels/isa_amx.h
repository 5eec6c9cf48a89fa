/* SPDX-License-Identifier: Apache-2.0 */
/* isa_amx.h - the tile registers of AMX and what fills them, over the vectors of AVX-512.
 *
 * A tile register holds 16 rows of 64 bytes: 16 sums in f32, or 16 words of two bf16, the
 * earlier term in the lower half.  One instruction multiplies a tile of left, [row][word],
 * by a tile of right, [word][column], which is a block of kernels.h' chains (TDPBF16PS).
 *
 * Eight registers: a square of 2 x 2 sums, that is SIDE x SIDE numbers, two tiles of left
 * below one another, two of right side by side.  So each tile that is loaded is multiplied
 * twice. */
#ifndef LOCKSTEP_KERNELS_ISA_AMX_H
#define LOCKSTEP_KERNELS_ISA_AMX_H

#include "kernels/isa.h"

enum {
  TILE_SIDE = 16,                         /* rows of a tile, its words, and sums of its rows */
  TILE_WORDS = TILE_SIDE * TILE_SIDE,     /* floats, too */
  SIDE = 2 * TILE_SIDE,                   /* rows and columns of a square */
  SQUARE = SIDE * SIDE,                   /* sums */
  BLOCK_WORDS = 2 * TILE_WORDS,           /* of a block of left, or of right: two tiles */
  ROW_BYTES = TILE_SIDE * sizeof(float),  /* of a tile */
  SQUARE_ROW = SIDE * (int)sizeof(float), /* bytes of a row of sums in memory */
  TILES = 8
};

/* ---- the registers ---------------------------------------------------------- */

/* Eight whole tiles, for this thread, until it ends their use. */
LKS_INLINE void tiles_begin(void) {
  struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  } layout = {.palette = 1};
  for (int i = 0; i < TILES; i++) {
    layout.row_bytes[i] = ROW_BYTES;
    layout.rows[i] = TILE_SIDE;
  }
  _tile_loadconfig(&layout);
}

LKS_INLINE void tiles_end(void) {
  _tile_release();
}

LKS_INLINE void square_zero(void) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

/* From and to memory, rows of `stride` floats. */
LKS_INLINE void square_load(const float *from, size_t stride) {
  const size_t bytes = stride * sizeof *from;
  _tile_loadd(0, from, bytes);
  _tile_loadd(1, from + TILE_SIDE, bytes);
  _tile_loadd(2, from + TILE_SIDE * stride, bytes);
  _tile_loadd(3, from + TILE_SIDE * stride + TILE_SIDE, bytes);
}

LKS_INLINE void square_store(float *to, size_t stride) {
  const size_t bytes = stride * sizeof *to;
  _tile_stored(0, to, bytes);
  _tile_stored(1, to + TILE_SIDE, bytes);
  _tile_stored(2, to + TILE_SIDE * stride, bytes);
  _tile_stored(3, to + TILE_SIDE * stride + TILE_SIDE, bytes);
}

/* The square's chains go on over `blocks` blocks of left and right.  Unless it is `tall`
 * its lower half has no row that is wanted, unless it is `broad` its right half no column. */
LKS_INLINE void square_chain(bool tall, bool broad, const float *left, const float *right,
                             int blocks) {
  for (int i = 0; i < blocks; i++, left += BLOCK_WORDS, right += BLOCK_WORDS) {
    _tile_loadd(4, left, ROW_BYTES);
    _tile_loadd(6, right, ROW_BYTES);
    _tile_dpbf16ps(0, 4, 6);
    if (tall)
      _tile_loadd(5, left + TILE_WORDS, ROW_BYTES);
    if (broad)
      _tile_loadd(7, right + TILE_WORDS, ROW_BYTES);
    if (broad)
      _tile_dpbf16ps(1, 4, 7);
    if (tall)
      _tile_dpbf16ps(2, 5, 6);
    if (tall && broad)
      _tile_dpbf16ps(3, 5, 7);
  }
}

/* The same of a square of which `rows` and `columns` are wanted. */
LKS_INLINE void square_run(int rows, int columns, const float *left, const float *right,
                           int blocks) {
  const bool tall = rows > TILE_SIDE, broad = columns > TILE_SIDE;
  if (tall && broad)
    square_chain(true, true, left, right, blocks);
  else if (tall)
    square_chain(true, false, left, right, blocks);
  else if (broad)
    square_chain(false, true, left, right, blocks);
  else
    square_chain(false, false, left, right, blocks);
}

/* ---- the words -------------------------------------------------------------- */

/* The first `count` floats of a row, others +0; a row that is NULL, and a count below 1,
 * are all +0. */
LKS_INLINE vec floats_of(const float *row, int count) {
  return row == NULL || count <= 0 ? vec_set(0.0f)
         : count >= TILE_SIDE      ? vec_load(row)
                                   : vec_load_first(row, count);
}

LKS_INLINE ivec words_of(vec early, vec late) {
  return (ivec)_mm512_cvtne2ps_pbh(late, early);
}

/* A word for each of `count` places of two rows, which are two consecutive terms. */
LKS_INLINE ivec words_across(const float *first, const float *second, int count) {
  const ivec places =
      _mm512_set_epi32(0x001f000f, 0x001e000e, 0x001d000d, 0x001c000c, 0x001b000b, 0x001a000a,
                       0x00190009, 0x00180008, 0x00170007, 0x00160006, 0x00150005, 0x00140004,
                       0x00130003, 0x00120002, 0x00110001, 0x00100000);
  return _mm512_permutexvar_epi16(places,
                                  words_of(floats_of(first, count), floats_of(second, count)));
}

/* The words of `count` consecutive terms, at most LKS_AMX_TERMS. */
LKS_INLINE ivec words_along(const float *terms, int count) {
  return words_of(floats_of(terms, count), floats_of(terms + TILE_SIDE, count - TILE_SIDE));
}

/* Vector i gets place i of each vector, in order. */
LKS_INLINE void words_transpose(ivec v[TILE_SIDE]) {
  for (int i = 0; i < TILE_SIDE; i += 4)
    ivec_transpose(v + i);
  /* Now vector 4i + j has column j of each of four quarters, of rows 4i … */
  for (int j = 0; j < 4; j++) {
    const ivec a = _mm512_shuffle_i32x4(v[j], v[4 + j], 0x88);
    const ivec b = _mm512_shuffle_i32x4(v[8 + j], v[12 + j], 0x88);
    const ivec c = _mm512_shuffle_i32x4(v[j], v[4 + j], 0xdd);
    const ivec d = _mm512_shuffle_i32x4(v[8 + j], v[12 + j], 0xdd);
    v[j] = _mm512_shuffle_i32x4(a, b, 0x88);
    v[4 + j] = _mm512_shuffle_i32x4(c, d, 0x88);
    v[8 + j] = _mm512_shuffle_i32x4(a, b, 0xdd);
    v[12 + j] = _mm512_shuffle_i32x4(c, d, 0xdd);
  }
}

LKS_INLINE void words_store(float *to, const ivec v[TILE_SIDE]) {
  for (int i = 0; i < TILE_SIDE; i++)
    vec_store(to + i * TILE_SIDE, ivec_floats(v[i]));
}

#endif
