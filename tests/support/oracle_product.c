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
extern const lks_kernels lks_kernels_portable_bf16_amx;
extern const lks_kernels lks_kernels_reference_bf16_amx;

int lks_test_exact_tables(const lks_kernels *tables[EXACT_TABLES_MAX]) {
  return lks_test_exact_tables_of(LKS_PRECISION_F32, tables);
}

int lks_test_exact_tables_of(lks_precision precision,
                             const lks_kernels *tables[EXACT_TABLES_MAX]) {
  static const lks_kernels *const without_fma[LKS_PRECISION_COUNT][2] = {
      {&lks_kernels_portable, &lks_kernels_reference},
      {&lks_kernels_portable_bf16, &lks_kernels_reference_bf16},
      {&lks_kernels_portable_bf16_amx, &lks_kernels_reference_bf16_amx},
  };
  int all, count = 0;
  const lks_kernels *const *found = lks_kernels_all(precision, &all);
  for (int i = 0; i < all; i++)
    if (strcmp(found[i]->name, "openblas") != 0)
      tables[count++] = found[i];
  for (int i = 0; i < 2; i++)
    tables[count++] = without_fma[precision][i];
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

/* A chain whose terms come one by one; of bf16-amx it is kept whole to be summed at last. */
enum { TERMS_MAX = 4096 };
typedef struct {
  lks_precision precision;
  float sum;
  int terms;
  float a[TERMS_MAX], b[TERMS_MAX];
} chain;

static void chain_begin(chain *c, lks_precision precision, float start) {
  c->precision = precision;
  c->sum = start;
  c->terms = 0;
}

static void chain_take(chain *c, float a, float b) {
  if (c->precision != LKS_PRECISION_BF16_AMX) {
    c->sum = fmaf(a, b, c->sum);
    c->terms++;
    return;
  }
  LKS_ASSERT(c->terms < TERMS_MAX);
  c->a[c->terms] = a;
  c->b[c->terms++] = b;
}

/* Every second one of 32 terms from `first` on, those past the end +0 x +0. */
static float chain_part(const chain *c, int first) {
  float sum = 0.0f;
  for (int i = first; i < first + 31; i += 2)
    sum = i < c->terms ? fmaf(c->a[i], c->b[i], sum) : fmaf(0.0f, 0.0f, sum);
  return sum;
}

static float chain_end(chain *c) {
  if (c->precision == LKS_PRECISION_BF16 && c->terms % 2 == 1)
    c->sum = fmaf(0.0f, 0.0f, c->sum);
  for (int block = 0; c->precision == LKS_PRECISION_BF16_AMX && block < c->terms; block += 32)
    c->sum += chain_part(c, block) + chain_part(c, block + 1);
  return c->sum;
}

void lks_oracle_product(lks_precision precision, int rows, int inner, int columns,
                        const float *left, const float *right, const float *start,
                        size_t start_stride, float *out) {
  float *a = rounded(precision, left, (size_t)rows * (size_t)inner);
  float *b = rounded(precision, right, (size_t)inner * (size_t)columns);
  static chain sum;
  for (int m = 0; m < rows; m++)
    for (int n = 0; n < columns; n++) {
      chain_begin(&sum, precision, start ? start[(size_t)m * start_stride + (size_t)n] : 0.0f);
      for (int k = 0; k < inner; k++)
        chain_take(&sum, a[m * inner + k], b[k * columns + n]);
      out[m * columns + n] = chain_end(&sum);
    }
  lks_release(a);
  lks_release(b);
}

static bool shard_sum(const lks_oracle_sum *sum, int shard, int m, int n, float *value) {
  static chain terms;
  chain_begin(&terms, sum->precision, 0.0f);
  for (int t = 0; t < sum->steps; t++)
    for (int row = 0; row < sum->shards.present; row++) {
      const int b = row - sum->first_row;
      if (row < lks_shards_row(&sum->shards, shard) ||
          row >= lks_shards_row(&sum->shards, shard + 1) ||
          (sum->lengths && t >= sum->lengths[b]))
        continue;
      const int item = t * sum->batch + b;
      const float right = sum->right ? sum->right[item * sum->right_columns + n] : 1.0f;
      chain_take(&terms,
                 lks_oracle_round(sum->precision, sum->left[item * sum->left_columns + m]),
                 lks_oracle_round(sum->precision, right));
    }
  *value = chain_end(&terms);
  return terms.terms > 0;
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
