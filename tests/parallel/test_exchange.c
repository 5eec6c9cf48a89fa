/* SPDX-License-Identifier: Apache-2.0 */
/* test_exchange.c - the sum of all ranks against the recursion that defines it.
 *
 * A value depends on (sum, shard, element) alone, and every rank computes the
 * expected sum for itself: so the result is the same on any number of ranks. */
#include "base/floating_point.h"
#include "base/memory.h"
#include "base/random.h"
#include "comm/exchange.h"
#include "parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* PERIOD: values repeat, to save time; prime, so that no slice or piece that went
 * to a wrong place would look right. */
enum { RANKS_MAX = 64, BLOCK = 1024, PERIOD = 1021 };

/* Sizes from 2^-130 (denormal: read as zero) to 2^10, both signs, and zeros of both
 * signs: another order, a flush left out or an empty shard added as +0 shows. */
static float shard_value(uint32_t sum, int shard, size_t i) {
  uint32_t h = sum * 2654435761u ^ (uint32_t)shard * 40503u ^ (uint32_t)i * 2246822519u;
  h ^= h >> 15;
  h *= 2246822519u;
  h ^= h >> 13;
  h *= 3266489917u;
  h ^= h >> 16;
  uint32_t exponent = i % 8 == 0 ? h % 3 : i % 8 == 1 ? 0 : 117 + h % 20; /* biased */
  uint32_t bits = (h & 0x807fffffu) | exponent << 23;
  if (i % 8 == 1)
    bits = 0x80000000u;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Sums from BLANKS on have blocks in which a shard, or every shard, is +0. */
enum { BLANKS = 1000 };

static bool is_blank(uint32_t sum, int shard, size_t block) {
  uint32_t h = sum * 2654435761u ^ (uint32_t)block * 2246822519u;
  return sum >= BLANKS && (h >> 16 & 1 || (h >> 17 & 1 && shard % 3 != 0));
}

/* The definition of the sum over a node, for elements 0 .. count-1. */
static bool tree_sum(const lks_shards *shards, uint32_t sum, lks_subtree node, size_t count,
                     float *values) {
  if (lks_shards_is_empty(shards, node))
    return false;
  if (node.count == 1) {
    for (size_t i = 0; i < count; i++)
      values[i] = i < PERIOD ? shard_value(sum, node.first, i) : values[i - PERIOD];
    for (size_t b = 0; b < count / BLOCK; b++)
      if (is_blank(sum, node.first, b))
        memset(values + b * BLOCK, 0, BLOCK * sizeof *values);
    return true;
  }
  int half = node.count / 2;
  float *upper = NULL;
  CHECK_OK(lks_allocate(&upper, count, sizeof *upper));
  bool has_lower = tree_sum(shards, sum, (lks_subtree){node.first, half}, count, values);
  bool has_upper = tree_sum(shards, sum, (lks_subtree){node.first + half, half}, count, upper);
  for (size_t i = 0; has_upper && i < count; i++)
    values[i] = has_lower ? values[i] + upper[i] : upper[i];
  lks_release(upper);
  return has_lower || has_upper;
}

/* Random borders; every rank draws the same ones.  Ranks without shards happen. */
static void draw_cuts(uint32_t sum, int shards, int ranks, int *cuts) {
  for (int r = 0; r <= ranks; r++) {
    uint32_t out[4];
    lks_philox(lks_random_key_of(5),
               lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, sum, (uint32_t)r, 0), out);
    cuts[r] = r == 0 ? 0 : r == ranks ? shards : (int)(out[0] % (uint32_t)(shards + 1));
  }
  for (int a = 1; a < ranks; a++)
    for (int b = a; b > 1 && cuts[b] < cuts[b - 1]; b--) {
      int swapped = cuts[b];
      cuts[b] = cuts[b - 1];
      cuts[b - 1] = swapped;
    }
}

/* Tools that show when a share is left out: threads one after the other, and
 * squares in the order of the elements. */
static void run_in_turn(int threads, void (*body)(void *context, int part, int parts),
                        void *context) {
  for (int part = 0; part < threads; part++)
    body(context, part, threads);
}

static void add(size_t n, const float *a, const float *b, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = a[i] + b[i];
}

static void square_blocks(size_t blocks, const float *x, double *squares) {
  for (size_t b = 0; b < blocks; b++) {
    squares[b] = 0;
    for (size_t i = 0; i < BLOCK; i++)
      squares[b] += (double)x[b * BLOCK + i] * (double)x[b * BLOCK + i];
  }
}

static void add_blocks(size_t blocks, const float *a, const float *b, float *y,
                       double *squares) {
  add(blocks * BLOCK, a, b, y);
  square_blocks(blocks, y, squares);
}

static const lks_sum_tools tools = {.threads = 3,
                                    .parallel = run_in_turn,
                                    .add = add,
                                    .norm_blocks = square_blocks,
                                    .add_blocks = add_blocks};

typedef struct {
  lks_exchange *exchange;
  size_t count;
  int rooms;
  float *expected;
  double *squares; /* of expected, with tools */
} trial_state;

static bool check_squares(const trial_state *trial) {
  const double *found = lks_exchange_squares(trial->exchange);
  bool are_right = true;
  if (!trial->squares || lks_comm_size(lks_test_comm()) == 1)
    return CHECK(found == NULL);
  square_blocks(trial->count / BLOCK, trial->expected, trial->squares);
  for (size_t b = 0; b < trial->count / BLOCK; b++)
    are_right = CHECK(found[b] == trial->squares[b]) && are_right;
  return are_right;
}

/* Marks of this rank's partials: the truth, but for some marks too many. */
static void set_marks(const trial_state *trial, uint32_t number, const int *cuts) {
  int rank = lks_comm_rank(lks_test_comm());
  uint8_t *marks = lks_exchange_marks(trial->exchange);
  for (size_t b = 0; b < trial->count / BLOCK; b++) {
    marks[b] = (b + (size_t)rank) % 20 == 0;
    for (int shard = cuts[rank]; shard < cuts[rank + 1]; shard++)
      marks[b] = marks[b] || !is_blank(number, shard, b);
  }
}

/* Blocks of the last result that were passed over; they are +0. */
static int count_unmarked(const trial_state *trial) {
  const uint8_t *marks = lks_exchange_result_marks(trial->exchange);
  int count = 0;
  for (size_t b = 0; b < trial->count / BLOCK; b++)
    if (!lks_marks_has(marks, b)) {
      count++;
      for (size_t i = 0; i < BLOCK; i++)
        CHECK(trial->expected[b * BLOCK + i] == 0);
    }
  return count;
}

/* One sum with its check.  Buffers without a subtree, or with an empty one, hold
 * NaN: nobody may look at them. */
static bool check_sum(trial_state *trial, uint32_t number, const lks_shards *shards,
                      const int *cuts, double tolerance) {
  int rank = lks_comm_rank(lks_test_comm());
  float *const *partials = lks_exchange_partials(trial->exchange);
  lks_subtree subtrees[LKS_SUBTREES_MAX], root = {0, shards->shards};
  int count = lks_shards_decompose(cuts[rank], cuts[rank + 1], subtrees);
  const float *result = NULL;
  for (int k = 0; k < trial->rooms; k++)
    if (k >= count || !tree_sum(shards, number, subtrees[k], trial->count, partials[k]))
      for (size_t i = 0; i < trial->count; i++)
        partials[k][i] = NAN;
  set_marks(trial, number, cuts);
  memset(trial->expected, 0, trial->count * sizeof(float));
  tree_sum(shards, number, root, trial->count, trial->expected);
  if (!CHECK_OK(lks_exchange_sum(trial->exchange, shards, cuts, &result)))
    return false;
  if (tolerance > 0.0)
    return CHECK_ALL_CLOSE(result, trial->expected, trial->count, tolerance);
  return CHECK_SAME_BITS(result, trial->expected, trial->count) && check_squares(trial);
}

static bool open_trial(trial_state *trial, size_t count, int rooms, lks_reduction reduction,
                       const lks_sum_tools *lent) {
  *trial = (trial_state){.count = count, .rooms = rooms};
  return CHECK_OK(lks_allocate(&trial->expected, count, sizeof(float))) &&
         (!lent || CHECK_OK(lks_allocate(&trial->squares, count / BLOCK, sizeof(double)))) &&
         CHECK_OK(lks_exchange_create(&trial->exchange, lks_test_comm(), count, rooms,
                                      reduction, lent));
}

static void close_trial(trial_state *trial) {
  CHECK_OK(lks_comm_barrier(lks_test_comm())); /* results are read on all */
  lks_exchange_destroy(trial->exchange);
  lks_release(trial->squares);
  lks_release(trial->expected);
}

static void try_cuts(const lks_sum_tools *lent) {
  unsigned saved = lks_floating_point_enter();
  int ranks = lks_comm_size(lks_test_comm()), cuts[RANKS_MAX + 1];
  static const int all_shards[] = {1, 2, 8, 16, 64, 256};
  trial_state trial = {0};
  uint32_t number = 1;
  if (!open_trial(&trial, 5 * BLOCK, LKS_SUBTREES_MAX, LKS_REDUCTION_EXACT, lent))
    return;
  for (size_t k = 0; k < sizeof all_shards / sizeof *all_shards; k++)
    for (int variant = 0; variant < 8; variant++, number++) {
      int shards = all_shards[k], rows = variant % 3 == 2 ? 1 + shards / 2 : 5 * shards + 3;
      lks_shards batch = {shards, rows, variant % 4 == 3 ? 1 + rows / 3 : rows};
      if (variant > 0 || shards < ranks)
        draw_cuts(number, shards, ranks, cuts);
      else
        CHECK_OK(lks_shards_cut(&batch, ranks, cuts));
      CHECK(check_sum(&trial, number, &batch, cuts, 0.0));
    }
  close_trial(&trial);
  lks_floating_point_leave(saved);
}

static void sums_have_the_trees_bits_whatever_the_cuts(void) {
  try_cuts(NULL);
}

static void sums_with_tools_have_the_trees_bits_and_their_squares(void) {
  try_cuts(&tools);
}

/* Long enough for several pieces in each slice, and a slice of odd length. */
static void try_long(const lks_sum_tools *lent) {
  unsigned saved = lks_floating_point_enter();
  int ranks = lks_comm_size(lks_test_comm()), cuts[RANKS_MAX + 1];
  trial_state trial = {0};
  lks_shards batch = {8, 20, 20};
  if (!open_trial(&trial, 1601 * (size_t)BLOCK, 7, LKS_REDUCTION_EXACT, lent))
    return;
  for (uint32_t number = 1; number <= 3; number++) {
    draw_cuts(number, 8, ranks, cuts);
    CHECK(check_sum(&trial, number, &batch, cuts, 0.0));
  }
  close_trial(&trial);
  lks_floating_point_leave(saved);
}

static void long_buffers_are_summed_piece_by_piece(void) {
  try_long(NULL);
}

static void long_buffers_are_shared_by_threads(void) {
  try_long(&tools);
}

/* Blocks that nobody marked keep their +0 or get it back, whatever they held before. */
static void blocks_of_zeros_are_passed_over(void) {
  unsigned saved = lks_floating_point_enter();
  const lks_comm *comm = lks_test_comm();
  int ranks = lks_comm_size(comm), cuts[RANKS_MAX + 1], unmarked = 0;
  trial_state trial = {0};
  lks_shards batch = {16, 50, 50};
  if (!open_trial(&trial, 40 * BLOCK, LKS_SUBTREES_MAX, LKS_REDUCTION_EXACT, &tools))
    return;
  for (uint32_t number = BLANKS; number < BLANKS + 8; number++) {
    draw_cuts(number, 16, ranks, cuts);
    CHECK(check_sum(&trial, number, &batch, cuts, 0.0));
    unmarked += count_unmarked(&trial);
  }
  bool passes_over = lks_comm_host_size(comm) == ranks;
  CHECK(passes_over ? unmarked > 40 : unmarked == 0);
  close_trial(&trial);
  lks_floating_point_leave(saved);
}

static void batch_without_terms_sums_to_zero(void) {
  int ranks = lks_comm_size(lks_test_comm()), cuts[RANKS_MAX + 1];
  trial_state trial = {0};
  lks_shards batch = {4, 8, 0};
  if (!open_trial(&trial, 3 * BLOCK, LKS_SUBTREES_MAX, LKS_REDUCTION_EXACT, &tools))
    return;
  draw_cuts(3, 4, ranks, cuts);
  CHECK(check_sum(&trial, 1, &batch, cuts, 0.0));
  close_trial(&trial);
}

static void buffers_shorter_than_the_ranks_are_summed(void) {
  unsigned saved = lks_floating_point_enter();
  int ranks = lks_comm_size(lks_test_comm()), cuts[RANKS_MAX + 1];
  trial_state trial = {0};
  lks_shards batch = {16, 16, 16};
  if (!open_trial(&trial, BLOCK, LKS_SUBTREES_MAX, LKS_REDUCTION_EXACT, NULL))
    return;
  for (uint32_t number = 20; number < 30; number++) {
    draw_cuts(number, 16, ranks, cuts);
    CHECK(check_sum(&trial, number, &batch, cuts, 0.0));
  }
  close_trial(&trial);
  lks_floating_point_leave(saved);
}

/* 64 terms below 2^10 in another order: their sum's rounding errors stay below
 * 64 x 2^16 x 2^-24. */
static const double other_order_tolerance = 0.25;

static void library_sums_the_same_but_for_rounding(void) {
  unsigned saved = lks_floating_point_enter();
  int ranks = lks_comm_size(lks_test_comm()), cuts[RANKS_MAX + 1];
  trial_state trial = {0};
  lks_shards batch = {64, 100, 90};
  if (!open_trial(&trial, 20 * BLOCK, LKS_SUBTREES_MAX, LKS_REDUCTION_MPI, NULL))
    return;
  for (uint32_t number = 40; number < 44; number++) {
    draw_cuts(number, 64, ranks, cuts);
    CHECK(check_sum(&trial, number, &batch, cuts, other_order_tolerance));
  }
  close_trial(&trial);
  lks_floating_point_leave(saved);
}

static void cut_with_too_many_subtrees_is_refused_on_all_ranks(void) {
  lks_comm *comm = lks_test_comm();
  int ranks = lks_comm_size(comm), cuts[RANKS_MAX + 1] = {0};
  lks_shards batch = {16, 16, 16};
  lks_exchange *exchange = NULL;
  const float *result = NULL;
  if (ranks == 1 ||
      !CHECK_OK(lks_exchange_create(&exchange, comm, BLOCK, 1, LKS_REDUCTION_EXACT, NULL)))
    return;
  for (int r = 1; r <= ranks; r++)
    cuts[r] = r < ranks ? 3 : 16;
  CHECK_FAILS(lks_exchange_sum(exchange, &batch, cuts, &result), LKS_USAGE,
              "rank 0 has shards 0 to 2, which are 2 subtrees");
  lks_exchange_destroy(exchange);
}

static void steps_allocate_nothing(void) {
  lks_comm *comm = lks_test_comm();
  int ranks = lks_comm_size(comm), cuts[RANKS_MAX + 1];
  lks_shards batch = {64, 64, 64};
  lks_exchange *exchange = NULL;
  const float *result = NULL;
  if (!CHECK_OK(
          lks_exchange_create(&exchange, comm, 4 * BLOCK, 17, LKS_REDUCTION_EXACT, &tools)))
    return;
  size_t before = lks_allocation_count();
  for (uint32_t number = 0; number < 5; number++) {
    draw_cuts(number, 64, ranks, cuts);
    CHECK_OK(lks_exchange_sum(exchange, &batch, cuts, &result));
  }
  CHECK_EQUAL(lks_allocation_count(), before);
  CHECK_OK(lks_comm_barrier(comm));
  lks_exchange_destroy(exchange);
}

const lks_test exchange_tests[] = {TEST(sums_have_the_trees_bits_whatever_the_cuts),
                                   TEST(sums_with_tools_have_the_trees_bits_and_their_squares),
                                   TEST(long_buffers_are_summed_piece_by_piece),
                                   TEST(long_buffers_are_shared_by_threads),
                                   TEST(blocks_of_zeros_are_passed_over),
                                   TEST(batch_without_terms_sums_to_zero),
                                   TEST(buffers_shorter_than_the_ranks_are_summed),
                                   TEST(library_sums_the_same_but_for_rounding),
                                   TEST(cut_with_too_many_subtrees_is_refused_on_all_ranks),
                                   TEST(steps_allocate_nothing),
                                   TEST_END};
