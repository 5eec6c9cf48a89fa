/* bench_step.h - how fast is training?  Whole steps of the works of workload.h.
 *
 * Works take turns, W1 W2 W1 W2, so that a machine that is slower for a minute is slower
 * for all of them. */
#ifndef LOCKSTEP_MEASURE_BENCH_STEP_H
#define LOCKSTEP_MEASURE_BENCH_STEP_H

#include "comm/comm.h"

#include <stdio.h>

typedef struct {
  const char *works; /* "W1,W3"; NULL: all */
  const char *const *sets;
  size_t set_count;
  const char *kernels; /* table name; NULL: as a run chooses them */
  int threads;         /* of a rank; 0: default */
  int steps;           /* of a round; 0: about half a second */
  int rounds;
  double wait; /* most seconds for a quiet machine, before each round */
  bool ragged; /* beside works of sequences the same with unequal lengths */
  bool json;   /* one object a work, on a line each; else a table */
  FILE *out;   /* of rank 0 */
} lks_bench_step_setup;

/* Collective. */
lks_status lks_bench_step(lks_comm *comm, const lks_bench_step_setup *setup);

#endif
