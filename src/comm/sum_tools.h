/* SPDX-License-Identifier: Apache-2.0 */
/* sum_tools.h - what a caller may lend to a sum: its threads, and its kernels.
 *
 * This layer knows neither, and its own loops give the same sums; but only kernels
 * can store past the caches, and only they define the squares of a block. */
#ifndef LOCKSTEP_COMM_SUM_TOOLS_H
#define LOCKSTEP_COMM_SUM_TOOLS_H

#include <stddef.h>

/* The functions are those of kernels/parallel.h and kernels/kernels.h of the same
 * names; blocks have LKS_BLOCK_FLOATS floats. */
typedef struct {
  int threads;
  void (*parallel)(int threads, void (*body)(void *context, int part, int parts),
                   void *context);
  void (*add)(size_t n, const float *a, const float *b, float *y);
  void (*norm_blocks)(size_t blocks, const float *x, double *squares);
  void (*add_blocks)(size_t blocks, const float *a, const float *b, float *y, double *squares);
} lks_sum_tools;

#endif
