/* SPDX-License-Identifier: Apache-2.0 */
/* functions_vector.h - the functions of functions.h over the vector type of isa.h,
 * operation for operation those of functions_scalar.h, where the equations stand.
 *
 * Branches become selections at the end; division, since it is exact and not
 * slower than Newton steps from a guess. */
#ifndef LOCKSTEP_KERNELS_FUNCTIONS_VECTOR_H
#define LOCKSTEP_KERNELS_FUNCTIONS_VECTOR_H

#include "kernels/functions.h"
#include "kernels/isa.h"

LKS_INLINE vec polynomial_vector(const float *c, int terms, vec x) {
  vec sum = vec_set(c[0]);
  for (int i = 1; i < terms; i++)
    sum = vec_fma(sum, x, vec_set(c[i]));
  return sum;
}

/* Shifts an integer in the low bits into the exponent. */
LKS_INLINE vec power_vector(ivec low_bits) {
  return ivec_floats(ivec_shift_left(low_bits, EXPONENT_SHIFT));
}

LKS_INLINE vec exp_vector(vec x) {
  const vec y = vec_min(vec_set(EXP_HIGHEST), vec_max(vec_set(EXP_LOWEST), x));
  const vec shifted = vec_fma(y, vec_set(INVERSE_LN2), vec_set(ROUND_SHIFT_TWICE));
  const vec n = vec_sub(shifted, vec_set(ROUND_SHIFT_TWICE));
  const vec r = vec_fma(n, vec_set(-LN2_LOW), vec_fma(n, vec_set(-LN2_HIGH), y));
  const vec p = polynomial_vector(EXP_POLYNOMIAL, LKS_TERMS(EXP_POLYNOMIAL), r);
  return vec_scale(p, n, vec_bits(shifted));
}

LKS_INLINE vec sigmoid_vector(vec x) {
  const vec y = vec_min(vec_set(SIGMOID_BOUND), vec_max(vec_set(-SIGMOID_BOUND), x));
  const vec shifted = vec_fma(y, vec_set(-INVERSE_LN2), vec_set(ROUND_SHIFT));
  const vec n = vec_sub(shifted, vec_set(ROUND_SHIFT));
  const vec r = vec_fma(n, vec_set(LN2_LOW), vec_fma(n, vec_set(LN2_HIGH), y));
  const vec p = polynomial_vector(DECAY_POLYNOMIAL, LKS_TERMS(DECAY_POLYNOMIAL), r);
  const vec one = vec_set(1.0f);
  return vec_div(one, vec_fma(power_vector(vec_bits(shifted)), p, one));
}

LKS_INLINE vec tanh_vector(vec x) {
  const ivec sign = ivec_and(vec_bits(x), ivec_set(SIGN_BIT));
  const vec magnitude = ivec_floats(ivec_and(vec_bits(x), ivec_set(~SIGN_BIT)));
  const vec y = vec_min(vec_set(TANH_BOUND), magnitude);
  const vec shifted = vec_fma(y, vec_set(2.0f * INVERSE_LN2), vec_set(ROUND_SHIFT));
  const vec n = vec_sub(shifted, vec_set(ROUND_SHIFT));
  const vec r = vec_fma(n, vec_set(-0.5f * LN2_LOW), vec_fma(n, vec_set(-0.5f * LN2_HIGH), y));
  const vec p = polynomial_vector(EXPM1_POLYNOMIAL, LKS_TERMS(EXPM1_POLYNOMIAL), r);
  const vec power = power_vector(vec_bits(shifted));
  const vec rest = vec_fma(power, vec_set(0.5f), vec_set(-0.5f));
  const vec e = vec_fma(power, vec_fma(vec_mul(r, r), p, r), rest);
  const vec result = vec_div(e, vec_add(e, vec_set(1.0f)));
  return ivec_floats(ivec_or(vec_bits(result), sign));
}

LKS_INLINE vec log_sum_vector(ivec exponent, vec f) {
  const vec p = polynomial_vector(LOG_POLYNOMIAL, LKS_TERMS(LOG_POLYNOMIAL), f);
  const vec one_plus = vec_fma(vec_mul(f, f), p, f);
  return vec_fma(ivec_to_vec(exponent), vec_set(LN2_PER_EXPONENT), one_plus);
}

/* The exponent bits k x 2^23 of 2^k <= 4/3 x < 2^(k+1). */
LKS_INLINE ivec exponent_vector(vec x) {
  return ivec_and(ivec_sub(vec_bits(x), ivec_set(LOG_SPLIT)), ivec_set(EXPONENT_MASK));
}

LKS_INLINE vec log_vector(vec x) {
  const ivec exponent = exponent_vector(x);
  const vec mantissa = ivec_floats(ivec_sub(vec_bits(x), exponent));
  vec y = log_sum_vector(exponent, vec_sub(mantissa, vec_set(1.0f)));
  y = vec_select(vec_less(x, vec_set(SMALLEST_NORMAL)), vec_set(-INFINITY), y);
  y = vec_select(vec_less(x, vec_set(0.0f)), vec_set(NAN), y);
  return vec_select(vec_less(x, vec_set(INFINITY)), y, vec_add(x, x));
}

LKS_INLINE vec log1p_vector(vec x) {
  const ivec exponent = exponent_vector(vec_add(x, vec_set(1.0f)));
  const vec scaled = ivec_floats(ivec_sub(vec_bits(x), exponent));
  const vec power = ivec_floats(ivec_sub(ivec_set(FOUR), exponent));
  const vec rest = vec_fma(vec_set(0.25f), power, vec_set(-1.0f));
  vec y = log_sum_vector(exponent, vec_add(scaled, rest));
  y = vec_select(vec_equal(x, vec_set(-1.0f)), vec_set(-INFINITY), y);
  y = vec_select(vec_less(x, vec_set(-1.0f)), vec_set(NAN), y);
  return vec_select(vec_less(x, vec_set(INFINITY)), y, vec_add(x, x));
}

#endif
