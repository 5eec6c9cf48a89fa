/* SPDX-License-Identifier: Apache-2.0 */
/* functions.h - exp, log, log1p, tanh and sigmoid in f32: what they promise, and
 * the numbers that their scalar and their vector form share.  Private to this layer.
 *
 * Every form gives the same bits for every argument: functions_scalar.h holds one
 * float, functions_vector.h a vector; kernels inline them.  Denormals count as
 * zeros on the way in and on the way out.  A NaN gives the same NaN, made quiet.
 *
 *            largest error over all floats     special values
 *   exp      0.91 ulp                          inf above 88.7228, 0 below -87.3365
 *   log      0.94 ulp                          -inf at 0, NaN below, inf at inf
 *   log1p    1.27 ulp                          -inf at -1, NaN below; +0 at -0
 *   tanh     2.52 ulp, 9.0e-8 absolute         odd; 1 from 9.1 on
 *   sigmoid  2.49 ulp, 9.0e-8 absolute         1 from 17.4 on, 0 below -87.3365
 *
 * The polynomials are minimax approximations with coefficients rounded to f32
 * (Sollya's fpminimax; Brisebarre and Chevillard 2007, "Efficient polynomial
 * L-infinity approximations").  Coefficients stand highest power first. */
#ifndef LOCKSTEP_KERNELS_FUNCTIONS_H
#define LOCKSTEP_KERNELS_FUNCTIONS_H

#include <math.h>
#include <stdint.h>

/* e^r on |r| <= ln 2 / 2, absolute error 2^-28. */
static const float EXP_POLYNOMIAL[] = {
    0x1.6d5f54p-10f, 0x1.123c06p-7f, 0x1.5554d8p-5f, 0x1.55548ep-3f, 0.5f, 1.0f, 1.0f};

/* e^-r, the same with the odd powers negated: sigmoid needs no negation. */
static const float DECAY_POLYNOMIAL[] = {
    0x1.6d5f54p-10f, -0x1.123c06p-7f, 0x1.5554d8p-5f, -0x1.55548ep-3f, 0.5f, -1.0f, 1.0f};

/* (e^2r - 1 - 2r) / 2r^2 on |r| <= ln 2 / 4, relative error of e^2r - 1 2^-26. */
static const float EXPM1_POLYNOMIAL[] = {0x1.6c5624p-5f, 0x1.12243cp-3f, 0x1.5555bap-2f,
                                         0x1.5554b6p-1f, 1.0f};

/* (log(1 + f) - f) / f^2 on -1/4 <= f <= 1/2, relative error of log(1 + f) 2^-27. */
static const float LOG_POLYNOMIAL[] = {-0x1.713e36p-5f, 0x1.aca08ep-4f,  -0x1.0d93f4p-3f,
                                       0x1.2886b8p-3f,  -0x1.54ef16p-3f, 0x1.996966p-3f,
                                       -0x1.000042p-2f, 0x1.5555a4p-2f,  -0.5f};

#define LKS_TERMS(polynomial) ((int)(sizeof(polynomial) / sizeof *(polynomial)))

/* ln 2 in two parts: the products of the first with exponents are exact. */
static const float INVERSE_LN2 = 0x1.715476p+0f;
static const float LN2_HIGH = 0x1.62e400p-1f;
static const float LN2_LOW = 0x1.7f7d1cp-20f;

/* Adding 1.5 x 2^23 + b rounds x to an integer n and leaves n + b in the low bits
 * of the sum, so that shifting them by 23 makes a float of exponent n + b - 127:
 * 2^n with b = 127.  With b = 254 two halves make the factors of 2^n = 2^(n/2) 2^(n - n/2),
 * which reach below and above the exponents of a float. */
static const float ROUND_SHIFT = 12582912.0f + 127.0f;
static const float ROUND_SHIFT_TWICE = 12582912.0f + 254.0f;
enum { EXPONENT_SHIFT = 23 };

/* Beyond these bounds the results do not change: all over- or underflowed, or 1. */
static const float EXP_LOWEST = -104.0f;
static const float EXP_HIGHEST = 89.0f;
static const float SIGMOID_BOUND = 88.0f;
static const float TANH_BOUND = 9.1f;

/* log: x = 2^k m with m in [3/4, 3/2), where f = m - 1 and log1p's f are exact.
 * k x 2^23, an integer, is what the exponent's bits give. */
static const uint32_t LOG_SPLIT = 0x3f400000u;         /* bits of 3/4 */
static const uint32_t EXPONENT_MASK = 0xff800000u;     /* sign and exponent */
static const uint32_t FOUR = 0x40800000u;              /* bits of 4 */
static const float LN2_PER_EXPONENT = 0x1.62e430p-24f; /* ln 2 / 2^23 */
static const float SMALLEST_NORMAL = 0x1p-126f;

static const uint32_t SIGN_BIT = 0x80000000u;

#endif
