/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_openblas.h - the products of the openblas table.  Private to this layer. */
#ifndef LOCKSTEP_KERNELS_GEMM_OPENBLAS_H
#define LOCKSTEP_KERNELS_GEMM_OPENBLAS_H

#include "kernels/kernel_table.h"

enum { LKS_OPENBLAS_PANEL = 256 };

#define LKS_OPENBLAS_ENTRY(slot) .slot = LKS_JOIN(slot, openblas),
#define LKS_OPENBLAS_PROTOTYPE(slot)                                                           \
  __typeof__(*((lks_kernels *)0)->slot) LKS_JOIN(slot, openblas);

LKS_PRODUCT_KERNELS(LKS_OPENBLAS_PROTOTYPE)

/* Makes OpenBLAS run every call on the calling thread alone. */
void lks_openblas_prepare(void);

/* Processor kind and library version, as OpenBLAS tells them. */
void lks_openblas_describe(char *text, size_t bytes);

#endif
