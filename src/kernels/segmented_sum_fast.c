/* SPDX-License-Identifier: Apache-2.0 */
/* segmented_sum_fast.c - bias gradients: sums over rows of a strip of columns.
 *
 * A strip is as wide as its partial sums fit the first cache: rows are read in long
 * runs, as memory likes it (64 columns at a time cost 5 % of a step of 2 x 512 units).
 * fma with 1 is an addition, so the bits are those of a segmented product with a
 * column of ones. */
#include "kernels/row_sum.h"

enum {
  STRIP = 512,
  CACHE_LINE = 16, /* floats */
  AHEAD = 8        /* terms that memory is asked for in advance */
};

static void sum_strip(const lks_segments *segments, const float *left, size_t left_stride,
                      int columns, float *const *outputs, size_t place) {
  float stack[LKS_SEGMENT_STACK_MAX + 1][STRIP];
  const int32_t *item = segments->item, *const end = item + segments->terms;
  for (int o = 0; o < segments->outputs; o++) {
    int depth = 0;
    for (int s = segments->output_first[o]; s < segments->output_first[o + 1]; s++) {
      float *sum = stack[depth++];
      memset(sum, 0, (size_t)columns * sizeof *sum);
      for (int t = 0; t < segments->term_count[s]; t++, item++) {
        const float *ahead = left + (size_t)item[item + AHEAD < end ? AHEAD : 0] * left_stride;
        for (int n = 0; n < columns; n += CACHE_LINE)
          __builtin_prefetch(ahead + n);
        add_row(columns, sum, left + (size_t)*item * left_stride);
      }
      for (int i = 0; i < segments->additions[s]; i++, depth--)
        add_row(columns, stack[depth - 2], stack[depth - 1]);
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
