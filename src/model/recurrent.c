/* SPDX-License-Identifier: Apache-2.0 */
/* recurrent.c - the stack: who feeds whom, in both passes. */
#include "model/recurrent.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdio.h>

struct lks_recurrent {
  lks_recurrent_setup setup;
  int directions;
  lks_unroll *layers;   /* [layers x directions] */
  float **joined;       /* [layers] outputs of both directions [T, B, 2H]; else NULL */
  float **dropped;      /* [layers] outputs after dropout; NULL where nothing drops */
  const float **inputs; /* [layers] what the last forward call fed to each */
  float *d_between[2];  /* gradients between layers, used in turn */
  lks_unroll_scratch scratch;
};

int lks_recurrent_outputs(const lks_recurrent *recurrent) {
  return recurrent->setup.hidden * recurrent->directions;
}

int lks_recurrent_states(const lks_recurrent *recurrent) {
  return recurrent->setup.layers * recurrent->directions;
}

static lks_unroll *at(const lks_recurrent *recurrent, int layer, int direction) {
  return &recurrent->layers[layer * recurrent->directions + direction];
}

const lks_unroll *lks_recurrent_layer(const lks_recurrent *recurrent, int layer,
                                      int direction) {
  return at(recurrent, layer, direction);
}

static lks_status declare(lks_recurrent *recurrent, lks_params *params) {
  const lks_recurrent_setup *setup = &recurrent->setup;
  for (int l = setup->layers - 1; l >= 0; l--)
    for (int d = 0; d < recurrent->directions; d++) {
      char suffix[32];
      snprintf(suffix, sizeof suffix, d ? "%d_reverse" : "%d", l);
      lks_unroll *unroll = at(recurrent, l, d);
      unroll->cell = setup->cell;
      unroll->inputs = l == 0 ? setup->inputs : lks_recurrent_outputs(recurrent);
      unroll->hidden = setup->hidden;
      unroll->reverse = d == 1;
      LKS_TRY(lks_unroll_declare(unroll, params, setup->prefix, suffix));
    }
  return LKS_OK;
}

lks_status lks_recurrent_create(lks_recurrent **recurrent, const lks_recurrent_setup *setup,
                                lks_params *params) {
  lks_status status;
  size_t layers = (size_t)setup->layers;
  *recurrent = NULL;
  lks_recurrent *r;
  LKS_TRY(lks_allocate(&r, 1, sizeof *r));
  r->setup = *setup;
  r->directions = setup->bidirectional ? 2 : 1;
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&r->layers, layers * (size_t)r->directions, sizeof *r->layers));
  LKS_TRY_OR(cleanup, status, lks_allocate(&r->joined, layers, sizeof *r->joined));
  LKS_TRY_OR(cleanup, status, lks_allocate(&r->dropped, layers, sizeof *r->dropped));
  LKS_TRY_OR(cleanup, status, lks_allocate(&r->inputs, layers, sizeof *r->inputs));
  LKS_TRY_OR(cleanup, status, declare(r, params));
  *recurrent = r;
  return LKS_OK;
cleanup:
  lks_recurrent_destroy(r);
  return status;
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

static lks_status allocate_scratch(lks_recurrent *r, const lks_capacity *capacity) {
  const lks_kernels *kernels = capacity->kernels;
  int hidden = r->setup.hidden, items = capacity->items;
  size_t inputs = 0;
  size_t gradient = 0;
  for (int l = 0; l < r->setup.layers; l++) {
    int columns = at(r, l, 0)->inputs;
    inputs = larger(inputs, kernels->packed_terms_floats(items, columns));
    gradient = larger(gradient, kernels->segmented_scratch_floats(items, hidden + columns));
  }
  LKS_TRY(lks_allocate(&r->scratch.packed_inputs, inputs, sizeof(float)));
  LKS_TRY(lks_allocate(&r->scratch.packed_hidden, kernels->packed_terms_floats(items, hidden),
                       sizeof(float)));
  return lks_allocate(&r->scratch.gradient, gradient * (size_t)capacity->threads,
                      sizeof(float));
}

lks_status lks_recurrent_allocate(lks_recurrent *r, const lks_capacity *capacity) {
  size_t outputs = (size_t)capacity->items * (size_t)lks_recurrent_outputs(r);
  for (int i = 0; i < lks_recurrent_states(r); i++)
    LKS_TRY(lks_unroll_allocate(&r->layers[i], capacity));
  for (int l = 0; l < r->setup.layers; l++) {
    if (r->directions == 2)
      LKS_TRY(lks_allocate(&r->joined[l], outputs, sizeof(float)));
    if (r->setup.dropout.drop > 0 && capacity->training && l + 1 < r->setup.layers)
      LKS_TRY(lks_allocate(&r->dropped[l], outputs, sizeof(float)));
  }
  if (!capacity->training)
    return LKS_OK;
  for (int i = 0; i < 2 && r->setup.layers > 1; i++)
    LKS_TRY(lks_allocate(&r->d_between[i], outputs, sizeof(float)));
  return allocate_scratch(r, capacity);
}

void lks_recurrent_destroy(lks_recurrent *r) {
  if (!r)
    return;
  lks_release(r->scratch.gradient);
  lks_release(r->scratch.packed_hidden);
  lks_release(r->scratch.packed_inputs);
  lks_release(r->d_between[1]);
  lks_release(r->d_between[0]);
  for (int l = 0; l < r->setup.layers; l++) {
    if (r->dropped)
      lks_release(r->dropped[l]);
    if (r->joined)
      lks_release(r->joined[l]);
  }
  for (int i = 0; r->layers && i < lks_recurrent_states(r); i++)
    lks_unroll_release(&r->layers[i]);
  lks_release(r->inputs);
  lks_release(r->dropped);
  lks_release(r->joined);
  lks_release(r->layers);
  lks_release(r);
}

void lks_recurrent_pack(lks_recurrent *r, const lks_kernels *kernels, int threads,
                        bool training) {
  for (int i = 0; i < lks_recurrent_states(r); i++)
    lks_unroll_pack(&r->layers[i], kernels, threads, training);
}

void lks_recurrent_share(lks_recurrent *r, lks_share_kind kind) {
  for (int i = 0; i < lks_recurrent_states(r); i++)
    if (kind == LKS_SHARE_ROWS || r->layers[i].can_split) {
      r->layers[i].split = kind;
      r->layers[i].has_chosen = true;
    }
  lks_recurrent_pair(r, false);
}

void lks_recurrent_pair(lks_recurrent *r, bool at_once) {
  for (int i = 0; i < lks_recurrent_states(r); i++) {
    r->layers[i].at_once = at_once;
    r->layers[i].has_paired = true;
  }
}

const float *lks_recurrent_advance(lks_recurrent *r, const lks_span *span, const float *input,
                                   const lks_cell_state *initial, const lks_cell_state *final) {
  const lks_pass *pass = span->pass;
  const float *current = input;
  size_t hidden = (size_t)r->setup.hidden;
  for (int l = 0; l < r->setup.layers; l++) {
    r->inputs[l] = current;
    lks_unroll_call call[2];
    for (int d = 0; d < r->directions; d++) {
      int state = l * r->directions + d;
      call[d] = (lks_unroll_call){
          .input = current,
          .initial = initial ? &initial[state] : NULL,
          .final = final ? &final[state] : NULL,
          .output = r->joined[l] ? r->joined[l] + (size_t)d * hidden : NULL,
          .output_stride = 2 * hidden,
      };
    }
    if (r->directions == 2)
      lks_unroll_forward_both(at(r, l, 0), span, call);
    else
      lks_unroll_forward(at(r, l, 0), span, call);
    current = r->joined[l] ? r->joined[l] : lks_unroll_output(at(r, l, 0), pass);
    if (r->dropped[l] && pass->training) {
      lks_dropout_apply_span(span, &r->setup.dropout, r->setup.dropout_site + (unsigned)l,
                             lks_recurrent_outputs(r), current, r->dropped[l]);
      current = r->dropped[l];
    }
  }
  return current;
}

const float *lks_recurrent_forward(lks_recurrent *r, const lks_pass *pass, const float *input,
                                   const lks_cell_state *initial, const lks_cell_state *final) {
  lks_span span = lks_span_whole(pass);
  return lks_recurrent_advance(r, &span, input, initial, final);
}

/* Layer l back over a span; returns the gradient of what it was fed. */
static float *layer_back(lks_recurrent *r, const lks_span *span, int l, const float *d_output,
                         const lks_recurrent_back *back) {
  float *d_below = l == 0 ? back->d_input : r->d_between[l % 2];
  lks_unroll_call call[2];
  for (int d = 0; d < r->directions; d++) {
    int state = l * r->directions + d;
    call[d] = (lks_unroll_call){
        .d_output = d_output ? d_output + (size_t)d * (size_t)r->setup.hidden : NULL,
        .d_output_stride = (size_t)lks_recurrent_outputs(r),
        .d_final = back->d_final ? &back->d_final[state] : NULL,
        .d_initial = back->d_initial ? &back->d_initial[state] : NULL,
        .d_input = d_below,
        .add_d_input = d > 0,
    };
  }
  if (r->directions == 2)
    lks_unroll_backward_both(at(r, l, 0), span, call);
  else
    lks_unroll_backward(at(r, l, 0), span, call);
  if (l > 0 && r->dropped[l - 1])
    lks_dropout_apply_span(span, &r->setup.dropout, r->setup.dropout_site + (unsigned)(l - 1),
                           lks_recurrent_outputs(r), d_below, d_below);
  return d_below;
}

static void layer_gradients(lks_recurrent *r, const lks_pass *pass, int l) {
  for (int d = 0; d < r->directions; d++)
    lks_unroll_gradients(at(r, l, d), pass, r->inputs[l], &r->scratch);
}

void lks_recurrent_retreat(lks_recurrent *r, const lks_span *span,
                           const lks_recurrent_back *back) {
  const float *d_current = back->d_output;
  for (int l = r->setup.layers - 1; l >= 0; l--)
    d_current = layer_back(r, span, l, d_current, back);
}

void lks_recurrent_gradients(lks_recurrent *r, const lks_pass *pass) {
  for (int l = r->setup.layers - 1; l >= 0; l--)
    layer_gradients(r, pass, l);
}

void lks_recurrent_backward(lks_recurrent *r, const lks_pass *pass, float *d_output,
                            const lks_cell_state *d_final, const lks_cell_state *d_initial,
                            float *d_input) {
  const lks_recurrent_back back = {d_output, d_final, d_initial, d_input};
  const lks_span span = lks_span_whole(pass);
  const float *d_current = d_output;
  for (int l = r->setup.layers - 1; l >= 0; l--) {
    d_current = layer_back(r, &span, l, d_current, &back);
    layer_gradients(r, pass, l);
  }
}
