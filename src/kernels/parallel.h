/* parallel.h - the threads of a rank: the only door to OpenMP.
 *
 * Every thread of a region has the normative floating-point environment.  How
 * many threads there are changes no bit: a slice is only a matter of speed. */
#ifndef LOCKSTEP_KERNELS_PARALLEL_H
#define LOCKSTEP_KERNELS_PARALLEL_H

#include "kernels/kernels.h"
#include "tensor/marks.h"

#include <stdatomic.h>

/* Runs body(context, part, parts) once on every one of `threads` threads, parts
 * being the number of them that were really made.  `body` must not fail. */
void lks_parallel(int threads, void (*body)(void *context, int part, int parts), void *context);

/* Inside a body: waits for all threads of the region. */
void lks_parallel_barrier(void);

/* Threads this process may use by default: OMP_NUM_THREADS, or its share of cores. */
int lks_parallel_threads(void);

/* Sets how many threads a region of the calling thread makes when no number is
 * given, as libraries leave it; returns the number before. */
int lks_parallel_set_threads(int threads);

/* A meeting of the threads of a region at every time step of a sequence: some spins, then
 * the processor is left to others.  Zeroed memory is a barrier that nobody waits at. */
typedef struct {
  _Alignas(64) atomic_int arrived;
  _Alignas(64) atomic_uint round;
} lks_barrier;

/* Waits until all `parts` threads have called it; what they wrote before is visible. */
void lks_barrier_wait(lks_barrier *barrier, int parts);

/* The slice [*first, *last) of 0 .. count-1 for `part` of `parts`, borders on multiples of
 * grain. */
void lks_parallel_slice(int count, int grain, int part, int parts, int *first, int *last);
void lks_parallel_slice_size(size_t count, size_t grain, int part, int parts, size_t *first,
                             size_t *last);

/* Whole operations on `threads` threads. */

/* Packs all panels. */
void lks_pack(const lks_kernels *kernels, int threads, int inner, int columns,
              lks_operand source, float *packed);

/* kernels->product over all rows and panels. */
void lks_product(const lks_kernels *kernels, int threads, int rows, int inner, int columns,
                 const float *left, size_t left_stride, const float *packed, const float *start,
                 size_t start_stride, float *out, size_t out_stride);

/* Gradients of the weights [left_columns, columns of a right] and of the bias beside them:
 * packs the rights and multiplies.
 *
 *   scratch  [threads x segmented_scratch_floats] */
void lks_weight_gradients(const lks_kernels *kernels, int threads, const lks_segmented *product,
                          int left_columns, float *scratch);

/* y = a + b, n elements; y may be a or b. */
void lks_add(const lks_kernels *kernels, int threads, size_t n, const float *a, const float *b,
             float *y);

/* Sum of squares (no root) of count elements (a multiple of LKS_NORM_BLOCK):
 * block sums, then a binary tree over the blocks (left half = the largest power
 * of two below the count).
 *
 *   blocks  [count / LKS_NORM_BLOCK] scratch */
double lks_sum_of_squares(const lks_kernels *kernels, int threads, size_t count, const float *x,
                          double *blocks);

/* The two halves of it: kernels->norm_blocks of all blocks, those that `marks` (marks.h)
 * leave out having 0, and their tree; 0 without a block. */
void lks_norm_blocks(const lks_kernels *kernels, int threads, size_t count, const float *x,
                     const uint8_t *marks, double *blocks);
double lks_sum_of_blocks(const double *blocks, size_t count);

#endif
