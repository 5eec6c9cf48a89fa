/* ragged.h - sequences of unequal length as a pass of their own.
 *
 * A batch of samples has more than one kind of sequence: sources and targets, sentences
 * and the letters of their words.  Each kind runs through the network in its own order,
 * longest first (pass.h), at the cost of its items, while every sum over rows keeps the
 * order that the samples' shards give it.  A ragged makes that order, and the segments
 * that belong to it, from lengths and owners alone:
 *
 *   position   place of a sequence in the pass, longest first, ties as they were given
 *   owner      the batch row (local row of the samples' pass) that a sequence belongs to
 *   segment    one non-empty shard: the items of the sequences that its rows own, in
 *              (time, order given) order: no part of it depends on ranks; every row has an item
 *
 * Owned by a task. */
#ifndef LOCKSTEP_MODEL_RAGGED_H
#define LOCKSTEP_MODEL_RAGGED_H

#include "model/pass.h"

typedef struct {
  int count;     /* sequences of the last fill */
  int *position; /* [count] where sequence i is */
  int *sequence; /* [count] which sequence is at a position */
  int *lengths;  /* [count] by position, longest first */
  int *active;   /* [steps] */
  lks_pass pass; /* rows = count, steps = the longest, sample numbers by position */

  lks_segments *segments;
  uint32_t *samples; /* [count] by position */
  int *next;         /* [steps + 1] place of the next sequence of each length */
  const int *owner;  /* of the fill under way */
  int most, most_steps;
} lks_ragged;

/* Room for `count` sequences of at most `steps` symbols, `terms` symbols in all, in
 * batches of at most `shards` shards. */
lks_status lks_ragged_create(lks_ragged **ragged, int count, int steps, int terms, int shards);
void lks_ragged_destroy(lks_ragged *ragged);

/* Orders `count` sequences and makes their pass; allocates nothing.
 *
 *   rows     pass of the samples as one time step each: kernels, threads, sample numbers,
 *            and in training shards and gradients
 *   lengths  [count], at least 0
 *   owner    [count] rising local rows; NULL: sequence i is of row i */
void lks_ragged_fill(lks_ragged *ragged, const lks_pass *rows, int count, const int *lengths,
                     const int *owner);

/* Symbols of ragged rows in the order of the pass: out [T, B], 0 behind a row's end.
 *
 *   offsets  [count + 1] of sequence i in `values`; the ragged's lengths say how many of
 *            its symbols are taken */
void lks_ragged_symbols(const lks_ragged *ragged, const int32_t *values, const int32_t *offsets,
                        int32_t *out);

/* Losses of a training pass's items, in term order, added up for their sequences, each in
 * the order of time.
 *
 *   terms   [segments->terms]
 *   sums    [count] scratch
 *   losses  [count] out */
void lks_ragged_add_losses(const lks_ragged *ragged, const float *terms, double *sums,
                           float *losses);

/* Item of symbol t of sequence i: an index of arrays [T, B]. */
static inline size_t lks_ragged_item(const lks_ragged *ragged, int i, int t) {
  return (size_t)t * (size_t)ragged->count + (size_t)ragged->position[i];
}

#endif
