/* SPDX-License-Identifier: Apache-2.0 */
/* table_bf16_fast.c - the table of a fast form whose products are of bf16 or bf16-amx. */
#include "kernels/tile.h"

LKS_OTHER_KERNELS(LKS_F32_PROTOTYPE)

const lks_kernels LKS_KERNEL(kernels) = {.name = ISA_NAME,
                                         .is_exact = true,
                                         .precision = WORD_PRECISION,
                                         .emulated = WORD_EMULATED,
                                         .panel = PANEL,
                                         LKS_PRODUCT_KERNELS(LKS_ENTRY)
                                             LKS_OTHER_KERNELS(LKS_F32_ENTRY)};
