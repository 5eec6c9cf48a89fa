/* SPDX-License-Identifier: Apache-2.0 */
/* attention.h - a look at the items of another sequence.
 *
 * Every query q of a row is scored against all keys k of the row's source, and the context
 * is the keys' mean under the softmax of the scores, over the source's own length:
 *
 *   dot       q . k                               (H = K)
 *   general   (W q) . k             W [K, H]      Luong et al. 2015
 *   additive  v . tanh(Q q + W k + b)  Q [A, H], W [A, K], v [A]   Bahdanau et al. 2015
 *   context   sum of softmax(scores)_s k_s
 *
 * Queries are [T, B, H] of one pass and keys [S, B', K] of a ragged's; `source` says at
 * which of its positions a row's source is.  A thread owns rows, and no row's bits depend
 * on another row.  Time steps run at once or span by span (pass.h), so that the context of
 * one step can be input of the next.
 *
 * Life cycle: create (declares the parameters) -> allocate -> [pack -> start -> forward ->
 * backward -> gradients] … -> destroy. */
#ifndef LOCKSTEP_MODEL_ATTENTION_H
#define LOCKSTEP_MODEL_ATTENTION_H

#include "model/ragged.h"

#define LKS_ATTENTION_NAMES "general dot additive"

typedef enum {
  LKS_ATTENTION_GENERAL,
  LKS_ATTENTION_DOT,
  LKS_ATTENTION_ADDITIVE
} lks_attention_kind;

typedef struct {
  const char *name; /* parameters NAME.query.weight, NAME.key.weight, … */
  lks_attention_kind kind;
  int queries; /* H, units of a query */
  int keys;    /* K, units of a key */
  int units;   /* A, of additive */
} lks_attention_setup;

typedef struct lks_attention lks_attention;

/* The kind called `name`, one of LKS_ATTENTION_NAMES. */
lks_attention_kind lks_attention_find(const char *name);

lks_status lks_attention_create(lks_attention **attention, const lks_attention_setup *setup,
                                lks_params *params);

/* Room for calls as large as `queries` over sources as large as `sources` say. */
lks_status lks_attention_allocate(lks_attention *attention, const lks_capacity *queries,
                                  const lks_capacity *sources);
void lks_attention_destroy(lks_attention *attention);

/* Packs the weights: after every change of the parameters. */
void lks_attention_pack(lks_attention *attention, const lks_kernels *kernels, int threads,
                        bool training);

/* Takes in the keys [S, B', K] that the calls to come look at; borrowed, as is `sources`,
 * until the next start. */
void lks_attention_start(lks_attention *attention, const lks_ragged *sources,
                         const float *keys);

/* The arrays of a call; those of the way back NULL until then. */
typedef struct {
  const int *source;    /* [B] position of each row's source */
  const float *queries; /* [T, B, H] */
  float *context;       /* out: [T, B, context_stride] */
  size_t context_stride;

  /* Back: every source has one row of queries. */
  const float *d_context; /* [T, B, d_context_stride]; stays until lks_attention_gradients */
  size_t d_context_stride;
  const float *d_beside; /* [T, B, d_beside_stride] gradient of the queries from elsewhere */
  size_t d_beside_stride;
  float *d_queries; /* out: [T, B, H] all of their gradient */
  float *d_keys;    /* out, of lks_attention_gradients: [S, B', K] */
} lks_attention_call;

void lks_attention_forward(lks_attention *attention, const lks_span *span,
                           const lks_attention_call *call);
void lks_attention_backward(lks_attention *attention, const lks_span *span,
                            const lks_attention_call *call);

/* Gradients of the keys and, into pass->gradients, of the parameters, when all time steps
 * have gone backward. */
void lks_attention_gradients(lks_attention *attention, const lks_pass *pass,
                             const lks_attention_call *call);

/* The weights of the source's symbols in the context of an item t x B + b. */
const float *lks_attention_weights(const lks_attention *attention, size_t item);

#endif
