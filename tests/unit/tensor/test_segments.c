/* SPDX-License-Identifier: Apache-2.0 */
/* test_segments.c - the stack machine against the tree as it is defined.
 *
 * Oracle: every shard's terms are summed by plain loops over time and rows, and
 * the tree over shards is evaluated recursively, a half without terms skipped. */
#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "tensor/segments.h"

#include <stdint.h>

enum { ROWS_MAX = 80, STEPS_MAX = 6, TERMS_MAX = ROWS_MAX * STEPS_MAX };

/* One global batch: values[t x rows + row]. */
typedef struct {
  lks_shards shards;
  int steps;
  int lengths[ROWS_MAX];
  float values[TERMS_MAX];
} problem;

typedef struct {
  bool present;
  float value;
} partial;

static uint32_t word(uint32_t trial, uint32_t index) {
  uint32_t out[4];
  lks_philox(lks_random_key_of(7),
             lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, trial, index, 0), out);
  return out[0];
}

/* Lengths fall from at most `steps`; the last rows of some batches have none. */
static problem make_problem(uint32_t trial) {
  problem made = {.shards = {1 << word(trial, 0) % 7, 1 + (int)(word(trial, 1) % ROWS_MAX), 0}};
  int rows = made.shards.rows;
  made.steps = 1 + (int)(word(trial, 2) % STEPS_MAX);
  bool ragged = word(trial, 3) % 2;
  bool tail = word(trial, 4) % 3 == 0;
  int length = made.steps;
  for (int row = 0; row < rows; row++) {
    if (ragged && row > 0 && word(trial, 5 + (uint32_t)row) % 8 == 0 && length > 1)
      length--;
    if (tail && row > 0 && row >= rows - (int)(word(trial, 200) % (unsigned)rows))
      length = 0;
    made.lengths[row] = length;
    made.shards.present += length > 0;
  }
  for (int i = 0; i < made.steps * rows; i++)
    made.values[i] = lks_random_unit(word(trial, 300 + (uint32_t)i)) - 0.5f;
  return made;
}

static partial sum_of_node(const problem *p, lks_subtree node) {
  partial result = {false, 0};
  if (node.count > 1) {
    int half = node.count / 2;
    partial left = sum_of_node(p, (lks_subtree){node.first, half});
    partial right = sum_of_node(p, (lks_subtree){node.first + half, half});
    if (left.present && right.present)
      return (partial){true, left.value + right.value};
    return left.present ? left : right;
  }
  for (int t = 0; t < p->steps; t++) {
    for (int row = lks_shards_row(&p->shards, node.first);
         row < lks_shards_row(&p->shards, node.first + 1); row++) {
      if (t < p->lengths[row]) {
        result.present = true;
        result.value += p->values[t * p->shards.rows + row];
      }
    }
  }
  return result;
}

/* Runs the stack machine for one output on the local, time-major values. */
static partial run_output(const lks_segments *segments, int output, const float *local,
                          int *deepest) {
  float stack[LKS_SEGMENT_STACK_MAX];
  int depth = 0;
  int term = 0;
  for (int j = 0; j < segments->output_first[output]; j++)
    term += segments->term_count[j];
  for (int j = segments->output_first[output]; j < segments->output_first[output + 1]; j++) {
    float chain = 0;
    CHECK(segments->term_count[j] >= 1);
    for (int k = 0; k < segments->term_count[j]; k++)
      chain += local[segments->item[term++]];
    CHECK(depth < LKS_SEGMENT_STACK_MAX);
    stack[depth++] = chain;
    *deepest = depth > *deepest ? depth : *deepest;
    for (int a = 0; a < segments->additions[j]; a++) {
      CHECK(depth >= 2);
      stack[depth - 2] += stack[depth - 1];
      depth--;
    }
  }
  CHECK(depth <= 1);
  return (partial){depth == 1, depth == 1 ? stack[0] : 0};
}

/* Checks the rank that owns shards [first, last). */
static void check_range(const problem *p, lks_segments *segments, int first, int last,
                        bool without_lengths, int *deepest) {
  lks_subtree subtrees[LKS_SUBTREES_MAX];
  int outputs = lks_shards_decompose(first, last, subtrees);
  int first_row = lks_shards_row(&p->shards, first);
  int batch = lks_shards_row(&p->shards, last) - first_row;
  float local[TERMS_MAX];
  for (int t = 0; t < p->steps; t++) {
    for (int b = 0; b < batch; b++)
      local[t * batch + b] = p->values[t * p->shards.rows + first_row + b];
  }
  lks_segments_fill(segments, &p->shards, subtrees, outputs, p->steps,
                    without_lengths ? NULL : p->lengths + first_row);
  CHECK_EQUAL(segments->outputs, outputs);
  CHECK_EQUAL(segments->output_first[outputs], segments->count);
  for (int i = 0; i < outputs; i++) {
    partial expected = sum_of_node(p, subtrees[i]);
    partial found = run_output(segments, i, local, deepest);
    CHECK_EQUAL(found.present, expected.present);
    CHECK_EQUAL(found.present, !lks_shards_is_empty(&p->shards, subtrees[i]));
    CHECK_SAME_BITS(&found.value, &expected.value, 1);
  }
}

static void stack_machine_gives_the_bits_of_the_recursive_tree(void) {
  lks_segments *segments = NULL;
  int deepest = 0;
  CHECK_OK(lks_segments_create(&segments, TERMS_MAX, 64));
  for (uint32_t trial = 0; trial < 400; trial++) {
    problem p = make_problem(trial);
    int v = p.shards.shards;
    check_range(&p, segments, 0, v, false, &deepest);
    for (int k = 0; k < 4; k++) {
      int first = (int)(word(trial, 1000 + (uint32_t)k) % (unsigned)v);
      int last = first + 1 + (int)(word(trial, 2000 + (uint32_t)k) % (unsigned)(v - first));
      check_range(&p, segments, first, last, false, &deepest);
    }
  }
  CHECK(deepest >= 4 && deepest <= 7); /* log2(64) + 1 */
  lks_segments_destroy(segments);
}

static void rows_without_lengths_have_all_steps(void) {
  lks_segments *segments = NULL;
  int deepest = 0;
  CHECK_OK(lks_segments_create(&segments, TERMS_MAX, 64));
  problem p = {.shards = {16, 37, 37}, .steps = 5};
  for (int row = 0; row < p.shards.rows; row++)
    p.lengths[row] = p.steps;
  for (int i = 0; i < p.steps * p.shards.rows; i++)
    p.values[i] = lks_random_unit(word(9, (uint32_t)i)) - 0.5f;
  for (int first = 0; first < 16; first++) {
    for (int last = first + 1; last <= 16; last++)
      check_range(&p, segments, first, last, true, &deepest);
  }
  CHECK_EQUAL(segments->terms, 5 * (37 - lks_shards_row(&p.shards, 15)));
  lks_segments_destroy(segments);
}

/* Shards 0 and 1 have a row each, 2 .. 7 none: the sum 0 + 1 is due after
 * segment 1, and nothing waits for the empty half. */
static void trailing_empty_shards_add_nothing(void) {
  lks_segments *segments = NULL;
  lks_shards shards = {8, 8, 2};
  lks_subtree all = {0, 8};
  const int lengths[8] = {1, 1, 0, 0, 0, 0, 0, 0};
  CHECK_OK(lks_segments_create(&segments, 8, 8));
  lks_segments_fill(segments, &shards, &all, 1, 1, lengths);
  CHECK_EQUAL(segments->count, 2);
  CHECK_EQUAL(segments->additions[0], 0);
  CHECK_EQUAL(segments->additions[1], 1);
  shards.present = 3;
  const int three[8] = {1, 1, 1, 0, 0, 0, 0, 0};
  lks_segments_fill(segments, &shards, &all, 1, 1, three);
  CHECK_EQUAL(segments->count, 3);
  CHECK_EQUAL(segments->additions[1], 1);
  CHECK_EQUAL(segments->additions[2], 1);
  lks_segments_destroy(segments);
}

static void an_output_without_terms_is_absent(void) {
  lks_segments *segments = NULL;
  lks_shards shards = {4, 4, 1};
  lks_subtree subtrees[LKS_SUBTREES_MAX];
  const int lengths[3] = {0, 0, 0};
  CHECK_OK(lks_segments_create(&segments, 8, 4));
  int outputs = lks_shards_decompose(1, 4, subtrees);
  lks_segments_fill(segments, &shards, subtrees, outputs, 2, lengths);
  CHECK_EQUAL(outputs, 2);
  CHECK_EQUAL(segments->count, 0);
  CHECK_EQUAL(segments->terms, 0);
  CHECK_EQUAL(segments->output_first[2], 0);
  lks_segments_fill(segments, &shards, NULL, 0, 2, NULL);
  CHECK_EQUAL(segments->outputs, 0);
  lks_segments_destroy(segments);
}

static void terms_are_in_time_then_row_order(void) {
  lks_segments *segments = NULL;
  lks_shards shards = {2, 4, 4};
  lks_subtree all = {0, 2};
  const int lengths[4] = {3, 2, 2, 1};
  const int32_t expected[8] = {0, 1, 4, 5, 8, /* shard 0: rows 0 and 1 */
                               2, 3, 6};      /* shard 1: rows 2 and 3 */
  CHECK_OK(lks_segments_create(&segments, 8, 2));
  lks_segments_fill(segments, &shards, &all, 1, 3, lengths);
  CHECK_EQUAL(segments->terms, 8);
  CHECK_EQUAL(segments->term_count[0], 5);
  CHECK_EQUAL(segments->term_count[1], 3);
  for (int i = 0; i < 8; i++)
    CHECK_EQUAL(segments->item[i], expected[i]);
  lks_segments_destroy(segments);
}

static void creation_survives_every_failed_allocation(void) {
  for (size_t n = 1; n <= 5; n++) {
    lks_segments *segments = NULL;
    lks_allocation_fail_at(n);
    CHECK_FAILS(lks_segments_create(&segments, 10, 4), LKS_NO_MEMORY, "no memory");
    CHECK(segments == NULL);
  }
  lks_allocation_fail_at(0);
}

const lks_test segments_tests[] = {
    TEST(stack_machine_gives_the_bits_of_the_recursive_tree),
    TEST(rows_without_lengths_have_all_steps),
    TEST(trailing_empty_shards_add_nothing),
    TEST(an_output_without_terms_is_absent),
    TEST(terms_are_in_time_then_row_order),
    TEST(creation_survives_every_failed_allocation),
    TEST_END,
};
