/* pooling.h - one vector for a whole sequence, from the states of a stack.
 *
 *   last       the last state of each direction: of the reverse one it is at the first symbol
 *   mean       the mean over the sequence's own symbols
 *   max        the largest value of every unit (ties: the first)
 *   attention  the states' mean under an additive attention whose query is `last`
 *              (attention.h; Bahdanau et al. 2015)
 *   concat     last, mean and max side by side (Howard and Ruder 2018)
 *
 * States are [T, B', U] of a ragged; what is pooled is [B, units] in the order of the rows
 * that own the sequences.  A thread owns rows, and no row's bits depend on another row.
 *
 * Life cycle: create (declares the parameters) -> allocate -> [pack -> forward ->
 * backward] … -> destroy. */
#ifndef LOCKSTEP_MODEL_POOLING_H
#define LOCKSTEP_MODEL_POOLING_H

#include "model/attention.h"

#define LKS_POOLING_NAMES "last mean max attention concat"

typedef enum {
  LKS_POOLING_LAST,
  LKS_POOLING_MEAN,
  LKS_POOLING_MAX,
  LKS_POOLING_ATTENTION,
  LKS_POOLING_CONCAT
} lks_pooling_kind;

typedef struct {
  const char *name; /* of the parameters of attention */
  lks_pooling_kind kind;
  int units;           /* U of a state, both directions together */
  bool bidirectional;  /* the second half of a state runs backward */
  int attention_units; /* A, of attention */
} lks_pooling_setup;

typedef struct lks_pooling lks_pooling;

/* The kind called `name`, one of LKS_POOLING_NAMES. */
lks_pooling_kind lks_pooling_find(const char *name);

lks_status lks_pooling_create(lks_pooling **pooling, const lks_pooling_setup *setup,
                              lks_params *params);

/* Room for `rows` (as one time step) that own sequences as large as `sequences` say. */
lks_status lks_pooling_allocate(lks_pooling *pooling, const lks_capacity *rows,
                                const lks_capacity *sequences);
void lks_pooling_destroy(lks_pooling *pooling);

/* Units of what is pooled. */
int lks_pooling_units(const lks_pooling *pooling);

/* Packs the weights: after every change of the parameters. */
void lks_pooling_pack(lks_pooling *pooling, const lks_kernels *kernels, int threads,
                      bool training);

/* pooled [B, units] of states [T, B, U], which for a backward call must stay as they are.
 * Every row of `rows` owns one sequence of at least one symbol. */
void lks_pooling_forward(lks_pooling *pooling, const lks_pass *rows,
                         const lks_ragged *sequences, const float *states, float *pooled);

/* Gradients of the last forward call.
 *
 *   d_pooled  [B, units]
 *   d_states  [T, B, U] out, active items only */
void lks_pooling_backward(lks_pooling *pooling, const lks_pass *rows, const float *d_pooled,
                          float *d_states);

#endif
