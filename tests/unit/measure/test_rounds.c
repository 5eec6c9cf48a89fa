/* SPDX-License-Identifier: Apache-2.0 */
/* test_rounds.c - which rounds count, and what other processes are said to have had. */
#include "check.h"
#include "measure/quiet.h"
#include "measure/rounds.h"

#include <string.h>

static const double rounding = 1e-12;

static void add(lks_rounds *rounds, double seconds, double others) {
  lks_round round = {.seconds = seconds, .others = others, .page_faults = 10 * seconds};
  round.parts[LKS_PART_SUM] = seconds / 4;
  lks_rounds_add(rounds, &round);
}

static void undisturbed_rounds_end_it(void) {
  lks_rounds rounds = {.wanted = 3};
  add(&rounds, 5, 0.01);
  add(&rounds, 3, 0);
  CHECK(!lks_rounds_are_done(&rounds));
  add(&rounds, 4, 0.05);
  CHECK(lks_rounds_are_done(&rounds));
  lks_rounds_summary sum = lks_rounds_sum_up(&rounds);
  CHECK_CLOSE(sum.median, 4, rounding);
  CHECK_CLOSE(sum.minimum, 3, rounding);
  CHECK_CLOSE(sum.maximum, 5, rounding);
  CHECK_CLOSE(sum.spread, 0.5, rounding);
  CHECK_CLOSE(sum.parts[LKS_PART_SUM], 1, rounding);
  CHECK_CLOSE(sum.page_faults, 40, rounding);
  CHECK_CLOSE(sum.others, 0.05, rounding);
}

static void a_disturbed_round_is_replaced(void) {
  lks_rounds rounds = {.wanted = 2};
  add(&rounds, 9, 0.5);
  add(&rounds, 2, 0);
  CHECK(!lks_rounds_are_done(&rounds));
  add(&rounds, 4, 0.02);
  CHECK(lks_rounds_are_done(&rounds));
  lks_rounds_summary sum = lks_rounds_sum_up(&rounds);
  CHECK_CLOSE(sum.median, 3, rounding);
  CHECK_CLOSE(sum.maximum, 4, rounding);
  CHECK_CLOSE(sum.others, 0.02, rounding);
}

static void patience_ends_after_as_many_rounds_again(void) {
  lks_rounds rounds = {.wanted = 2};
  const double others[] = {0.9, 0.3, 0.7, 0.5};
  for (int i = 0; i < 4; i++) {
    CHECK(!lks_rounds_are_done(&rounds));
    add(&rounds, 1 + i, others[i]);
  }
  CHECK(lks_rounds_are_done(&rounds));
  lks_rounds_summary sum = lks_rounds_sum_up(&rounds); /* of the second and the fourth */
  CHECK_CLOSE(sum.minimum, 2, rounding);
  CHECK_CLOSE(sum.maximum, 4, rounding);
  CHECK_CLOSE(sum.others, 0.5, rounding);
}

static void others_have_what_is_busy_and_not_our_own(void) {
  double share = -1;
  lks_cpu_sample before = {.own = 10, .busy = 100, .wall = 1000};
  lks_cpu_sample after = {.own = 13, .busy = 104, .wall = 1002};
  CHECK_OK(lks_cpu_others(NULL, &before, &after, &share));
  CHECK_CLOSE(share, 0.5, rounding);
  after.own = 14.5; /* ticks are coarse: never less than nothing */
  CHECK_OK(lks_cpu_others(NULL, &before, &after, &share));
  CHECK_CLOSE(share, 0, 0);
}

static void waiting_for_quiet_has_an_end(void) {
  double share = -1;
  lks_cpu_sample before = lks_cpu_sample_take(NULL);
  CHECK_OK(lks_quiet_wait(NULL, 0, &share));
  CHECK_CLOSE(share, 0, 0);
  CHECK_OK(lks_quiet_wait(NULL, 0.3, &share)); /* two samples of 0.2 s */
  lks_cpu_sample after = lks_cpu_sample_take(NULL);
  CHECK(share >= 0);
  CHECK(after.wall - before.wall >= 0.19 && after.wall - before.wall < 30);
  CHECK(after.busy >= before.busy && after.own >= before.own);
}

const lks_test rounds_tests[] = {TEST(undisturbed_rounds_end_it),
                                 TEST(a_disturbed_round_is_replaced),
                                 TEST(patience_ends_after_as_many_rounds_again),
                                 TEST(others_have_what_is_busy_and_not_our_own),
                                 TEST(waiting_for_quiet_has_an_end),
                                 TEST_END};
