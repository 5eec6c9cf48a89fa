/* SPDX-License-Identifier: Apache-2.0 */
/* word_rounded.h - a word is a float rounded to bf16; included by word_bf16.h and
 * word_bf16_amx.h once they have said what a chain is.
 *
 * Two bf16 in a word, taken apart where they are multiplied, would halve what is read,
 * but taking them apart costs the units that multiply more than that saves. */
#ifndef LOCKSTEP_KERNELS_WORD_ROUNDED_H
#define LOCKSTEP_KERNELS_WORD_ROUNDED_H

#include "kernels/bf16.h"

enum { WORD_TERMS = 1, WORD_IS_TERM = 0, WORD_EMULATED = 1 };

LKS_INLINE vec word_fma(vec a, vec b, vec sum) {
  return vec_fma(a, b, sum);
}

LKS_INLINE void words_across(const float *first, const float *second, int n, float *to) {
  (void)second;
  for (int i = 0; i < n; i++)
    to[i] = first != NULL ? bf16_round(first[i]) : 0.0f;
}

LKS_INLINE void words_along(const float *terms, int n, float *to) {
  words_across(terms, NULL, n, to);
  for (; n % CHAIN_TERMS != 0; n++)
    to[n] = 0.0f;
}

#endif
