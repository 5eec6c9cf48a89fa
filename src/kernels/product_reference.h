/* SPDX-License-Identifier: Apache-2.0 */
/* product_reference.h - the panels of the reference table, and what its products are of.
 *
 * kernels.cmake says in LKS_WORD_TERMS how many terms of a chain a packed word of the
 * form holds: 1, a float, or 2, bf16.  Here all operands are kept as floats. */
#ifndef LOCKSTEP_KERNELS_PRODUCT_REFERENCE_H
#define LOCKSTEP_KERNELS_PRODUCT_REFERENCE_H

#include "kernels/bf16.h"

enum { LKS_REFERENCE_PANEL = 64 };

/* First column of a panel, or `columns` for one past the last. */
static inline int panel_column(int panel, int columns) {
  const int column = panel * LKS_REFERENCE_PANEL;
  return column < columns ? column : columns;
}

/* x as a product multiplies it. */
static inline float operand(float x) {
  return LKS_WORD_TERMS == 1 ? x : bf16_round(x);
}

/* The end of a chain of `terms` terms: one of +0 x +0 fills up the last word. */
static inline float chain_end(float sum, int terms) {
  return terms % LKS_WORD_TERMS == 0 ? sum : sum + 0.0f;
}

#endif
