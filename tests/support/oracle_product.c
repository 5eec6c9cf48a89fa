/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_product.c - products and sums over rows by their definition. */
#include "oracle_product.h"

#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

extern const lks_kernels lks_kernels_portable;
extern const lks_kernels lks_kernels_reference;

int lks_test_exact_tables(const lks_kernels *tables[EXACT_TABLES_MAX]) {
  int all, count = 0;
  const lks_kernels *const *found = lks_kernels_all(&all);
  for (int i = 0; i < all; i++)
    if (strcmp(found[i]->name, "openblas") != 0)
      tables[count++] = found[i];
  tables[count++] = &lks_kernels_portable;
  tables[count++] = &lks_kernels_reference;
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

void lks_oracle_product(int rows, int inner, int columns, const float *left, const float *right,
                        const float *start, size_t start_stride, float *out) {
  for (int m = 0; m < rows; m++)
    for (int n = 0; n < columns; n++) {
      float sum = start ? start[(size_t)m * start_stride + (size_t)n] : 0.0f;
      for (int k = 0; k < inner; k++)
        sum = fmaf(left[m * inner + k], right[k * columns + n], sum);
      out[m * columns + n] = sum;
    }
}

static bool shard_sum(const lks_oracle_sum *sum, int shard, int m, int n, float *value) {
  bool any = false;
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
      *value = fmaf(sum->left[item * sum->left_columns + m], right, *value);
      any = true;
    }
  return any;
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
