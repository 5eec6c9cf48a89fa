/* SPDX-License-Identifier: Apache-2.0 */
/* test_elementary.c - our exp, log, pow, cos and sin against long double libm.
 *
 * The oracle has 11 bits more, so its own error is below 1/1000 ulp. */
#include "base/arithmetic.h"
#include "base/random.h"
#include "check.h"

#include <math.h>

enum { SAMPLES = 200000 };

/* What the header promises, in units of the last place. */
static const double ULP_BOUND = 2.0;
/* What 6 million samples reach at most, rounded up: a slip in one coefficient
 * cannot hide behind the promise. */
static const double ULP_REACHED = 0.85;

static double uniform(uint32_t index, double low, double high) {
  uint32_t out[4];
  lks_philox(lks_random_key_of(1), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, 0, index, 0),
             out);
  return low + (high - low) * lks_random_unit_f64(out[0], out[1]);
}

/* |found - exact| in units of the last place of the exact value. */
static double ulps(double found, long double exact) {
  int exponent = 0;
  (void)frexpl(exact, &exponent);
  if (exponent < -1021)
    exponent = -1021;
  return (double)(fabsl((long double)found - exact) / ldexpl(1, exponent - 53));
}

static void exp_is_within_its_bound(void) {
  double worst = 0;
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = i % 2 ? uniform(i, -708, 709) : uniform(i, -1, 1);
    worst = fmax(worst, ulps(lks_exp_f64(x), expl((long double)x)));
  }
  CHECK_CLOSE(worst, 0, ULP_REACHED);
}

static void log_is_within_its_bound(void) {
  double worst = 0;
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x =
        i % 2 ? ldexp(uniform(i, 0.5, 1), (int)(i / 2 % 2000) - 1000) : uniform(i, 0.5, 2);
    worst = fmax(worst, ulps(lks_log_f64(x), logl((long double)x)));
  }
  for (int i = 1; i < 50; i++) {
    double near_one = 1 + ldexp(1, -i);
    worst = fmax(worst, ulps(lks_log_f64(near_one), logl((long double)near_one)));
  }
  CHECK_CLOSE(worst, 0, ULP_REACHED);
}

static void pow_is_within_its_bound(void) {
  double worst = 0;
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = i % 2 ? uniform(2 * i, 1e-6, 100) : uniform(2 * i, 0.9, 1.1);
    double y = i % 4 < 2 ? uniform(2 * i + 1, -50, 50) : uniform(2 * i + 1, -5000, 5000);
    long double exact = powl((long double)x, (long double)y);
    if (exact > 1e-300L && exact < 1e300L)
      worst = fmax(worst, ulps(lks_pow_f64(x, y), exact));
  }
  for (int step = 1; step < 650000; step += 997) /* Adam's bias corrections */
    worst = fmax(worst, ulps(lks_pow_f64(0.999, step), powl((long double)0.999, step)));
  CHECK_CLOSE(worst, 0, ULP_REACHED);
}

static void cos_and_sin_are_within_their_bound(void) {
  double worst = 0;
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = i % 2 ? uniform(i, -1e5, 1e5) : uniform(i, -8, 8);
    worst = fmax(worst, ulps(lks_cos_f64(x), cosl((long double)x)));
    worst = fmax(worst, ulps(lks_sin_f64(x), sinl((long double)x)));
  }
  CHECK_CLOSE(worst, 0, ULP_REACHED);
}

/* Near their zeros cos x and sin x are what is left of x after n pi / 2 is taken away. */
static void cos_and_sin_keep_their_bound_at_zeros(void) {
  const long double half_pi = acosl(0);
  double worst = 0;
  for (int n = -1000; n < 1000; n++) {
    double x = (double)(half_pi * n);
    worst = fmax(worst, n % 2 ? ulps(lks_cos_f64(x), cosl((long double)x))
                              : ulps(lks_sin_f64(x), sinl((long double)x)));
  }
  CHECK_CLOSE(worst, 0, ULP_BOUND);
}

static void special_values_are_exact(void) {
  CHECK(lks_exp_f64(0) == 1);
  CHECK(lks_exp_f64(-1000) == 0);
  CHECK(isinf(lks_exp_f64(1000)) && lks_exp_f64(1000) > 0);
  CHECK(isnan(lks_exp_f64(NAN)));
  CHECK(lks_log_f64(1) == 0);
  CHECK(isinf(lks_log_f64(0)) && lks_log_f64(0) < 0);
  CHECK(isnan(lks_log_f64(-1)));
  CHECK(lks_cos_f64(0) == 1);
  CHECK(isnan(lks_cos_f64(1e6)));
  CHECK(lks_sin_f64(0) == 0);
  CHECK(isnan(lks_sin_f64(-1e6)));
  CHECK(lks_sqrt_f64(2.25) == 1.5);
  CHECK(lks_pow_f64(1, 1e300) == 1);
  CHECK(lks_pow_f64(3, 0) == 1);
  CHECK(lks_pow_f64(0, 2) == 0);
  CHECK(isnan(lks_pow_f64(-2, 2)));
  for (int n = 0; n < 53; n++) {
    CHECK(lks_pow_f64(2, n) == ldexp(1, n));
    CHECK(lks_pow_f64(2, -n) == ldexp(1, -n));
  }
}

static void exp_undoes_log(void) {
  /* |log x| <= 7 carries an error of half an ulp of 4 at most into the exponent. */
  const double LOG_THEN_EXP = 1e-15;
  for (uint32_t i = 0; i < 1000; i++) {
    double x = uniform(i, 0.001, 1000);
    CHECK_CLOSE(lks_exp_f64(lks_log_f64(x)) / x, 1, LOG_THEN_EXP);
  }
}

const lks_test elementary_tests[] = {
    TEST(exp_is_within_its_bound),
    TEST(log_is_within_its_bound),
    TEST(pow_is_within_its_bound),
    TEST(cos_and_sin_are_within_their_bound),
    TEST(cos_and_sin_keep_their_bound_at_zeros),
    TEST(special_values_are_exact),
    TEST(exp_undoes_log),
    TEST_END,
};
