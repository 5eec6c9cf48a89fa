/* SPDX-License-Identifier: Apache-2.0 */
/* row_sum.h - what sums over rows are made of. */
#ifndef LOCKSTEP_KERNELS_ROW_SUM_H
#define LOCKSTEP_KERNELS_ROW_SUM_H

#include "kernels/isa.h"

/* sum += row, `columns` of them. */
LKS_INLINE void add_row(int columns, float *sum, const float *row) {
  int n = 0;
  for (; n + WIDTH <= columns; n += WIDTH)
    vec_store(sum + n, vec_add(vec_load(sum + n), vec_load(row + n)));
  if (n < columns)
    vec_store_first(
        sum + n,
        vec_add(vec_load_first(sum + n, columns - n), vec_load_first(row + n, columns - n)),
        columns - n);
}

#endif
