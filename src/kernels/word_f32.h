/* SPDX-License-Identifier: Apache-2.0 */
/* word_f32.h - a word is a float; included by word.h, which explains it. */
#ifndef LOCKSTEP_KERNELS_WORD_F32_H
#define LOCKSTEP_KERNELS_WORD_F32_H

enum { WORD_TERMS = 1, CHAIN_TERMS = 1, CHAIN_PARTS = 1, WORD_IS_TERM = 1 };

LKS_INLINE vec word_fma(vec a, vec b, vec sum) {
  return vec_fma(a, b, sum);
}

/* A panel is too short for the library's copy to be worth its call. */
LKS_INLINE void words_across(const float *first, const float *second, int n, float *to) {
  (void)second;
  int i = 0;
  for (; i + WIDTH <= n; i += WIDTH)
    vec_store(to + i, vec_load(first + i));
  if (i < n)
    vec_store_first(to + i, vec_load_first(first + i, n - i), n - i);
}

LKS_INLINE void words_along(const float *terms, int n, float *to) {
  memcpy(to, terms, (size_t)n * sizeof *to);
}

#endif
