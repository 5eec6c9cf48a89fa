/* SPDX-License-Identifier: Apache-2.0 */
/* test_self_test.c - the small proofs hold on the machine that builds. */
#include "base/floating_point.h"
#include "check.h"
#include "measure/self_test.h"

static void every_thread_flushes_denormals(void) {
  int made = 0;
  bool flushes = false;
  lks_self_test_threads(2, &made, &flushes);
  CHECK(made >= 1 && made <= 2);
  CHECK(flushes);
}

static void all_tables_agree_on_the_sample(void) {
  bool same = false;
  CHECK_OK(lks_self_test_bits(2, &same));
  CHECK(same);
}

static void the_caller_keeps_its_floating_point_environment(void) {
  bool before = lks_floating_point_is_set(), same = false;
  CHECK_OK(lks_self_test_bits(1, &same));
  CHECK_EQUAL(lks_floating_point_is_set(), before);
}

const lks_test self_test_tests[] = {
    TEST(every_thread_flushes_denormals), TEST(all_tables_agree_on_the_sample),
    TEST(the_caller_keeps_its_floating_point_environment), TEST_END};
