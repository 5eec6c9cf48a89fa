/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/rounds.h"

#include "base/fail.h"
#include "measure/quiet.h"
#include "measure/turns.h"

#include <stdlib.h>

void lks_rounds_add(lks_rounds *rounds, const lks_round *round) {
  LKS_ASSERT(rounds->count < 2 * LKS_ROUNDS_MAX);
  rounds->round[rounds->count++] = *round;
  rounds->clean += round->others < lks_quiet_share;
}

bool lks_rounds_are_done(const lks_rounds *rounds) {
  return rounds->clean >= rounds->wanted || rounds->count >= 2 * rounds->wanted;
}

static int by_others(const void *a, const void *b) {
  const lks_round *x = a, *y = b;
  return (x->others > y->others) - (x->others < y->others);
}

lks_rounds_summary lks_rounds_sum_up(lks_rounds *rounds) {
  lks_rounds_summary sum = {0};
  lks_turns seconds = {0}, parts[LKS_PART_COUNT] = {{0}};
  int count = rounds->count < rounds->wanted ? rounds->count : rounds->wanted;
  LKS_ASSERT(count >= 1);
  qsort(rounds->round, (size_t)rounds->count, sizeof *rounds->round, by_others);
  for (int i = 0; i < count; i++) {
    const lks_round *round = &rounds->round[i];
    lks_turns_add(&seconds, round->seconds);
    for (int p = 0; p < LKS_PART_COUNT; p++)
      lks_turns_add(&parts[p], round->parts[p]);
    sum.page_faults += round->page_faults / count;
    sum.balance += round->balance / count;
    sum.others = round->others > sum.others ? round->others : sum.others;
  }
  sum.median = lks_turns_median(&seconds);
  sum.minimum = lks_turns_minimum(&seconds);
  sum.maximum = lks_turns_maximum(&seconds);
  sum.spread = (sum.maximum - sum.minimum) / sum.median;
  for (int p = 0; p < LKS_PART_COUNT; p++)
    sum.parts[p] = lks_turns_median(&parts[p]);
  return sum;
}
