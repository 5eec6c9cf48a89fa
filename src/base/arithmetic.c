/* SPDX-License-Identifier: Apache-2.0 */
/* arithmetic.c - sizes that do not wrap, and powers of two. */
#include "base/arithmetic.h"

#include "base/fail.h"

bool lks_size_multiply(size_t a, size_t b, size_t *result) {
  return !__builtin_mul_overflow(a, b, result);
}

bool lks_size_add(size_t a, size_t b, size_t *result) {
  return !__builtin_add_overflow(a, b, result);
}

size_t lks_round_up(size_t count, size_t grain) {
  LKS_ASSERT(grain > 0);
  size_t over = count % grain;
  return over ? count + (grain - over) : count;
}

int lks_power_of_two_below(int n) {
  LKS_ASSERT(n >= 1);
  int power = 1;
  while (power <= n / 2)
    power *= 2;
  return power;
}

bool lks_is_power_of_two(int n) {
  return n > 0 && (n & (n - 1)) == 0;
}

int lks_log2(int n) {
  LKS_ASSERT(n >= 1);
  int logarithm = 0;
  while (n >>= 1)
    logarithm++;
  return logarithm;
}
