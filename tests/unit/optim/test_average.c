/* SPDX-License-Identifier: Apache-2.0 */
/* test_average.c - the moving average against a loop in f64, and what it leaves alone. */
#include "optim/average.h"

#include "check.h"
#include "optimizer_fixture.h"

#include <math.h>
#include <string.h>

enum { STEPS = 20 };

/* Twenty averages of numbers below 4, each rounded three times. */
static const double twenty_steps_in_f32 = 1e-5;

static const char settings[] = "optimizer.kind=sgd optimizer.average=0.75";

typedef struct {
  optimizer_fixture fixture;
  lks_average *average;
} averaged;

static void set_up(averaged *a, const char *text, int threads) {
  const lks_kernels *kernels;
  optimizer_fixture_create(&a->fixture, text, 0, threads);
  CHECK_OK(lks_kernels_find(NULL, &kernels));
  CHECK_OK(
      lks_average_create(&a->average, a->fixture.config, a->fixture.params, kernels, threads));
  lks_average_start(a->average);
}

static void tear_down(averaged *a) {
  lks_average_destroy(a->average);
  optimizer_fixture_destroy(&a->fixture);
}

static void it_follows_its_formula(void) {
  averaged a;
  set_up(&a, settings, 1);
  double expected = (double)a.fixture.values[3], worst = 0;
  for (int step = 1; step <= STEPS; step++) {
    optimizer_fixture_run(&a.fixture, (uint32_t)step, 1);
    lks_average_step(a.average, step);
    double decay = fmin(0.75, (1.0 + step) / (10.0 + step));
    expected = decay * expected + (1 - decay) * (double)a.fixture.values[3];
    worst = fmax(worst, fabs((double)lks_average_values(a.average)[3] - expected));
  }
  CHECK_CLOSE(worst, 0, twenty_steps_in_f32);
  CHECK(fabs(expected - (double)a.fixture.values[3]) > 100 * twenty_steps_in_f32);
  tear_down(&a);
}

static void threads_change_no_bit(void) {
  averaged one, many;
  set_up(&one, settings, 1);
  set_up(&many, settings, 2);
  for (int step = 1; step <= 3; step++) {
    optimizer_fixture_run(&one.fixture, (uint32_t)step, 1);
    optimizer_fixture_run(&many.fixture, (uint32_t)step, 1);
    lks_average_step(one.average, step);
    lks_average_step(many.average, step);
  }
  CHECK_SAME_BITS(lks_average_values(many.average), lks_average_values(one.average),
                  lks_params_value_count(one.fixture.params));
  tear_down(&many);
  tear_down(&one);
}

static void swapping_twice_is_nothing(void) {
  averaged a;
  set_up(&a, settings, 1);
  optimizer_fixture_run(&a.fixture, 1, 1);
  lks_average_step(a.average, 1);
  float value = a.fixture.values[1], mean = lks_average_values(a.average)[1];
  CHECK(value != mean);
  lks_average_swap(a.average);
  CHECK(a.fixture.values[1] == mean && lks_average_values(a.average)[1] == value);
  lks_average_swap(a.average);
  CHECK(a.fixture.values[1] == value && lks_average_values(a.average)[1] == mean);
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

const lks_test average_tests[] = {
    TEST(it_follows_its_formula),
    TEST(threads_change_no_bit),
    TEST(swapping_twice_is_nothing),
    TEST(none_is_made_when_none_is_asked_for),
    TEST_END,
};
