/* SPDX-License-Identifier: Apache-2.0 */
/* product_reference.c - out[m, n] = chain over k of left[m, k] x right[k, n].
 *
 * The packed operand is right itself, [inner, columns], its elements rounded in the forms
 * of bf16 and bf16-amx. */
#include "kernels/product_reference.h"
#include "kernels/kernel_table.h"

size_t LKS_KERNEL(packed_floats)(int inner, int columns) {
  return (size_t)inner * (size_t)columns;
}

void LKS_KERNEL(pack)(int inner, int columns, lks_operand source, float *packed, int first,
                      int last) {
  for (int k = 0; k < inner; k++)
    for (int n = panel_column(first, columns); n < panel_column(last, columns); n++)
      packed[(size_t)k * (size_t)columns + (size_t)n] = operand(
          source.data[(size_t)k * source.row_stride + (size_t)n * source.column_stride]);
}

void LKS_KERNEL(product)(int rows, int inner, int columns, const float *left,
                         size_t left_stride, const float *packed, const float *start,
                         size_t start_stride, float *out, size_t out_stride, int first,
                         int last) {
  for (int m = 0; m < rows; m++)
    for (int n = panel_column(first, columns); n < panel_column(last, columns); n++) {
      chain sum =
          chain_from(start != NULL ? start[(size_t)m * start_stride + (size_t)n] : 0.0f);
      for (int k = 0; k < inner; k++)
        chain_take(&sum, operand(left[(size_t)m * left_stride + (size_t)k]),
                   packed[(size_t)k * (size_t)columns + (size_t)n]);
      out[(size_t)m * out_stride + (size_t)n] = chain_end(&sum);
    }
}
