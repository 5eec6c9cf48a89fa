/* SPDX-License-Identifier: Apache-2.0 */
/* recurrent.h - a stack of recurrent layers, in one or both directions, with
 * dropout between them.
 *
 * Parameters are named and laid out as in torch.nn.LSTM, GRU and RNN:
 * PREFIX.weight_ih_l0 [G x H, I], PREFIX.weight_hh_l0 [G x H, H],
 * PREFIX.bias_ih_l0 [G x H], PREFIX.bias_hh_l0, …_l0_reverse, …_l1: a PyTorch user
 * loads them as they are.
 *
 * Life cycle: create (declares the parameters) -> allocate -> [pack -> forward ->
 * backward] … -> destroy. */
#ifndef LOCKSTEP_MODEL_RECURRENT_H
#define LOCKSTEP_MODEL_RECURRENT_H

#include "model/dropout.h"
#include "model/unroll.h"

typedef struct {
  const char *prefix; /* of the parameters' names */
  const lks_cell *cell;
  int layers;
  int inputs;
  int hidden;
  bool bidirectional;
  lks_dropout_setup dropout; /* between layers */
  unsigned dropout_site;     /* of the first layer's output; layers - 1 sites from there */
} lks_recurrent_setup;

typedef struct lks_recurrent lks_recurrent;

/* Declares the stack's parameters, the top layer's first. */
lks_status lks_recurrent_create(lks_recurrent **recurrent, const lks_recurrent_setup *setup,
                                lks_params *params);
lks_status lks_recurrent_allocate(lks_recurrent *recurrent, const lks_capacity *capacity);
void lks_recurrent_destroy(lks_recurrent *recurrent);

/* Units of an output: H, or 2H when bidirectional.  States: layers x directions,
 * layer by layer, forward before reverse. */
int lks_recurrent_outputs(const lks_recurrent *recurrent);
int lks_recurrent_states(const lks_recurrent *recurrent);

/* Packs the weights: after every change of the parameters. */
void lks_recurrent_pack(lks_recurrent *recurrent, const lks_kernels *kernels, int threads,
                        bool training);

/* Runs the sequence.  Returns the top layer's outputs [T, B, outputs], which live
 * until the next call.
 *
 *   input    [T, B, I]; for a backward call it must stay as it is
 *   initial  [states] of [B, H], or NULL: zero
 *   final    [states], out, or NULL; may be the same memory as initial */
const float *lks_recurrent_forward(lks_recurrent *recurrent, const lks_pass *pass,
                                   const float *input, const lks_cell_state *initial,
                                   const lks_cell_state *final);

/* Gradients of the last forward call: of the parameters into pass->gradients.
 *
 *   d_output   [T, B, outputs], or NULL: zero; undefined afterwards
 *   d_final    [states], or NULL: zero
 *   d_initial  [states], out, or NULL
 *   d_input    [T, B, I], out, or NULL */
void lks_recurrent_backward(lks_recurrent *recurrent, const lks_pass *pass, float *d_output,
                            const lks_cell_state *d_final, const lks_cell_state *d_initial,
                            float *d_input);

/* The same span by span, of a stack in one direction: for networks whose input depends on
 * what came out one time step before.
 *
 * Forward, spans follow each other in time; `final` is written when the last step has run.
 * Backward, they come from the end; then lks_recurrent_gradients makes the gradients of the
 * parameters, of all time steps at once.  The bits are those of one run. */
typedef struct {
  const float *d_output; /* [T, B, outputs] */
  const lks_cell_state *d_final;
  const lks_cell_state *d_initial; /* out, or NULL */
  float *d_input;                  /* out, or NULL */
} lks_recurrent_back;

const float *lks_recurrent_advance(lks_recurrent *recurrent, const lks_span *span,
                                   const float *input, const lks_cell_state *initial,
                                   const lks_cell_state *final);
void lks_recurrent_retreat(lks_recurrent *recurrent, const lks_span *span,
                           const lks_recurrent_back *back);
void lks_recurrent_gradients(lks_recurrent *recurrent, const lks_pass *pass);

/* Has the threads share rows, or units, from the next lks_recurrent_pack on, instead of
 * finding out which is faster: for tests and measurements.  Units only where
 * `capacity` had threads to share them. */
void lks_recurrent_share(lks_recurrent *recurrent, lks_share_kind kind);

/* The same of both directions of a layer: at once, with half of the threads each, or one
 * after the other, which lks_recurrent_share sets. */
void lks_recurrent_pair(lks_recurrent *recurrent, bool at_once);

/* Layer l's parameters, for initialisation: layer l, direction d (0 or 1). */
const lks_unroll *lks_recurrent_layer(const lks_recurrent *recurrent, int layer, int direction);

#endif
