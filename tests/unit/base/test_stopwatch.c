/* SPDX-License-Identifier: Apache-2.0 */
/* test_stopwatch.c - parts of a step add up to it. */
#include "base/clock.h"
#include "base/stopwatch.h"
#include "check.h"

static const double nap = 0.01;
static const double rounding = 1e-9; /* of sums of differences of a clock's seconds */

static double sum_of(const lks_stopwatch *watch) {
  double sum = 0;
  for (int p = 0; p < LKS_PART_COUNT; p++)
    sum += watch->seconds[p];
  return sum;
}

static void parts_add_up_to_the_time_that_passed(void) {
  lks_stopwatch watch;
  lks_stopwatch_start(&watch, LKS_PART_FORWARD);
  double start = watch.since;
  lks_clock_sleep(nap);
  lks_stopwatch_enter(&watch, LKS_PART_LOSS);
  lks_stopwatch_enter(&watch, LKS_PART_BACKWARD);
  lks_clock_sleep(2 * nap);
  lks_stopwatch_enter(&watch, LKS_PART_FORWARD); /* a second group of rows */
  lks_clock_sleep(nap);
  lks_stopwatch_enter(&watch, LKS_PART_INPUT);
  CHECK(watch.seconds[LKS_PART_FORWARD] >= 2 * nap);
  CHECK(watch.seconds[LKS_PART_BACKWARD] >= 2 * nap);
  CHECK(watch.seconds[LKS_PART_LOSS] < nap);
  CHECK_CLOSE(watch.seconds[LKS_PART_SUM], 0, 0);
  CHECK_CLOSE(sum_of(&watch), watch.since - start, rounding);
}

static void a_start_forgets_what_was(void) {
  lks_stopwatch watch;
  lks_stopwatch_start(&watch, LKS_PART_FORWARD);
  lks_clock_sleep(nap);
  lks_stopwatch_enter(&watch, LKS_PART_SUM);
  lks_stopwatch_start(&watch, LKS_PART_INPUT);
  CHECK_CLOSE(sum_of(&watch), 0, 0);
  lks_stopwatch_enter(NULL, LKS_PART_SUM); /* nobody watches */
}

static void parts_have_names_of_their_own(void) {
  CHECK_TEXT(lks_part_text(LKS_PART_INPUT), "input");
  CHECK_TEXT(lks_part_text(LKS_PART_SUM), "sum");
  CHECK_TEXT(lks_part_text(LKS_PART_PACK), "pack");
}

const lks_test stopwatch_tests[] = {TEST(parts_add_up_to_the_time_that_passed),
                                    TEST(a_start_forgets_what_was),
                                    TEST(parts_have_names_of_their_own), TEST_END};
