/* SPDX-License-Identifier: Apache-2.0 */
/* table_reference.c - the table of plain loops. */
#include "kernels/kernel_table.h"
#include "kernels/product_reference.h"

const lks_kernels LKS_KERNEL(kernels) = {.name = "reference",
                                         .is_exact = true,
                                         .panel = LKS_REFERENCE_PANEL,
                                         LKS_PRODUCT_KERNELS(LKS_ENTRY)
                                             LKS_OTHER_KERNELS(LKS_ENTRY)};
