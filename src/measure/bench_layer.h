/* bench_layer.h - how fast is one recurrent layer, forward and back?
 *
 * Of a work's sizes: its first layer, of W4 both.  Weights are packed at every step, as
 * after an update; gradients are those of the weights and of the input (of W4's own
 * columns nobody needs one). */
#ifndef LOCKSTEP_MEASURE_BENCH_LAYER_H
#define LOCKSTEP_MEASURE_BENCH_LAYER_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stdio.h>

typedef struct {
  const char *works;   /* "W1,W3"; NULL: all */
  const char *cell;    /* lstm, gru, rnn */
  const char *kernels; /* table name, or NULL: the fastest of ours */
  int threads;         /* 0: default */
  int rounds;
  double wait; /* most seconds for a quiet machine, before each round */
  bool bidirectional;
  bool json; /* one object a work, on a line each; else a table */
  FILE *out;
} lks_bench_layer_setup;

/* One process. */
lks_status lks_bench_layer(const lks_bench_layer_setup *setup);

#endif
