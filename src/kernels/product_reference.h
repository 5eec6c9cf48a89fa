/* SPDX-License-Identifier: Apache-2.0 */
/* product_reference.h - the panels of the reference table. */
#ifndef LOCKSTEP_KERNELS_PRODUCT_REFERENCE_H
#define LOCKSTEP_KERNELS_PRODUCT_REFERENCE_H

enum { LKS_REFERENCE_PANEL = 64 };

/* First column of a panel, or `columns` for one past the last. */
static inline int panel_column(int panel, int columns) {
  const int column = panel * LKS_REFERENCE_PANEL;
  return column < columns ? column : columns;
}

#endif
