/* SPDX-License-Identifier: Apache-2.0 */
/* test_segmented.c - sums over rows in every exact table against the recursive tree, on
 * operands of each precision. */
#include "base/floating_point.h"
#include "base/memory.h"
#include "check.h"
#include "kernels/parallel.h"
#include "oracle_product.h"
#include "tensor/segments.h"

#include <string.h>

static const float DENORMAL_SCALE = 1e-19f;
static const float UNTOUCHED = 12345.0f;
enum { OFFSET = 5, GAP = 2 }; /* of a result in its gradient buffer, and behind its rows */

/* Shards first … last-1 of a batch, on one rank. */
typedef struct {
  int shards, rows, present, steps;
  int first, last;
  const int *lengths; /* of the global rows */
  int left_columns, right_columns;
  float scale;
} batch_plan;

typedef struct {
  lks_oracle_sum oracle;
  lks_segments *segments;
  lks_subtree subtrees[LKS_SUBTREES_MAX];
  int outputs;
  float *left, *right;
  float *found[LKS_SUBTREES_MAX];
  float *expected[LKS_SUBTREES_MAX];
  size_t stride;
  size_t floats; /* of a gradient buffer */
} sums;

static sums make_sums(lks_precision precision, const batch_plan *plan) {
  const lks_shards shards = {plan->shards, plan->rows, plan->present};
  const int first_row = lks_shards_row(&shards, plan->first);
  const int batch = lks_shards_row(&shards, plan->last) - first_row;
  const size_t items = (size_t)(plan->steps * batch);
  sums s = {.stride = (size_t)(plan->right_columns + GAP)};
  s.left = lks_test_numbers(items * (size_t)plan->left_columns, plan->scale, 1);
  s.right = lks_test_numbers(items * (size_t)plan->right_columns, plan->scale, 2);
  s.oracle = (lks_oracle_sum){
      .shards = shards,
      .first_row = first_row,
      .batch = batch,
      .steps = plan->steps,
      .lengths = plan->lengths ? plan->lengths + first_row : NULL,
      .left = s.left,
      .right = s.right,
      .left_columns = plan->left_columns,
      .right_columns = plan->right_columns,
      .precision = precision,
  };
  CHECK_OK(lks_segments_create(&s.segments, (int)items, plan->shards));
  s.outputs = lks_shards_decompose(plan->first, plan->last, s.subtrees);
  lks_segments_fill(s.segments, &shards, s.subtrees, s.outputs, plan->steps, s.oracle.lengths);
  s.floats = OFFSET + (size_t)plan->left_columns * s.stride;
  for (int o = 0; o < s.outputs; o++) {
    CHECK_OK(lks_allocate(&s.found[o], s.floats, sizeof(float)));
    CHECK_OK(lks_allocate(&s.expected[o], s.floats, sizeof(float)));
  }
  return s;
}

static void release_sums(sums *s) {
  for (int o = 0; o < s->outputs; o++) {
    lks_release(s->found[o]);
    lks_release(s->expected[o]);
  }
  lks_release(s->left);
  lks_release(s->right);
  lks_segments_destroy(s->segments);
}

static void reset(const sums *s, float *const *buffers) {
  for (int o = 0; o < s->outputs; o++)
    for (size_t i = 0; i < s->floats; i++)
      buffers[o][i] = UNTOUCHED;
}

static void solve_product(const sums *s) {
  reset(s, s->expected);
  for (int o = 0; o < s->outputs; o++)
    for (int m = 0; m < s->oracle.left_columns; m++)
      for (int n = 0; n < s->oracle.right_columns; n++) {
        float value;
        if (lks_oracle_tree(&s->oracle, s->subtrees[o], m, n, &value))
          s->expected[o][OFFSET + (size_t)m * s->stride + (size_t)n] = value;
      }
}

/* The weight gradient at `offset` on `threads` threads, and its bias where one is wanted. */
static void run_gradient(const sums *s, const lks_kernels *kernels, int threads, size_t offset,
                         size_t bias) {
  const int terms = s->segments->terms, columns = s->oracle.right_columns;
  float *packed, *scratch;
  CHECK_OK(lks_allocate(&packed, kernels->packed_terms_floats(terms, columns), sizeof *packed));
  CHECK_OK(lks_allocate(&scratch,
                        (size_t)threads * kernels->segmented_scratch_floats(terms, columns),
                        sizeof *scratch));
  const lks_segmented product = {
      .segments = s->segments,
      .left = s->left,
      .left_stride = (size_t)s->oracle.left_columns,
      .bias = bias,
      .outputs = s->found,
      .rights = 1,
      .right[0] = {s->right, (size_t)columns, columns, packed, offset, s->stride},
  };
  reset(s, s->found);
  lks_weight_gradients(kernels, threads, &product, s->oracle.left_columns, scratch);
  lks_release(packed);
  lks_release(scratch);
}

static void run_product(const sums *s, const lks_kernels *kernels, int threads) {
  run_gradient(s, kernels, threads, OFFSET, LKS_NO_BIAS);
}

static void check_found(const sums *s, const lks_kernels *kernels) {
  for (int o = 0; o < s->outputs; o++)
    if (!CHECK_SAME_BITS(s->found[o], s->expected[o], s->floats))
      CHECK_TEXT(lks_precision_name(kernels->precision), kernels->name); /* names the table */
}

static void check_plan_in(lks_precision precision, const batch_plan *plan) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables_of(precision, tables);
  const unsigned saved = lks_floating_point_enter();
  sums s = make_sums(precision, plan);
  solve_product(&s);
  for (int i = 0; i < count; i++)
    for (int threads = 1; threads <= 2; threads++) {
      run_product(&s, tables[i], threads);
      check_found(&s, tables[i]);
    }
  release_sums(&s);
  lks_floating_point_leave(saved);
}

static void check_plan(batch_plan plan) {
  check_plan_in(LKS_PRECISION_F32, &plan);
  check_plan_in(LKS_PRECISION_BF16, &plan);
  check_plan_in(LKS_PRECISION_BF16_AMX, &plan);
}

static void gradients_are_trees_of_chains_at_any_size(void) {
  const int sizes[] = {1, 3, 17, 64, 65};
  for (int i = 0; i < 25; i++)
    check_plan((batch_plan){4, 6, 6, 3, 0, 4, NULL, sizes[i / 5], sizes[i % 5], 1.0f});
}

static void any_number_of_shards_follows_the_tree(void) {
  for (int shards = 1; shards <= 64; shards *= 2)
    check_plan((batch_plan){shards, 70, 70, 2, 0, shards, NULL, 19, 21, 1.0f});
}

static void empty_shards_are_skipped(void) {
  check_plan((batch_plan){16, 5, 5, 4, 0, 16, NULL, 13, 18, DENORMAL_SCALE});
  check_plan((batch_plan){16, 20, 11, 4, 0, 16, NULL, 13, 18, DENORMAL_SCALE});
}

static void chains_survive_blocks_of_terms(void) {
  check_plan((batch_plan){1, 10, 10, 61, 0, 1, NULL, 7, 66, 1.0f});
  check_plan((batch_plan){4, 10, 10, 90, 0, 4, NULL, 101, 18, 1.0f});
  check_plan((batch_plan){2, 8, 8, 64, 0, 2, NULL, 7, 5, 1.0f}); /* a border on a border */
}

static void chains_survive_runs_of_words(void) {
  check_plan((batch_plan){4, 20, 20, 450, 0, 4, NULL, 13, 18, 1.0f});
}

static void each_subtree_has_its_own_buffer(void) {
  check_plan((batch_plan){16, 33, 33, 3, 3, 14, NULL, 20, 37, 1.0f});
  check_plan((batch_plan){16, 33, 33, 30, 5, 16, NULL, 9, 17, DENORMAL_SCALE});
}

static void absent_subtrees_leave_their_buffers_alone(void) {
  check_plan((batch_plan){16, 33, 12, 3, 3, 14, NULL, 20, 37, 1.0f});
  check_plan((batch_plan){8, 8, 3, 2, 3, 8, NULL, 4, 5, 1.0f});
}

static void items_past_the_length_of_a_row_are_left_out(void) {
  const int lengths[] = {9, 9, 8, 7, 7, 5, 4, 4, 2, 1};
  check_plan((batch_plan){4, 10, 10, 9, 0, 4, lengths, 10, 35, 1.0f});
}

static void check_slices_in(lks_precision precision) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables_of(precision, tables);
  const unsigned saved = lks_floating_point_enter();
  sums s = make_sums(precision, &(batch_plan){4, 12, 12, 5, 0, 4, NULL, 131, 70, 1.0f});
  solve_product(&s);
  for (int i = 0; i < count; i++)
    for (int threads = 3; threads <= 7; threads += 2) {
      run_product(&s, tables[i], threads);
      check_found(&s, tables[i]);
    }
  release_sums(&s);
  lks_floating_point_leave(saved);
}

static void slices_of_rows_make_up_the_gradient(void) {
  check_slices_in(LKS_PRECISION_F32);
  check_slices_in(LKS_PRECISION_BF16);
  check_slices_in(LKS_PRECISION_BF16_AMX);
}

/* The weight of all columns of right, then that of the first NARROW, then the bias, against
 * what solve_product expects of the first. */
static void check_two_weights(const sums *s, const lks_kernels *kernels, int threads) {
  enum { NARROW = 5 };
  const int terms = s->segments->terms, columns = s->oracle.right_columns;
  const size_t wide = (size_t)columns, rows = (size_t)s->oracle.left_columns;
  float *packed[2], *scratch, *out;
  for (int i = 0; i < 2; i++)
    CHECK_OK(
        lks_allocate(&packed[i], kernels->packed_terms_floats(terms, columns), sizeof(float)));
  CHECK_OK(lks_allocate(
      &scratch, (size_t)threads * kernels->segmented_scratch_floats(terms, columns + NARROW),
      sizeof *scratch));
  CHECK_OK(lks_allocate(&out, rows * (wide + NARROW + 1), sizeof *out));
  const lks_segmented product = {
      .segments = s->segments,
      .left = s->left,
      .left_stride = rows,
      .bias = rows * (wide + NARROW),
      .outputs = &out,
      .rights = 2,
      .right = {{s->right, wide, columns, packed[0], 0, wide},
                {s->right, wide, NARROW, packed[1], rows * wide, NARROW}},
  };
  lks_weight_gradients(kernels, threads, &product, s->oracle.left_columns, scratch);
  for (size_t m = 0; m < rows; m++) {
    const float *expected = s->expected[0] + OFFSET + m * s->stride;
    CHECK_SAME_BITS(out + m * wide, expected, wide);
    CHECK_SAME_BITS(out + rows * wide + m * NARROW, expected, NARROW);
  }
  lks_oracle_sum ones = s->oracle;
  ones.right = NULL;
  ones.precision = LKS_PRECISION_F32; /* a bias is no product */
  for (int m = 0; m < s->oracle.left_columns; m++) {
    float value;
    CHECK(lks_oracle_tree(&ones, s->subtrees[0], m, 0, &value));
    CHECK_SAME_BITS(out + product.bias + m, &value, 1);
  }
  float *const blocks[] = {packed[0], packed[1], scratch, out};
  for (int i = 0; i < 4; i++)
    lks_release(blocks[i]);
}

static void two_weights_and_a_bias_share_left(void) {
  const lks_precision precisions[] = {LKS_PRECISION_F32, LKS_PRECISION_BF16};
  const unsigned saved = lks_floating_point_enter();
  for (int p = 0; p < 2; p++) {
    const lks_kernels *tables[EXACT_TABLES_MAX];
    const int count = lks_test_exact_tables_of(precisions[p], tables);
    const batch_plan plans[] = {{4, 20, 20, 5, 0, 4, NULL, 131, 70, 1.0f},
                                {4, 20, 20, 450, 0, 4, NULL, 9, 17, 1.0f}}; /* many words */
    for (int k = 0; k < 2; k++) {
      sums s = make_sums(precisions[p], &plans[k]);
      solve_product(&s);
      for (int i = 0; i < 2 * count; i++)
        check_two_weights(&s, tables[i / 2], i % 2 + 1);
      release_sums(&s);
    }
  }
  lks_floating_point_leave(saved);
}

/* Writes what column `n` of right and left make, from `offset` on, `stride` apart; with
 * `ones` for right, the sums of left. */
static void solve_column(sums *s, bool ones, size_t offset, size_t stride) {
  const float *right = s->oracle.right;
  s->oracle.right = ones ? NULL : right;
  for (int o = 0; o < s->outputs; o++)
    for (int m = 0; m < s->oracle.left_columns; m++) {
      float value;
      if (lks_oracle_tree(&s->oracle, s->subtrees[o], m, 0, &value))
        s->expected[o][offset + (size_t)m * stride] = value;
    }
  s->oracle.right = right;
}

static void bias_gradients_are_trees_of_sums(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  const int columns[] = {1, 17, 130, 601};
  const unsigned saved = lks_floating_point_enter();
  for (int c = 0; c < 4; c++) {
    sums s = make_sums(LKS_PRECISION_F32,
                       &(batch_plan){16, 33, 20, 4, 3, 14, NULL, columns[c], 1, 1e-19f});
    s.stride = 1; /* the weight lies behind the bias, in room for GAP more columns */
    const size_t weight = OFFSET + (size_t)columns[c];
    reset(&s, s.expected);
    solve_column(&s, true, OFFSET, 1);
    solve_column(&s, false, weight, 1);
    for (int i = 0; i < 2 * count; i++) {
      reset(&s, s.found);
      run_gradient(&s, tables[i / 2], i % 2 + 1, weight, OFFSET);
      check_found(&s, tables[i / 2]);
    }
    release_sums(&s);
  }
  lks_floating_point_leave(saved);
}

const lks_test segmented_tests[] = {
    TEST(gradients_are_trees_of_chains_at_any_size),
    TEST(any_number_of_shards_follows_the_tree),
    TEST(empty_shards_are_skipped),
    TEST(chains_survive_blocks_of_terms),
    TEST(chains_survive_runs_of_words),
    TEST(each_subtree_has_its_own_buffer),
    TEST(absent_subtrees_leave_their_buffers_alone),
    TEST(items_past_the_length_of_a_row_are_left_out),
    TEST(slices_of_rows_make_up_the_gradient),
    TEST(two_weights_and_a_bias_share_left),
    TEST(bias_gradients_are_trees_of_sums),
    TEST_END,
};
