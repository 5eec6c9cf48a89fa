/* SPDX-License-Identifier: Apache-2.0 */
/* table_amx.c - the table whose products are of bf16-amx by AMX itself. */
#include "kernels/isa_amx.h"
#include "kernels/kernel_table.h"

LKS_OTHER_KERNELS(LKS_F32_PROTOTYPE)

const lks_kernels LKS_KERNEL(kernels) = {.name = ISA_NAME,
                                         .is_exact = true,
                                         .precision = LKS_PRECISION_BF16_AMX,
                                         .panel = SIDE,
                                         LKS_PRODUCT_KERNELS(LKS_ENTRY)
                                             LKS_OTHER_KERNELS(LKS_F32_ENTRY)};
