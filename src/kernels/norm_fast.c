/* SPDX-License-Identifier: Apache-2.0 */
/* norm_fast.c - sums of squares of blocks, in f64: a vector of floats becomes
 * WIDE_PARTS vectors of doubles, and the 16 lanes of a block stay in registers. */
#include "kernels/isa.h"
#include "kernels/lanes.h"

enum { WIDE_WIDTH = WIDTH / WIDE_PARTS, WIDE_VECTORS = LKS_LANES / WIDE_WIDTH };

/* The lanes of a block so far. */
typedef struct {
  wide lane[WIDE_VECTORS];
} block_lanes;

LKS_INLINE void clear(block_lanes *sum) {
  for (int v = 0; v < WIDE_VECTORS; v++)
    sum->lane[v] = wide_set(0.0);
}

/* Adds the squares of vector `k` of LANE_VECTORS. */
LKS_INLINE void add_squares(block_lanes *sum, int k, vec values) {
  for (int part = 0; part < WIDE_PARTS; part++) {
    const wide value = vec_widen(values, part);
    wide *lane = &sum->lane[k * WIDE_PARTS + part];
    *lane = wide_fma(value, value, *lane);
  }
}

LKS_INLINE double fold(const block_lanes *sum) {
  double lane[LKS_LANES];
  for (int v = 0; v < WIDE_VECTORS; v++)
    wide_store(lane + v * WIDE_WIDTH, sum->lane[v]);
  return fold_lanes_f64(lane);
}

static double block_squares(const float *x) {
  block_lanes sum;
  clear(&sum);
  for (int i = 0; i < LKS_NORM_BLOCK; i += LKS_LANES)
    for (int k = 0; k < LANE_VECTORS; k++)
      add_squares(&sum, k, vec_load(x + i + k * WIDTH));
  return fold(&sum);
}

void LKS_KERNEL(norm_blocks)(size_t blocks, const float *x, double *squares) {
  for (size_t b = 0; b < blocks; b++)
    squares[b] = block_squares(x + b * LKS_NORM_BLOCK);
}

static double add_block(const float *a, const float *b, float *y) {
  block_lanes sum;
  clear(&sum);
  for (int i = 0; i < LKS_NORM_BLOCK; i += LKS_LANES)
    for (int k = 0; k < LANE_VECTORS; k++) {
      const int at = i + k * WIDTH;
      const vec value = vec_add(vec_load(a + at), vec_load(b + at));
      vec_stream(y + at, value);
      add_squares(&sum, k, value);
    }
  return fold(&sum);
}

void LKS_KERNEL(add_blocks)(size_t blocks, const float *a, const float *b, float *y,
                            double *squares) {
  for (size_t i = 0; i < blocks; i++, a += LKS_NORM_BLOCK, b += LKS_NORM_BLOCK)
    squares[i] = add_block(a, b, y + i * LKS_NORM_BLOCK);
  vec_streamed();
}
