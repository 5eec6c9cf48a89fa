/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_product.h - products and sums over rows by their definition, the tables to
 * hold against them, and numbers to try. */
#ifndef LOCKSTEP_TESTS_ORACLE_PRODUCT_H
#define LOCKSTEP_TESTS_ORACLE_PRODUCT_H

#include "kernels/kernels.h"
#include "tensor/shards.h"

/* Tables of which all must give the same bits: those of lks_kernels_all without
 * openblas, and the forms compiled without FMA, which this processor would not take. */
enum { EXACT_TABLES_MAX = 8 };
int lks_test_exact_tables(const lks_kernels *tables[EXACT_TABLES_MAX]);
int lks_test_exact_tables_of(lks_precision precision,
                             const lks_kernels *tables[EXACT_TABLES_MAX]);

/* `count` numbers in (-1, 1) x scale, one in 16 of them zero, from `seed`; the caller
 * frees them with lks_release. */
float *lks_test_numbers(size_t count, float scale, unsigned seed);

/* x in a precision, to nearest, ties to even, denormals zero: by arithmetic in f64. */
float lks_oracle_round(lks_precision precision, float x);

/* out [rows, columns] = chain over k of left [rows, inner] x right [inner, columns]
 * from start (NULL: +0), both rounded to a precision. */
void lks_oracle_product(lks_precision precision, int rows, int inner, int columns,
                        const float *left, const float *right, const float *start,
                        size_t start_stride, float *out);

/* A sum over rows, as shards.h defines it: recursively over the tree. */
typedef struct {
  lks_shards shards;
  int first_row; /* global row of local row 0 */
  int batch;     /* local rows */
  int steps;
  const int *lengths; /* [batch] or NULL */
  const float *left;  /* [steps x batch, left_columns] */
  const float *right; /* [steps x batch, right_columns], NULL: ones */
  int left_columns;
  int right_columns;
  lks_precision precision; /* of left and right */
} lks_oracle_sum;

/* Element (m, n) of the sum over `node` in *sum; false when it has no term. */
bool lks_oracle_tree(const lks_oracle_sum *sum, lks_subtree node, int m, int n, float *value);

#endif
