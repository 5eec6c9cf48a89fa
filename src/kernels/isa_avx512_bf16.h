/* SPDX-License-Identifier: Apache-2.0 */
/* isa_avx512_bf16.h - a word is two bf16, the earlier term in its upper half, by the
 * instructions of AVX512-BF16; included by word.h, which explains it.
 *
 * VDPBF16PS adds the product of the upper halves first, then that of the lower ones,
 * each by one fma; it consults no MXCSR, so that it is a chain of word_bf16.h's under
 * the environment that kernels run in.  A Zen 5 runs it as often as an fma, a Sapphire
 * Rapids a quarter as often: select.c tries. */
#ifndef LOCKSTEP_KERNELS_ISA_AVX512_BF16_H
#define LOCKSTEP_KERNELS_ISA_AVX512_BF16_H

enum { WORD_TERMS = 2, CHAIN_TERMS = 2, CHAIN_PARTS = 1, WORD_IS_TERM = 0, WORD_EMULATED = 0 };
#define WORD_PRECISION LKS_PRECISION_BF16

LKS_INLINE vec word_fma(vec a, vec b, vec sum) {
  return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

/* The bf16 of `low` in the lower 16 places, those of `high` in the upper ones. */
LKS_INLINE ivec bf16_of(vec low, vec high) {
  return (ivec)_mm512_cvtne2ps_pbh(high, low);
}

/* Place 2j gets bf16 j of the second row, place 2j + 1 that of the first. */
LKS_INLINE vec pairs_across(vec first, vec second) {
  const ivec places =
      _mm512_set_epi32(0x001f000f, 0x001e000e, 0x001d000d, 0x001c000c, 0x001b000b, 0x001a000a,
                       0x00190009, 0x00180008, 0x00170007, 0x00160006, 0x00150005, 0x00140004,
                       0x00130003, 0x00120002, 0x00110001, 0x00100000);
  return ivec_floats(_mm512_permutexvar_epi16(places, bf16_of(second, first)));
}

/* Halves of each word change places, since terms lie in memory the other way round. */
LKS_INLINE vec pairs_along(vec low, vec high) {
  return ivec_floats(_mm512_rol_epi32(bf16_of(low, high), 16));
}

LKS_INLINE void words_across(const float *first, const float *second, int n, float *to) {
  for (int i = 0; i < n; i += WIDTH) {
    const int count = n - i < WIDTH ? n - i : WIDTH;
    const vec b = second != NULL ? vec_load_first(second + i, count) : vec_set(0.0f);
    vec_store_first(to + i, pairs_across(vec_load_first(first + i, count), b), count);
  }
}

LKS_INLINE void words_along(const float *terms, int n, float *to) {
  int i = 0;
  for (; i + 2 * WIDTH <= n; i += 2 * WIDTH)
    vec_store(to + i / 2, pairs_along(vec_load(terms + i), vec_load(terms + i + WIDTH)));
  if (i == n)
    return;
  const int low = n - i < WIDTH ? n - i : WIDTH, high = n - i - low;
  const vec rest = high > 0 ? vec_load_first(terms + i + low, high) : vec_set(0.0f);
  vec_store_first(to + i / 2, pairs_along(vec_load_first(terms + i, low), rest),
                  (n - i + 1) / 2);
}

#endif
