/* SPDX-License-Identifier: Apache-2.0 */
/* test_dropout.c - masks against scalar Philox, one unit at a time. */
#include "base/memory.h"
#include "check.h"
#include "oracle_product.h"

#include <math.h>
#include <string.h>

static const int sizes[] = {1, 3, 15, 16, 17, 64, 65, 200, 1000};
enum { SIZES = sizeof sizes / sizeof *sizes, ROWS = 3 };

static const uint32_t samples[ROWS] = {7, 4000000000u, 7};

static lks_dropout make_dropout(float drop) {
  return (lks_dropout){.key = lks_random_key_of(0x123456789abcdefu),
                       .purpose = LKS_RANDOM_DROPOUT,
                       .layer = 200,
                       .step = 4000000001u,
                       .time = 70000,
                       .sample = samples,
                       .drop = drop};
}

/* Mask of one unit, by the words of kernels.h. */
static float mask_of(const lks_dropout *dropout, int row, int unit) {
  uint32_t word[4];
  lks_philox(dropout->key,
             lks_random_counter_of(dropout->purpose, dropout->layer, (unsigned)(unit / 4),
                                   dropout->step, dropout->sample[row], dropout->time),
             word);
  return lks_random_unit(word[unit % 4]) < dropout->drop ? 0.0f : 1.0f / (1.0f - dropout->drop);
}

static void masks_are_those_of_scalar_philox(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  const lks_dropout dropout = make_dropout(0.3f);
  for (int i = 0; i < SIZES; i++) {
    const int units = sizes[i];
    const size_t n = (size_t)(ROWS * units);
    float *x = lks_test_numbers(n + 1, 2.0f, (unsigned)units);
    float *expected = lks_test_numbers(n + 1, 1.0f, 0);
    float *y = lks_test_numbers(n + 1, 1.0f, 0);
    for (int row = 0; row < ROWS; row++)
      for (int u = 0; u < units; u++)
        expected[row * units + u] = x[row * units + u] * mask_of(&dropout, row, u);
    for (int t = 0; t < count; t++) {
      y[n] = expected[n];
      tables[t]->dropout(&dropout, ROWS, units, x, y);
      CHECK_SAME_BITS(y, expected, n + 1);
    }
    lks_release(x);
    lks_release(expected);
    lks_release(y);
  }
}

static void rows_are_dropped_alike_alone_and_in_place(void) {
  enum { UNITS = 77 };
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  const lks_dropout dropout = make_dropout(0.5f);
  for (int t = 0; t < count; t++) {
    float *x = lks_test_numbers(ROWS * UNITS, 1.0f, 3);
    float together[ROWS * UNITS];
    tables[t]->dropout(&dropout, ROWS, UNITS, x, together);
    for (int row = 0; row < ROWS; row++) {
      lks_dropout alone = dropout;
      alone.sample = samples + row;
      tables[t]->dropout(&alone, 1, UNITS, x + row * UNITS, x + row * UNITS);
    }
    CHECK_SAME_BITS(x, together, ROWS * UNITS);
    lks_release(x);
  }
}

static void kept_share_is_the_probability_and_the_mean_stays(void) {
  enum { UNITS = 200000 };
  const float drop = 0.2f;
  /* Five standard deviations of the share of UNITS independent draws. */
  const double share_tolerance = 5.0 * sqrt(0.2 * 0.8 / UNITS);
  const lks_dropout dropout = make_dropout(drop);
  int count, kept = 0;
  float *x;
  CHECK_OK(lks_allocate(&x, UNITS, sizeof *x));
  for (int u = 0; u < UNITS; u++)
    x[u] = 1.0f;
  lks_kernels_all(LKS_PRECISION_F32, &count)[0]->dropout(&dropout, 1, UNITS, x, x);
  for (int u = 0; u < UNITS; u++) {
    CHECK(x[u] == 0.0f || x[u] == 1.0f / (1.0f - drop));
    kept += x[u] != 0.0f;
  }
  CHECK_CLOSE((double)kept / UNITS, 0.8, share_tolerance);
  lks_release(x);
}

static void drop_of_zero_changes_nothing(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  const lks_dropout dropout = make_dropout(0.0f);
  for (int t = 0; t < count; t++) {
    float *x = lks_test_numbers(100, 2.0f, 9);
    float y[100];
    tables[t]->dropout(&dropout, 1, 100, x, y);
    CHECK_SAME_BITS(y, x, 100);
    lks_release(x);
  }
}

const lks_test dropout_tests[] = {
    TEST(masks_are_those_of_scalar_philox),
    TEST(rows_are_dropped_alike_alone_and_in_place),
    TEST(kept_share_is_the_probability_and_the_mean_stays),
    TEST(drop_of_zero_changes_nothing),
    TEST_END,
};
