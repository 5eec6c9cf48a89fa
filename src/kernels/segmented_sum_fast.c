/* SPDX-License-Identifier: Apache-2.0 */
/* segmented_sum_fast.c - bias gradients: sums over rows of a strip of columns.
 *
 * A strip of STRIP_VECTORS vectors is added up term by term in registers: fma with 1
 * is an addition, so the bits are those of a segmented product with a column of ones. */
#include "kernels/isa.h"

enum { STRIP_VECTORS = LKS_LANES / WIDTH, STRIP = STRIP_VECTORS * WIDTH };

/* Sums of one strip's columns over `terms` items. */
static void sum_segment(const float *left, size_t left_stride, const int32_t *item, int terms,
                        int columns, float *sums) {
  vec sum[STRIP_VECTORS];
  for (int q = 0; q < STRIP_VECTORS; q++)
    sum[q] = vec_set(0.0f);
  for (int t = 0; t < terms; t++) {
    const float *row = left + (size_t)item[t] * left_stride;
    for (int q = 0; q < STRIP_VECTORS; q++) {
      const int n = columns - q * WIDTH;
      if (n >= WIDTH)
        sum[q] = vec_add(sum[q], vec_load(row + q * WIDTH));
      else if (n > 0)
        sum[q] = vec_add(sum[q], vec_load_first(row + q * WIDTH, n));
    }
  }
  for (int q = 0; q < STRIP_VECTORS; q++)
    vec_store(sums + q * WIDTH, sum[q]);
}

static void sum_strip(const lks_segments *segments, const float *left, size_t left_stride,
                      int columns, float *const *outputs, size_t place) {
  float stack[LKS_SEGMENT_STACK_MAX + 1][STRIP];
  const int32_t *item = segments->item;
  for (int o = 0; o < segments->outputs; o++) {
    int depth = 0;
    for (int s = segments->output_first[o]; s < segments->output_first[o + 1]; s++) {
      sum_segment(left, left_stride, item, segments->term_count[s], columns, stack[depth++]);
      item += segments->term_count[s];
      for (int i = 0; i < segments->additions[s]; i++, depth--)
        for (int n = 0; n < STRIP; n++)
          stack[depth - 2][n] += stack[depth - 1][n];
    }
    if (depth > 0)
      memcpy(outputs[o] + place, stack[0], (size_t)columns * sizeof(float));
  }
}

void LKS_KERNEL(segmented_sum)(const lks_segments *segments, const float *left,
                               size_t left_stride, int first, int last, float *const *outputs,
                               size_t offset) {
  for (int m = first; m < last; m += STRIP)
    sum_strip(segments, left + m, left_stride, last - m < STRIP ? last - m : STRIP, outputs,
              offset + (size_t)m);
}
