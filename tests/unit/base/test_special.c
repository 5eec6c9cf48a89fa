/* SPDX-License-Identifier: Apache-2.0 */
/* test_special.c - against long double libm where it has the function, against numbers
 * of mpmath with 40 digits where it has not, and identities.
 *
 * Numbers: python3 -c 'from mpmath import *; mp.dps = 40; print(nstr(digamma(0.25), 17))';
 * log beta = loggamma(a) + loggamma(b) - loggamma(a + b); beta share =
 * betainc(a, b, 0, x, regularized=True); normal quantile = sqrt(2) erfinv(2 p - 1);
 * Student's distribution from the beta share, or from quad() of its density. */
#include "base/arithmetic.h"
#include "base/special.h"
#include "base/random.h"
#include "check.h"

#include <float.h>
#include <math.h>

enum { SAMPLES = 20000 };

/* What special.h promises. */
static const double CLOSE = 1e-14, CLOSE_TAIL = 1e-12, CLOSE_GAMMA = 1e-13, CLOSE_SHARE = 1e-12,
                    CLOSE_STUDENT = 1e-10, CLOSE_QUANTILE = 1e-9;

static double uniform(uint32_t index, double low, double high) {
  uint32_t out[4];
  lks_philox(lks_random_key_of(2), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, 0, index, 0),
             out);
  return low + (high - low) * lks_random_unit_f64(out[0], out[1]);
}

/* Relative error; infinite when `found` is no number. */
static double error_of(double found, long double exact) {
  if (found == (double)exact)
    return 0;
  double error = (double)fabsl(((long double)found - exact) / exact);
  return isnan(error) ? INFINITY : error;
}

static double worst_of(double (*function)(double), long double (*exact)(long double),
                       double low, double high) {
  double worst = 0;
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = uniform(i, low, high);
    worst = fmax(worst, error_of(function(x), exact((long double)x)));
  }
  return worst;
}

/* Over arguments of all sizes from 10^low to 10^high, of either sign. */
static double worst_of_sizes(double (*function)(double), long double (*exact)(long double),
                             double low, double high, double sign) {
  double worst = 0;
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = sign * pow(10, uniform(i, low, high));
    worst = fmax(worst, error_of(function(x), exact((long double)x)));
  }
  return worst;
}

static void exp_overflows_to_infinity_and_underflows_to_zero(void) {
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = uniform(i, -1e5, 1e5), found = lks_exp_f64(x);
    if (x > 709.79)
      CHECK(isinf(found) && found > 0);
    else if (x < -745.14)
      CHECK(found == 0);
    else if (x > -708)
      CHECK_CLOSE(error_of(found, expl((long double)x)), 0, CLOSE);
  }
  /* Subnormal results are off by one of their coarse steps at most. */
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = uniform(i, -746, -708);
    CHECK(fabsl((long double)lks_exp_f64(x) - expl((long double)x)) <= DBL_TRUE_MIN);
  }
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = uniform(i, 709, 709.7827);
    CHECK_CLOSE(error_of(lks_exp_f64(x), expl((long double)x)), 0, CLOSE);
  }
}

static void log1p_and_expm1_are_close_at_every_size(void) {
  CHECK_CLOSE(worst_of_sizes(lks_log1p_f64, log1pl, -300, 300, 1), 0, CLOSE);
  CHECK_CLOSE(worst_of_sizes(lks_log1p_f64, log1pl, -300, -1e-3, -1), 0, CLOSE);
  CHECK_CLOSE(worst_of_sizes(lks_expm1_f64, expm1l, -300, 2.85, 1), 0, CLOSE);
  CHECK_CLOSE(worst_of_sizes(lks_expm1_f64, expm1l, -300, 4, -1), 0, CLOSE);
  CHECK_CLOSE(worst_of(lks_expm1_f64, expm1l, -1, 1), 0, CLOSE);
  CHECK(isinf(lks_expm1_f64(1e5)));
}

static void erf_and_erfc_are_close(void) {
  CHECK_CLOSE(worst_of(lks_erf_f64, erfl, -7, 7), 0, CLOSE);
  CHECK_CLOSE(worst_of_sizes(lks_erf_f64, erfl, -300, 4, -1), 0, CLOSE);
  CHECK_CLOSE(worst_of(lks_erfc_f64, erfcl, -7, 26.5), 0, CLOSE_TAIL);
  CHECK(lks_erfc_f64(1e4) == 0);
  CHECK(lks_erfc_f64(-1e4) == 2);
}

static void lgamma_is_close(void) {
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = i % 2 ? uniform(i, 0, 50) : pow(10, uniform(i, -300, 300));
    long double exact = lgammal((long double)x);
    double bound = CLOSE_GAMMA * fmax(1, (double)fabsl(exact));
    CHECK_CLOSE((long double)lks_lgamma_f64(x) - exact, 0, bound);
  }
}

static void digamma_is_close_to_numbers_of_mpmath(void) {
  static const struct {
    double x, digamma;
  } known[] = {{1e-8, -100000000.57721565},  {0.001, -1000.5755719318103},
               {0.25, -4.2274535333762654},  {0.5, -1.9635100260214235},
               {1, -0.57721566490153286},    {1.4375, -0.023613544005297899},
               {2.5, 0.70315664064524319},   {7.75, 1.9817915626943456},
               {11.875, 2.4317395533640032}, {12, 2.442661679975812},
               {100.5, 4.6051743525818452},  {1e6, 13.815510057964191},
               {1e15, 34.538776394910685}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    CHECK_CLOSE(error_of(lks_digamma_f64(known[i].x), (long double)known[i].digamma), 0,
                CLOSE_GAMMA);
}

static void digamma_steps_by_one_over_x(void) {
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = pow(10, uniform(i, -2, 4));
    double found = lks_digamma_f64(x + 1), expected = lks_digamma_f64(x) + 1 / x;
    /* A rounding of x + 1 moves digamma by 1e-16; one of digamma(x) by 1e-16 / x. */
    CHECK_CLOSE(found, expected, CLOSE_GAMMA * (1 + 1 / x));
  }
}

static void digamma_is_the_slope_of_lgamma(void) {
  const double CENTRAL = 1e-8; /* step^2 x third derivative / 6, and roundings / step */
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = uniform(i, 0.5, 40), h = 0x1p-16;
    double slope = (lks_lgamma_f64(x + h) - lks_lgamma_f64(x - h)) / (2 * h);
    CHECK_CLOSE(lks_digamma_f64(x), slope, CENTRAL);
  }
}

static void log_beta_is_close_to_numbers_of_mpmath(void) {
  static const struct {
    double a, b, log_beta;
  } known[] = {{0.5, 0.5, 1.1447298858494002},  {0.01, 1e8, 4.415273070651998},
               {1, 20, -2.995732273553991},     {11.5, 12.5, -16.580327579260687},
               {64, 0.25, 0.24976849370892106}, {5e5, 0.5, -5.9888164957774643},
               {1e4, 1e4, -13866.28325676141},  {1e-4, 3, 9.2101903782258077},
               {1e8, 7, -122.36551420565645}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    double bound = CLOSE_GAMMA * fmax(1, fabs(known[i].log_beta));
    CHECK_CLOSE(lks_log_beta_f64(known[i].a, known[i].b), known[i].log_beta, bound);
    CHECK_CLOSE(lks_log_beta_f64(known[i].b, known[i].a), known[i].log_beta, bound);
  }
}

static long double softplus_exact(long double x) {
  return fmaxl(x, 0) + log1pl(expl(-fabsl(x)));
}

static long double sigmoid_exact(long double x) {
  return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}

static void softplus_and_sigmoid_are_close_and_never_overflow(void) {
  CHECK_CLOSE(worst_of(lks_softplus_f64, softplus_exact, -708, 1e4), 0, CLOSE);
  CHECK_CLOSE(worst_of(lks_softplus_f64, softplus_exact, -40, 40), 0, CLOSE);
  CHECK_CLOSE(worst_of(lks_sigmoid_f64, sigmoid_exact, -708, 1e4), 0, CLOSE);
  CHECK_CLOSE(worst_of(lks_sigmoid_f64, sigmoid_exact, -40, 40), 0, CLOSE);
  CHECK(lks_softplus_f64(-1e4) == 0 && lks_sigmoid_f64(-1e4) == 0);
  CHECK(lks_softplus_f64(1e300) == 1e300 && lks_sigmoid_f64(1e300) == 1);
}

static void softplus_and_its_slope_are_the_two_functions(void) {
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = uniform(i, -40, 40), slope, found = lks_softplus_slope_f64(x, &slope);
    CHECK(found == lks_softplus_f64(x) && slope == lks_sigmoid_f64(x));
  }
}

/* A value that is no number must not become a finite loss. */
static void softplus_and_sigmoid_pass_nan_on(void) {
  CHECK(isnan(lks_softplus_f64(NAN)));
  CHECK(isnan(lks_sigmoid_f64(NAN)));
}

static void beta_share_is_close_to_numbers_of_mpmath(void) {
  static const struct {
    double a, b, x, share;
  } known[] = {
      {0.5, 0.5, 0.25, 0.33333333333333333},      {2, 3, 0.5, 0.6875},
      {0.01, 0.5, 0.875, 0.992713850815488},      {30, 0.25, 0.9921875, 0.26742972330335243},
      {1, 0.5, 1e-10, 5.0000000001250002e-11},    {1000, 2000, 0.34375, 0.88655383415926113},
      {5000, 50, 0.9921875, 0.94191628440139029}, {100, 100, 0.25, 1.7814755217536813e-14}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    double found = lks_beta_share_f64(known[i].a, known[i].b, known[i].x);
    CHECK_CLOSE(error_of(found, (long double)known[i].share), 0, CLOSE_SHARE);
  }
}

static void beta_shares_of_x_and_1_minus_x_add_up(void) {
  for (uint32_t i = 0; i < 2000; i++) {
    double a = pow(10, uniform(3 * i, -2, 4)), b = pow(10, uniform(3 * i + 1, -2, 4));
    double x = uniform(3 * i + 2, 0.5, 1); /* 1 - x is exact */
    double below = lks_beta_share_f64(a, b, x), above = lks_beta_share_f64(b, a, 1 - x);
    CHECK(below >= 0 && below <= 1);
    CHECK_CLOSE(below + above, 1, CLOSE_SHARE);
  }
  CHECK(lks_beta_share_f64(2, 3, 0) == 0);
  CHECK(lks_beta_share_f64(2, 3, 1) == 1);
}

/* I_x(a, n - a + 1) is the chance of at least a heads out of n. */
static void beta_share_is_a_sum_of_binomial_chances(void) {
  const int heads = 7, n = 19;
  for (uint32_t i = 0; i < 100; i++) {
    double x = uniform(i, 0, 1), sum = 0;
    for (int k = heads; k <= n; k++)
      sum += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)) * pow(x, k) *
             pow(1 - x, n - k);
    CHECK_CLOSE(lks_beta_share_f64(heads, n - heads + 1, x), sum, CLOSE_SHARE);
  }
}

static void normal_cdf_is_close(void) {
  for (uint32_t i = 0; i < SAMPLES; i++) {
    double x = uniform(i, -37, 10);
    long double exact = 0.5L * erfcl(-(long double)x / sqrtl(2));
    CHECK_CLOSE(error_of(lks_normal_cdf_f64(x), exact), 0, CLOSE_TAIL);
  }
  CHECK(lks_normal_cdf_f64(-1e4) == 0 && lks_normal_cdf_f64(1e4) == 1);
}

static void normal_quantile_is_close_to_numbers_of_mpmath(void) {
  static const struct {
    double p, quantile;
  } known[] = {{1e-300, -37.047096299361199}, {1e-16, -8.2220822161304356},
               {1e-8, -5.6120012441747887},   {0.001, -3.0902323061678135},
               {0.125, -1.1503493803760082},  {0.25, -0.67448975019608174},
               {0.4375, -0.1573106846101707}, {0.625, 0.31863936396437516},
               {0.9, 1.2815515655446006},     {0.984375, 2.1538746940614562}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    double found = lks_normal_quantile_f64(known[i].p);
    CHECK_CLOSE(error_of(found, (long double)known[i].quantile), 0, CLOSE_QUANTILE);
  }
  CHECK(lks_normal_quantile_f64(0.5) == 0);
}

/* The i-th of probabilities from 1e-8 to 1 - 1e-8 that crowd at both ends. */
static double probability(int i) {
  int step = i / 2;
  double tail = 0.5 * pow(2e-8, step / 210.0);
  return i % 2 ? 1 - tail : tail;
}

static void normal_quantile_inverts_the_cdf(void) {
  for (int i = 0; i <= 420; i++) {
    double p = probability(i), tail = fmin(p, 1 - p);
    double found = lks_normal_cdf_f64(lks_normal_quantile_f64(p));
    CHECK_CLOSE(found, p, CLOSE_QUANTILE * tail + (p > 0.5 ? DBL_EPSILON : 0));
  }
}

static void student_cdf_is_close_to_numbers_of_mpmath(void) {
  static const struct {
    double x, freedom, cdf;
  } known[] = {{-1, 2.0001, 0.21132261462502983},  {-1000, 2.5, 2.2747463948307452e-8},
               {0.125, 3, 0.5457852906787084},     {2, 5, 0.94903026058507082},
               {-3, 30, 0.0026949820328259733},    {1.5, 1000, 0.93303498058895691},
               {-0.001, 1e6, 0.49960105788582454}, {-4, 1e6, 3.1673517005024052e-5}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    double found = lks_student_cdf_f64(known[i].x, known[i].freedom);
    CHECK_CLOSE(error_of(found, (long double)known[i].cdf), 0, CLOSE_STUDENT);
  }
  CHECK(lks_student_cdf_f64(0, 3) == 0.5);
  CHECK(lks_student_cdf_f64(1e300, 3) == 1 && lks_student_cdf_f64(-1e300, 3) == 0);
}

static const double freedoms[] = {2.0001, 2.5, 3, 4.75, 10, 33.3, 250, 1e4, 1e6};
enum { FREEDOMS = sizeof freedoms / sizeof freedoms[0] };

/* Gauss's rule of three points in `parts` parts of [0, x]. */
static long double integral_of_density(long double x, long double freedom, int parts) {
  const long double outer = sqrtl(0.6L);
  long double sum = 0, width = x / parts;
  long double factor =
      expl(lgammal((freedom + 1) / 2) - lgammal(freedom / 2)) / sqrtl(freedom * acosl(-1));
  for (int i = 0; i < parts; i++) {
    for (int point = -1; point <= 1; point++) {
      long double t = width * (i + 0.5L + 0.5L * point * outer);
      long double weight = point == 0 ? 8.0L / 18 : 5.0L / 18;
      sum += weight * expl(-(freedom + 1) / 2 * log1pl(t * t / freedom));
    }
  }
  return sum * width * factor;
}

static void student_cdf_is_the_integral_of_the_density(void) {
  static const double places[] = {0.01, 0.3, 1, 1.7, 3, 6};
  enum { PARTS = 2000 };
  for (int f = 0; f < FREEDOMS; f++) {
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
      double x = places[i];
      double half =
          (double)integral_of_density((long double)x, (long double)freedoms[f], PARTS);
      CHECK_CLOSE(lks_student_cdf_f64(x, freedoms[f]), 0.5 + half, CLOSE_SHARE);
      CHECK_CLOSE(lks_student_cdf_f64(-x, freedoms[f]), 0.5 - half, CLOSE_SHARE);
    }
  }
}

static void student_quantile_inverts_the_cdf(void) {
  for (int f = 0; f < FREEDOMS; f++) {
    for (int i = 0; i <= 420; i += 20) {
      double p = probability(i), x = lks_student_quantile_f64(p, freedoms[f]);
      CHECK_CLOSE(lks_student_cdf_f64(x, freedoms[f]), p, CLOSE_QUANTILE * p);
      double q = probability(i + 1), y = lks_student_quantile_f64(q, freedoms[f]);
      CHECK_CLOSE(lks_student_cdf_f64(y, freedoms[f]), q,
                  CLOSE_QUANTILE * (1 - q) + DBL_EPSILON);
      CHECK(i == 0 ? x == 0 : x < 0 && y > 0);
    }
  }
}

/* With two degrees of freedom the inverse is known: (2 p - 1) sqrt(2 / (4 p (1 - p))). */
static void student_quantile_of_two_degrees_has_a_formula(void) {
  for (int i = 1; i <= 420; i++) {
    double p = probability(i), x = (2 * p - 1) / sqrt(2 * p * (1 - p));
    CHECK_CLOSE(lks_student_quantile_f64(p, 2), x, CLOSE_QUANTILE * fabs(x));
  }
}

const lks_test special_tests[] = {
    TEST(exp_overflows_to_infinity_and_underflows_to_zero),
    TEST(log1p_and_expm1_are_close_at_every_size),
    TEST(erf_and_erfc_are_close),
    TEST(lgamma_is_close),
    TEST(digamma_is_close_to_numbers_of_mpmath),
    TEST(digamma_steps_by_one_over_x),
    TEST(digamma_is_the_slope_of_lgamma),
    TEST(log_beta_is_close_to_numbers_of_mpmath),
    TEST(softplus_and_sigmoid_are_close_and_never_overflow),
    TEST(softplus_and_its_slope_are_the_two_functions),
    TEST(softplus_and_sigmoid_pass_nan_on),
    TEST(beta_share_is_close_to_numbers_of_mpmath),
    TEST(beta_shares_of_x_and_1_minus_x_add_up),
    TEST(beta_share_is_a_sum_of_binomial_chances),
    TEST(normal_cdf_is_close),
    TEST(normal_quantile_is_close_to_numbers_of_mpmath),
    TEST(normal_quantile_inverts_the_cdf),
    TEST(student_cdf_is_close_to_numbers_of_mpmath),
    TEST(student_cdf_is_the_integral_of_the_density),
    TEST(student_quantile_inverts_the_cdf),
    TEST(student_quantile_of_two_degrees_has_a_formula),
    TEST_END,
};
