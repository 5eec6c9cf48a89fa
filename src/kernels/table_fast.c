/* SPDX-License-Identifier: Apache-2.0 */
/* table_fast.c - the table of a fast form, and the same with OpenBLAS's products. */
#include "kernels/gemm_openblas.h"
#include "kernels/isa.h"

const lks_kernels LKS_KERNEL(kernels) = {.name = ISA_NAME,
                                         .is_exact = true,
                                         .panel = WIDTH * TILE_VECTORS,
                                         LKS_PRODUCT_KERNELS(LKS_ENTRY)
                                             LKS_OTHER_KERNELS(LKS_ENTRY)};

const lks_kernels LKS_KERNEL(kernels_with_openblas) = {.name = "openblas",
                                                       .panel = LKS_OPENBLAS_PANEL,
                                                       LKS_PRODUCT_KERNELS(LKS_OPENBLAS_ENTRY)
                                                           LKS_OTHER_KERNELS(LKS_ENTRY)};
