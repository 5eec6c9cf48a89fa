/* SPDX-License-Identifier: Apache-2.0 */
/* isa_avx512.h - 16 floats a vector; included by isa.h, which explains it. */
#ifndef LOCKSTEP_KERNELS_ISA_AVX512_H
#define LOCKSTEP_KERNELS_ISA_AVX512_H

#include <immintrin.h>

#define ISA_NAME "avx512"

/* A tile of 6 rows by 4 vectors uses 24 registers of 32, and 5 for operands. */
enum { WIDTH = 16, WIDE_PARTS = 2, TILE_ROWS = 6, TILE_VECTORS = 4 };

typedef __m512 vec;
typedef __m512i ivec;
typedef __m512d wide;
typedef __mmask16 vmask;

/* One line an operation, so that the three headers can be laid side by side. */
/* clang-format off */
LKS_INLINE vmask first_lanes(int n) { return (vmask)((1u << n) - 1u); }

LKS_INLINE vec vec_load(const float *p) { return _mm512_loadu_ps(p); }
LKS_INLINE void vec_store(float *p, vec v) { _mm512_storeu_ps(p, v); }
LKS_INLINE void vec_stream(float *p, vec v) { _mm512_stream_ps(p, v); }
LKS_INLINE void vec_streamed(void) { _mm_sfence(); }
LKS_INLINE vec vec_load_first(const float *p, int n) {
  return _mm512_maskz_loadu_ps(first_lanes(n), p);
}
LKS_INLINE void vec_store_first(float *p, vec v, int n) {
  _mm512_mask_storeu_ps(p, first_lanes(n), v);
}
LKS_INLINE vec vec_set(float x) { return _mm512_set1_ps(x); }

LKS_INLINE vec vec_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
LKS_INLINE vec vec_fnma(vec a, vec b, vec c) { return _mm512_fnmadd_ps(a, b, c); }
LKS_INLINE vec vec_add(vec a, vec b) { return _mm512_add_ps(a, b); }
LKS_INLINE vec vec_sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
LKS_INLINE vec vec_mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
LKS_INLINE vec vec_div(vec a, vec b) { return _mm512_div_ps(a, b); }
LKS_INLINE vec vec_sqrt(vec a) { return _mm512_sqrt_ps(a); }
LKS_INLINE vec vec_max(vec a, vec b) { return _mm512_max_ps(a, b); }
LKS_INLINE vec vec_min(vec a, vec b) { return _mm512_min_ps(a, b); }

LKS_INLINE ivec vec_bits(vec a) { return _mm512_castps_si512(a); }
LKS_INLINE vec ivec_floats(ivec a) { return _mm512_castsi512_ps(a); }
LKS_INLINE vec ivec_to_vec(ivec a) { return _mm512_cvtepi32_ps(a); }
LKS_INLINE ivec ivec_set(uint32_t x) { return _mm512_set1_epi32((int)x); }
LKS_INLINE ivec ivec_load(const uint32_t *p) { return _mm512_loadu_si512(p); }
LKS_INLINE void ivec_store(uint32_t *p, ivec v) { _mm512_storeu_si512(p, v); }
LKS_INLINE ivec ivec_add(ivec a, ivec b) { return _mm512_add_epi32(a, b); }
LKS_INLINE ivec ivec_sub(ivec a, ivec b) { return _mm512_sub_epi32(a, b); }
LKS_INLINE ivec ivec_and(ivec a, ivec b) { return _mm512_and_si512(a, b); }
LKS_INLINE ivec ivec_or(ivec a, ivec b) { return _mm512_or_si512(a, b); }
LKS_INLINE ivec ivec_xor(ivec a, ivec b) { return _mm512_xor_si512(a, b); }
LKS_INLINE ivec ivec_shift_left(ivec a, unsigned n) { return _mm512_slli_epi32(a, n); }
LKS_INLINE ivec ivec_shift_right(ivec a, unsigned n) { return _mm512_srli_epi32(a, n); }

LKS_INLINE vec vec_scale(vec a, vec n, ivec biased) {
  (void)biased;
  return _mm512_scalef_ps(a, n);
}

/* The processor multiplies the even lanes; the odd ones are shifted there. */
LKS_INLINE ivec ivec_multiply(ivec a, ivec b, ivec *high) {
  const ivec even = _mm512_mul_epu32(a, b);
  const ivec odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32));
  *high = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_CDAB);
  return _mm512_mask_shuffle_epi32(even, 0xAAAA, odd, _MM_PERM_CDAB);
}

LKS_INLINE void ivec_transpose(ivec v[4]) {
  const ivec a = _mm512_unpacklo_epi32(v[0], v[1]);
  const ivec b = _mm512_unpacklo_epi32(v[2], v[3]);
  const ivec c = _mm512_unpackhi_epi32(v[0], v[1]);
  const ivec d = _mm512_unpackhi_epi32(v[2], v[3]);
  v[0] = _mm512_unpacklo_epi64(a, b);
  v[1] = _mm512_unpackhi_epi64(a, b);
  v[2] = _mm512_unpacklo_epi64(c, d);
  v[3] = _mm512_unpackhi_epi64(c, d);
}

/* Comparisons are false where an operand is NaN; is_nan is the exception. */
LKS_INLINE vmask vec_less(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
LKS_INLINE vmask vec_equal(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
LKS_INLINE vmask vec_is_nan(vec a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
LKS_INLINE vec vec_select(vmask m, vec yes, vec no) { return _mm512_mask_blend_ps(m, no, yes); }

/* Elements part x WIDTH / WIDE_PARTS … of `a`, as doubles. */
LKS_INLINE wide vec_widen(vec a, int part) {
  return _mm512_cvtps_pd(part == 0 ? _mm512_castps512_ps256(a) : _mm512_extractf32x8_ps(a, 1));
}
LKS_INLINE wide wide_set(double x) { return _mm512_set1_pd(x); }
LKS_INLINE wide wide_fma(wide a, wide b, wide c) { return _mm512_fmadd_pd(a, b, c); }
LKS_INLINE void wide_store(double *p, wide v) { _mm512_storeu_pd(p, v); }

/* clang-format on */

#endif
