/* SPDX-License-Identifier: Apache-2.0 */
/* unroll.h - one recurrent layer in one direction, unrolled over time.
 *
 * Forward: one large product for the input parts of all items, then one parallel
 * region over the sequence in which every thread owns rows or units: a product with the
 * packed hidden weights, continued from the input part, and the pointwise gates.
 * Backward runs the same way against time, then makes the gradients of weights
 * and inputs with large products over all items.
 *
 * Owned by a stack (recurrent.h), which also owns the scratch memory. */
#ifndef LOCKSTEP_MODEL_UNROLL_H
#define LOCKSTEP_MODEL_UNROLL_H

#include "model/cell.h"
#include "model/pass.h"

/* Scratch of weight gradients, which all layers of a stack share. */
typedef struct {
  float *packed_inputs; /* right operands of weight gradients */
  float *packed_hidden;
  float *gradient; /* [threads x ...] of the segmented product */
} lks_unroll_scratch;

/* A state, or its gradient, of one layer and direction: [B, H] each; cell is
 * NULL for cells without one. */
typedef struct {
  float *hidden;
  float *cell;
} lks_cell_state;

/* How the threads share the sweep over time (unroll_share.h). */
typedef enum { LKS_SHARE_ROWS, LKS_SHARE_UNITS } lks_share_kind;

typedef struct {
  const lks_cell *cell;
  int inputs;
  int hidden;
  bool reverse; /* runs from each row's last item to its first */
  lks_params *params;
  int weight_ih, weight_hh, bias_ih, bias_hh; /* numbers in params */

  lks_share_kind split;
  bool can_split;      /* units may be tried */
  bool has_chosen;     /* the split stays */
  bool at_once;        /* of a layer's first direction: both sweeps share one region … */
  bool has_paired;     /* … and that stays */
  int slices;          /* of the units: threads */
  lks_barrier meeting; /* of the threads, when they share units */

  float *packed_ih[2];      /* forward, one per part */
  float *packed_ih_back[2]; /* backward */
  float *packed_hh;
  float *packed_hh_back;
  float *bias;      /* [blocks x H] where the chains start */
  float *gates;     /* [T, B, blocks x H] activations, then gradients of the sums */
  float *hidden_at; /* [T+1, B, H]: forward: slot t+1 is h_t; reverse: slot t is h_t */
  float *cell_at;   /* [T+1, B, H] */
  float *cell_tanh; /* [T, B, H] */
  float *d_hidden;  /* [B, H] */
  float *d_cell;    /* [B, H] */
  float *d_passed;  /* [B, H] part of d_hidden that passes round the product */
} lks_unroll;

/* The arrays of one call; NULL where not wanted. */
typedef struct {
  const float *input;            /* [T, B, inputs] */
  const lks_cell_state *initial; /* NULL: zero */
  const lks_cell_state *final;   /* out: the state after each row's last item */
  float *output; /* out: [T, B, output_stride], a copy; NULL: use lks_unroll_output */
  size_t output_stride;

  const float *d_output; /* [T, B, d_output_stride] */
  size_t d_output_stride;
  const lks_cell_state *d_final;
  const lks_cell_state *d_initial; /* out */
  float *d_input;                  /* out: [T, B, inputs] */
  bool add_d_input;                /* continue from what d_input holds */
} lks_unroll_call;

/* Declares the parameters "PREFIX.weight_ih_lSUFFIX" … in `params`. */
lks_status lks_unroll_declare(lks_unroll *unroll, lks_params *params, const char *prefix,
                              const char *suffix);

/* Allocates buffers; lks_unroll_release frees them. */
lks_status lks_unroll_allocate(lks_unroll *unroll, const lks_capacity *capacity);
void lks_unroll_release(lks_unroll *unroll);

/* Packs the weights: after every change of the parameters. */
void lks_unroll_pack(lks_unroll *unroll, const lks_kernels *kernels, int threads,
                     bool training);

/* The time steps of a span.  Forward in time they may come span by span: all earlier ones
 * have run; on the way back all later ones have.  A layer in reverse takes the whole pass. */
void lks_unroll_forward(lks_unroll *unroll, const lks_span *span, const lks_unroll_call *call);
void lks_unroll_backward(lks_unroll *unroll, const lks_span *span, const lks_unroll_call *call);

/* Both directions of a layer, unroll[2] and call[2], over a whole pass.  Either their sweeps
 * follow each other, all threads in each; or they run at once, half of the threads in each,
 * whose rows are then twice as many: the first training call finds out which is faster.
 * The bits are the same. */
void lks_unroll_forward_both(lks_unroll *unroll, const lks_span *span,
                             const lks_unroll_call *call);
void lks_unroll_backward_both(lks_unroll *unroll, const lks_span *span,
                              const lks_unroll_call *call);

/* Gradients of the parameters, when all time steps have gone backward. */
void lks_unroll_gradients(lks_unroll *unroll, const lks_pass *pass, const float *input,
                          const lks_unroll_scratch *scratch);

/* The outputs [T, B, H] of the last forward call. */
const float *lks_unroll_output(const lks_unroll *unroll, const lks_pass *pass);

#endif
