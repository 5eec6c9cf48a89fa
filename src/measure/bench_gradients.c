/* SPDX-License-Identifier: Apache-2.0 */
/* bench_gradients.c - weight gradients over the segments of 16 shards, and over one, both
 * beside OpenBLAS' plain product of all rows; packing is timed. */
#include "base/fail.h"
#include "base/memory.h"
#include "kernels/openblas.h"
#include "kernels/parallel.h"
#include "measure/bench_kernels.h"

#include <stdio.h>

enum { SEGMENTS = 16, CHECKED_ROWS = 4 };

/* Gradient [left, right] over terms, those of `batch` rows each time step. */
typedef struct {
  const char *what;
  int terms, batch, left, right;
} shape;

static const shape shapes[] = {
    {"W1 weights", 700, 20, 800, 200},   {"W1 softmax", 700, 20, 10000, 200},
    {"W2 weights", 700, 20, 2600, 650},  {"W3 weights", 4096, 64, 2048, 512},
    {"W4 weights", 10752, 64, 512, 128}, {"W6 weights", 3200, 64, 4096, 1024},
};

/* One table's buffers and segments; the library needs the result alone. */
typedef struct {
  const lks_kernels *kernels;
  int threads;
  shape shape;
  const float *left, *right;
  lks_segments *segments;
  float *packed, *scratch, *out;
} rival;

static lks_segmented product_of(const rival *r) {
  const size_t columns = (size_t)r->shape.right;
  return (lks_segmented){
      .segments = r->segments,
      .left = r->left,
      .left_stride = (size_t)r->shape.left,
      .bias = LKS_NO_BIAS,
      .outputs = &r->out,
      .rights = 1,
      .right[0] = {r->right, columns, r->shape.right, r->packed, 0, columns},
  };
}

static void run(void *context) {
  const rival *r = context;
  const lks_segmented product = product_of(r);
  lks_weight_gradients(r->kernels, r->threads, &product, r->shape.left, r->scratch);
}

static void run_blas(void *context) {
  const rival *r = context;
  const shape *s = &r->shape;
  lks_openblas_multiply(r->threads, true, s->left, s->terms, s->right, r->left, r->right,
                        r->out);
}

static lks_status prepare_result(rival *r) {
  return lks_allocate(&r->out, (size_t)r->shape.left * (size_t)r->shape.right, sizeof *r->out);
}

static lks_status prepare(rival *r, int segments) {
  const shape *s = &r->shape;
  lks_shards shards = {segments, s->batch, s->batch};
  lks_subtree whole = {0, segments};
  size_t scratch = r->kernels->segmented_scratch_floats(s->terms, s->right);
  size_t packed = r->kernels->packed_terms_floats(s->terms, s->right);
  LKS_TRY(lks_segments_create(&r->segments, s->terms, segments));
  lks_segments_fill(r->segments, &shards, &whole, 1, s->terms / s->batch, NULL);
  LKS_TRY(lks_allocate(&r->packed, packed, sizeof(float)));
  LKS_TRY(lks_allocate(&r->scratch, scratch * (size_t)r->threads, sizeof(float)));
  return prepare_result(r);
}

static void release(rival *r) {
  lks_release(r->out);
  lks_release(r->scratch);
  lks_release(r->packed);
  lks_segments_destroy(r->segments);
}

/* The plain loops on the first rows of the result; the others' errors on them. */
static lks_status check(const lks_kernel_bench *bench, const rival *ours, const rival *blas,
                        int segments, lks_kernel_row *row) {
  rival plain = *ours;
  plain.kernels = bench->reference;
  plain.segments = NULL;
  plain.packed = plain.scratch = plain.out = NULL;
  lks_status status = prepare(&plain, segments);
  if (status == LKS_OK) {
    const int columns = plain.shape.right;
    const size_t count = CHECKED_ROWS * (size_t)columns;
    plain.kernels->pack_terms(plain.segments, plain.right, (size_t)columns, columns,
                              plain.packed, 0, lks_kernels_panels(plain.kernels, columns));
    lks_segmented product = product_of(&plain);
    plain.kernels->segmented_product(&product, 0, CHECKED_ROWS, plain.scratch);
    row->error = lks_kernel_bench_error(0, ours->out, plain.out, count);
    row->blas_error = lks_kernel_bench_error(0, blas->out, plain.out, count);
  }
  release(&plain);
  return status;
}

static lks_status bench_segments(const lks_kernel_bench *bench, rival *ours, rival *blas,
                                 int segments) {
  const shape *s = &ours->shape;
  lks_kernel_row row = {.kernel = segments > 1 ? "gradient, 16 seg" : "gradient, 1 seg",
                        .what = s->what,
                        .is_product = true,
                        .runs = 1,
                        .work = 2.0 * s->terms * s->left * s->right};
  snprintf(row.size, sizeof row.size, "%d,%d,%d", s->left, s->terms, s->right);
  LKS_TRY(prepare(ours, segments));
  run(ours);
  run_blas(blas);
  LKS_TRY(lks_kernel_bench_begin(bench));
  for (int round = 0; round < bench->setup->rounds; round++) {
    lks_kernel_bench_turn(&row.ours, run, ours);
    lks_kernel_bench_turn(&row.blas, run_blas, blas);
  }
  LKS_TRY(check(bench, ours, blas, segments, &row));
  lks_kernel_bench_print(bench, &row);
  return LKS_OK;
}

static lks_status bench_shape(const lks_kernel_bench *bench, const shape *s) {
  lks_status status;
  size_t left_floats = (size_t)s->terms * (size_t)s->left;
  size_t right_floats = (size_t)s->terms * (size_t)s->right;
  float *left = NULL, *right = NULL;
  rival many = {.kernels = bench->ours, .threads = bench->threads, .shape = *s}, one, blas;
  one = blas = many;
  LKS_TRY_OR(cleanup, status, lks_allocate(&left, left_floats, sizeof *left));
  LKS_TRY_OR(cleanup, status, lks_allocate(&right, right_floats, sizeof *right));
  lks_kernel_bench_fill(left, left_floats, -0.5f, 0.5f);
  lks_kernel_bench_fill(right, right_floats, -0.5f, 0.5f);
  many.left = one.left = blas.left = left;
  many.right = one.right = blas.right = right;
  LKS_TRY_OR(cleanup, status, prepare_result(&blas));
  LKS_TRY_OR(cleanup, status, bench_segments(bench, &many, &blas, SEGMENTS));
  LKS_TRY_OR(cleanup, status, bench_segments(bench, &one, &blas, 1));
cleanup:
  release(&blas);
  release(&one);
  release(&many);
  lks_release(right);
  lks_release(left);
  return status;
}

lks_status lks_bench_gradients(const lks_kernel_bench *bench) {
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    LKS_TRY(bench_shape(bench, &shapes[i]));
  return LKS_OK;
}
