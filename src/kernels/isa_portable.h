/* SPDX-License-Identifier: Apache-2.0 */
/* isa_portable.h - one float a vector, plain C; included by isa.h, which explains it.
 *
 * fmaf is exact by definition: one instruction where the build may use FMA, a call
 * into libm elsewhere. */
#ifndef LOCKSTEP_KERNELS_ISA_PORTABLE_H
#define LOCKSTEP_KERNELS_ISA_PORTABLE_H

#define ISA_NAME "portable"

/* The 16 columns of a tile row are what the compiler makes vectors of. */
enum { WIDTH = 1, WIDE_PARTS = 1, TILE_ROWS = 6, TILE_VECTORS = 16 };

typedef float vec;
typedef uint32_t ivec;
typedef double wide;
typedef bool vmask;

/* One line an operation, so that the three headers can be laid side by side. */
/* clang-format off */
LKS_INLINE vec vec_load(const float *p) { return *p; }
LKS_INLINE void vec_store(float *p, vec v) { *p = v; }
LKS_INLINE void vec_stream(float *p, vec v) { *p = v; }
LKS_INLINE void vec_streamed(void) {}
LKS_INLINE vec vec_load_first(const float *p, int n) { return n > 0 ? *p : 0.0f; }
LKS_INLINE void vec_store_first(float *p, vec v, int n) {
  if (n > 0)
    *p = v;
}
LKS_INLINE vec vec_set(float x) { return x; }

LKS_INLINE vec vec_fma(vec a, vec b, vec c) { return fmaf(a, b, c); }
LKS_INLINE vec vec_fnma(vec a, vec b, vec c) { return fmaf(-a, b, c); }
LKS_INLINE vec vec_add(vec a, vec b) { return a + b; }
LKS_INLINE vec vec_sub(vec a, vec b) { return a - b; }
LKS_INLINE vec vec_mul(vec a, vec b) { return a * b; }
LKS_INLINE vec vec_div(vec a, vec b) { return a / b; }
LKS_INLINE vec vec_sqrt(vec a) { return sqrtf(a); }
LKS_INLINE vec vec_max(vec a, vec b) { return a > b ? a : b; }
LKS_INLINE vec vec_min(vec a, vec b) { return a < b ? a : b; }

LKS_INLINE ivec vec_bits(vec a) {
  ivec bits;
  memcpy(&bits, &a, sizeof bits);
  return bits;
}
LKS_INLINE vec ivec_floats(ivec a) {
  vec x;
  memcpy(&x, &a, sizeof x);
  return x;
}
LKS_INLINE vec ivec_to_vec(ivec a) { return (float)(int32_t)a; }
LKS_INLINE ivec ivec_set(uint32_t x) { return x; }
LKS_INLINE ivec ivec_load(const uint32_t *p) { return *p; }
LKS_INLINE void ivec_store(uint32_t *p, ivec v) { *p = v; }
LKS_INLINE ivec ivec_add(ivec a, ivec b) { return a + b; }
LKS_INLINE ivec ivec_sub(ivec a, ivec b) { return a - b; }
LKS_INLINE ivec ivec_and(ivec a, ivec b) { return a & b; }
LKS_INLINE ivec ivec_or(ivec a, ivec b) { return a | b; }
LKS_INLINE ivec ivec_xor(ivec a, ivec b) { return a ^ b; }
LKS_INLINE ivec ivec_shift_left(ivec a, unsigned n) { return a << n; }
LKS_INLINE ivec ivec_shift_right(ivec a, unsigned n) { return a >> n; }

/* 2^n as two factors, since one need not be a float: their exponents are the halves
 * of n + 254. */
LKS_INLINE vec vec_scale(vec a, vec n, ivec biased) {
  (void)n;
  const ivec half = ivec_shift_right(biased, 1);
  const ivec rest = ivec_sub(biased, half);
  const vec part = vec_mul(a, ivec_floats(ivec_shift_left(half, 23)));
  return vec_mul(part, ivec_floats(ivec_shift_left(rest, 23)));
}

LKS_INLINE ivec ivec_multiply(ivec a, ivec b, ivec *high) {
  const uint64_t product = (uint64_t)a * b;
  *high = (ivec)(product >> 32);
  return (ivec)product;
}

LKS_INLINE void ivec_transpose(ivec v[4]) { (void)v; }

/* Comparisons are false where an operand is NaN; is_nan is the exception. */
LKS_INLINE vmask vec_less(vec a, vec b) { return a < b; }
LKS_INLINE vmask vec_equal(vec a, vec b) { return a == b; }
LKS_INLINE vmask vec_is_nan(vec a) { return a != a; }
LKS_INLINE vec vec_select(vmask m, vec yes, vec no) { return m ? yes : no; }

/* Elements part x WIDTH / WIDE_PARTS … of `a`, as doubles. */
LKS_INLINE wide vec_widen(vec a, int part) {
  (void)part;
  return (double)a;
}
LKS_INLINE wide wide_set(double x) { return x; }
LKS_INLINE wide wide_fma(wide a, wide b, wide c) { return fma(a, b, c); }
LKS_INLINE void wide_store(double *p, wide v) { *p = v; }

/* clang-format on */

#endif
