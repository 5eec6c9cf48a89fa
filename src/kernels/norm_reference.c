/* SPDX-License-Identifier: Apache-2.0 */
/* norm_reference.c - sums of squares of blocks, in f64. */
#include "kernels/kernel_table.h"
#include "kernels/lanes.h"

#include <math.h>

static double block_squares(const float *x) {
  double lane[LKS_LANES] = {0.0};
  for (int i = 0; i < LKS_NORM_BLOCK; i++) {
    const double value = x[i];
    lane[i % LKS_LANES] = fma(value, value, lane[i % LKS_LANES]);
  }
  return fold_lanes_f64(lane);
}

void LKS_KERNEL(norm_blocks)(size_t blocks, const float *x, double *squares) {
  for (size_t b = 0; b < blocks; b++)
    squares[b] = block_squares(x + b * LKS_NORM_BLOCK);
}

void LKS_KERNEL(add_blocks)(size_t blocks, const float *a, const float *b, float *y,
                            double *squares) {
  for (size_t i = 0; i < blocks * LKS_NORM_BLOCK; i++)
    y[i] = a[i] + b[i];
  LKS_KERNEL(norm_blocks)(blocks, y, squares);
}
