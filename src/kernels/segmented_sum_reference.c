/* SPDX-License-Identifier: Apache-2.0 */
/* segmented_sum_reference.c - bias gradients: a sum a segment, a tree over segments.
 *
 * The tree is the stack machine of segmented_reference.c. */
#include "kernels/kernel_table.h"

/* The sums of all outputs of one column of left, into outputs[o][place]. */
static void sum_column(const lks_segments *segments, const float *column, size_t stride,
                       float *const *outputs, size_t place) {
  const int32_t *item = segments->item;
  for (int o = 0; o < segments->outputs; o++) {
    float stack[LKS_SEGMENT_STACK_MAX + 1] = {0};
    int depth = 0;
    for (int s = segments->output_first[o]; s < segments->output_first[o + 1]; s++) {
      float sum = 0.0f;
      for (int i = 0; i < segments->term_count[s]; i++)
        sum += column[(size_t)*item++ * stride];
      stack[depth++] = sum;
      for (int i = 0; i < segments->additions[s]; i++, depth--)
        stack[depth - 2] += stack[depth - 1];
    }
    if (depth > 0)
      outputs[o][place] = stack[0];
  }
}

void LKS_KERNEL(segmented_sum)(const lks_segments *segments, const float *left,
                               size_t left_stride, int first, int last, float *const *outputs,
                               size_t offset) {
  for (int m = first; m < last; m++)
    sum_column(segments, left + m, left_stride, outputs, offset + (size_t)m);
}
