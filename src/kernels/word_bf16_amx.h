/* SPDX-License-Identifier: Apache-2.0 */
/* word_bf16_amx.h - precision bf16-amx over rounded floats, for processors without AMX;
 * included by word.h, which explains it. */
#ifndef LOCKSTEP_KERNELS_WORD_BF16_AMX_H
#define LOCKSTEP_KERNELS_WORD_BF16_AMX_H

enum { CHAIN_TERMS = LKS_AMX_TERMS, CHAIN_PARTS = 2 };
#define WORD_PRECISION LKS_PRECISION_BF16_AMX

#include "kernels/word_rounded.h"

#endif
