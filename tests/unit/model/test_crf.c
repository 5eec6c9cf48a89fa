/* SPDX-License-Identifier: Apache-2.0 */
/* test_crf.c - the loss against the sum over all paths in f64, gradients against central
 * differences of that sum. */
#include "check.h"
#include "model/crf.h"

#include <math.h>
#include <string.h>

enum {
  TAGS = 3,
  ROWS = 4,
  STEPS = 5,
  SHARDS = 2,
  ITEMS = STEPS * ROWS,
  EMISSIONS = ITEMS * TAGS,
  VALUES = 3 * LKS_PARAMS_GRAIN
};

/* f32 exp and log of numbers below 10 against f64. */
#define LOSS_TOLERANCE 3e-6
#define GRADIENT_TOLERANCE 3e-6

/* Sequence i is row i; the ragged has them longest first. */
static const int row_lengths[ROWS] = {3, 5, 0, 2};
static int position[ROWS] = {1, 0, 3, 2};
static int sequence[ROWS] = {1, 0, 3, 2};
static int lengths[ROWS] = {5, 3, 2, 0};
static int active[STEPS] = {3, 3, 2, 1, 1};
static const int row_active[1] = {ROWS};

static float drawn(uint32_t place, uint32_t i) {
  uint32_t words[4];
  lks_philox(lks_random_key_of(17), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, place, i, 0),
             words);
  return 4 * lks_random_unit(words[0]) - 2;
}

typedef struct {
  lks_params *params;
  lks_crf *crf;
  lks_segments *segments;
  float values[VALUES], gradient[VALUES];
  float *gradients[1];
  float emissions[EMISSIONS], d_emissions[EMISSIONS];
  int32_t tags[ITEMS];
  float losses[ROWS];
  lks_ragged words;
  lks_pass rows;
} fixture;

static void open_fixture(fixture *f, int threads) {
  memset(f, 0, sizeof *f);
  const lks_kernels *kernels;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  for (uint32_t i = 0; i < VALUES; i++)
    f->values[i] = drawn(0, i);
  for (uint32_t i = 0; i < EMISSIONS; i++)
    f->emissions[i] = 2 * drawn(1, i);
  for (uint32_t i = 0; i < ITEMS; i++)
    f->tags[i] = (int32_t)(TAGS * 0.2499f * (drawn(2, i) + 2));
  lks_shards shards = {SHARDS, ROWS, ROWS};
  lks_subtree all = {0, SHARDS};
  CHECK_OK(lks_segments_create(&f->segments, ROWS, SHARDS));
  lks_segments_fill(f->segments, &shards, &all, 1, 1, NULL);
  f->gradients[0] = f->gradient;
  f->rows = (lks_pass){.kernels = kernels,
                       .threads = threads,
                       .rows = ROWS,
                       .steps = 1,
                       .active = row_active,
                       .training = true,
                       .segments = f->segments,
                       .gradients = f->gradients};
  f->words = (lks_ragged){.count = ROWS,
                          .position = position,
                          .sequence = sequence,
                          .lengths = lengths,
                          .active = active};
  CHECK_OK(lks_params_create(&f->params));
  CHECK_OK(lks_crf_create(&f->crf, f->params, "crf", TAGS));
  lks_params_bind(f->params, f->values);
  lks_capacity capacity = {.training = true, .threads = threads, .kernels = kernels};
  CHECK_OK(lks_crf_allocate(f->crf, &capacity, ROWS, STEPS));
}

static void close_fixture(fixture *f) {
  lks_crf_destroy(f->crf);
  lks_params_destroy(f->params);
  lks_segments_destroy(f->segments);
}

/* Place of the parameter value number `i` of transitions, start and end. */
static size_t place_of(const fixture *f, int i) {
  int first = lks_crf_param(f->crf);
  if (i < TAGS * TAGS)
    return lks_params_at(f->params, first)->offset + (size_t)i;
  i -= TAGS * TAGS;
  return lks_params_at(f->params, first + 1 + i / TAGS)->offset + (size_t)(i % TAGS);
}

/* Score of a path of one row; tags[t] by time. */
static double path_score(const fixture *f, const double *values, const double *emissions,
                         int row, const int *tags) {
  int length = row_lengths[row];
  double score = values[place_of(f, TAGS * TAGS + tags[0])] +
                 values[place_of(f, TAGS * TAGS + TAGS + tags[length - 1])];
  for (int t = 0; t < length; t++) {
    score += emissions[lks_ragged_item(&f->words, row, t) * TAGS + (size_t)tags[t]];
    if (t > 0)
      score += values[place_of(f, tags[t - 1] * TAGS + tags[t])];
  }
  return score;
}

/* -log of the share that the row's tags have of all paths. */
static double brute_force(const fixture *f, const double *values, const double *emissions,
                          int row) {
  int length = row_lengths[row], paths = 1, tags[STEPS];
  double all = 0;
  if (length == 0)
    return 0;
  for (int t = 0; t < length; t++)
    paths *= TAGS;
  for (int code = 0; code < paths; code++) {
    for (int t = 0, rest = code; t < length; t++, rest /= TAGS)
      tags[t] = rest % TAGS;
    all += exp(path_score(f, values, emissions, row, tags));
  }
  for (int t = 0; t < length; t++)
    tags[t] = f->tags[lks_ragged_item(&f->words, row, t)];
  return log(all) - path_score(f, values, emissions, row, tags);
}

static void widen(const fixture *f, double *values, double *emissions) {
  for (int i = 0; i < VALUES; i++)
    values[i] = (double)f->values[i];
  for (int i = 0; i < EMISSIONS; i++)
    emissions[i] = (double)f->emissions[i];
}

static double sum_of_losses(const fixture *f, const double *values, const double *emissions) {
  double sum = 0;
  for (int row = 0; row < ROWS; row++)
    sum += brute_force(f, values, emissions, row);
  return sum;
}

/* Central difference of all rows' losses by *value. */
static double slope(const fixture *f, const double *values, const double *emissions,
                    double *value) {
  const double step = 1e-5, before = *value;
  *value = before + step;
  double up = sum_of_losses(f, values, emissions);
  *value = before - step;
  double down = sum_of_losses(f, values, emissions);
  *value = before;
  return (up - down) / (2 * step);
}

static void loss_is_that_of_all_paths(void) {
  fixture f;
  double values[VALUES], emissions[EMISSIONS];
  open_fixture(&f, 2);
  widen(&f, values, emissions);
  lks_crf_run(f.crf, &f.words, &f.rows, f.emissions, f.tags, f.losses, NULL);
  for (int row = 0; row < ROWS; row++)
    CHECK_CLOSE(f.losses[row], brute_force(&f, values, emissions, row), LOSS_TOLERANCE);
  close_fixture(&f);
}

static void gradients_are_central_differences(void) {
  fixture f;
  double values[VALUES], emissions[EMISSIONS];
  open_fixture(&f, 2);
  widen(&f, values, emissions);
  lks_crf_run(f.crf, &f.words, &f.rows, f.emissions, f.tags, f.losses, f.d_emissions);
  for (int i = 0; i < TAGS * (TAGS + 2); i++) {
    size_t at = place_of(&f, i);
    CHECK_CLOSE(f.gradient[at], slope(&f, values, emissions, &values[at]), GRADIENT_TOLERANCE);
  }
  for (int row = 0; row < ROWS; row++)
    for (int t = 0; t < row_lengths[row]; t++)
      for (size_t k = 0; k < TAGS; k++) {
        size_t at = lks_ragged_item(&f.words, row, t) * TAGS + k;
        CHECK_CLOSE(f.d_emissions[at], slope(&f, values, emissions, &emissions[at]),
                    GRADIENT_TOLERANCE);
      }
  close_fixture(&f);
}

static void threads_change_no_bit(void) {
  fixture one, two;
  open_fixture(&one, 1);
  open_fixture(&two, 3);
  lks_crf_run(one.crf, &one.words, &one.rows, one.emissions, one.tags, one.losses,
              one.d_emissions);
  lks_crf_run(two.crf, &two.words, &two.rows, two.emissions, two.tags, two.losses,
              two.d_emissions);
  CHECK_SAME_BITS(two.losses, one.losses, ROWS);
  CHECK_SAME_BITS(two.gradient, one.gradient, VALUES);
  CHECK_SAME_BITS(two.d_emissions, one.d_emissions, EMISSIONS);
  close_fixture(&one);
  close_fixture(&two);
}

const lks_test crf_tests[] = {TEST(loss_is_that_of_all_paths),
                              TEST(gradients_are_central_differences),
                              TEST(threads_change_no_bit), TEST_END};
