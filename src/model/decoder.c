/* SPDX-License-Identifier: Apache-2.0 */
/* decoder.c - who feeds whom, span by span: one span, or one for every time step. */
#include "model/decoder.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/dense.h"

#include <stdio.h>
#include <string.h>

struct lks_decoder {
  lks_decoder_setup setup;
  int hidden, units; /* H, E */
  lks_recurrent *recurrent;
  lks_attention *attention;
  lks_dense *combine;
  float *input;     /* [T, B, E + H] with input feeding, else NULL */
  float *joined;    /* [T, B, K + H] contexts and states */
  float *combined;  /* [T, B, H] tanh */
  float *output;    /* [T, B, H] after dropout; NULL: combined */
  float *d_joined;  /* [T, B, K + H] */
  float *d_top;     /* [T, B, H] */
  float *d_input;   /* [T, B, E + H] */
  const float *top; /* [T, B, H] of the stack, of the last forward call */
};

lks_status lks_decoder_create(lks_decoder **decoder, const lks_decoder_setup *setup,
                              lks_params *params) {
  lks_status status;
  lks_decoder *d;
  char name[128];
  *decoder = NULL;
  LKS_TRY(lks_allocate(&d, 1, sizeof *d));
  d->setup = *setup;
  d->hidden = setup->recurrent.hidden;
  d->units = setup->recurrent.inputs;
  snprintf(name, sizeof name, "%s.combine", setup->name);
  LKS_TRY_OR(
      cleanup, status,
      lks_dense_create_plain(&d->combine, params, name, setup->keys + d->hidden, d->hidden));
  snprintf(name, sizeof name, "%s.attention", setup->name);
  lks_attention_setup attention = {name, setup->attention, d->hidden, setup->keys,
                                   setup->units};
  LKS_TRY_OR(cleanup, status, lks_attention_create(&d->attention, &attention, params));
  lks_recurrent_setup recurrent = setup->recurrent;
  recurrent.inputs += setup->input_feeding ? d->hidden : 0;
  LKS_TRY_OR(cleanup, status, lks_recurrent_create(&d->recurrent, &recurrent, params));
  *decoder = d;
  return LKS_OK;
cleanup:
  lks_decoder_destroy(d);
  return status;
}

static lks_status allocate_training(lks_decoder *d, size_t items) {
  size_t hidden = (size_t)d->hidden, joined = (size_t)d->setup.keys + hidden;
  size_t input = (size_t)d->units + hidden;
  if (d->setup.recurrent.dropout.drop > 0)
    LKS_TRY(lks_allocate(&d->output, items * hidden, sizeof(float)));
  if (d->setup.input_feeding)
    LKS_TRY(lks_allocate(&d->d_input, items * input, sizeof(float)));
  LKS_TRY(lks_allocate(&d->d_top, items * hidden, sizeof(float)));
  return lks_allocate(&d->d_joined, items * joined, sizeof(float));
}

lks_status lks_decoder_allocate(lks_decoder *d, const lks_capacity *targets,
                                const lks_capacity *sources) {
  size_t items = (size_t)targets->items, hidden = (size_t)d->hidden;
  LKS_TRY(lks_recurrent_allocate(d->recurrent, targets));
  LKS_TRY(lks_attention_allocate(d->attention, targets, sources));
  LKS_TRY(lks_dense_allocate(d->combine, targets, targets->items));
  if (d->setup.input_feeding)
    LKS_TRY(lks_allocate(&d->input, items * ((size_t)d->units + hidden), sizeof(float)));
  LKS_TRY(lks_allocate(&d->joined, items * ((size_t)d->setup.keys + hidden), sizeof(float)));
  LKS_TRY(lks_allocate(&d->combined, items * hidden, sizeof(float)));
  return targets->training ? allocate_training(d, items) : LKS_OK;
}

void lks_decoder_destroy(lks_decoder *d) {
  if (!d)
    return;
  lks_release(d->d_input);
  lks_release(d->d_top);
  lks_release(d->d_joined);
  lks_release(d->output);
  lks_release(d->combined);
  lks_release(d->joined);
  lks_release(d->input);
  lks_recurrent_destroy(d->recurrent);
  lks_attention_destroy(d->attention);
  lks_dense_destroy(d->combine);
  lks_release(d);
}

void lks_decoder_pack(lks_decoder *d, const lks_kernels *kernels, int threads, bool training) {
  lks_dense_pack(d->combine, kernels, threads, training);
  lks_attention_pack(d->attention, kernels, threads, training);
  lks_recurrent_pack(d->recurrent, kernels, threads, training);
}

lks_recurrent *lks_decoder_recurrent(lks_decoder *decoder) {
  return decoder->recurrent;
}

const lks_attention *lks_decoder_attention(const lks_decoder *decoder) {
  return decoder->attention;
}

void lks_decoder_start(lks_decoder *d, const lks_ragged *sources, const float *keys) {
  lks_attention_start(d->attention, sources, keys);
}

/* One span of a call. */
typedef struct {
  lks_decoder *decoder;
  const lks_span *span;
  const lks_decoder_call *call;
  const lks_decoder_back *back;
  const float *output; /* [T, B, H] */
  void (*take)(const void *job, size_t item, int t, int row);
} job;

/* Calls `take` for every active item of the span; threads share rows. */
static void items_body(void *context, int part, int parts) {
  const job *j = context;
  const lks_pass *pass = j->span->pass;
  for (int t = j->span->first; t < j->span->last; t++) {
    int first, last;
    lks_parallel_slice(pass->active[t], 1, part, parts, &first, &last);
    for (int row = first; row < last; row++)
      j->take(j, (size_t)t * (size_t)pass->rows + (size_t)row, t, row);
  }
}

static void for_items(job *j, void (*take)(const void *job, size_t item, int t, int row)) {
  j->take = take;
  lks_parallel(j->span->pass->threads, items_body, j);
}

/* input = [e_t; y_{t-1}] */
static void join_input(const void *of, size_t item, int t, int row) {
  const job *j = of;
  const lks_decoder *d = j->decoder;
  size_t units = (size_t)d->units, hidden = (size_t)d->hidden;
  size_t rows = (size_t)j->span->pass->rows;
  float *to = d->input + item * (units + hidden);
  const float *fed = t > 0          ? j->output + (item - rows) * hidden
                     : j->call->fed ? j->call->fed + (size_t)row * hidden
                                    : NULL;
  memcpy(to, j->call->embedded + item * units, units * sizeof(float));
  if (fed)
    memcpy(to + units, fed, hidden * sizeof(float));
  else
    memset(to + units, 0, hidden * sizeof(float));
}

/* The second half of joined; attention writes the first. */
static void join_state(const void *of, size_t item, int t, int row) {
  const lks_decoder *d = ((const job *)of)->decoder;
  size_t keys = (size_t)d->setup.keys, hidden = (size_t)d->hidden;
  (void)t, (void)row;
  memcpy(d->joined + item * (keys + hidden) + keys, d->top + item * hidden,
         hidden * sizeof(float));
}

static void bend(const void *of, size_t item, int t, int row) {
  const job *j = of;
  size_t hidden = (size_t)j->decoder->hidden;
  float *combined = j->decoder->combined + item * hidden;
  (void)t, (void)row;
  j->span->pass->kernels->tanh(hidden, combined, combined);
}

static lks_attention_call attention_call(const lks_decoder *d, const int *source) {
  size_t keys = (size_t)d->setup.keys, joined = keys + (size_t)d->hidden;
  return (lks_attention_call){
      .source = source,
      .queries = d->top,
      .context = d->joined,
      .context_stride = joined,
      .d_context = d->d_joined,
      .d_context_stride = joined,
      .d_beside = d->d_joined ? d->d_joined + keys : NULL,
      .d_beside_stride = joined,
      .d_queries = d->d_top,
  };
}

static void forward_span(job *j, float *output) {
  lks_decoder *d = j->decoder;
  const lks_span *span = j->span;
  const float *input = j->call->embedded;
  if (d->input) {
    for_items(j, join_input);
    input = d->input;
  }
  d->top = lks_recurrent_advance(d->recurrent, span, input, j->call->initial, j->call->final);
  lks_attention_call attention = attention_call(d, j->call->source);
  lks_attention_forward(d->attention, span, &attention);
  for_items(j, join_state);
  lks_dense_forward_span(d->combine, span, d->joined, d->combined);
  for_items(j, bend);
  lks_dropout_apply_span(span, &d->setup.recurrent.dropout, d->setup.dropout_site, d->hidden,
                         d->combined, output);
}

const float *lks_decoder_forward(lks_decoder *d, const lks_pass *pass,
                                 const lks_decoder_call *call) {
  float *output = d->output && pass->training ? d->output : d->combined;
  int step = d->input ? 1 : pass->steps;
  for (int t = 0; t < pass->steps; t += step) {
    lks_span span = {pass, t, t + step};
    forward_span(&(job){.decoder = d, .span = &span, .call = call, .output = output}, output);
  }
  return output;
}

/* What the next step's input hands back. */
static void add_fed(const void *of, size_t item, int t, int row) {
  const job *j = of;
  const lks_decoder *d = j->decoder;
  const lks_pass *pass = j->span->pass;
  size_t units = (size_t)d->units, hidden = (size_t)d->hidden,
         later = item + (size_t)pass->rows;
  float *to = j->back->d_output + item * hidden;
  if (t + 1 < pass->steps && row < pass->active[t + 1])
    pass->kernels->add(hidden, to, d->d_input + later * (units + hidden) + units, to);
}

/* d tanh */
static void bend_back(const void *of, size_t item, int t, int row) {
  const job *j = of;
  size_t hidden = (size_t)j->decoder->hidden;
  const float *y = j->decoder->combined + item * hidden;
  float *d = j->back->d_output + item * hidden;
  (void)t, (void)row;
  for (size_t u = 0; u < hidden; u++)
    d[u] *= 1.0f - y[u] * y[u];
}

static void part_input(const void *of, size_t item, int t, int row) {
  const job *j = of;
  const lks_decoder *d = j->decoder;
  size_t units = (size_t)d->units;
  (void)t, (void)row;
  memcpy(j->back->d_embedded + item * units, d->d_input + item * (units + (size_t)d->hidden),
         units * sizeof(float));
}

static void backward_span(job *j) {
  lks_decoder *d = j->decoder;
  const lks_span *span = j->span;
  const lks_decoder_back *back = j->back;
  if (d->input)
    for_items(j, add_fed);
  lks_dropout_apply_span(span, &d->setup.recurrent.dropout, d->setup.dropout_site, d->hidden,
                         back->d_output, back->d_output);
  for_items(j, bend_back);
  lks_dense_backward_span(d->combine, span, back->d_output, NULL, 0, d->d_joined);
  lks_attention_call attention = attention_call(d, j->call->source);
  lks_attention_backward(d->attention, span, &attention);
  lks_recurrent_retreat(
      d->recurrent, span,
      &(lks_recurrent_back){.d_output = d->d_top,
                            .d_initial = back->d_initial,
                            .d_input = d->input ? d->d_input : back->d_embedded});
  if (d->input)
    for_items(j, part_input);
}

void lks_decoder_backward(lks_decoder *d, const lks_pass *pass, const lks_decoder_call *call,
                          const lks_decoder_back *back) {
  int step = d->input ? 1 : pass->steps;
  for (int t = pass->steps - step; t >= 0 && step > 0; t -= step) {
    lks_span span = {pass, t, t + step};
    backward_span(&(job){.decoder = d, .span = &span, .call = call, .back = back});
  }
  lks_dense_gradients(d->combine, pass, d->joined, back->d_output);
  lks_attention_call attention = attention_call(d, call->source);
  attention.d_keys = back->d_keys;
  lks_attention_gradients(d->attention, pass, &attention);
  lks_recurrent_gradients(d->recurrent, pass);
}
