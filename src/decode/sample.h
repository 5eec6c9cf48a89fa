/* sample.h - draws symbols one after another from a model that is stepped.
 *
 * The stepper is an interface, not a model: state lives behind it. */
#ifndef LOCKSTEP_DECODE_SAMPLE_H
#define LOCKSTEP_DECODE_SAMPLE_H

#include "kernels/kernels.h"

/* Feeds one symbol to every row and gives the scores of the next. */
typedef struct {
  int rows;
  int vocab;
  /* symbols [rows] in; logits [rows, vocab] out. */
  lks_status (*step)(void *context, const int32_t *symbols, float *logits);
  void *context;
} lks_stepper;

typedef struct {
  float temperature; /* 0: always the most probable */
  int top_k;         /* 0: all */
  float top_p;       /* 1: all */
  uint64_t seed;
  const uint32_t *row; /* [rows] numbers that draws depend on; NULL: 0, 1, … */
} lks_sample_setup;

/* Steps through prompt[0..prompt_count) (at least one symbol), then draws `count`
 * symbols a row into symbols [count, rows].  The draw of row r at time t depends on
 * (seed, number of r, t) and the scores only.  `forbidden` (may be negative) is never drawn.
 * Calls `emit` (may be NULL) after every time step; it returns whether to go on: what would
 * have followed is then not written. */
lks_status lks_sample_run(const lks_stepper *stepper, const lks_sample_setup *setup,
                          const lks_kernels *kernels, const int32_t *prompt, int prompt_count,
                          int count, int forbidden, int32_t *symbols,
                          bool (*emit)(void *context, int time, const int32_t *drawn),
                          void *emit_context);

#endif
