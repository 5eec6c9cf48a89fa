/* SPDX-License-Identifier: Apache-2.0 */
/* word.h - the words of 32 bits that packed operands are made of.
 *
 * A word holds WORD_TERMS consecutive terms of a chain: one float, one float that is
 * rounded to bf16, or two bf16.  A chain has CHAIN_TERMS terms or a multiple of it, words
 * of +0 filling it up.  The fast products and their tile move words about in arrays of
 * float and in vectors, and leave what is in them to one of word_f32.h, word_bf16.h,
 * word_bf16_amx.h and isa_avx512_bf16.h, which kernels.cmake names in LKS_WORD_HEADER.
 * They define these two numbers, WORD_IS_TERM, which is 1 where words are the terms as
 * they lie in memory, CHAIN_PARTS, which is 2 where each CHAIN_TERMS terms are summed by
 * themselves, even and odd ones apart, and
 *
 *   word_fma(a, b, sum)   fma of the terms of two words, in order: sum is their chain
 *   words_across(first, second, n, to)   words of two rows: term after term down a
 *                         column.  `second` is not looked at where a word is one term;
 *                         NULL stands for a row of +0
 *   words_along(terms, n, to)   words of n consecutive terms, filled up to a chain */
#ifndef LOCKSTEP_KERNELS_WORD_H
#define LOCKSTEP_KERNELS_WORD_H

#include "kernels/isa.h"

#include LKS_WORD_HEADER

/* Words of a chain of `terms` terms. */
LKS_INLINE int word_count(int terms) {
  return (terms + CHAIN_TERMS - 1) / CHAIN_TERMS * (CHAIN_TERMS / WORD_TERMS);
}

#endif
