/* SPDX-License-Identifier: Apache-2.0 */
/* decoder.h - a recurrent stack that looks at a source before every output (Luong et al.
 * 2015):
 *
 *   h_t = stack(e_t, h_{t-1}), or stack([e_t; y_{t-1}], h_{t-1}) with input feeding
 *   c_t = attention(h_t, keys)
 *   y_t = dropout(tanh(W [c_t; h_t]))           NAME.combine.weight [H, K + H]
 *
 * Without input feeding every product runs over all time steps at once; with it, forward
 * and backward go step by step and the gradients of the parameters are still made by one
 * large product each.
 *
 * Life cycle: create (declares the parameters) -> allocate -> [pack -> forward ->
 * backward] … -> destroy. */
#ifndef LOCKSTEP_MODEL_DECODER_H
#define LOCKSTEP_MODEL_DECODER_H

#include "model/attention.h"
#include "model/recurrent.h"

typedef struct {
  const char *name;              /* of attention and combination */
  lks_recurrent_setup recurrent; /* inputs: E, units of an embedded symbol */
  lks_attention_kind attention;
  int keys;  /* K */
  int units; /* of additive attention */
  bool input_feeding;
  unsigned dropout_site; /* of the outputs; how much is the stack's */
} lks_decoder_setup;

typedef struct lks_decoder lks_decoder;

lks_status lks_decoder_create(lks_decoder **decoder, const lks_decoder_setup *setup,
                              lks_params *params);

/* Room for targets and sources as large as these say. */
lks_status lks_decoder_allocate(lks_decoder *decoder, const lks_capacity *targets,
                                const lks_capacity *sources);
void lks_decoder_destroy(lks_decoder *decoder);
void lks_decoder_pack(lks_decoder *decoder, const lks_kernels *kernels, int threads,
                      bool training);

lks_recurrent *lks_decoder_recurrent(lks_decoder *decoder);
const lks_attention *lks_decoder_attention(const lks_decoder *decoder);

/* Takes in the keys [S, B', K] of the sources: before the first forward call on them. */
void lks_decoder_start(lks_decoder *decoder, const lks_ragged *sources, const float *keys);

typedef struct {
  const int *source;             /* [B] position of each row's source */
  const float *embedded;         /* [T, B, E]; stays for the backward call */
  const lks_cell_state *initial; /* [layers] */
  const lks_cell_state *final;   /* out, or NULL; may be `initial` */
  const float *fed;              /* [B, H] the output before the first; NULL: 0 */
} lks_decoder_call;

/* Outputs [T, B, H]; they live until the next call. */
const float *lks_decoder_forward(lks_decoder *decoder, const lks_pass *pass,
                                 const lks_decoder_call *call);

typedef struct {
  float *d_output;                 /* [T, B, H]; undefined afterwards */
  const lks_cell_state *d_initial; /* out: [layers] */
  float *d_embedded;               /* out: [T, B, E] */
  float *d_keys;                   /* out: [S, B', K] */
} lks_decoder_back;

/* Gradients of the last forward call, of the parameters into pass->gradients. */
void lks_decoder_backward(lks_decoder *decoder, const lks_pass *pass,
                          const lks_decoder_call *call, const lks_decoder_back *back);

#endif
