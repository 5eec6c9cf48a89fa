/* SPDX-License-Identifier: Apache-2.0 */
/* machine_peak.c - a second of turns, of which the best counts: a limit is what was
 * reached once, and threads that start on one core need a while to be moved apart. */
#include "measure/machine_peak.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "kernels/parallel.h"

enum { FMA_ROUNDS = 1 << 20, THREADS_MAX = 4096 };

static const double all_seconds = 1, warm_seconds = 0.2;

/* Floats of each of two arrays: well beyond any cache. */
static const size_t memory_floats = (size_t)24 << 20;

typedef struct {
  const lks_kernels *kernels;
  float *x, *y;
  double operations[THREADS_MAX];
} work;

static void multiply_body(void *context, int part, int parts) {
  work *w = context;
  float sum;
  (void)parts;
  w->operations[part] = w->kernels->peak(FMA_ROUNDS, &sum);
}

static void warm_body(void *context, int part, int parts) {
  const lks_kernels *kernels = context;
  float sum;
  (void)part;
  (void)parts;
  kernels->peak(FMA_ROUNDS / 16, &sum);
}

void lks_machine_warm_up(const lks_kernels *kernels, int threads) {
  double start = lks_clock_seconds();
  while (lks_clock_seconds() - start < warm_seconds)
    lks_parallel(threads, warm_body, (void *)(uintptr_t)kernels);
}

static double multiply(work *w, int threads) {
  for (int t = 0; t < threads; t++)
    w->operations[t] = 0;
  double start = lks_clock_seconds();
  lks_parallel(threads, multiply_body, w);
  double seconds = lks_clock_seconds() - start, operations = 0;
  for (int t = 0; t < threads; t++)
    operations += w->operations[t];
  return operations / seconds;
}

/* Every thread has touched its own part before: lks_add shares out alike each time. */
static double stream(work *w, int threads) {
  double start = lks_clock_seconds();
  lks_add(w->kernels, threads, memory_floats, w->x, w->y, w->y);
  return 3 * sizeof(float) * (double)memory_floats / (lks_clock_seconds() - start);
}

lks_status lks_machine_peak_measure(const lks_kernels *kernels, int threads,
                                    lks_machine_peak *peak) {
  lks_status status;
  work *w = NULL;
  *peak = (lks_machine_peak){0};
  LKS_ASSERT(threads <= THREADS_MAX);
  LKS_TRY(lks_allocate(&w, 1, sizeof *w));
  w->kernels = kernels;
  LKS_TRY_OR(cleanup, status, lks_allocate(&w->x, memory_floats, sizeof *w->x));
  LKS_TRY_OR(cleanup, status, lks_allocate(&w->y, memory_floats, sizeof *w->y));
  double start = lks_clock_seconds();
  while (lks_clock_seconds() - start < all_seconds) {
    double flops = multiply(w, threads), bytes = stream(w, threads);
    peak->flops = flops > peak->flops ? flops : peak->flops;
    peak->bytes = bytes > peak->bytes ? bytes : peak->bytes;
  }
cleanup:
  lks_release(w->y);
  lks_release(w->x);
  lks_release(w);
  return status;
}
