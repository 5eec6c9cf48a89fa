/* SPDX-License-Identifier: Apache-2.0 */
/* functions_scalar.h - the functions of functions.h, one float at a time: the
 * readable twin of functions_vector.h, with the same operations in the same order.
 *
 * a > b ? a : b stands where the vector form has its maximum: a NaN in b stays. */
#ifndef LOCKSTEP_KERNELS_FUNCTIONS_SCALAR_H
#define LOCKSTEP_KERNELS_FUNCTIONS_SCALAR_H

#include "kernels/functions.h"

#include <string.h>

static inline uint32_t float_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float bits_float(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* c[0] x^(terms-1) + … + c[terms-1] by Horner's rule. */
static inline float polynomial_scalar(const float *c, int terms, float x) {
  float sum = c[0];
  for (int i = 1; i < terms; i++)
    sum = fmaf(sum, x, c[i]);
  return sum;
}

/* e^x = 2^n e^r, r = x - n ln 2. */
static inline float exp_scalar(float x) {
  float y = EXP_LOWEST > x ? EXP_LOWEST : x;
  y = EXP_HIGHEST < y ? EXP_HIGHEST : y;
  const float shifted = fmaf(y, INVERSE_LN2, ROUND_SHIFT_TWICE);
  const float n = shifted - ROUND_SHIFT_TWICE;
  const float r = fmaf(n, -LN2_LOW, fmaf(n, -LN2_HIGH, y));
  const float p = polynomial_scalar(EXP_POLYNOMIAL, LKS_TERMS(EXP_POLYNOMIAL), r);
  const uint32_t half = float_bits(shifted) >> 1;
  const uint32_t rest = float_bits(shifted) - half;
  return p * bits_float(half << EXPONENT_SHIFT) * bits_float(rest << EXPONENT_SHIFT);
}

/* 1 / (1 + e^-x), e^-x = 2^n e^-r, r = x + n ln 2. */
static inline float sigmoid_scalar(float x) {
  float y = -SIGMOID_BOUND > x ? -SIGMOID_BOUND : x;
  y = SIGMOID_BOUND < y ? SIGMOID_BOUND : y;
  const float shifted = fmaf(y, -INVERSE_LN2, ROUND_SHIFT);
  const float n = shifted - ROUND_SHIFT;
  const float r = fmaf(n, LN2_LOW, fmaf(n, LN2_HIGH, y));
  const float p = polynomial_scalar(DECAY_POLYNOMIAL, LKS_TERMS(DECAY_POLYNOMIAL), r);
  const float power = bits_float(float_bits(shifted) << EXPONENT_SHIFT);
  return 1.0f / fmaf(power, p, 1.0f);
}

/* tanh |x| = e / (e + 1), 2e = e^2|x| - 1 = 2^n (e^2r - 1) + (2^n - 1),
 * r = |x| - n ln 2 / 2. */
static inline float tanh_scalar(float x) {
  const uint32_t sign = float_bits(x) & SIGN_BIT;
  const float magnitude = bits_float(float_bits(x) & ~SIGN_BIT);
  const float y = TANH_BOUND < magnitude ? TANH_BOUND : magnitude;
  const float shifted = fmaf(y, 2.0f * INVERSE_LN2, ROUND_SHIFT);
  const float n = shifted - ROUND_SHIFT;
  const float r = fmaf(n, -0.5f * LN2_LOW, fmaf(n, -0.5f * LN2_HIGH, y));
  const float p = polynomial_scalar(EXPM1_POLYNOMIAL, LKS_TERMS(EXPM1_POLYNOMIAL), r);
  const float power = bits_float(float_bits(shifted) << EXPONENT_SHIFT);
  const float e = fmaf(power, fmaf(r * r, p, r), fmaf(power, 0.5f, -0.5f));
  return bits_float(float_bits(e / (e + 1.0f)) | sign);
}

/* k ln 2 + log(1 + f), the exponent bits of 2^k given. */
static inline float log_sum_scalar(uint32_t exponent, float f) {
  const float p = polynomial_scalar(LOG_POLYNOMIAL, LKS_TERMS(LOG_POLYNOMIAL), f);
  return fmaf((float)(int32_t)exponent, LN2_PER_EXPONENT, fmaf(f * f, p, f));
}

/* x = 2^k (1 + f). */
static inline float log_scalar(float x) {
  if (!(x < INFINITY))
    return x + x;
  if (x < 0.0f)
    return NAN;
  if (x < SMALLEST_NORMAL)
    return -INFINITY;
  const uint32_t exponent = (float_bits(x) - LOG_SPLIT) & EXPONENT_MASK;
  return log_sum_scalar(exponent, bits_float(float_bits(x) - exponent) - 1.0f);
}

/* 1 + x = 2^k (1 + f), k from the rounded sum, f = 2^-k x + (2^-k - 1).  The power
 * is made as 2^(2-k), which is a normal float for the largest k too. */
static inline float log1p_scalar(float x) {
  if (!(x < INFINITY))
    return x + x;
  if (x < -1.0f)
    return NAN;
  if (x == -1.0f)
    return -INFINITY;
  const uint32_t exponent = (float_bits(x + 1.0f) - LOG_SPLIT) & EXPONENT_MASK;
  const float scaled = bits_float(float_bits(x) - exponent);
  const float rest = fmaf(0.25f, bits_float(FOUR - exponent), -1.0f);
  return log_sum_scalar(exponent, scaled + rest);
}

#endif
