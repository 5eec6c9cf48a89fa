/* SPDX-License-Identifier: Apache-2.0 */
/* test_arithmetic.c - checked sizes and powers of two. */
#include "base/arithmetic.h"
#include "check.h"

#include <limits.h>
#include <stdint.h>

static void products_and_sums_that_overflow_are_refused(void) {
  size_t result = 0;
  CHECK(lks_size_multiply(1u << 20, 1u << 20, &result));
  CHECK(result == (size_t)1 << 40);
  CHECK(!lks_size_multiply(SIZE_MAX / 2, 3, &result));
  CHECK(lks_size_add(SIZE_MAX - 1, 1, &result));
  CHECK(!lks_size_add(SIZE_MAX, 1, &result));
}

static void rounding_up_reaches_the_next_multiple(void) {
  for (size_t grain = 1; grain < 20; grain++) {
    for (size_t count = 0; count < 100; count++) {
      size_t rounded = lks_round_up(count, grain);
      CHECK(rounded >= count && rounded - count < grain && rounded % grain == 0);
    }
  }
}

static void powers_of_two_are_told_apart(void) {
  for (int n = 1; n < 5000; n++) {
    int power = lks_power_of_two_below(n);
    CHECK(power <= n && n - power < power);
    CHECK(power == 1 << lks_log2(n));
    CHECK_EQUAL(lks_is_power_of_two(n), n == power);
  }
  CHECK_EQUAL(lks_power_of_two_below(INT_MAX), 1 << 30);
  CHECK(!lks_is_power_of_two(0));
  CHECK(!lks_is_power_of_two(-4));
}

const lks_test arithmetic_tests[] = {
    TEST(products_and_sums_that_overflow_are_refused),
    TEST(rounding_up_reaches_the_next_multiple),
    TEST(powers_of_two_are_told_apart),
    TEST_END,
};
