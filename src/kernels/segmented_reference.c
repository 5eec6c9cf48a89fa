/* SPDX-License-Identifier: Apache-2.0 */
/* segmented_reference.c - weight gradients: a chain a segment, a tree over segments.
 *
 * The tree is run as a stack machine: after each segment's sum is pushed, the two
 * topmost sums are added segments->additions times.  See segments.h. */
#include "kernels/kernel_table.h"
#include "kernels/product_reference.h"

LKS_F32_PROTOTYPE(segmented_sum)

size_t LKS_KERNEL(packed_terms_floats)(int terms, int columns) {
  return (size_t)terms * (size_t)columns;
}

size_t LKS_KERNEL(segmented_scratch_floats)(int terms, int columns) {
  (void)terms;
  (void)columns;
  return 0;
}

void LKS_KERNEL(pack_terms)(const lks_segments *segments, const float *right,
                            size_t right_stride, int columns, float *packed, int first,
                            int last) {
  for (int t = 0; t < segments->terms; t++)
    for (int n = panel_column(first, columns); n < panel_column(last, columns); n++)
      packed[(size_t)t * (size_t)columns + (size_t)n] =
          operand(right[(size_t)segments->item[t] * right_stride + (size_t)n]);
}

/* The sum of output `o`, whose first term is `term`, of left[item x left_stride] times
 * right[term x right_stride]. */
static float tree_sum(const lks_segments *segments, int o, int term, const float *left,
                      size_t left_stride, const float *right, size_t right_stride) {
  float stack[LKS_SEGMENT_STACK_MAX + 1] = {0};
  int depth = 0;
  for (int s = segments->output_first[o]; s < segments->output_first[o + 1]; s++) {
    chain sum = chain_from(0.0f);
    for (int i = 0; i < segments->term_count[s]; i++, term++)
      chain_take(&sum, operand(left[(size_t)segments->item[term] * left_stride]),
                 right[(size_t)term * right_stride]);
    stack[depth++] = chain_end(&sum);
    for (int i = 0; i < segments->additions[s]; i++, depth--)
      stack[depth - 2] += stack[depth - 1];
  }
  return stack[0];
}

/* Terms before output `o`; -1 when it has no segment. */
static int first_term(const lks_segments *segments, int o) {
  int term = 0;
  for (int s = 0; s < segments->output_first[o]; s++)
    term += segments->term_count[s];
  return segments->output_first[o] < segments->output_first[o + 1] ? term : -1;
}

static void weight_gradient(const lks_segmented *product, const lks_gradient_right *right,
                            int first, int last) {
  const lks_segments *segments = product->segments;
  const size_t columns = (size_t)right->columns;
  for (int o = 0; o < segments->outputs; o++) {
    const int term = first_term(segments, o);
    for (int m = first; term >= 0 && m < last; m++)
      for (size_t n = 0; n < columns; n++)
        product->outputs[o][right->offset + (size_t)m * right->stride + n] =
            tree_sum(segments, o, term, product->left + m, product->left_stride,
                     right->packed + n, columns);
  }
}

static void bias_gradient(const lks_segmented *product, int first, int last) {
  LKS_F32_KERNEL(segmented_sum)
  (product->segments, product->left, product->left_stride, first, last, product->outputs,
   product->bias);
}

void LKS_KERNEL(segmented_product)(const lks_segmented *product, int first, int last,
                                   float *scratch) {
  (void)scratch;
  for (int i = 0; i < product->rights; i++)
    weight_gradient(product, &product->right[i], first, last);
  if (product->bias != LKS_NO_BIAS)
    bias_gradient(product, first, last);
}
