/* SPDX-License-Identifier: Apache-2.0 */
/* test_softmax.c - softmax and cross-entropy against their definitions in double,
 * central differences, and the documented order of additions. */
#include "base/floating_point.h"
#include "base/memory.h"
#include "check.h"
#include "oracle_product.h"

#include <math.h>
#include <string.h>

static const int sizes[] = {1, 3, 15, 16, 17, 64, 65, 200, 1000, 1024, 1025, 2500};
enum { SIZES = sizeof sizes / sizeof *sizes, ROWS = 3, GUARDS = 3 };

/* A lane of 2,500 / 16 additions of exponentials good to 1 ulp; results are below 1,
 * losses below 16. */
static const double PROBABILITY_TOLERANCE = 1e-6;
static const double LOSS_TOLERANCE = 4e-6;

typedef struct {
  int vocab;
  size_t stride;
  float smoothing;
  float *logits;
  int32_t target[ROWS];
  float loss[ROWS];
} problem;

static problem make_problem(int vocab, float smoothing) {
  problem p = {.vocab = vocab, .stride = (size_t)(vocab + GUARDS), .smoothing = smoothing};
  p.logits = lks_test_numbers(ROWS * p.stride, 6.0f, (unsigned)vocab);
  for (int row = 0; row < ROWS; row++)
    p.target[row] = (row * 7919 + vocab / 2) % vocab;
  return p;
}

static void run(const lks_kernels *kernels, problem *p, bool gradient) {
  kernels->cross_entropy(ROWS, p->vocab, p->logits, p->stride, p->target, p->smoothing,
                         gradient, p->loss);
}

/* -sum_i q_i log p_i, q = (1 - smoothing) [i = target] + smoothing / vocab; fills in p. */
static double exact_loss(int vocab, const double *x, int target, double smoothing, double *p) {
  double most = -INFINITY, sum = 0.0, loss = 0.0;
  for (int i = 0; i < vocab; i++)
    most = fmax(most, x[i]);
  for (int i = 0; i < vocab; i++)
    sum += exp(x[i] - most);
  for (int i = 0; i < vocab; i++) {
    const double log_p = x[i] - most - log(sum);
    const double q = smoothing / vocab + (i == target ? 1.0 - smoothing : 0.0);
    loss -= q * log_p;
    p[i] = exp(log_p);
  }
  return loss;
}

static void check_row(const problem *before, const problem *after, int row) {
  double x[2500], p[2500];
  const float *logits = before->logits + (size_t)row * before->stride;
  const float *found = after->logits + (size_t)row * before->stride;
  for (int i = 0; i < before->vocab; i++)
    x[i] = (double)logits[i];
  const double smoothing = (double)before->smoothing;
  const int target = before->target[row];
  CHECK_CLOSE(after->loss[row], exact_loss(before->vocab, x, target, smoothing, p),
              LOSS_TOLERANCE);
  for (int i = 0; i < before->vocab; i++) {
    const double q = smoothing / before->vocab + (i == target ? 1.0 - smoothing : 0.0);
    CHECK_CLOSE(found[i], p[i] - q, PROBABILITY_TOLERANCE);
  }
}

static void cross_entropy_follows_its_definition(void) {
  int count;
  const lks_kernels *kernels = lks_kernels_all(LKS_PRECISION_F32, &count)[0];
  for (int i = 0; i < SIZES; i++)
    for (int s = 0; s < 2; s++) {
      problem before = make_problem(sizes[i], s == 0 ? 0.0f : 0.1f);
      problem after = make_problem(sizes[i], s == 0 ? 0.0f : 0.1f);
      run(kernels, &after, true);
      for (int row = 0; row < ROWS; row++)
        check_row(&before, &after, row);
      lks_release(before.logits);
      lks_release(after.logits);
    }
}

static void gradient_matches_central_differences(void) {
  enum { VOCAB = 11 };
  const double step = 1e-5;
  int count;
  problem p = make_problem(VOCAB, 0.2f);
  double x[VOCAB], unused[VOCAB];
  for (int i = 0; i < VOCAB; i++)
    x[i] = (double)p.logits[i];
  run(lks_kernels_all(LKS_PRECISION_F32, &count)[0], &p, true);
  for (int i = 0; i < VOCAB; i++) {
    const double middle = x[i];
    x[i] = middle + step;
    const double more = exact_loss(VOCAB, x, p.target[0], (double)p.smoothing, unused);
    x[i] = middle - step;
    const double less = exact_loss(VOCAB, x, p.target[0], (double)p.smoothing, unused);
    x[i] = middle;
    CHECK_CLOSE(p.logits[i], (more - less) / (2 * step), PROBABILITY_TOLERANCE);
  }
  lks_release(p.logits);
}

/* Guard columns and all losses included, with and without a gradient. */
static void all_tables_give_the_same_bits(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  const unsigned saved = lks_floating_point_enter();
  for (int i = 0; i < SIZES; i++)
    for (int s = 0; s < 2; s++) {
      problem expected = make_problem(sizes[i], s == 0 ? 0.0f : 0.1f);
      run(tables[0], &expected, true);
      for (int t = 0; t < count; t++) {
        problem found = make_problem(sizes[i], s == 0 ? 0.0f : 0.1f);
        run(tables[t], &found, true);
        CHECK_SAME_BITS(found.logits, expected.logits, ROWS * found.stride);
        CHECK_SAME_BITS(found.loss, expected.loss, ROWS);
        lks_release(found.logits);
        found = make_problem(sizes[i], s == 0 ? 0.0f : 0.1f);
        run(tables[t], &found, false);
        CHECK_SAME_BITS(found.loss, expected.loss, ROWS);
        lks_release(found.logits);
      }
      lks_release(expected.logits);
    }
  lks_floating_point_leave(saved);
}

static void rows_have_the_same_bits_alone(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int t = 0; t < count; t++) {
    problem together = make_problem(77, 0.1f);
    problem alone = make_problem(77, 0.1f);
    run(tables[t], &together, true);
    for (int row = ROWS - 1; row >= 0; row--)
      tables[t]->cross_entropy(1, 77, alone.logits + (size_t)row * alone.stride, 0,
                               alone.target + row, 0.1f, true, alone.loss + row);
    CHECK_SAME_BITS(alone.logits, together.logits, ROWS * alone.stride);
    CHECK_SAME_BITS(alone.loss, together.loss, ROWS);
    lks_release(together.logits);
    lks_release(alone.logits);
  }
}

/* The order of kernels.h, written out again: lanes, fold, blocks. */
static float documented_sum(int n, const float *x) {
  float total = 0.0f;
  for (int block = 0; block < n; block += 1024) {
    float lane[16] = {0.0f};
    for (int i = block; i < n && i < block + 1024; i++)
      lane[(i - block) & 15] += x[i];
    for (int j = 0; j < 8; j++)
      lane[j] += lane[j + 8];
    for (int j = 0; j < 4; j++)
      lane[j] += lane[j + 4];
    lane[0] += lane[2];
    lane[1] += lane[3];
    total += lane[0] + lane[1];
  }
  return total;
}

static void softmax_adds_in_the_documented_order(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int i = 0; i < SIZES; i++)
    for (int t = 0; t < count; t++) {
      const int n = sizes[i];
      float *x = lks_test_numbers((size_t)n, 4.0f, (unsigned)n);
      float expected[2500], most = x[0];
      for (int j = 0; j < n; j++)
        most = fmaxf(most, x[j]);
      for (int j = 0; j < n; j++)
        expected[j] = x[j] - most;
      tables[t]->exp((size_t)n, expected, expected);
      const float sum = documented_sum(n, expected);
      for (int j = 0; j < n; j++)
        expected[j] /= sum;
      tables[t]->softmax(n, x, x);
      CHECK_SAME_BITS(x, expected, (size_t)n);
      lks_release(x);
    }
}

static void huge_logits_do_not_overflow(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int t = 0; t < count; t++) {
    float x[3] = {3e38f, -3e38f, 3e38f}, loss;
    const int32_t target = 2;
    tables[t]->cross_entropy(1, 3, x, 3, &target, 0.0f, true, &loss);
    CHECK_CLOSE(loss, log(2.0), LOSS_TOLERANCE);
    CHECK_SAME_BITS(x, ((const float[]){0.5f, 0.0f, -0.5f}), 3);
  }
}

/* (log S + M) - x_target would be 0 here. */
static void small_loss_keeps_its_digits(void) {
  int count;
  float x[2] = {100.0f, 110.0f}, loss;
  const int32_t target = 1;
  lks_kernels_all(LKS_PRECISION_F32, &count)[0]->cross_entropy(1, 2, x, 2, &target, 0.0f, false,
                                                               &loss);
  CHECK_CLOSE(loss, log1p(exp(-10.0)), 1e-7);
}

static void impossible_class_gets_no_probability(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int t = 0; t < count; t++) {
    float x[3] = {1.0f, -INFINITY, 1.0f}, loss;
    const int32_t target = 0;
    tables[t]->cross_entropy(1, 3, x, 3, &target, 0.0f, true, &loss);
    CHECK_CLOSE(loss, log(2.0), LOSS_TOLERANCE);
    CHECK_SAME_BITS(x, ((const float[]){-0.5f, 0.0f, 0.5f}), 3);
  }
}

static void nan_or_infinite_logit_gives_a_nan_loss(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  static const float bad[] = {NAN, INFINITY};
  for (int t = 0; t < count; t++)
    for (int b = 0; b < 2; b++)
      for (int place = 0; place < 70; place += 23) {
        float *x = lks_test_numbers(70, 1.0f, 5), loss;
        const int32_t target = 3;
        x[place] = bad[b];
        tables[t]->cross_entropy(1, 70, x, 70, &target, 0.0f, true, &loss);
        CHECK(isnan(loss));
        lks_release(x);
      }
}

const lks_test softmax_tests[] = {
    TEST(cross_entropy_follows_its_definition),
    TEST(gradient_matches_central_differences),
    TEST(all_tables_give_the_same_bits),
    TEST(rows_have_the_same_bits_alone),
    TEST(softmax_adds_in_the_documented_order),
    TEST(huge_logits_do_not_overflow),
    TEST(small_loss_keeps_its_digits),
    TEST(impossible_class_gets_no_probability),
    TEST(nan_or_infinite_logit_gives_a_nan_loss),
    TEST_END,
};
