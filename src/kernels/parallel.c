/* SPDX-License-Identifier: Apache-2.0 */
/* parallel.c - the only file that knows OpenMP, and whole operations on threads.
 *
 * A slice decides who computes an element, never how: every kernel gives the same
 * bits for any slice, so slices are cut for speed alone. */
#include "kernels/parallel.h"

#include "base/floating_point.h"

#include <omp.h>
#include <sched.h>
#include <string.h>

enum {
  PRODUCT_ROWS_GRAIN = 6, /* rows of a register tile */
  PRODUCT_ROWS_EACH = 48, /* rows a thread needs to reuse a panel of weights well */
  GRADIENT_ROWS_GRAIN = 6,
  ELEMENTS_GRAIN = 4096,
  BARRIER_SPINS = 4000 /* some microseconds */
};

void lks_parallel(int threads, void (*body)(void *context, int part, int parts),
                  void *context) {
#pragma omp parallel default(none) num_threads(threads) shared(body, context)
  {
    const unsigned saved = lks_floating_point_enter();
    body(context, omp_get_thread_num(), omp_get_num_threads());
    lks_floating_point_leave(saved);
  }
}

void lks_parallel_barrier(void) {
#pragma omp barrier
}

void lks_barrier_wait(lks_barrier *barrier, int parts) {
  const unsigned round = atomic_load_explicit(&barrier->round, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) == parts - 1) {
    atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&barrier->round, round + 1, memory_order_release);
    return;
  }
  for (int spins = 0; atomic_load_explicit(&barrier->round, memory_order_acquire) == round;
       spins++)
    if (spins > BARRIER_SPINS)
      sched_yield();
}

int lks_parallel_threads(void) {
  return omp_get_max_threads();
}

int lks_parallel_set_threads(int threads) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(threads);
  return before;
}

void lks_parallel_slice_size(size_t count, size_t grain, int part, int parts, size_t *first,
                             size_t *last) {
  const size_t units = (count + grain - 1) / grain;
  const size_t begin = units * (size_t)part / (size_t)parts * grain;
  const size_t end = units * ((size_t)part + 1) / (size_t)parts * grain;
  *first = begin < count ? begin : count;
  *last = end < count ? end : count;
}

void lks_parallel_slice(int count, int grain, int part, int parts, int *first, int *last) {
  size_t begin, end;
  lks_parallel_slice_size((size_t)count, (size_t)grain, part, parts, &begin, &end);
  *first = (int)begin;
  *last = (int)end;
}

typedef struct {
  const lks_kernels *kernels;
  int inner, columns;
  lks_operand source;
  float *packed;
} pack_work;

static void pack_body(void *context, int part, int parts) {
  const pack_work *work = context;
  int first, last;
  lks_parallel_slice(lks_kernels_panels(work->kernels, work->columns), 1, part, parts, &first,
                     &last);
  work->kernels->pack(work->inner, work->columns, work->source, work->packed, first, last);
}

void lks_pack(const lks_kernels *kernels, int threads, int inner, int columns,
              lks_operand source, float *packed) {
  pack_work work = {kernels, inner, columns, source, packed};
  lks_parallel(threads, pack_body, &work);
}

typedef struct {
  const lks_kernels *kernels;
  int rows, inner, columns;
  const float *left;
  size_t left_stride;
  const float *packed, *start;
  size_t start_stride;
  float *out;
  size_t out_stride;
} product_work;

/* Many rows are shared out by rows, few by panels. */
static void product_body(void *context, int part, int parts) {
  const product_work *work = context;
  int first_row = 0, last_row = work->rows;
  int first = 0, last = lks_kernels_panels(work->kernels, work->columns);
  if (work->rows >= PRODUCT_ROWS_EACH * parts)
    lks_parallel_slice(work->rows, PRODUCT_ROWS_GRAIN, part, parts, &first_row, &last_row);
  else
    lks_parallel_slice(last, 1, part, parts, &first, &last);
  const size_t row = (size_t)first_row;
  work->kernels->product(last_row - first_row, work->inner, work->columns,
                         work->left + row * work->left_stride, work->left_stride, work->packed,
                         work->start != NULL ? work->start + row * work->start_stride : NULL,
                         work->start_stride, work->out + row * work->out_stride,
                         work->out_stride, first, last);
}

void lks_product(const lks_kernels *kernels, int threads, int rows, int inner, int columns,
                 const float *left, size_t left_stride, const float *packed, const float *start,
                 size_t start_stride, float *out, size_t out_stride) {
  product_work work = {kernels, rows,  inner,        columns, left,      left_stride,
                       packed,  start, start_stride, out,     out_stride};
  lks_parallel(threads, product_body, &work);
}

typedef struct {
  const lks_kernels *kernels;
  const lks_segmented *product;
  int left_columns;
  size_t scratch_floats; /* of a thread */
  float *scratch;
} gradient_work;

static void gradient_body(void *context, int part, int parts) {
  const gradient_work *work = context;
  const lks_segmented *product = work->product;
  int first, last;
  for (int i = 0; i < product->rights; i++) {
    const lks_gradient_right *right = &product->right[i];
    lks_parallel_slice(lks_kernels_panels(work->kernels, right->columns), 1, part, parts,
                       &first, &last);
    work->kernels->pack_terms(product->segments, right->right, right->right_stride,
                              right->columns, right->packed, first, last);
  }
  lks_parallel_barrier();
  lks_parallel_slice(work->left_columns, GRADIENT_ROWS_GRAIN, part, parts, &first, &last);
  work->kernels->segmented_product(product, first, last,
                                   work->scratch + (size_t)part * work->scratch_floats);
}

void lks_weight_gradients(const lks_kernels *kernels, int threads, const lks_segmented *product,
                          int left_columns, float *scratch) {
  int columns = 0;
  for (int i = 0; i < product->rights; i++)
    columns += product->right[i].columns;
  lks_parallel(threads, gradient_body,
               &(gradient_work){
                   .kernels = kernels,
                   .product = product,
                   .left_columns = left_columns,
                   .scratch_floats =
                       kernels->segmented_scratch_floats(product->segments->terms, columns),
                   .scratch = scratch,
               });
}

typedef struct {
  const lks_kernels *kernels;
  size_t count;
  const float *a, *b;
  float *y;
} add_work;

static void add_body(void *context, int part, int parts) {
  const add_work *work = context;
  size_t first, last;
  lks_parallel_slice_size(work->count, ELEMENTS_GRAIN, part, parts, &first, &last);
  work->kernels->add(last - first, work->a + first, work->b + first, work->y + first);
}

void lks_add(const lks_kernels *kernels, int threads, size_t n, const float *a, const float *b,
             float *y) {
  add_work work = {kernels, n, a, b, y};
  lks_parallel(threads, add_body, &work);
}

typedef struct {
  const lks_kernels *kernels;
  size_t blocks;
  const float *x;
  const uint8_t *marks;
  double *squares;
} norm_work;

static void norm_body(void *context, int part, int parts) {
  const norm_work *work = context;
  size_t first, last, end;
  lks_parallel_slice_size(work->blocks, 1, part, parts, &first, &last);
  for (; first < last; first = end) {
    end = lks_marks_run(work->marks, first, last);
    if (lks_marks_has(work->marks, first))
      work->kernels->norm_blocks(end - first, work->x + first * LKS_NORM_BLOCK,
                                 work->squares + first);
    else
      memset(work->squares + first, 0, (end - first) * sizeof *work->squares);
  }
}

void lks_norm_blocks(const lks_kernels *kernels, int threads, size_t count, const float *x,
                     const uint8_t *marks, double *blocks) {
  norm_work work = {kernels, count / LKS_NORM_BLOCK, x, marks, blocks};
  lks_parallel(threads, norm_body, &work);
}

/* Sum of `count` >= 1 values by the binary tree. */
static double tree_sum(const double *values, size_t count) {
  if (count == 1)
    return values[0];
  size_t half = 1;
  while (half * 2 < count)
    half *= 2;
  return tree_sum(values, half) + tree_sum(values + half, count - half);
}

double lks_sum_of_blocks(const double *blocks, size_t count) {
  return count > 0 ? tree_sum(blocks, count) : 0.0;
}

double lks_sum_of_squares(const lks_kernels *kernels, int threads, size_t count, const float *x,
                          double *blocks) {
  lks_norm_blocks(kernels, threads, count, x, NULL, blocks);
  return lks_sum_of_blocks(blocks, count / LKS_NORM_BLOCK);
}
