/* SPDX-License-Identifier: Apache-2.0 */
/* isa_avx2.h - 8 floats a vector; included by isa.h, which explains it. */
#ifndef LOCKSTEP_KERNELS_ISA_AVX2_H
#define LOCKSTEP_KERNELS_ISA_AVX2_H

#include <immintrin.h>

#define ISA_NAME "avx2"

/* A tile of 6 rows by 2 vectors uses 12 registers of 16, and 3 for operands. */
enum { WIDTH = 8, WIDE_PARTS = 2, TILE_ROWS = 6, TILE_VECTORS = 2 };

typedef __m256 vec;
typedef __m256i ivec;
typedef __m256d wide;
typedef __m256 vmask;

/* One line an operation, so that the three headers can be laid side by side. */
/* clang-format off */
LKS_INLINE __m256i first_lanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

LKS_INLINE vec vec_load(const float *p) { return _mm256_loadu_ps(p); }
LKS_INLINE void vec_store(float *p, vec v) { _mm256_storeu_ps(p, v); }
LKS_INLINE void vec_stream(float *p, vec v) { _mm256_stream_ps(p, v); }
LKS_INLINE void vec_streamed(void) { _mm_sfence(); }
LKS_INLINE vec vec_load_first(const float *p, int n) {
  return n == WIDTH ? vec_load(p) : _mm256_maskload_ps(p, first_lanes(n));
}
/* Masked stores are slow on some processors: not used where all lanes go. */
LKS_INLINE void vec_store_first(float *p, vec v, int n) {
  if (n == WIDTH)
    vec_store(p, v);
  else
    _mm256_maskstore_ps(p, first_lanes(n), v);
}
LKS_INLINE vec vec_set(float x) { return _mm256_set1_ps(x); }

LKS_INLINE vec vec_fma(vec a, vec b, vec c) { return _mm256_fmadd_ps(a, b, c); }
LKS_INLINE vec vec_fnma(vec a, vec b, vec c) { return _mm256_fnmadd_ps(a, b, c); }
LKS_INLINE vec vec_add(vec a, vec b) { return _mm256_add_ps(a, b); }
LKS_INLINE vec vec_sub(vec a, vec b) { return _mm256_sub_ps(a, b); }
LKS_INLINE vec vec_mul(vec a, vec b) { return _mm256_mul_ps(a, b); }
LKS_INLINE vec vec_div(vec a, vec b) { return _mm256_div_ps(a, b); }
LKS_INLINE vec vec_sqrt(vec a) { return _mm256_sqrt_ps(a); }
LKS_INLINE vec vec_max(vec a, vec b) { return _mm256_max_ps(a, b); }
LKS_INLINE vec vec_min(vec a, vec b) { return _mm256_min_ps(a, b); }

LKS_INLINE ivec vec_bits(vec a) { return _mm256_castps_si256(a); }
LKS_INLINE vec ivec_floats(ivec a) { return _mm256_castsi256_ps(a); }
LKS_INLINE vec ivec_to_vec(ivec a) { return _mm256_cvtepi32_ps(a); }
LKS_INLINE ivec ivec_set(uint32_t x) { return _mm256_set1_epi32((int)x); }
LKS_INLINE ivec ivec_load(const uint32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
LKS_INLINE void ivec_store(uint32_t *p, ivec v) { _mm256_storeu_si256((__m256i *)p, v); }
LKS_INLINE ivec ivec_add(ivec a, ivec b) { return _mm256_add_epi32(a, b); }
LKS_INLINE ivec ivec_sub(ivec a, ivec b) { return _mm256_sub_epi32(a, b); }
LKS_INLINE ivec ivec_and(ivec a, ivec b) { return _mm256_and_si256(a, b); }
LKS_INLINE ivec ivec_or(ivec a, ivec b) { return _mm256_or_si256(a, b); }
LKS_INLINE ivec ivec_xor(ivec a, ivec b) { return _mm256_xor_si256(a, b); }
LKS_INLINE ivec ivec_shift_left(ivec a, unsigned n) { return _mm256_slli_epi32(a, (int)n); }
LKS_INLINE ivec ivec_shift_right(ivec a, unsigned n) { return _mm256_srli_epi32(a, (int)n); }

/* 2^n as two factors, since one need not be a float: their exponents are the halves
 * of n + 254. */
LKS_INLINE vec vec_scale(vec a, vec n, ivec biased) {
  (void)n;
  const ivec half = ivec_shift_right(biased, 1);
  const ivec rest = ivec_sub(biased, half);
  const vec part = vec_mul(a, ivec_floats(ivec_shift_left(half, 23)));
  return vec_mul(part, ivec_floats(ivec_shift_left(rest, 23)));
}

/* The processor multiplies the even lanes; the odd ones are shifted there. */
LKS_INLINE ivec ivec_multiply(ivec a, ivec b, ivec *high) {
  const ivec even = _mm256_mul_epu32(a, b);
  const ivec odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32));
  *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
  return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
}

LKS_INLINE void ivec_transpose(ivec v[4]) {
  const ivec a = _mm256_unpacklo_epi32(v[0], v[1]);
  const ivec b = _mm256_unpacklo_epi32(v[2], v[3]);
  const ivec c = _mm256_unpackhi_epi32(v[0], v[1]);
  const ivec d = _mm256_unpackhi_epi32(v[2], v[3]);
  v[0] = _mm256_unpacklo_epi64(a, b);
  v[1] = _mm256_unpackhi_epi64(a, b);
  v[2] = _mm256_unpacklo_epi64(c, d);
  v[3] = _mm256_unpackhi_epi64(c, d);
}

/* Comparisons are false where an operand is NaN; is_nan is the exception. */
LKS_INLINE vmask vec_less(vec a, vec b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
LKS_INLINE vmask vec_equal(vec a, vec b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
LKS_INLINE vmask vec_is_nan(vec a) { return _mm256_cmp_ps(a, a, _CMP_UNORD_Q); }
LKS_INLINE vec vec_select(vmask m, vec yes, vec no) { return _mm256_blendv_ps(no, yes, m); }

/* Elements part x WIDTH / WIDE_PARTS … of `a`, as doubles. */
LKS_INLINE wide vec_widen(vec a, int part) {
  return _mm256_cvtps_pd(part == 0 ? _mm256_castps256_ps128(a) : _mm256_extractf128_ps(a, 1));
}
LKS_INLINE wide wide_set(double x) { return _mm256_set1_pd(x); }
LKS_INLINE wide wide_fma(wide a, wide b, wide c) { return _mm256_fmadd_pd(a, b, c); }
LKS_INLINE void wide_store(double *p, wide v) { _mm256_storeu_pd(p, v); }

/* clang-format on */

#endif
