/* SPDX-License-Identifier: Apache-2.0 */
/* test_floating_point.c - the environment in which bits are decided. */
#include "base/floating_point.h"
#include "check.h"

#include <fenv.h>
#include <float.h>

static void denormals_are_flushed_inside_only(void) {
  volatile float smallest = FLT_MIN;
  volatile float half = 0.5f;
  unsigned saved = lks_floating_point_enter();
  CHECK(lks_floating_point_is_set());
  volatile float flushed = smallest * half;
  lks_floating_point_leave(saved);
  CHECK(!lks_floating_point_is_set());
  volatile float denormal = smallest * half;
  CHECK(denormal > 0);
  saved = lks_floating_point_enter();
  volatile float read_as_zero = denormal * 2;
  lks_floating_point_leave(saved);
  CHECK(flushed == 0);
  CHECK(read_as_zero == 0);
}

static void another_rounding_is_replaced_and_restored(void) {
  CHECK_EQUAL(fesetround(FE_UPWARD), 0);
  unsigned saved = lks_floating_point_enter();
  CHECK(lks_floating_point_is_set());
  volatile float one = 1;
  volatile float tiny = 0x1p-30f;
  volatile float sum = one + tiny;
  lks_floating_point_leave(saved);
  int restored = fegetround();
  (void)fesetround(FE_TONEAREST);
  CHECK(sum == 1);
  CHECK_EQUAL(restored, FE_UPWARD);
}

static void entering_twice_is_harmless(void) {
  unsigned outer = lks_floating_point_enter();
  unsigned inner = lks_floating_point_enter();
  lks_floating_point_leave(inner);
  CHECK(lks_floating_point_is_set());
  lks_floating_point_leave(outer);
  CHECK(!lks_floating_point_is_set());
}

const lks_test floating_point_tests[] = {
    TEST(denormals_are_flushed_inside_only),
    TEST(another_rounding_is_replaced_and_restored),
    TEST(entering_twice_is_harmless),
    TEST_END,
};
