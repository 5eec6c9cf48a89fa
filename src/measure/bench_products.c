/* SPDX-License-Identifier: Apache-2.0 */
/* bench_products.c - packed products at the sizes of the works of bench step, beside
 * OpenBLAS: input and hidden parts of cells, logits, and gradients that go back.
 *
 * Packing is not timed: a step packs its weights once for many products.  The plain
 * loops check the first rows. */
#include "base/fail.h"
#include "base/memory.h"
#include "kernels/openblas.h"
#include "kernels/parallel.h"
#include "measure/bench_kernels.h"

#include <stdio.h>

enum { CHECKED_ROWS = 4 };

/* out [rows, columns] from left [rows, inner] and a packed [inner, columns]. */
typedef struct {
  const char *what;
  int rows, inner, columns;
} shape;

static const shape shapes[] = {
    {"W1 input part", 700, 200, 800},
    {"W1 hidden part", 20, 200, 800},
    {"W1 logits", 700, 200, 10000},
    {"W1 back from the gates", 700, 800, 200},
    {"W2 input part", 700, 650, 2600},
    {"W2 hidden part", 20, 650, 2600},
    {"W3 input part", 4096, 512, 2048},
    {"W3 hidden part", 64, 512, 2048},
    {"W4 input part", 10752, 128, 512},
    {"W4 hidden part", 64, 128, 512},
    {"W6 input part", 3200, 1024, 4096},
    {"W6 hidden part", 64, 1024, 4096},
    {"W6 back from the gates", 3200, 4096, 1024},
};

/* One table's buffers, or the library's. */
typedef struct {
  const lks_kernels *kernels;
  int threads;
  shape shape;
  const float *left, *right;
  float *packed, *out;
} rival;

static void run(void *context) {
  const rival *r = context;
  const shape *s = &r->shape;
  lks_product(r->kernels, r->threads, s->rows, s->inner, s->columns, r->left, (size_t)s->inner,
              r->packed, NULL, 0, r->out, (size_t)s->columns);
}

static void run_blas(void *context) {
  const rival *r = context;
  const shape *s = &r->shape;
  lks_openblas_multiply(r->threads, false, s->rows, s->inner, s->columns, r->left, r->right,
                        r->out);
}

/* Allocates the result and, for a table, packs; releases nothing. */
static lks_status prepare(rival *r) {
  const shape *s = &r->shape;
  LKS_TRY(lks_allocate(&r->out, (size_t)s->rows * (size_t)s->columns, sizeof(float)));
  if (!r->kernels)
    return LKS_OK;
  LKS_TRY(
      lks_allocate(&r->packed, r->kernels->packed_floats(s->inner, s->columns), sizeof(float)));
  lks_pack(r->kernels, r->threads, s->inner, s->columns,
           (lks_operand){r->right, (size_t)s->columns, 1}, r->packed);
  return LKS_OK;
}

static void release(rival *r) {
  lks_release(r->packed);
  lks_release(r->out);
}

/* The plain loops on the first rows; the others' errors on them. */
static lks_status check(const lks_kernel_bench *bench, const rival *ours, const rival *blas,
                        lks_kernel_row *row) {
  rival plain = *ours;
  plain.kernels = bench->reference;
  plain.packed = plain.out = NULL;
  plain.shape.rows = CHECKED_ROWS;
  lks_status status = prepare(&plain);
  if (status == LKS_OK) {
    size_t count = CHECKED_ROWS * (size_t)plain.shape.columns;
    run(&plain);
    row->error = lks_kernel_bench_error(0, ours->out, plain.out, count);
    row->blas_error = lks_kernel_bench_error(0, blas->out, plain.out, count);
  }
  release(&plain);
  return status;
}

static lks_status bench_rivals(const lks_kernel_bench *bench, rival *ours, rival *blas) {
  const shape *s = &ours->shape;
  lks_kernel_row row = {.kernel = "product",
                        .what = s->what,
                        .is_product = true,
                        .runs = 1,
                        .work = 2.0 * s->rows * s->inner * s->columns};
  snprintf(row.size, sizeof row.size, "%d,%d,%d", s->rows, s->inner, s->columns);
  LKS_TRY(prepare(ours));
  LKS_TRY(prepare(blas));
  run(ours);
  run_blas(blas);
  LKS_TRY(lks_kernel_bench_begin(bench));
  for (int round = 0; round < bench->setup->rounds; round++) {
    lks_kernel_bench_turn(&row.ours, run, ours);
    lks_kernel_bench_turn(&row.blas, run_blas, blas);
  }
  LKS_TRY(check(bench, ours, blas, &row));
  lks_kernel_bench_print(bench, &row);
  return LKS_OK;
}

static lks_status bench_shape(const lks_kernel_bench *bench, const shape *s) {
  lks_status status;
  size_t rows = (size_t)s->rows, inner = (size_t)s->inner, columns = (size_t)s->columns;
  float *left = NULL, *right = NULL;
  rival ours = {.kernels = bench->ours, .threads = bench->threads, .shape = *s}, blas = ours;
  blas.kernels = NULL;
  LKS_TRY_OR(cleanup, status, lks_allocate(&left, rows * inner, sizeof *left));
  LKS_TRY_OR(cleanup, status, lks_allocate(&right, inner * columns, sizeof *right));
  lks_kernel_bench_fill(left, rows * inner, -0.5f, 0.5f);
  lks_kernel_bench_fill(right, inner * columns, -0.5f, 0.5f);
  ours.left = blas.left = left;
  ours.right = blas.right = right;
  LKS_TRY_OR(cleanup, status, bench_rivals(bench, &ours, &blas));
cleanup:
  release(&blas);
  release(&ours);
  lks_release(right);
  lks_release(left);
  return status;
}

lks_status lks_bench_products(const lks_kernel_bench *bench) {
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    LKS_TRY(bench_shape(bench, &shapes[i]));
  return LKS_OK;
}
