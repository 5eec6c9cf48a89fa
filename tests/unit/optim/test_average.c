/* SPDX-License-Identifier: Apache-2.0 */
/* test_average.c - the moving average against a loop in f64, and what it leaves alone. */
#include "optim/average.h"

#include "base/memory.h"
#include "check.h"
#include "optimizer_fixture.h"

#include <math.h>
#include <string.h>

enum { STEPS = 20 };

/* Averages of numbers below 4, rounded three times in each of twenty steps: 60 x 4 x 2^-25
 * is 7e-6 if all err to one side; they do not. */
static const double twenty_steps_in_f32 = 3e-6;

static const char settings[] = "optimizer.kind=sgd optimizer.average=0.75";

typedef struct {
  optimizer_fixture fixture;
  lks_average *average;
} averaged;

static void set_up(averaged *a, const char *text, int threads) {
  const lks_kernels *kernels;
  optimizer_fixture_create(&a->fixture, text, 0, threads);
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  CHECK_OK(
      lks_average_create(&a->average, a->fixture.config, a->fixture.params, kernels, threads));
  lks_average_start(a->average);
}

static void tear_down(averaged *a) {
  lks_average_destroy(a->average);
  optimizer_fixture_destroy(&a->fixture);
}

/* Largest distance of any average from the formula's, over all steps; *lag is the largest
 * of an average from its parameter after the last. */
static double worst_after_steps(const char *text, double decay, double *lag) {
  averaged a;
  double *expected = NULL, worst = 0;
  set_up(&a, text, 1);
  const float *values = a.fixture.values, *found = lks_average_values(a.average);
  size_t count = lks_params_value_count(a.fixture.params);
  CHECK_OK(lks_allocate(&expected, count, sizeof *expected));
  for (size_t i = 0; i < count; i++)
    expected[i] = (double)values[i];
  for (int step = 1; step <= STEPS; step++) {
    optimizer_fixture_run(&a.fixture, (uint32_t)step, 1);
    lks_average_step(a.average, step);
    double kept = fmin(decay, (1.0 + step) / (10.0 + step));
    *lag = 0;
    for (size_t i = 0; i < count; i++) {
      expected[i] = kept * expected[i] + (1 - kept) * (double)values[i];
      worst = fmax(worst, fabs((double)found[i] - expected[i]));
      *lag = fmax(*lag, fabs(expected[i] - (double)values[i]));
    }
  }
  lks_release(expected);
  tear_down(&a);
  return worst;
}

/* Step 20 keeps 21/30 at most, so 0.999 is never reached, but 0.5 from step 8 on. */
static void it_follows_its_formula(void) {
  double lag;
  CHECK_CLOSE(worst_after_steps("optimizer.kind=sgd optimizer.average=0.999", 0.999, &lag), 0,
              twenty_steps_in_f32);
  CHECK(lag > 100 * twenty_steps_in_f32);
  CHECK_CLOSE(worst_after_steps("optimizer.kind=sgd optimizer.average=0.5", 0.5, &lag), 0,
              twenty_steps_in_f32);
  CHECK(lag > 100 * twenty_steps_in_f32);
}

static void threads_change_no_bit(void) {
  static const int counts[] = {2, 3, 5, 8};
  averaged one;
  set_up(&one, settings, 1);
  for (int step = 1; step <= 3; step++) {
    optimizer_fixture_run(&one.fixture, (uint32_t)step, 1);
    lks_average_step(one.average, step);
  }
  for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
    averaged many;
    set_up(&many, settings, counts[c]);
    for (int step = 1; step <= 3; step++) {
      optimizer_fixture_run(&many.fixture, (uint32_t)step, 1);
      lks_average_step(many.average, step);
    }
    CHECK_SAME_BITS(lks_average_values(many.average), lks_average_values(one.average),
                    lks_params_value_count(one.fixture.params));
    tear_down(&many);
  }
  tear_down(&one);
}

static void swapping_twice_is_nothing(void) {
  averaged a;
  set_up(&a, settings, 1);
  optimizer_fixture_run(&a.fixture, 1, 1);
  lks_average_step(a.average, 1);
  size_t count = lks_params_value_count(a.fixture.params);
  float *values = NULL, *means = NULL;
  CHECK_OK(lks_allocate(&values, count, sizeof *values));
  CHECK_OK(lks_allocate(&means, count, sizeof *means));
  memcpy(values, a.fixture.values, count * sizeof *values);
  memcpy(means, lks_average_values(a.average), count * sizeof *means);
  CHECK(memcmp(values, means, count * sizeof *values) != 0);
  lks_average_swap(a.average);
  CHECK_SAME_BITS(a.fixture.values, means, count);
  CHECK_SAME_BITS(lks_average_values(a.average), values, count);
  lks_average_swap(a.average);
  CHECK_SAME_BITS(a.fixture.values, values, count);
  CHECK_SAME_BITS(lks_average_values(a.average), means, count);
  lks_release(means);
  lks_release(values);
  tear_down(&a);
}

static void none_is_made_when_none_is_asked_for(void) {
  averaged a;
  set_up(&a, "optimizer.kind=sgd", 1);
  CHECK(a.average == NULL);
  CHECK(lks_average_values(a.average) == NULL);
  lks_average_step(a.average, 1);
  lks_average_swap(a.average);
  tear_down(&a);
}

static void create_survives_every_failed_allocation(void) {
  averaged a;
  set_up(&a, settings, 1);
  const lks_kernels *kernels = NULL;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  for (size_t n = 1; n <= 2; n++) {
    lks_average *average = NULL;
    lks_allocation_fail_at(n);
    CHECK_EQUAL(lks_average_create(&average, a.fixture.config, a.fixture.params, kernels, 1),
                LKS_NO_MEMORY);
    CHECK(average == NULL);
  }
  lks_allocation_fail_at(0);
  tear_down(&a);
}

const lks_test average_tests[] = {
    TEST(it_follows_its_formula),
    TEST(threads_change_no_bit),
    TEST(swapping_twice_is_nothing),
    TEST(none_is_made_when_none_is_asked_for),
    TEST(create_survives_every_failed_allocation),
    TEST_END,
};
