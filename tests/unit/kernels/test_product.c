/* SPDX-License-Identifier: Apache-2.0 */
/* test_product.c - the packed product of every exact table against chains of fmaf, on
 * operands of each precision. */
#include "base/floating_point.h"
#include "base/memory.h"
#include "check.h"
#include "kernels/parallel.h"
#include "oracle_product.h"

#include <math.h>
#include <string.h>

/* Where products of two such numbers lie around the smallest normal one. */
static const float DENORMAL_SCALE = 1e-19f;
static const float GUARD = 12345.0f;
enum { GUARDS = 3 }; /* untouched columns right of a result */

typedef enum { FROM_ZERO, FROM_BIAS, FROM_OUT } start_kind;

typedef struct {
  lks_precision precision;
  int rows, inner, columns;
  float *left, *right, *start, *expected, *packed, *out;
} problem;

static problem make_problem(lks_precision precision, int rows, int inner, int columns,
                            float scale) {
  const unsigned seed = (unsigned)(rows * 10007 + inner * 101 + columns);
  problem p = {.precision = precision, .rows = rows, .inner = inner, .columns = columns};
  const size_t m = (size_t)rows, k = (size_t)inner, n = (size_t)columns;
  p.left = lks_test_numbers(m * k, scale, seed);
  p.right = lks_test_numbers(k * n, scale, seed + 1);
  p.start = lks_test_numbers(m * n, scale * scale, seed + 2);
  p.expected = lks_test_numbers(m * n, 1.0f, 0);
  p.out = lks_test_numbers(m * (n + GUARDS), 1.0f, 0);
  p.packed = NULL;
  return p;
}

static void release_problem(problem *p) {
  float *const blocks[] = {p->left, p->right, p->start, p->expected, p->packed, p->out};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    lks_release(blocks[i]);
}

static void pack(problem *p, const lks_kernels *kernels, lks_operand source) {
  lks_release(p->packed);
  CHECK_OK(lks_allocate(&p->packed, kernels->packed_floats(p->inner, p->columns),
                        sizeof *p->packed));
  lks_pack(kernels, 1, p->inner, p->columns, source, p->packed);
}

static void pack_right(problem *p, const lks_kernels *kernels) {
  pack(p, kernels, (lks_operand){p->right, (size_t)p->columns, 1});
}

static const float *start_of(const problem *p, start_kind kind) {
  return kind == FROM_ZERO ? NULL : p->start;
}
static size_t start_stride(const problem *p, start_kind kind) {
  return kind == FROM_OUT ? (size_t)p->columns : 0;
}

/* Fills in `expected`. */
static void solve(problem *p, start_kind kind) {
  lks_oracle_product(p->precision, p->rows, p->inner, p->columns, p->left, p->right,
                     start_of(p, kind), start_stride(p, kind), p->expected);
}

static void prepare_out(problem *p, start_kind kind) {
  const size_t stride = (size_t)(p->columns + GUARDS);
  for (size_t i = 0; i < (size_t)p->rows * stride; i++)
    p->out[i] = GUARD;
  for (int m = 0; kind == FROM_OUT && m < p->rows; m++)
    memcpy(p->out + (size_t)m * stride, p->start + m * p->columns,
           (size_t)p->columns * sizeof(float));
}

static void check_out(const problem *p, const lks_kernels *kernels) {
  const size_t stride = (size_t)(p->columns + GUARDS);
  for (int m = 0; m < p->rows; m++) {
    const float *row = p->out + (size_t)m * stride;
    if (!CHECK_SAME_BITS(row, p->expected + m * p->columns, (size_t)p->columns)) {
      char table[128]; /* is named in the output */
      lks_kernels_describe(kernels, table, sizeof table);
      CHECK_TEXT(table, "the table above");
    }
    for (int i = 0; i < GUARDS; i++)
      CHECK(row[p->columns + i] == GUARD);
  }
}

static void run(problem *p, const lks_kernels *kernels, start_kind kind) {
  const size_t stride = (size_t)(p->columns + GUARDS);
  prepare_out(p, kind);
  kernels->product(p->rows, p->inner, p->columns, p->left, (size_t)p->inner, p->packed,
                   kind == FROM_OUT ? p->out : start_of(p, kind), kind == FROM_OUT ? stride : 0,
                   p->out, stride, 0, lks_kernels_panels(kernels, p->columns));
}

/* Runs a test with each precision, in the environment of kernels. */
static void in_each_precision(void (*test)(lks_precision precision)) {
  const unsigned saved = lks_floating_point_enter();
  test(LKS_PRECISION_F32);
  test(LKS_PRECISION_BF16);
  test(LKS_PRECISION_BF16_AMX);
  lks_floating_point_leave(saved);
}

static void check_problem(lks_precision precision, int rows, int inner, int columns,
                          float scale) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables_of(precision, tables);
  problem p = make_problem(precision, rows, inner, columns, scale);
  for (start_kind kind = FROM_ZERO; kind <= FROM_OUT; kind++) {
    solve(&p, kind);
    for (int i = 0; i < count; i++) {
      pack_right(&p, tables[i]);
      run(&p, tables[i], kind);
      check_out(&p, tables[i]);
    }
  }
  release_problem(&p);
}

static void check_sizes(lks_precision precision) {
  const int sizes[] = {1, 3, 17, 64, 65};
  for (int i = 0; i < 125; i++)
    check_problem(precision, sizes[i / 25], sizes[i / 5 % 5], sizes[i % 5], 1.0f);
}

static void products_are_chains_of_fma_in_every_table(void) {
  in_each_precision(check_sizes);
}

static void check_blocks(lks_precision precision) {
  check_problem(precision, 7, 700, 130, 1.0f);
  check_problem(precision, 131, 40, 200, 1.0f);
  check_problem(precision, 100, 520, 16, 1.0f);
  check_problem(precision, 8, 2075, 70, 1.0f);
}

/* An operand that is packed past the caches, whose last panel has padding. */
static void check_large(lks_precision precision) {
  check_problem(precision, 2, 1403, 777, 1.0f);
}

static void large_operands_give_the_same_chains(void) {
  in_each_precision(check_large);
}

static void chains_survive_blocks_of_every_loop(void) {
  in_each_precision(check_blocks);
}

static void check_denormals(lks_precision precision) {
  check_problem(precision, 17, 64, 65, DENORMAL_SCALE);
  check_problem(precision, 3, 300, 33, DENORMAL_SCALE);
}

static void denormals_are_flushed_alike_in_every_table(void) {
  in_each_precision(check_denormals);
}

static void check_empty_chain(lks_precision precision) {
  check_problem(precision, 5, 0, 19, 1.0f);
}

static void empty_chain_is_its_start(void) {
  in_each_precision(check_empty_chain);
}

static void check_transposed_of(lks_precision precision, int inner, int columns) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables_of(precision, tables);
  problem p = make_problem(precision, 9, inner, columns, 1.0f);
  float *transposed = lks_test_numbers((size_t)inner * (size_t)columns, 1.0f, 0);
  for (int k = 0; k < inner; k++)
    for (int n = 0; n < columns; n++)
      transposed[n * inner + k] = p.right[k * columns + n];
  solve(&p, FROM_BIAS);
  for (int i = 0; i < count; i++) {
    pack(&p, tables[i], (lks_operand){transposed, 1, (size_t)inner});
    run(&p, tables[i], FROM_BIAS);
    check_out(&p, tables[i]);
  }
  lks_release(transposed);
  release_problem(&p);
}

static void check_transposed(lks_precision precision) {
  check_transposed_of(precision, 33, 81);
  check_transposed_of(precision, 1403, 777);
}

static void transposed_operand_packs_to_the_same_product(void) {
  in_each_precision(check_transposed);
}

static void check_rows(lks_precision precision) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables_of(precision, tables);
  const int batches[] = {1, 7, 20, 64};
  problem p = make_problem(precision, 64, 70, 100, 1.0f);
  solve(&p, FROM_BIAS);
  for (int i = 0; i < 4 * count; i++) {
    const lks_kernels *kernels = tables[i / 4];
    const int batch = batches[i % 4];
    pack_right(&p, kernels);
    for (int m = 0; m + batch <= p.rows; m++) {
      kernels->product(batch, p.inner, p.columns, p.left + m * p.inner, (size_t)p.inner,
                       p.packed, p.start, 0, p.out, (size_t)p.columns, 0,
                       lks_kernels_panels(kernels, p.columns));
      CHECK_SAME_BITS(p.out, p.expected + m * p.columns, (size_t)(batch * p.columns));
    }
  }
  release_problem(&p);
}

static void a_row_has_the_same_bits_in_any_batch_and_place(void) {
  in_each_precision(check_rows);
}

static void check_slices(lks_precision precision) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables_of(precision, tables);
  problem p = make_problem(precision, 13, 50, 330, 1.0f);
  solve(&p, FROM_ZERO);
  for (int i = 0; i < count; i++) {
    const int panels = lks_kernels_panels(tables[i], p.columns);
    pack_right(&p, tables[i]);
    prepare_out(&p, FROM_ZERO);
    for (int first = panels - 1; first >= 0; first--)
      tables[i]->product(p.rows, p.inner, p.columns, p.left, (size_t)p.inner, p.packed, NULL, 0,
                         p.out, (size_t)(p.columns + GUARDS), first, first + 1);
    check_out(&p, tables[i]);
  }
  release_problem(&p);
}

static void slices_of_panels_make_up_the_whole(void) {
  in_each_precision(check_slices);
}

static void check_threads(lks_precision precision) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables_of(precision, tables);
  const int rows[] = {5, 200};
  for (int i = 0; i < 2 * count; i++) {
    problem p = make_problem(precision, rows[i % 2], 40, 200, DENORMAL_SCALE);
    solve(&p, FROM_BIAS);
    for (int threads = 1; threads <= 3; threads++) {
      pack_right(&p, tables[i / 2]);
      prepare_out(&p, FROM_BIAS);
      lks_product(tables[i / 2], threads, p.rows, p.inner, p.columns, p.left, (size_t)p.inner,
                  p.packed, p.start, 0, p.out, (size_t)(p.columns + GUARDS));
      check_out(&p, tables[i / 2]);
    }
    release_problem(&p);
  }
}

static void threads_change_no_bit_of_a_product(void) {
  in_each_precision(check_threads);
}

const lks_test product_tests[] = {
    TEST(products_are_chains_of_fma_in_every_table),
    TEST(chains_survive_blocks_of_every_loop),
    TEST(large_operands_give_the_same_chains),
    TEST(denormals_are_flushed_alike_in_every_table),
    TEST(empty_chain_is_its_start),
    TEST(transposed_operand_packs_to_the_same_product),
    TEST(a_row_has_the_same_bits_in_any_batch_and_place),
    TEST(slices_of_panels_make_up_the_whole),
    TEST(threads_change_no_bit_of_a_product),
    TEST_END,
};
