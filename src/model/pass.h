/* SPDX-License-Identifier: Apache-2.0 */
/* pass.h - what one call of forward and backward works on.
 *
 * Rows lie longest first, so the active rows of time step t are the first
 * active[t].  Arrays are time-major [T, B, units]: the item of row b at time t
 * has index t x B + b.  Items past a row's length hold no meaning; nothing reads
 * them into an active one. */
#ifndef LOCKSTEP_MODEL_PASS_H
#define LOCKSTEP_MODEL_PASS_H

#include "kernels/parallel.h"
#include "tensor/batch.h"
#include "tensor/params.h"

typedef struct {
  const lks_kernels *kernels;
  int threads;
  int rows;          /* B */
  int steps;         /* T */
  const int *active; /* [T] active rows, never rising */

  /* Training only: where gradients go, and what random numbers depend on. */
  bool training;
  const lks_segments *segments;
  float *const *gradients; /* [segments->outputs] flat gradient buffers */
  uint8_t *marks; /* of all of them (tensor/marks.h): embeddings keep theirs; or NULL */
  const lks_shards *shards;    /* of the global batch … */
  const lks_subtree *subtrees; /* [segments->outputs] … those that this call works on */
  lks_random_key key;
  uint32_t step;
  const uint32_t *sample; /* [B] */
} lks_pass;

/* Time steps first .. last-1 of a pass.  A module that runs span by span gives the bits of
 * one run over the whole pass, when the spans follow each other (backward: from the end). */
typedef struct {
  const lks_pass *pass;
  int first, last;
} lks_span;

static inline lks_span lks_span_whole(const lks_pass *pass) {
  return (lks_span){pass, 0, pass->steps};
}

/* Room that modules set aside when they are made. */
typedef struct {
  int rows;
  int steps;
  int items;  /* most rows x steps of one call */
  int shards; /* V: most segments of one call */
  bool training;
  int threads;
  const lks_kernels *kernels;
  lks_field_room field[LKS_BATCH_FIELDS_MAX]; /* of sequences; else zero */
} lks_capacity;

#endif
