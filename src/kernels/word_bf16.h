/* SPDX-License-Identifier: Apache-2.0 */
/* word_bf16.h - precision bf16 over rounded floats, for processors whose fastest product
 * of bf16 is that of f32; included by word.h, which explains it. */
#ifndef LOCKSTEP_KERNELS_WORD_BF16_H
#define LOCKSTEP_KERNELS_WORD_BF16_H

enum { CHAIN_TERMS = 2, CHAIN_PARTS = 1 };
#define WORD_PRECISION LKS_PRECISION_BF16

#include "kernels/word_rounded.h"

#endif
