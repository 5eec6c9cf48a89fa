/* SPDX-License-Identifier: Apache-2.0 */
/* word_bf16.h - a word is two bf16, the earlier term in its upper half, for forms
 * without an instruction for it; included by word.h, which explains it. */
#ifndef LOCKSTEP_KERNELS_WORD_BF16_H
#define LOCKSTEP_KERNELS_WORD_BF16_H

#include "kernels/bf16.h"

enum { WORD_TERMS = 2, WORD_EMULATED = 1 };

LKS_INLINE vec word_first(vec word) {
  return ivec_floats(ivec_and(vec_bits(word), ivec_set(0xffff0000u)));
}
LKS_INLINE vec word_second(vec word) {
  return ivec_floats(ivec_shift_left(vec_bits(word), 16));
}

LKS_INLINE vec word_fma(vec a, vec b, vec sum) {
  return vec_fma(word_second(a), word_second(b), vec_fma(word_first(a), word_first(b), sum));
}

LKS_INLINE void words_across(const float *first, const float *second, int n, float *to) {
  for (int i = 0; i < n; i++) {
    const uint32_t pair = bf16_pair(first[i], second != NULL ? second[i] : 0.0f);
    memcpy(to + i, &pair, sizeof pair);
  }
}

LKS_INLINE void words_along(const float *terms, int n, float *to) {
  for (int i = 0; i < n; i += 2) {
    const uint32_t pair = bf16_pair(terms[i], i + 1 < n ? terms[i + 1] : 0.0f);
    memcpy(to + i / 2, &pair, sizeof pair);
  }
}

#endif
