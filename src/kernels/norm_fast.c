/* SPDX-License-Identifier: Apache-2.0 */
/* norm_fast.c - sums of squares of blocks, in f64: a vector of floats becomes
 * WIDE_PARTS vectors of doubles, and the 16 lanes of a block stay in registers. */
#include "kernels/isa.h"
#include "kernels/lanes.h"

enum { WIDE_WIDTH = WIDTH / WIDE_PARTS, WIDE_VECTORS = LKS_LANES / WIDE_WIDTH };

static double block_squares(const float *x) {
  wide sum[WIDE_VECTORS];
  for (int v = 0; v < WIDE_VECTORS; v++)
    sum[v] = wide_set(0.0);
  for (int i = 0; i < LKS_NORM_BLOCK; i += LKS_LANES)
    for (int v = 0; v < WIDE_VECTORS; v++) {
      const vec values = vec_load(x + i + v / WIDE_PARTS * WIDTH);
      const wide value = vec_widen(values, v % WIDE_PARTS);
      sum[v] = wide_fma(value, value, sum[v]);
    }
  double lane[LKS_LANES];
  for (int v = 0; v < WIDE_VECTORS; v++)
    wide_store(lane + v * WIDE_WIDTH, sum[v]);
  return fold_lanes_f64(lane);
}

void LKS_KERNEL(norm_blocks)(size_t blocks, const float *x, double *squares) {
  for (size_t b = 0; b < blocks; b++)
    squares[b] = block_squares(x + b * LKS_NORM_BLOCK);
}
