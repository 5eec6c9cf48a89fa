/* SPDX-License-Identifier: Apache-2.0 */
/* bench_kernels.c - the products of a recurrent training step, at sizes that
 * language models have. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "kernels/parallel.h"
#include "measure/bench.h"
#include "measure/turns.h"

#include <string.h>

/* out [rows, columns] from left [rows, inner] and a packed [inner, columns]. */
typedef struct {
  const char *what;
  int rows, inner, columns;
} product_shape;

static const product_shape products[] = {
    {"input part, 2x200", 700, 200, 800},     {"input part, 2x650", 700, 650, 2600},
    {"input part, 1x1024", 3200, 1024, 4096}, {"hidden part, 2x200", 20, 200, 800},
    {"hidden part, 1x1024", 64, 1024, 4096},  {"logits, 10,000 words", 700, 200, 10000},
};

/* Gradient [left, right] over terms. */
typedef struct {
  const char *what;
  int terms, left, right;
} gradient_shape;

static const gradient_shape gradients[] = {
    {"weights, 2x200", 700, 800, 200},
    {"softmax, 10,000 words", 700, 10000, 200},
    {"weights, 1x1024", 3200, 4096, 1024},
};

/* Buffers of one shape. */
typedef struct {
  float *left, *right, *packed, *out, *scratch;
} buffers;

static void release(buffers *b) {
  lks_release(b->scratch);
  lks_release(b->out);
  lks_release(b->packed);
  lks_release(b->right);
  lks_release(b->left);
}

/* Numbers in [-0.5, 0.5) that do not repeat soon. */
static void fill(float *values, size_t count) {
  uint32_t state = 1;
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    values[i] = lks_random_unit(state) - 0.5f;
  }
}

/* Repeats within a turn, so that a turn is long enough to be timed. */
static int repeats(double operations) {
  return operations > 2e8 ? 1 : (int)(2e8 / operations) + 1;
}

typedef struct {
  const lks_kernels *kernels;
  int threads;
  const product_shape *shape;
  buffers *b;
} product_rival;

static double time_product(const product_rival *r, int count) {
  const product_shape *s = r->shape;
  double start = lks_clock_seconds();
  for (int i = 0; i < count; i++)
    lks_product(r->kernels, r->threads, s->rows, s->inner, s->columns, r->b->left,
                (size_t)s->inner, r->b->packed, NULL, 0, r->b->out, (size_t)s->columns);
  return (lks_clock_seconds() - start) / count;
}

static lks_status prepare_product(const product_rival *r) {
  const product_shape *s = r->shape;
  buffers *b = r->b;
  size_t rows = (size_t)s->rows, inner = (size_t)s->inner, columns = (size_t)s->columns;
  LKS_TRY(lks_allocate(&b->left, rows * inner, sizeof(float)));
  LKS_TRY(lks_allocate(&b->right, inner * columns, sizeof(float)));
  LKS_TRY(
      lks_allocate(&b->packed, r->kernels->packed_floats(s->inner, s->columns), sizeof(float)));
  LKS_TRY(lks_allocate(&b->out, rows * columns, sizeof(float)));
  fill(b->left, rows * inner);
  fill(b->right, inner * columns);
  lks_pack(r->kernels, r->threads, s->inner, s->columns, (lks_operand){b->right, columns, 1},
           b->packed);
  return LKS_OK;
}

static lks_status bench_product(const lks_bench_setup *setup, const lks_kernels *ours,
                                const lks_kernels *blas, int threads, const product_shape *s) {
  lks_status status;
  buffers b[2] = {{0}};
  product_rival rivals[2] = {{ours, threads, s, &b[0]}, {blas, threads, s, &b[1]}};
  lks_turns turns[2] = {{0}};
  double operations = 2.0 * s->rows * s->inner * s->columns;
  for (int i = 0; i < 2; i++)
    LKS_TRY_OR(cleanup, status, prepare_product(&rivals[i]));
  for (int round = -1; round < setup->rounds; round++)
    for (int i = 0; i < 2; i++) {
      double seconds = time_product(&rivals[i], repeats(operations));
      if (round >= 0)
        lks_turns_add(&turns[i], seconds);
    }
  double mine = lks_turns_median(&turns[0]), theirs = lks_turns_median(&turns[1]);
  fprintf(setup->out, "%-24s %5d %5d %6d %9.1f %9.1f %7.2f   %.1f-%.1f\n", s->what, s->rows,
          s->inner, s->columns, operations / mine / 1e9, operations / theirs / 1e9,
          theirs / mine, operations / lks_turns_maximum(&turns[0]) / 1e9,
          operations / lks_turns_minimum(&turns[0]) / 1e9);
cleanup:
  release(&b[1]);
  release(&b[0]);
  return status;
}

typedef struct {
  const lks_kernels *kernels;
  int threads;
  const gradient_shape *shape;
  buffers *b;
  lks_segments *segments[2]; /* one segment, and sixteen */
} gradient_rival;

enum { SEGMENTS = 16 };

static lks_status prepare_gradient(gradient_rival *r) {
  const gradient_shape *s = r->shape;
  buffers *b = r->b;
  size_t terms = (size_t)s->terms, left = (size_t)s->left, right = (size_t)s->right;
  size_t scratch = r->kernels->segmented_scratch_floats(s->terms, s->right);
  LKS_TRY(lks_allocate(&b->left, terms * left, sizeof(float)));
  LKS_TRY(lks_allocate(&b->right, terms * right, sizeof(float)));
  LKS_TRY(lks_allocate(&b->packed, r->kernels->packed_terms_floats(s->terms, s->right),
                       sizeof(float)));
  LKS_TRY(lks_allocate(&b->out, left * right, sizeof(float)));
  LKS_TRY(lks_allocate(&b->scratch, scratch * (size_t)r->threads, sizeof(float)));
  fill(b->left, terms * left);
  fill(b->right, terms * right);
  int rows = s->terms == 3200 ? 64 : 20; /* rows of the batch that the terms are of */
  for (int i = 0; i < 2; i++) {
    int shards = i ? SEGMENTS : 1;
    lks_shards plan = {shards, rows, rows};
    lks_subtree whole = {0, shards};
    LKS_TRY(lks_segments_create(&r->segments[i], s->terms, shards));
    lks_segments_fill(r->segments[i], &plan, &whole, 1, s->terms / rows, NULL);
  }
  return LKS_OK;
}

static double time_gradient(const gradient_rival *r, int which, int count) {
  const gradient_shape *s = r->shape;
  float *outputs[1] = {r->b->out};
  lks_segmented product = {.segments = r->segments[which],
                           .left = r->b->left,
                           .left_stride = (size_t)s->left,
                           .right_columns = s->right,
                           .outputs = outputs,
                           .stride = (size_t)s->right};
  double start = lks_clock_seconds();
  for (int i = 0; i < count; i++)
    lks_weight_gradient(r->kernels, r->threads, product, LKS_NO_BIAS, s->left, r->b->right,
                        (size_t)s->right, r->b->packed, r->b->scratch);
  return (lks_clock_seconds() - start) / count;
}

static lks_status bench_gradient(const lks_bench_setup *setup, const lks_kernels *ours,
                                 int threads, const gradient_shape *s) {
  lks_status status;
  buffers b = {0};
  gradient_rival rival = {ours, threads, s, &b, {NULL, NULL}};
  lks_turns turns[2] = {{0}};
  double operations = 2.0 * s->terms * s->left * s->right;
  LKS_TRY_OR(cleanup, status, prepare_gradient(&rival));
  for (int round = -1; round < setup->rounds; round++)
    for (int i = 0; i < 2; i++) {
      double seconds = time_gradient(&rival, i, repeats(operations));
      if (round >= 0)
        lks_turns_add(&turns[i], seconds);
    }
  double one = lks_turns_median(&turns[0]), many = lks_turns_median(&turns[1]);
  fprintf(setup->out, "%-24s %5d %5d %6d %9.1f %9.1f %7.2f\n", s->what, s->terms, s->left,
          s->right, operations / many / 1e9, operations / one / 1e9, many / one);
cleanup:
  lks_segments_destroy(rival.segments[1]);
  lks_segments_destroy(rival.segments[0]);
  release(&b);
  return status;
}

lks_status lks_bench_kernels(const lks_bench_setup *setup) {
  const lks_kernels *ours, *blas;
  char text[200];
  int threads = setup->threads > 0 ? setup->threads : lks_parallel_threads();
  lks_precision precision = LKS_PRECISION_F32;
  if (setup->precision)
    LKS_TRY(lks_precision_find(setup->precision, &precision));
  LKS_TRY(lks_kernels_find(setup->kernels, precision, &ours));
  LKS_TRY(lks_kernels_find("openblas", LKS_PRECISION_F32, &blas));
  lks_kernels_describe(blas, text, sizeof text);
  fprintf(setup->out, "products, %s %s beside %s; %d thread%s, medians of %d turns\n",
          ours->name, lks_precision_name(precision), text, threads, threads == 1 ? "" : "s",
          setup->rounds);
  fprintf(setup->out, "%-24s %5s %5s %6s %9s %9s %7s   %s\n", "product", "rows", "inner",
          "cols", "GFLOP/s", "OpenBLAS", "ratio", "spread");
  for (size_t i = 0; i < sizeof products / sizeof *products; i++)
    LKS_TRY(bench_product(setup, ours, blas, threads, &products[i]));
  fprintf(setup->out, "\nweight gradients: what %d segments cost beside one\n", SEGMENTS);
  fprintf(setup->out, "%-24s %5s %5s %6s %9s %9s %7s\n", "gradient", "terms", "rows", "cols",
          "GFLOP/s", "one", "time");
  for (size_t i = 0; i < sizeof gradients / sizeof *gradients; i++)
    LKS_TRY(bench_gradient(setup, ours, threads, &gradients[i]));
  return LKS_OK;
}
