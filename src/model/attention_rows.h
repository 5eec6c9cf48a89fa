/* SPDX-License-Identifier: Apache-2.0 */
/* attention_rows.h - attention of one row of queries to its source, inside a thread.
 *
 * Private to attention*.c. */
#ifndef LOCKSTEP_MODEL_ATTENTION_ROWS_H
#define LOCKSTEP_MODEL_ATTENTION_ROWS_H

#include "model/attention.h"
#include "model/dense.h"

struct lks_attention {
  lks_attention_setup setup;
  lks_params *params;  /* borrowed; outlives this */
  int projected_units; /* K or A: what queries are projected to */
  lks_dense *query;    /* general, additive */
  lks_dense *key;      /* additive */
  int vector;          /* additive: number of v, else -1 */

  int steps;             /* most symbols of a source */
  size_t *across_at;     /* [B' + 1] where each source's packed keys are */
  size_t *along_at;      /* [B' + 1] */
  float *across;         /* keys as right operand [K, S] */
  float *along;          /* keys as right operand [S, K] */
  float *projected;      /* [T, B, projected_units] */
  float *d_projected;    /* [T, B, projected_units] */
  float *weights;        /* [T, B, steps] */
  float *d_scores;       /* [T, B, steps] */
  float *projected_keys; /* additive: [S, B', A] */
  float *d_projected_keys;
  float *d_vector; /* additive: [T, B, A] the items' terms of it */
  float *scratch;  /* [threads, scratch_floats] */
  size_t scratch_floats;

  const lks_ragged *sources; /* borrowed: of the last start */
  const float *keys;
};

/* A span of one row: `count` items from `item` on, `rows` items apart. */
typedef struct {
  const lks_attention *attention;
  const lks_kernels *kernels;
  const lks_attention_call *call;
  float *scratch;
  int source, length;
  int count;
  size_t item, rows;
  bool is_last; /* the row's last item is among them */
} lks_attention_row;

/* Scores of the items into the weights; additive. */
void lks_attention_add_scores(const lks_attention_row *row);

/* Gradients of the projected queries and keys, and of v, from d_scores; additive. */
void lks_attention_add_back(const lks_attention_row *row);

#endif
