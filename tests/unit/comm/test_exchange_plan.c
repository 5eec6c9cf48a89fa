/* SPDX-License-Identifier: Apache-2.0 */
/* test_exchange_plan.c - who holds what, for groups of made-up hosts. */
#include "check.h"
#include "comm/exchange_plan.h"
#include "comm/group.h"

enum { HOSTS = 3, RANKS = 6 };

static const int host_first[HOSTS + 1] = {0, 3, 4, RANKS};

static lks_comm made_up(int host, int rank, int *first) {
  for (int h = 0; h <= HOSTS; h++)
    first[h] = host_first[h];
  return (lks_comm){
      .size = RANKS, .rank = rank, .hosts = HOSTS, .host = host, .host_first = first};
}

static void slices_are_whole_blocks_and_cover_the_buffer(void) {
  for (int parts = 1; parts < 12; parts++) {
    size_t next = 0, count = 7 * LKS_BLOCK_FLOATS;
    for (int i = 0; i < parts; i++) {
      lks_slice slice = lks_slice_of(count, parts, i);
      CHECK_EQUAL(slice.first, next);
      CHECK_EQUAL(slice.count % LKS_BLOCK_FLOATS, 0);
      next += slice.count;
    }
    CHECK_EQUAL(next, count);
  }
}

static void terms_are_own_partials_and_others_subtrees(void) {
  int first[HOSTS + 1], cuts[RANKS + 1] = {0, 2, 5, 8, 10, 13, 16};
  lks_comm comm = made_up(0, 1, first);
  lks_shards shards = {16, 32, 32};
  lks_exchange_plan *plan = NULL;
  CHECK_OK(lks_plan_create(&plan, &comm));
  lks_plan_update(plan, &comm, &shards, cuts);
  /* rank 0: 0-1; rank 1: 2-3, 4; rank 2: 5, 6-7; host 1: 8-9; host 2: 10-11, 12-15 */
  CHECK_EQUAL(plan->count, 8);
  CHECK_EQUAL(plan->terms[2].rank, 1);
  CHECK_EQUAL(plan->terms[2].index, 1);
  CHECK_EQUAL(plan->terms[7].host, 2);
  CHECK_EQUAL(plan->terms[7].index, 1);
  CHECK_EQUAL(plan->terms[7].subtree.count, 4);
  CHECK_EQUAL(plan->parts, 1); /* host 0 has shards 0-7, one subtree */
  CHECK_EQUAL(plan->part[0].program.leaves, 5);
  CHECK_EQUAL(plan->all_parts, 4);
  CHECK_EQUAL(plan->own_first, 1);
  CHECK_EQUAL(plan->own.leaves, 2);
  lks_plan_destroy(plan);
}

static void empty_subtrees_are_in_no_plan(void) {
  int first[HOSTS + 1], cuts[RANKS + 1] = {0, 0, 6, 8, 12, 16, 16};
  lks_comm comm = made_up(0, 0, first);
  lks_shards shards = {16, 16, 5}; /* shards 5 to 15 have no row */
  lks_exchange_plan *plan = NULL;
  CHECK_OK(lks_plan_create(&plan, &comm));
  lks_plan_update(plan, &comm, &shards, cuts);
  CHECK_EQUAL(plan->count, 2); /* rank 1: 0-3 and 4-5 */
  CHECK_EQUAL(plan->own.leaves, 0);
  CHECK_EQUAL(plan->parts, 1);
  CHECK_EQUAL(plan->parts_of[1], 0);
  CHECK_EQUAL(plan->parts_of[2], 0);
  shards.present = 16;
  lks_plan_update(plan, &comm, &shards, cuts);
  CHECK_EQUAL(plan->count, 5); /* and rank 2: 6-7, host 1: 8-11, host 2: 12-15 */
  lks_plan_destroy(plan);
}

/* Every host must cut pieces alike, so these numbers may not depend on who asks. */
static void all_ranks_count_the_same_parts(void) {
  int first[HOSTS + 1], cuts[RANKS + 1] = {0, 1, 3, 7, 9, 14, 16}, parts[RANKS];
  lks_shards shards = {16, 40, 33};
  for (int r = 0, host = 0; r < RANKS; r++) {
    while (r >= host_first[host + 1])
      host++;
    lks_comm comm = made_up(host, r, first);
    lks_exchange_plan *plan = NULL;
    CHECK_OK(lks_plan_create(&plan, &comm));
    lks_plan_update(plan, &comm, &shards, cuts);
    parts[r] = plan->all_parts;
    CHECK_EQUAL(parts[r], parts[0]);
    lks_plan_destroy(plan);
  }
}

const lks_test exchange_plan_tests[] = {TEST(slices_are_whole_blocks_and_cover_the_buffer),
                                        TEST(terms_are_own_partials_and_others_subtrees),
                                        TEST(empty_subtrees_are_in_no_plan),
                                        TEST(all_ranks_count_the_same_parts), TEST_END};
