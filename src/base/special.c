/* SPDX-License-Identifier: Apache-2.0 */
/* special.c - series, asymptotic expansions and continued fractions, each where it
 * converges fast (Abramowitz and Stegun 1964; Press et al. 1992, chapter 6). */
#include "base/special.h"

#include "base/arithmetic.h"

#include <math.h>

static const double root_half = 0.7071067811865476; /* 1 / sqrt 2 */
static const double two_over_root_pi = 1.1283791670955126;
static const double root_two_pi = 2.5066282746310002;
static const double half_log_two_pi = 0.9189385332046728;

enum {
  ERF_TERMS = 80,       /* of the series, |x| < 2: terms fall below 1e-17 before */
  ERFC_TERMS = 80,      /* of the fraction, x >= 2 */
  SHIFT = 12,           /* lgamma and digamma expand from here on */
  BETA_TERMS = 100000,  /* most of the fraction; it needs about sqrt(max(a, b)) */
  QUANTILE_STEPS = 100, /* most steps of a search */
};

double lks_log1p_f64(double x) {
  double u = 1 + x;
  return u == 1 ? x : lks_log_f64(u) * (x / (u - 1)); /* Kahan: the roundings cancel */
}

double lks_expm1_f64(double x) {
  if (fabs(x) > 0.5)
    return lks_exp_f64(x) - 1;
  double term = x, sum = x;
  for (int n = 2; n < 20; n++) {
    term *= x / n;
    sum += term;
  }
  return sum;
}

/* A&S 7.1.6: 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 … (2n+1)), all positive. */
static double erf_series(double x) {
  double term = x, sum = x;
  for (int n = 1; n < ERF_TERMS; n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return two_over_root_pi * lks_exp_f64(-x * x) * sum;
}

/* A&S 7.1.14, from the last term back: x >= 2. */
static double erfc_fraction(double x) {
  double tail = x;
  for (int n = ERFC_TERMS; n > 0; n--)
    tail = x + 0.5 * n / tail;
  return lks_exp_f64(-x * x) / tail * (two_over_root_pi / 2);
}

double lks_erf_f64(double x) {
  if (fabs(x) < 2)
    return erf_series(x);
  if (fabs(x) > 6)
    return x > 0 ? 1 : -1;
  return x > 0 ? 1 - erfc_fraction(x) : erfc_fraction(-x) - 1;
}

double lks_erfc_f64(double x) {
  if (x < 2)
    return 1 - lks_erf_f64(x);
  return x > 27 ? 0 : erfc_fraction(x);
}

/* What Stirling's formula leaves of lgamma(x), x >= SHIFT (A&S 6.1.41). */
static double stirling_rest(double x) {
  static const double c[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                             1.0 / 1188, -691.0 / 360360, 1.0 / 156};
  double inverse = 1 / x, square = inverse * inverse, sum = 0;
  for (int i = 6; i >= 0; i--)
    sum = fma(sum, square, c[i]);
  return sum * inverse;
}

double lks_lgamma_f64(double x) {
  double product = 1;
  if (x == 1 || x == 2)
    return 0;
  while (x < SHIFT) {
    product *= x;
    x += 1;
  }
  double shifted = fma(x - 0.5, lks_log_f64(x), half_log_two_pi - x) + stirling_rest(x);
  return shifted - (product == 1 ? 0 : lks_log_f64(product));
}

/* From differences of Stirling's formulas, since those of large lgammas lose digits. */
double lks_log_beta_f64(double a, double b) {
  double large = a > b ? a : b, small = a > b ? b : a, sum = a + b;
  if (large < SHIFT)
    return lks_lgamma_f64(a) + lks_lgamma_f64(b) - lks_lgamma_f64(sum);
  double rest =
      stirling_rest(large) - stirling_rest(sum) - (large - 0.5) * lks_log1p_f64(small / large);
  if (small < SHIFT)
    return rest + lks_lgamma_f64(small) + small * (1 - lks_log_f64(sum));
  return rest + stirling_rest(small) + half_log_two_pi - 0.5 * lks_log_f64(small) -
         small * lks_log1p_f64(large / small);
}

/* A&S 6.3.18 for x >= SHIFT. */
double lks_digamma_f64(double x) {
  static const double c[] = {1.0 / 12,  -1.0 / 120,     1.0 / 252, -1.0 / 240,
                             1.0 / 132, -691.0 / 32760, 1.0 / 12};
  double below = 0, sum = 0;
  while (x < SHIFT) {
    below += 1 / x;
    x += 1;
  }
  double square = 1 / (x * x);
  for (int i = 6; i >= 0; i--)
    sum = fma(sum, square, c[i]);
  return lks_log_f64(x) - 0.5 / x - sum * square - below;
}

double lks_softplus_slope_f64(double x, double *slope) {
  double e = lks_exp_f64(-fabs(x));
  *slope = x < 0 ? e / (1 + e) : 1 / (1 + e);
  return (x > 0 ? x : 0) + lks_log1p_f64(e);
}

double lks_softplus_f64(double x) {
  return (x > 0 ? x : 0) + lks_log1p_f64(lks_exp_f64(-fabs(x)));
}

double lks_sigmoid_f64(double x) {
  double e = lks_exp_f64(-fabs(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

/* The continued fraction of Press et al. 1992, 6.4.5, by Lentz's method. */
static double beta_fraction(double a, double b, double x) {
  const double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (fabs(d) < tiny ? tiny : d);
  double value = d;
  for (int m = 1; m < BETA_TERMS; m++) {
    double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + even * d;
    c = 1 + even / c;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    c = fabs(c) < tiny ? tiny : c;
    value *= d * c;
    d = 1 + odd * d;
    c = 1 + odd / c;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    c = fabs(c) < tiny ? tiny : c;
    value *= d * c;
    if (fabs(d * c - 1) < 3e-16)
      break;
  }
  return value;
}

/* I_x(a, b) where y = 1 - x is known with all its digits; 0 < x < 1. */
static double beta_share(double a, double b, double x, double y) {
  double log_x = x < y ? lks_log_f64(x) : lks_log1p_f64(-y);
  double log_y = x < y ? lks_log1p_f64(-x) : lks_log_f64(y);
  double front = lks_exp_f64(a * log_x + b * log_y - lks_log_beta_f64(a, b));
  if (x < (a + 1) / (a + b + 2))
    return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, y) / b;
}

double lks_beta_share_f64(double a, double b, double x) {
  if (x <= 0 || x >= 1)
    return x <= 0 ? 0 : 1;
  return beta_share(a, b, x, 1 - x);
}

double lks_normal_cdf_f64(double x) {
  return x < 0 ? 0.5 * lks_erfc_f64(-x * root_half) : 1 - 0.5 * lks_erfc_f64(x * root_half);
}

/* A&S 26.2.23 is right to 5e-4; each of Halley's steps triples the digits. */
double lks_normal_quantile_f64(double p) {
  if (p == 0.5)
    return 0;
  double tail = p < 0.5 ? p : 1 - p;
  double t = lks_sqrt_f64(-2 * lks_log_f64(tail));
  double x = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                     (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  x = -x; /* of the lower tail */
  for (int i = 0; i < 3; i++) {
    double error = (lks_normal_cdf_f64(x) - tail) * root_two_pi * lks_exp_f64(0.5 * x * x);
    x -= error / (1 + 0.5 * x * error);
  }
  return p < 0.5 ? x : -x;
}

double lks_student_cdf_f64(double x, double freedom) {
  double square = x * x, sum = square + freedom, tail = 0.5;
  if (square > 0)
    tail = isinf(sum) ? 0 : 0.5 * beta_share(0.5 * freedom, 0.5, freedom / sum, square / sum);
  return x < 0 ? tail : 1 - tail;
}

static double student_density(double x, double freedom) {
  return lks_exp_f64(-lks_log_beta_f64(0.5 * freedom, 0.5) - 0.5 * lks_log_f64(freedom) -
                     0.5 * (freedom + 1) * lks_log1p_f64(x * x / freedom));
}

/* Newton's steps in the lower tail, kept inside a bracket that they narrow. */
double lks_student_quantile_f64(double p, double freedom) {
  double tail = p < 0.5 ? p : 1 - p, high = 0, low = -1;
  if (tail == 0.5)
    return 0;
  while (lks_student_cdf_f64(low, freedom) > tail)
    low *= 2;
  double x = lks_normal_quantile_f64(tail);
  for (int i = 0; i < QUANTILE_STEPS; i++) {
    if (x <= low || x >= high)
      x = 0.5 * (low + high);
    double error = lks_student_cdf_f64(x, freedom) - tail;
    if (error > 0)
      high = x;
    else
      low = x;
    double next = x - error / student_density(x, freedom);
    if (fabs(next - x) <= 1e-12 * fabs(x) || high - low <= 1e-13 * fabs(x))
      break;
    x = next;
  }
  return p < 0.5 ? x : -x;
}
