/* SPDX-License-Identifier: Apache-2.0 */
/* bench.h - how fast are the parts of a step on this machine?
 *
 * Rivals are timed in turn, A B A B, and medians are compared: on a machine that
 * others use too, only ratios of one run mean something. */
#ifndef LOCKSTEP_MEASURE_BENCH_H
#define LOCKSTEP_MEASURE_BENCH_H

#include "comm/comm.h"

#include <stdio.h>

typedef struct {
  const char *kernels;   /* table name, or NULL: the fastest of ours */
  const char *precision; /* of ours, or NULL: f32 */
  int threads;           /* of the kernels; 0: default */
  int rounds;            /* turns of each rival */
  double wait;           /* kernels: most seconds for a quiet machine, before each row */
  bool json;             /* kernels: one object a row, on a line each; else a table */
  bool unaligned;        /* network: ranks have several partial sums each */
  FILE *out;
} lks_bench_setup;

/* Every kernel of the table: its rate, its share of what this machine can do, OpenBLAS'
 * rate for products, and the largest difference from the plain loops.  One process. */
lks_status lks_bench_kernels(const lks_bench_setup *setup);

/* The exact sum beside MPI_Allreduce, from 64 KB to 80 MB, and whether it is exact.
 * With one rank there is nothing to sum: LKS_USAGE.                   Collective. */
lks_status lks_bench_network(lks_comm *comm, const lks_bench_setup *setup);

#endif
