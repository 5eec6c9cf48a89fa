/* SPDX-License-Identifier: Apache-2.0 */
/* test_order.c - a permutation, a function of (seed, epoch), near enough to the file. */
#include "base/memory.h"
#include "check.h"
#include "data/order.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 5000 };

static void list(lks_order *order, int64_t epoch, int64_t count, int64_t *places) {
  lks_order_start(order, epoch);
  for (int64_t i = 0; i < count; i++)
    places[i] = lks_order_at(order, i);
}

static bool is_permutation(const int64_t *places, int64_t count) {
  static bool seen[MOST];
  memset(seen, 0, sizeof seen);
  for (int64_t i = 0; i < count; i++) {
    if (places[i] < 0 || places[i] >= count || seen[places[i]])
      return false;
    seen[places[i]] = true;
  }
  return true;
}

static int64_t count_equal(const int64_t *a, const int64_t *b, int64_t count) {
  int64_t equal = 0;
  for (int64_t i = 0; i < count; i++)
    equal += a[i] == b[i];
  return equal;
}

/* Counts that are one block, end in a short block, fill windows exactly, and do not. */
static void every_sample_comes_once(void) {
  static const int64_t counts[] = {1, 2, 6, 7, 8, 28, 29, 200, 1001};
  static int64_t places[MOST];
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
    for (uint64_t seed = 0; seed < 8; seed++) {
      lks_order *order = NULL;
      CHECK_OK(lks_order_create(&order, counts[c], 7, 4, seed, true));
      list(order, (int64_t)seed % 3, counts[c], places);
      CHECK(is_permutation(places, counts[c]));
      lks_order_destroy(order);
    }
}

static void order_depends_on_seed_and_epoch_alone(void) {
  enum { COUNT = 1001 };
  static int64_t first[COUNT], again[COUNT], other_epoch[COUNT], other_seed[COUNT];
  lks_order *one = NULL, *two = NULL;
  CHECK_OK(lks_order_create(&one, COUNT, 10, 5, 7, true));
  CHECK_OK(lks_order_create(&two, COUNT, 10, 5, 8, true));
  list(one, 3, COUNT, first);
  list(one, 4, COUNT, other_epoch);
  list(one, 3, COUNT, again);
  list(two, 3, COUNT, other_seed);
  CHECK_EQUAL(count_equal(first, again, COUNT), COUNT);
  /* Chance leaves one place equal on average; 12 or more have a probability below 1e-9. */
  CHECK(count_equal(first, other_epoch, COUNT) < 12);
  CHECK(count_equal(first, other_seed, COUNT) < 12);
  lks_order_destroy(one);
  lks_order_destroy(two);
}

/* The seed's upper half counts as well. */
static void large_seeds_differ(void) {
  enum { COUNT = 1000 };
  static int64_t a[COUNT], b[COUNT];
  lks_order *one = NULL, *two = NULL;
  CHECK_OK(lks_order_create(&one, COUNT, 10, 5, 7, true));
  CHECK_OK(lks_order_create(&two, COUNT, 10, 5, 7 + (UINT64_C(1) << 32), true));
  list(one, 0, COUNT, a);
  list(two, 0, COUNT, b);
  CHECK(count_equal(a, b, COUNT) < 12);
  lks_order_destroy(one);
  lks_order_destroy(two);
}

static void a_place_asked_for_out_of_turn_has_the_same_sample(void) {
  enum { COUNT = 1003 };
  static int64_t places[COUNT];
  lks_order *order = NULL;
  CHECK_OK(lks_order_create(&order, COUNT, 10, 5, 1, true));
  list(order, 2, COUNT, places);
  for (int64_t k = 0; k < COUNT; k++) {
    int64_t i = k * 619 % COUNT;
    CHECK_EQUAL(lks_order_at(order, i), places[i]);
  }
  lks_order_destroy(order);
}

/* A window of places has the samples of as many blocks, whichever they are. */
static void windows_stay_within_their_blocks(void) {
  enum { COUNT = 1000, BLOCK = 10, WINDOW = 5 };
  static int64_t places[COUNT];
  lks_order *order = NULL;
  int64_t displaced = 0;
  CHECK_OK(lks_order_create(&order, COUNT, BLOCK, WINDOW, 11, true));
  list(order, 0, COUNT, places);
  for (int64_t first = 0; first < COUNT; first += BLOCK * WINDOW) {
    bool seen[COUNT / BLOCK] = {false};
    int blocks = 0;
    for (int64_t i = first; i < first + BLOCK * WINDOW; i++) {
      int64_t block = places[i] / BLOCK;
      blocks += !seen[block];
      seen[block] = true;
      displaced += llabs(places[i] - i) >= BLOCK * WINDOW;
    }
    CHECK_EQUAL(blocks, WINDOW);
  }
  CHECK(displaced > COUNT / 2); /* blocks travel through the whole epoch */
  lks_order_destroy(order);
}

static void without_shuffling_the_order_is_that_of_the_text(void) {
  lks_order *order = NULL;
  CHECK_OK(lks_order_create(&order, 100, 7, 3, 1, false));
  lks_order_start(order, 5);
  for (int64_t i = 0; i < 100; i++)
    CHECK_EQUAL(lks_order_at(order, i), i);
  lks_order_destroy(order);
}

static void memory_is_blocks_and_a_window_not_samples(void) {
  lks_order *order = NULL;
  int64_t count = INT64_C(4000000000); /* 32 GB if samples were listed */
  CHECK_OK(lks_order_create(&order, count, 1 << 16, 4, 1, true));
  lks_order_start(order, 1);
  int64_t place = lks_order_at(order, count - 1);
  CHECK(place >= 0 && place < count);
  lks_order_destroy(order);
}

static void memory_that_runs_out_is_reported(void) {
  for (size_t n = 1; n <= 3; n++) {
    lks_order *order = NULL;
    lks_allocation_fail_at(n);
    CHECK_FAILS(lks_order_create(&order, 100, 7, 3, 1, true), LKS_NO_MEMORY, "");
    lks_allocation_fail_at(0);
    CHECK(order == NULL);
  }
}

const lks_test order_tests[] = {TEST(every_sample_comes_once),
                                TEST(order_depends_on_seed_and_epoch_alone),
                                TEST(large_seeds_differ),
                                TEST(a_place_asked_for_out_of_turn_has_the_same_sample),
                                TEST(windows_stay_within_their_blocks),
                                TEST(without_shuffling_the_order_is_that_of_the_text),
                                TEST(memory_is_blocks_and_a_window_not_samples),
                                TEST(memory_that_runs_out_is_reported),
                                TEST_END};
