/* SPDX-License-Identifier: Apache-2.0 */
/* bench_pointwise.c - fills arrays, runs, compares. */
#include "measure/bench_pointwise.h"

#include "base/fail.h"
#include "base/memory.h"
#include "kernels/parallel.h"

#include <stdio.h>

typedef struct {
  const lks_kernels *kernels;
  int threads;
  int runs; /* within a parallel region, whose start is not the kernel's time */
  lks_pointwise_arrays arrays;
} rival;

/* Less than this many bytes are worked on several times. */
static const double repeated_bytes = 8e6;

enum { CHECKED_ITEMS = 256 };

static size_t width_of(const lks_pointwise *kind, int array) {
  return (size_t)kind->array[array].units * (size_t)kind->unit;
}

float *lks_pointwise_at(const lks_pointwise_arrays *arrays, int array, size_t item) {
  return arrays->array[array] + item * width_of(arrays->kind, array);
}

size_t lks_pointwise_floats(const lks_pointwise_arrays *arrays, size_t first, size_t last) {
  return (last - first) * (size_t)arrays->kind->unit;
}

static void run_body(void *context, int part, int parts) {
  const rival *r = context;
  const lks_pointwise *kind = r->arrays.kind;
  size_t first, last;
  lks_parallel_slice_size(kind->items, 1, part, parts, &first, &last);
  for (int i = 0; i < r->runs && first < last; i++)
    kind->run(r->kernels, &r->arrays, first, last);
}

static void run(void *context) {
  const rival *r = context;
  lks_parallel(r->threads, run_body, context);
}

static void fill(lks_pointwise_arrays *a) {
  const lks_pointwise *kind = a->kind;
  for (int i = 0; i < LKS_POINTWISE_ARRAYS; i++)
    lks_kernel_bench_fill(a->array[i], kind->items * width_of(kind, i), kind->array[i].low,
                          kind->array[i].high);
  for (size_t i = 0; i < kind->items; i++) {
    a->squares[i] = 0;
    a->targets[i] = (int32_t)(i * 7919 % (size_t)kind->unit);
  }
}

static lks_status prepare(rival *r, const lks_pointwise *kind) {
  lks_pointwise_arrays *a = &r->arrays;
  a->kind = kind;
  for (int i = 0; i < LKS_POINTWISE_ARRAYS; i++)
    LKS_TRY(lks_allocate(&a->array[i], kind->items * width_of(kind, i), sizeof *a->array[i]));
  LKS_TRY(lks_allocate(&a->squares, kind->items, sizeof *a->squares));
  LKS_TRY(lks_allocate(&a->targets, kind->items, sizeof *a->targets));
  fill(a);
  return LKS_OK;
}

static void release(rival *r) {
  lks_release(r->arrays.targets);
  lks_release(r->arrays.squares);
  for (int i = 0; i < LKS_POINTWISE_ARRAYS; i++)
    lks_release(r->arrays.array[i]);
}

static double error_of(const lks_pointwise_arrays *found, const lks_pointwise_arrays *plain) {
  const lks_pointwise *kind = found->kind;
  double error = 0;
  for (int i = 0; i < LKS_POINTWISE_ARRAYS; i++)
    error = lks_kernel_bench_error(error, found->array[i], plain->array[i],
                                   kind->items * width_of(kind, i));
  for (size_t i = 0; i < kind->items; i++) {
    double difference = found->squares[i] - plain->squares[i];
    difference = difference < 0 ? -difference : difference;
    error = difference > error ? difference : error;
  }
  return error;
}

/* One run of ours and of the plain loops on as many items as need not take long. */
static lks_status check(const lks_kernel_bench *bench, const lks_pointwise *kind,
                        double *error) {
  lks_status status;
  lks_pointwise few = *kind;
  few.items = kind->items < CHECKED_ITEMS ? kind->items : CHECKED_ITEMS;
  rival ours = {.kernels = bench->ours, .threads = bench->threads, .runs = 1}, plain = ours;
  plain.kernels = bench->reference;
  LKS_TRY_OR(cleanup, status, prepare(&ours, &few));
  LKS_TRY_OR(cleanup, status, prepare(&plain, &few));
  run(&ours);
  run(&plain);
  *error = error_of(&ours.arrays, &plain.arrays);
cleanup:
  release(&plain);
  release(&ours);
  return status;
}

lks_status lks_bench_pointwise(const lks_kernel_bench *bench, const lks_pointwise *kind) {
  double bytes = (double)kind->items * kind->moved * kind->unit * (double)sizeof(float);
  lks_kernel_row row = {.kernel = kind->kernel,
                        .what = kind->what,
                        .work = bytes,
                        .runs = 1 + (int)(repeated_bytes / bytes)};
  rival ours = {.kernels = bench->ours, .threads = bench->threads, .runs = row.runs};
  snprintf(row.size, sizeof row.size, "%zu,%d", kind->items, kind->unit);
  lks_status status;
  LKS_TRY_OR(cleanup, status, check(bench, kind, &row.error));
  LKS_TRY_OR(cleanup, status, prepare(&ours, kind));
  run(&ours);
  LKS_TRY_OR(cleanup, status, lks_kernel_bench_begin(bench));
  for (int round = 0; round < bench->setup->rounds; round++)
    lks_kernel_bench_turn(&row.ours, run, &ours);
  lks_kernel_bench_print(bench, &row);
cleanup:
  release(&ours);
  return status;
}
