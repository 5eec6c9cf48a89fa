/* SPDX-License-Identifier: Apache-2.0 */
/* openblas.h - OpenBLAS as anybody would call it: the yardstick of our own products.
 *
 * Nothing that trains calls this: its bits depend on the shape.  For bits that do not,
 * there is the table `openblas`. */
#ifndef LOCKSTEP_KERNELS_OPENBLAS_H
#define LOCKSTEP_KERNELS_OPENBLAS_H

#include <stdbool.h>

/* out [rows, columns] = left [rows, inner] x right [inner, columns]; with `by_terms`,
 * left is [inner, rows].  One call for each thread's share of the rows, or of the columns
 * where rows are few: faster than the library's own threads. */
void lks_openblas_multiply(int threads, bool by_terms, int rows, int inner, int columns,
                           const float *left, const float *right, float *out);

/* Which kernels the library chose, "Haswell" say.  *better is a name for OPENBLAS_CORETYPE
 * that suits this processor, where the library does not know it and chose those of one
 * without AVX; else NULL. */
const char *lks_openblas_core(const char **better);

#endif
