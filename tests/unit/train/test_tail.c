/* SPDX-License-Identifier: Apache-2.0 */
/* test_tail.c - counts and losses survive the way through floats. */
#include "check.h"
#include "train/tail.h"

#include <math.h>

enum { SHARDS = 8 };

/* A loss is kept in two floats: 48 bits of an f64. */
#define LOSS_TOLERANCE 1e-12

/* Two ranks' tails, each with its own shards, added as the exchange does. */
static void sums_of_ranks_hold_every_count_and_loss(void) {
  float tails[2][LKS_TAIL_FLOATS], sum[LKS_TAIL_FLOATS];
  lks_shards shards = {SHARDS, SHARDS, SHARDS};
  int64_t tokens = 0;
  double loss = 0;
  for (int r = 0; r < 2; r++)
    lks_tail_clear(tails[r]);
  for (int s = 0; s < SHARDS; s++) {
    int64_t count = 1234567 + 89 * s;
    lks_tail_add_shard(tails[s >= 3], s, count, 1.0 / 3 + s);
    tokens += count;
    loss += 1.0 / 3 + s;
  }
  for (int i = 0; i < LKS_TAIL_FLOATS; i++)
    sum[i] = tails[0][i] + tails[1][i];
  CHECK_EQUAL(lks_tail_read(sum).terms, tokens);
  CHECK(!lks_tail_read(sum).stop);
  CHECK_CLOSE(lks_tail_loss(sum, &shards), loss, LOSS_TOLERANCE);
}

static void one_rank_that_is_asked_stops_all(void) {
  float sum[LKS_TAIL_FLOATS];
  lks_tail_clear(sum);
  lks_tail_ask_stop(sum);
  CHECK(lks_tail_read(sum).stop);
}

static void empty_shards_are_left_out(void) {
  float tail[LKS_TAIL_FLOATS];
  lks_shards shards = {SHARDS, 3, 2}; /* rows 0, 1 present: most shards are empty */
  lks_tail_clear(tail);
  for (int s = 0; s < SHARDS; s++)
    lks_tail_add_shard(tail, s, 1,
                       lks_shards_is_empty(&shards, (lks_subtree){s, 1}) ? NAN : 1.5);
  CHECK_CLOSE(lks_tail_loss(tail, &shards), 3.0, LOSS_TOLERANCE);
}

const lks_test tail_tests[] = {
    TEST(sums_of_ranks_hold_every_count_and_loss),
    TEST(one_rank_that_is_asked_stops_all),
    TEST(empty_shards_are_left_out),
    TEST_END,
};
