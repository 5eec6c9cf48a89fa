/* SPDX-License-Identifier: Apache-2.0 */
/* table_bf16_reference.c - the table of plain loops whose products are of bf16 or bf16-amx. */
#include "kernels/kernel_table.h"
#include "kernels/product_reference.h"

LKS_OTHER_KERNELS(LKS_F32_PROTOTYPE)

const lks_kernels LKS_KERNEL(kernels) = {
    .name = "reference",
    .is_exact = true,
    .precision = LKS_CHAIN_TERMS > 2 ? LKS_PRECISION_BF16_AMX : LKS_PRECISION_BF16,
    .emulated = true,
    .panel = LKS_REFERENCE_PANEL,
    LKS_PRODUCT_KERNELS(LKS_ENTRY) LKS_OTHER_KERNELS(LKS_F32_ENTRY)};
