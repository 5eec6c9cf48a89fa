/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_product.c - products and sums over rows by their definition. */
#include "oracle_product.h"

#include "base/fail.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { BF16_BITS = 8 }; /* of the significand, the leading one included */

extern const lks_kernels lks_kernels_portable;
extern const lks_kernels lks_kernels_reference;
extern const lks_kernels lks_kernels_portable_bf16;
extern const lks_kernels lks_kernels_reference_bf16;

int lks_test_exact_tables(const lks_kernels *tables[EXACT_TABLES_MAX]) {
  return lks_test_exact_tables_of(LKS_PRECISION_F32, tables);
}

int lks_test_exact_tables_of(lks_precision precision,
                             const lks_kernels *tables[EXACT_TABLES_MAX]) {
  const bool bf16 = precision == LKS_PRECISION_BF16;
  int all, count = 0;
  const lks_kernels *const *found = lks_kernels_all(precision, &all);
  for (int i = 0; i < all; i++)
    if (strcmp(found[i]->name, "openblas") != 0)
      tables[count++] = found[i];
  tables[count++] = bf16 ? &lks_kernels_portable_bf16 : &lks_kernels_portable;
  tables[count++] = bf16 ? &lks_kernels_reference_bf16 : &lks_kernels_reference;
  return count;
}

float *lks_test_numbers(size_t count, float scale, unsigned seed) {
  float *numbers;
  uint32_t state = seed * 2654435761u + 1u;
  LKS_ASSERT(lks_allocate(&numbers, count, sizeof *numbers) == LKS_OK);
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    const int whole = (int)(state >> 8) - (1 << 23);
    numbers[i] = state >> 28 == 7 ? 0.0f : (float)whole / (float)(1 << 23) * scale;
  }
  return numbers;
}

float lks_oracle_round(lks_precision precision, float x) {
  if (precision == LKS_PRECISION_F32 || !isfinite(x))
    return x;
  if (fabsf(x) < FLT_MIN)
    return copysignf(0.0f, x);
  int exponent;
  (void)frexpf(x, &exponent);
  const double unit = ldexp(1.0, exponent - BF16_BITS);
  return (float)(nearbyint(x / unit) * unit);
}

static float *rounded(lks_precision precision, const float *from, size_t count) {
  float *to;
  LKS_ASSERT(lks_allocate(&to, count, sizeof *to) == LKS_OK);
  for (size_t i = 0; i < count; i++)
    to[i] = lks_oracle_round(precision, from[i]);
  return to;
}

/* The last word of a chain is filled up with +0 x +0. */
static float chain_end(lks_precision precision, int terms, float sum) {
  return precision == LKS_PRECISION_BF16 && terms % 2 == 1 ? fmaf(0.0f, 0.0f, sum) : sum;
}

void lks_oracle_product(lks_precision precision, int rows, int inner, int columns,
                        const float *left, const float *right, const float *start,
                        size_t start_stride, float *out) {
  float *a = rounded(precision, left, (size_t)rows * (size_t)inner);
  float *b = rounded(precision, right, (size_t)inner * (size_t)columns);
  for (int m = 0; m < rows; m++)
    for (int n = 0; n < columns; n++) {
      float sum = start ? start[(size_t)m * start_stride + (size_t)n] : 0.0f;
      for (int k = 0; k < inner; k++)
        sum = fmaf(a[m * inner + k], b[k * columns + n], sum);
      out[m * columns + n] = chain_end(precision, inner, sum);
    }
  lks_release(a);
  lks_release(b);
}

static bool shard_sum(const lks_oracle_sum *sum, int shard, int m, int n, float *value) {
  int terms = 0;
  *value = 0.0f;
  for (int t = 0; t < sum->steps; t++)
    for (int row = 0; row < sum->shards.present; row++) {
      const int b = row - sum->first_row;
      if (row < lks_shards_row(&sum->shards, shard) ||
          row >= lks_shards_row(&sum->shards, shard + 1) ||
          (sum->lengths && t >= sum->lengths[b]))
        continue;
      const int item = t * sum->batch + b;
      const float right = sum->right ? sum->right[item * sum->right_columns + n] : 1.0f;
      *value = fmaf(lks_oracle_round(sum->precision, sum->left[item * sum->left_columns + m]),
                    lks_oracle_round(sum->precision, right), *value);
      terms++;
    }
  *value = chain_end(sum->precision, terms, *value);
  return terms > 0;
}

bool lks_oracle_tree(const lks_oracle_sum *sum, lks_subtree node, int m, int n, float *value) {
  if (node.count == 1)
    return shard_sum(sum, node.first, m, n, value);
  const lks_subtree lower = {node.first, node.count / 2};
  const lks_subtree upper = {node.first + node.count / 2, node.count / 2};
  float a, b;
  const bool has_a = lks_oracle_tree(sum, lower, m, n, &a);
  const bool has_b = lks_oracle_tree(sum, upper, m, n, &b);
  *value = has_a && has_b ? a + b : has_a ? a : b;
  return has_a || has_b;
}
