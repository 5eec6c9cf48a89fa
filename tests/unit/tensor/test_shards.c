/* SPDX-License-Identifier: Apache-2.0 */
/* test_shards.c - rows, subtrees and cuts, against brute force. */
#include "base/random.h"
#include "check.h"
#include "tensor/shards.h"

#include <stdint.h>
#include <string.h>

static void rows_are_spread_evenly_and_completely(void) {
  for (int v = 1; v <= LKS_SHARDS_MAX; v *= 2) {
    for (int rows = 1; rows < 300; rows += 13) {
      lks_shards shards = {v, rows, rows};
      CHECK_EQUAL(lks_shards_row(&shards, 0), 0);
      CHECK_EQUAL(lks_shards_row(&shards, v), rows);
      for (int s = 0; s < v; s++) {
        int own = lks_shards_row(&shards, s + 1) - lks_shards_row(&shards, s);
        CHECK(own == rows / v || own == rows / v + 1);
      }
    }
  }
  lks_shards large = {256, 2000000000, 2000000000};
  CHECK_EQUAL(lks_shards_row(&large, 255), 1992187500);
}

static void the_default_keeps_segments_long_enough(void) {
  CHECK_EQUAL(lks_shards_default(20, 35), 16);    /* the batch */
  CHECK_EQUAL(lks_shards_default(64, 50), 64);    /* the cap */
  CHECK_EQUAL(lks_shards_default(1000, 100), 64); /* the cap */
  CHECK_EQUAL(lks_shards_default(64, 8), 16);     /* 64 x 8 / 32 */
  CHECK_EQUAL(lks_shards_default(64, 7.9), 8);    /* just below */
  CHECK_EQUAL(lks_shards_default(1, 1), 1);
  CHECK_EQUAL(lks_shards_default(64, 0.01), 1);
}

static void a_subtree_is_empty_when_no_row_is_present(void) {
  lks_shards shards = {8, 20, 13};
  for (int size = 1; size <= 8; size *= 2) {
    for (int first = 0; first < 8; first += size) {
      int present = 0;
      for (int row = lks_shards_row(&shards, first);
           row < lks_shards_row(&shards, first + size); row++)
        present += row < shards.present;
      CHECK_EQUAL(lks_shards_is_empty(&shards, (lks_subtree){first, size}), present == 0);
    }
  }
  lks_shards few = {8, 3, 3}; /* fewer rows than shards */
  int with_rows = 0;
  for (int s = 0; s < 8; s++)
    with_rows += !lks_shards_is_empty(&few, (lks_subtree){s, 1});
  CHECK_EQUAL(with_rows, 3);
}

static void a_range_is_cut_into_maximal_aligned_subtrees(void) {
  for (int v = 1; v <= 64; v *= 2) {
    for (int first = 0; first <= v; first++) {
      for (int last = first; last <= v; last++) {
        lks_subtree subtrees[LKS_SUBTREES_MAX];
        int count = lks_shards_decompose(first, last, subtrees);
        int at = first;
        for (int i = 0; i < count; i++) {
          int size = subtrees[i].count;
          int parent = at - at % (2 * size);
          CHECK(subtrees[i].first == at && at % size == 0 && (size & (size - 1)) == 0);
          CHECK(parent < first || parent + 2 * size > last); /* maximal */
          at += size;
        }
        CHECK_EQUAL(at, last);
      }
    }
  }
}

static void the_widest_range_has_room_for_its_subtrees(void) {
  lks_subtree subtrees[LKS_SUBTREES_MAX];
  CHECK_EQUAL(lks_shards_decompose(1, 255, subtrees), 14);
}

/* Tree over the values of shards [lo, lo + n). */
static float tree_sum(const float *value, int lo, int n) {
  if (n == 1)
    return value[lo];
  return tree_sum(value, lo, n / 2) + tree_sum(value, lo + n / 2, n / 2);
}

/* The same tree from partial sums of subtrees. */
static float combine(const lks_subtree *part, const float *sum, int parts, int lo, int n) {
  for (int i = 0; i < parts; i++) {
    if (part[i].first == lo && part[i].count == n)
      return sum[i];
  }
  CHECK(n > 1);
  return n > 1 ? combine(part, sum, parts, lo, n / 2) +
                     combine(part, sum, parts, lo + n / 2, n / 2)
               : 0;
}

/* The sum does not depend on who owns which shards. */
static void partial_sums_of_any_cut_give_the_bits_of_the_tree(void) {
  for (uint32_t trial = 0; trial < 3000; trial++) {
    uint32_t out[4];
    lks_philox(lks_random_key_of(5), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, trial, 0, 0),
               out);
    int v = 1 << out[0] % 7;
    float value[64];
    for (int s = 0; s < v; s++)
      value[s] = lks_random_unit(out[1] * 2654435761u * (uint32_t)(s + 1)) - 0.5f;
    lks_subtree part[2 * 64];
    float sum[2 * 64];
    int parts = 0;
    for (int first = 0; first < v;) {
      int left = v - first;
      int last = first + 1 + (int)((out[2] >> first % 24) % (unsigned)left);
      int count = lks_shards_decompose(first, last, &part[parts]);
      for (int i = parts; i < parts + count; i++)
        sum[i] = tree_sum(value, part[i].first, part[i].count);
      parts += count;
      first = last;
    }
    float found = combine(part, sum, parts, 0, v);
    float expected = tree_sum(value, 0, v);
    CHECK_SAME_BITS(&found, &expected, 1);
  }
}

/* The best cut by trying all: least load, then fewest subtrees, then the first. */
typedef struct {
  const lks_shards *shards;
  int ranks;
  int now[9];
  int best[9];
  int best_load;
  int best_subtrees;
} search;

static void judge(search *at) {
  lks_subtree unused[LKS_SUBTREES_MAX];
  int load = 0;
  int subtrees = 0;
  for (int rank = 0; rank < at->ranks; rank++) {
    int rows = lks_shards_row(at->shards, at->now[rank + 1]) -
               lks_shards_row(at->shards, at->now[rank]);
    load = rows > load ? rows : load;
    subtrees += lks_shards_decompose(at->now[rank], at->now[rank + 1], unused);
  }
  bool better = load < at->best_load || (load == at->best_load && subtrees < at->best_subtrees);
  if (better) { /* cuts are tried in order, so an equal one lies later */
    at->best_load = load;
    at->best_subtrees = subtrees;
    memcpy(at->best, at->now, sizeof at->best);
  }
}

static void try_all(search *at, int rank) {
  if (rank == at->ranks) {
    judge(at);
    return;
  }
  int most = at->shards->shards - (at->ranks - rank);
  for (int cut = at->now[rank - 1] + 1; cut <= most; cut++) {
    at->now[rank] = cut;
    try_all(at, rank + 1);
  }
}

static void cuts_are_the_best_of_all_cuts(void) {
  for (int v = 1; v <= 16; v *= 2) {
    for (int ranks = 1; ranks <= v && ranks <= 8; ranks++) {
      for (int rows = 1; rows < 70; rows += 3) {
        lks_shards shards = {v, rows, rows};
        search at = {&shards, ranks, {0}, {0}, 1 << 30, 1 << 30};
        at.now[ranks] = v;
        try_all(&at, 1);
        int cuts[9] = {-1};
        CHECK_OK(lks_shards_cut(&shards, ranks, cuts));
        CHECK_EQUAL(memcmp(cuts, at.best, sizeof(int) * ((size_t)ranks + 1)), 0);
      }
    }
  }
}

static void powers_of_two_of_ranks_get_one_subtree_each(void) {
  lks_shards shards = {64, 640, 640};
  for (int ranks = 1; ranks <= 64; ranks *= 2) {
    int cuts[65];
    CHECK_OK(lks_shards_cut(&shards, ranks, cuts));
    for (int rank = 0; rank <= ranks; rank++)
      CHECK_EQUAL(cuts[rank], 64 / ranks * rank);
  }
}

static void every_number_of_ranks_is_served(void) {
  lks_shards shards = {256, 1000, 1000};
  for (int ranks = 1; ranks <= 256; ranks += 17) {
    int cuts[257];
    CHECK_OK(lks_shards_cut(&shards, ranks, cuts));
    CHECK_EQUAL(cuts[0], 0);
    CHECK_EQUAL(cuts[ranks], 256);
    for (int rank = 0; rank < ranks; rank++)
      CHECK(cuts[rank] < cuts[rank + 1]);
  }
}

static void more_ranks_than_shards_are_refused(void) {
  lks_shards shards = {4, 20, 20};
  int cuts[6];
  CHECK_FAILS(lks_shards_cut(&shards, 5, cuts), LKS_USAGE, "5 ranks cannot share 4 shards");
  CHECK_CONTAINS(lks_error_message(), "[distributed] shards");
}

const lks_test shards_tests[] = {
    TEST(rows_are_spread_evenly_and_completely),
    TEST(the_default_keeps_segments_long_enough),
    TEST(a_subtree_is_empty_when_no_row_is_present),
    TEST(a_range_is_cut_into_maximal_aligned_subtrees),
    TEST(the_widest_range_has_room_for_its_subtrees),
    TEST(partial_sums_of_any_cut_give_the_bits_of_the_tree),
    TEST(cuts_are_the_best_of_all_cuts),
    TEST(powers_of_two_of_ranks_get_one_subtree_each),
    TEST(every_number_of_ranks_is_served),
    TEST(more_ranks_than_shards_are_refused),
    TEST_END,
};
