/* SPDX-License-Identifier: Apache-2.0 */
/* bench_kernels.h - what the benches of single kernels share: the rows they print. */
#ifndef LOCKSTEP_MEASURE_BENCH_KERNELS_H
#define LOCKSTEP_MEASURE_BENCH_KERNELS_H

#include "kernels/kernels.h"
#include "measure/bench.h"
#include "measure/machine_peak.h"
#include "measure/turns.h"

typedef struct {
  const lks_bench_setup *setup;
  const lks_kernels *ours, *reference;
  int threads;
  lks_machine_peak peak;
} lks_kernel_bench;

/* One kernel at one size. */
typedef struct {
  const char *kernel;
  const char *what; /* which size it is, in words */
  char size[32];
  bool is_product;      /* work is counted in operations, else in bytes */
  double work;          /* of one run */
  int runs;             /* of ours within what is timed at a time */
  lks_turns ours, blas; /* blas.count 0: OpenBLAS has no such kernel */
  double error, blas_error;
} lks_kernel_row;

void lks_kernel_bench_print(const lks_kernel_bench *bench, lks_kernel_row *row);

/* Before a row is timed: waits for a quiet machine as long as the setup allows. */
lks_status lks_kernel_bench_begin(const lks_kernel_bench *bench);

/* Runs so often that it can be timed, and notes the time of one run. */
void lks_kernel_bench_turn(lks_turns *turns, void (*run)(void *context), void *context);

/* Numbers in [low, high) that do not repeat soon. */
void lks_kernel_bench_fill(float *values, size_t count, float low, float high);

/* The largest difference, or `so_far` when that is larger: 0 for the same bits, infinite
 * where only one is a NaN. */
double lks_kernel_bench_error(double so_far, const float *found, const float *expected,
                              size_t count);

/* Each prints its rows. */
lks_status lks_bench_products(const lks_kernel_bench *bench);
lks_status lks_bench_gradients(const lks_kernel_bench *bench);
lks_status lks_bench_functions(const lks_kernel_bench *bench);
lks_status lks_bench_cells(const lks_kernel_bench *bench);
lks_status lks_bench_updates(const lks_kernel_bench *bench);

#endif
