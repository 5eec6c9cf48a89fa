/* SPDX-License-Identifier: Apache-2.0 */
/* test_bf16.c - rounding to bf16, products of odd numbers in every table, and how far
 * they are from exact. */
#include "base/floating_point.h"
#include "base/memory.h"
#include "check.h"
#include "kernels/bf16.h"
#include "kernels/parallel.h"
#include "oracle_product.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Half an ulp of an f32 sum; and of a bf16, relative. */
static const double F32_ROUNDING = 0x1p-24;
static const double BF16_ROUNDING = 0x1p-9;

static float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* Any NaN will do for a NaN. */
static bool same(float found, float expected) {
  return isnan(expected) ? isnan(found) : bits_of(found) == bits_of(expected);
}

static void check_rounding(void) {
  const uint32_t lower[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
  long long wrong = 0;
  for (uint32_t upper = 0; upper < 0x10000; upper++)
    for (int i = 0; i < 6; i++) {
      const float x = float_of(upper << 16 | lower[i]);
      const float rounded = bf16_round(x);
      wrong += !same(rounded, lks_oracle_round(LKS_PRECISION_BF16, x)) ||
               (bits_of(rounded) & 0xffff) != 0;
    }
  CHECK_EQUAL(wrong, 0);
}

static void rounding_is_to_nearest_even_in_any_environment(void) {
  check_rounding();
  const unsigned saved = lks_floating_point_enter();
  check_rounding();
  lks_floating_point_leave(saved);
}

/* ---- products of few terms ------------------------------------------------------ */

enum { SIDE = 192, TERMS = 34, ROUNDS = 24 };

/* What a number is like: any bits at all; or products around the smallest normal
 * number, and sums there; or common numbers. */
typedef enum { ANY_BITS, SPECIAL, TINY, COMMON, KINDS } number_kind;

static float number(number_kind kind, uint32_t word, bool is_sum) {
  static const uint32_t specials[] = {
      0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x00800000,
      0x80800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0x7f7fffff,
      0xff7fffff, 0x7f7f0000, 0x3f800000, 0xbf800000, 0x5f800000, 0x1f800000};
  const uint32_t sign = word & 0x80000000u;
  switch (kind) {
  case ANY_BITS: return float_of(word);
  case SPECIAL: return float_of(specials[word % (sizeof specials / sizeof *specials)]);
  case TINY:
    return float_of(sign | ((is_sum ? 0 : 58) + word % 12) << 23 | (word >> 8 & 0x7fffff));
  default: return float_of(sign | (120 + word % 14) << 23 | (word >> 8 & 0x7fffff));
  }
}

typedef struct {
  float left[SIDE * TERMS], right[TERMS * SIDE], start[SIDE * SIDE];
  float expected[SIDE * SIDE], found[SIDE * SIDE];
  float *packed;
} pairs;

static void fill(float *values, int count, int seed, number_kind kind, bool is_sum) {
  uint64_t state = (uint64_t)seed * 0x9e3779b97f4a7c15u + 1;
  for (int i = 0; i < count; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    values[i] = number(kind, (uint32_t)(state >> 32), is_sum);
  }
}

/* Sums that are wrong in a table. */
static long long wrong_sums(pairs *p, const lks_kernels *kernels, int terms) {
  long long wrong = 0;
  CHECK_OK(lks_allocate(&p->packed, kernels->packed_floats(terms, SIDE), sizeof(float)));
  lks_pack(kernels, 1, terms, SIDE, (lks_operand){p->right, SIDE, 1}, p->packed);
  lks_product(kernels, 1, SIDE, terms, SIDE, p->left, (size_t)terms, p->packed, p->start, SIDE,
              p->found, SIDE);
  for (int i = 0; i < SIDE * SIDE; i++)
    wrong += !same(p->found[i], p->expected[i]);
  lks_release(p->packed);
  return wrong;
}

static void check_odd_numbers(lks_precision precision, const int terms_of[3]) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables_of(precision, tables);
  pairs *p;
  CHECK_OK(lks_allocate(&p, 1, sizeof *p));
  const unsigned saved = lks_floating_point_enter();
  for (int round = 0; round < ROUNDS; round++) {
    const int terms = terms_of[round % 3];
    const number_kind kind = (number_kind)(round % KINDS);
    fill(p->left, SIDE * terms, 3 * round, kind, false);
    fill(p->right, terms * SIDE, 3 * round + 1, kind, false);
    fill(p->start, SIDE * SIDE, 3 * round + 2, kind, true);
    lks_oracle_product(precision, SIDE, terms, SIDE, p->left, p->right, p->start, SIDE,
                       p->expected);
    for (int i = 0; i < count; i++)
      if (!CHECK_EQUAL(wrong_sums(p, tables[i], terms), 0))
        CHECK_TEXT(tables[i]->emulated ? "emulated" : "by instruction", tables[i]->name);
  }
  lks_floating_point_leave(saved);
  lks_release(p);
}

static void odd_numbers_multiply_alike_in_every_table(void) {
  check_odd_numbers(LKS_PRECISION_BF16, (const int[]){1, 2, 2});
  check_odd_numbers(LKS_PRECISION_BF16_AMX, (const int[]){1, 2, TERMS});
}

/* ---- how far from exact --------------------------------------------------------- */

enum { ROWS = 9, INNER = 301, COLUMNS = 70 };

typedef struct {
  float *left, *right, *packed, *out;
} sample;

static sample make_sample(const lks_kernels *kernels) {
  sample s = {.left = lks_test_numbers(ROWS * INNER, 1.0f, 5),
              .right = lks_test_numbers(INNER * COLUMNS, 1.0f, 6),
              .out = lks_test_numbers(ROWS * COLUMNS, 1.0f, 7)};
  CHECK_OK(lks_allocate(&s.packed, kernels->packed_floats(INNER, COLUMNS), sizeof(float)));
  lks_pack(kernels, 1, INNER, COLUMNS, (lks_operand){s.right, COLUMNS, 1}, s.packed);
  lks_product(kernels, 1, ROWS, INNER, COLUMNS, s.left, INNER, s.packed, NULL, 0, s.out,
              COLUMNS);
  return s;
}

static void release_sample(sample *s) {
  float *const blocks[] = {s->left, s->right, s->packed, s->out};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    lks_release(blocks[i]);
}

/* Sum m, n in f64 of operands in a precision, and that of its terms' magnitudes. */
static double exact_sum(const sample *s, lks_precision precision, int m, int n,
                        double *magnitude) {
  double sum = 0;
  *magnitude = 0;
  for (int k = 0; k < INNER; k++) {
    const double product = (double)lks_oracle_round(precision, s->left[m * INNER + k]) *
                           (double)lks_oracle_round(precision, s->right[k * COLUMNS + n]);
    sum += product;
    *magnitude += fabs(product);
  }
  return sum;
}

/* A chain of n fmas is off by at most n half ulps of its largest partial sum; rounding
 * the operands by two of theirs, and their product. */
static void check_exactness(lks_precision precision) {
  const double own = (INNER + 1) * F32_ROUNDING;
  const double rounding = 2 * BF16_ROUNDING + BF16_ROUNDING * BF16_ROUNDING;
  const lks_kernels *kernels;
  CHECK_OK(lks_kernels_find("reference", precision, &kernels));
  const unsigned saved = lks_floating_point_enter();
  sample s = make_sample(kernels);
  double furthest = 0, magnitude;
  for (int m = 0; m < ROWS; m++)
    for (int n = 0; n < COLUMNS; n++) {
      const float found = s.out[m * COLUMNS + n];
      const double sum = exact_sum(&s, precision, m, n, &magnitude);
      CHECK_CLOSE(found, sum, own * magnitude);
      const double of_f32 = exact_sum(&s, LKS_PRECISION_F32, m, n, &magnitude);
      CHECK_CLOSE(found, of_f32, (own + rounding) * magnitude);
      furthest = fmax(furthest, fabs(found - of_f32) / magnitude);
    }
  CHECK(furthest > 10 * own); /* operands were rounded */
  release_sample(&s);
  lks_floating_point_leave(saved);
}

static void sums_are_as_exact_as_f32_on_rounded_operands(void) {
  check_exactness(LKS_PRECISION_BF16);
  check_exactness(LKS_PRECISION_BF16_AMX);
}

static void numbers_of_bf16_multiply_as_in_f32(void) {
  const lks_kernels *bf16, *f32;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_BF16, &bf16));
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &f32));
  const unsigned saved = lks_floating_point_enter();
  sample a = make_sample(bf16), b = make_sample(f32);
  for (int i = 0; i < ROWS * INNER; i++)
    b.left[i] = lks_oracle_round(LKS_PRECISION_BF16, b.left[i]);
  for (int i = 0; i < INNER * COLUMNS; i++)
    b.right[i] = lks_oracle_round(LKS_PRECISION_BF16, b.right[i]);
  lks_pack(f32, 1, INNER, COLUMNS, (lks_operand){b.right, COLUMNS, 1}, b.packed);
  lks_product(f32, 1, ROWS, INNER, COLUMNS, b.left, INNER, b.packed, NULL, 0, b.out, COLUMNS);
  CHECK_SAME_BITS(a.out, b.out, ROWS * COLUMNS);
  release_sample(&a);
  release_sample(&b);
  lks_floating_point_leave(saved);
}

const lks_test bf16_tests[] = {
    TEST(rounding_is_to_nearest_even_in_any_environment),
    TEST(odd_numbers_multiply_alike_in_every_table),
    TEST(sums_are_as_exact_as_f32_on_rounded_operands),
    TEST(numbers_of_bf16_multiply_as_in_f32),
    TEST_END,
};
