/* SPDX-License-Identifier: Apache-2.0 */
/* elementary.c - exp, log, pow, cos, sin and sqrt in f64 from + - * / and fma alone,
 * so that a learning rate has the same bits on every machine.
 *
 * Arguments are reduced with constants in several parts (Cody and Waite 1980),
 * series are Taylor's, and what a rounding drops is carried along in a second
 * number (Dekker 1971; Knuth, TAOCP 2, 4.2.2), which pow needs: a relative
 * error of 2^-53 in log x would be one of 700 x 2^-53 in the power.
 * fma is libm's, which is exact by definition. */
#include "base/arithmetic.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* A number as the unevaluated sum high + low, |low| <= ulp(high) / 2. */
typedef struct {
  double high;
  double low;
} pair;

/* ln 2 and pi / 2 in parts short enough that a whole multiple of each is exact. */
static const double ln2_part[3] = {0x1.62e42fefa3800p-1, 0x1.ef35793c76000p-45,
                                   0x1.cc01f97b57a08p-87};
static const double half_pi_part[4] = {0x1.921fb54440000p+0, 0x1.68c234c4c0000p-39,
                                       0x1.98a2e03700000p-77, 0x1.cd129024e088ap-115};
static const pair third = {0x1.5555555555555p-2, 0x1.5555555555555p-56};

/* a + b without error. */
static pair sum(double a, double b) {
  double high = a + b;
  double of_b = high - a;
  return (pair){high, (a - (high - of_b)) + (b - of_b)};
}

/* a x b with an error near 2^-104. */
static pair product(pair a, pair b) {
  double high = a.high * b.high;
  double low = fma(a.high, b.high, -high) + (a.high * b.low + a.low * b.high);
  return (pair){high, low};
}

/* coefficient[0] + coefficient[1] x + … */
static double polynomial(double x, const double *coefficient, size_t count) {
  double value = 0;
  while (count-- > 0)
    value = fma(value, x, coefficient[count]);
  return value;
}

static double round_to_whole(double x) {
  return (double)(int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

/* 2^k for normal results. */
static double power_of_two(int64_t k) {
  uint64_t bits = (uint64_t)(k + 1023) << 52;
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* exp(x.high + x.low) = 2^k exp(r), |r| <= ln 2 / 2. */
static double exp_of_pair(pair x) {
  static const double series[] = {1.0 / 2,        1.0 / 6,         1.0 / 24,
                                  1.0 / 120,      1.0 / 720,       1.0 / 5040,
                                  1.0 / 40320,    1.0 / 362880,    1.0 / 3628800,
                                  1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800.0};
  if (!(x.high < 709.8))
    return x.high > 0 ? INFINITY : x.high; /* NaN stays NaN */
  if (x.high < -745.2)
    return 0;
  double k = round_to_whole(x.high * 0x1.71547652b82fep+0);
  pair r = sum(fma(-k, ln2_part[0], x.high), -k * ln2_part[1]);
  r = sum(r.high, r.low + fma(-k, ln2_part[2], x.low)); /* x.low is small beside x, not r */
  double rest = polynomial(r.high, series, sizeof series / sizeof *series);
  double value = 1 + (r.high + fma(r.high * r.high, rest, fma(r.low, r.high, r.low)));
  int64_t half = (int64_t)k / 2; /* in two steps: 2^k alone may leave the range */
  return value * power_of_two(half) * power_of_two((int64_t)k - half);
}

/* log x = k ln 2 + 2 artanh s, where m = x / 2^k is in [sqrt 1/2, sqrt 2) and
 * s = (m - 1) / (m + 1);  artanh s = s + s^3 (1/3 + s^2 (1/5 + s^2 / 7 + …)). */
static pair log_to_pair(double x) {
  static const double series[] = {1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13,
                                  1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23,
                                  1.0 / 25, 1.0 / 27, 1.0 / 29};
  int exponent = 0;
  double m = frexp(x, &exponent);
  if (m < 0x1.6a09e667f3bcdp-1) {
    m *= 2;
    exponent--;
  }
  pair below = sum(m, 1);
  pair s;
  s.high = (m - 1) / below.high;
  s.low = fma(-s.high, below.low, fma(-s.high, below.high, m - 1)) / below.high;
  pair square = product(s, s);
  double tail = square.high * polynomial(square.high, series, sizeof series / sizeof *series);
  pair factor = sum(third.high, tail);
  factor.low += third.low;
  pair cube = product(product(square, s), factor);

  pair log_m = sum(2 * s.high, 2 * cube.high);
  double k = exponent;
  pair total = sum(k * ln2_part[0], log_m.high);
  pair second = sum(total.high, k * ln2_part[1]);
  double low = fma(k, ln2_part[2], 2 * (s.low + cube.low)) + log_m.low;
  low += total.low + second.low;
  return sum(second.high, low);
}

double lks_exp_f64(double x) {
  return exp_of_pair((pair){x, 0});
}

double lks_log_f64(double x) {
  if (!(x > 0))
    return x == 0 ? -INFINITY : NAN;
  if (isinf(x))
    return x;
  return log_to_pair(x).high;
}

double lks_pow_f64(double x, double y) {
  if (y == 0 || x == 1)
    return 1;
  if (!(x > 0) || isinf(x) || !isfinite(y))
    return x == 0 && y > 0 ? 0 : NAN;
  pair power = product(log_to_pair(x), (pair){y, 0});
  return exp_of_pair(power);
}

/* cos(r.high + r.low) and sin(…) for |r| <= pi / 4. */
static double cos_of_pair(pair r) {
  static const double series[] = {1.0 / 24,
                                  -1.0 / 720,
                                  1.0 / 40320,
                                  -1.0 / 3628800,
                                  1.0 / 479001600,
                                  -1.0 / 87178291200.0,
                                  1.0 / 20922789888000.0,
                                  -1.0 / 6402373705728000.0};
  double square = r.high * r.high;
  double half = square / 2;
  double high = 1 - half;
  double rest = square * square * polynomial(square, series, sizeof series / sizeof *series);
  return high + (((1 - high) - half) + fma(-r.high, r.low, rest));
}

static double sin_of_pair(pair r) {
  static const double series[] = {-1.0 / 6,
                                  1.0 / 120,
                                  -1.0 / 5040,
                                  1.0 / 362880,
                                  -1.0 / 39916800,
                                  1.0 / 6227020800.0,
                                  -1.0 / 1307674368000.0,
                                  1.0 / 355687428096000.0};
  double square = r.high * r.high;
  double rest = polynomial(square, series, sizeof series / sizeof *series);
  return r.high + fma(square * r.high, rest, fma(-r.low, square / 2, r.low));
}

/* cos(x - turn pi / 2) for a whole `turn`: x is n quarter turns and a rest r. */
static double cos_turned(double x, int64_t turn) {
  if (!(fabs(x) <= 1e5))
    return NAN;
  double n = round_to_whole(x * 0x1.45f306dc9c883p-1);
  pair first = sum(fma(-n, half_pi_part[0], x), -n * half_pi_part[1]);
  pair second = sum(first.high, -n * half_pi_part[2]);
  pair r = sum(second.high, fma(-n, half_pi_part[3], first.low + second.low));
  switch (((int64_t)n - turn) & 3) {
  case 0: return cos_of_pair(r);
  case 1: return -sin_of_pair(r);
  case 2: return -cos_of_pair(r);
  default: return sin_of_pair(r);
  }
}

double lks_cos_f64(double x) {
  return cos_turned(x, 0);
}

double lks_sin_f64(double x) {
  return cos_turned(x, 1);
}

double lks_sqrt_f64(double x) {
  return sqrt(x); /* IEEE 754 rounds it correctly everywhere */
}
