/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_network.c - forward and back.
 *
 * What belongs to one window is done by one thread, windows shared out among threads;
 * all sums over windows are the model's, in the order of the segments. */
#include "task/forecast_network.h"

#include <string.h>

lks_forecast_window lks_forecast_window_at(const lks_forecast_call *call, int b) {
  const lks_forecast_setup *s = &call->network->setup;
  size_t values = (size_t)lks_window_span(call->plan) * (size_t)s->table->columns;
  return (lks_forecast_window){
      .setup = s,
      .plan = call->plan,
      .rows = call->windows + (size_t)b * values,
      .series = &s->table->series[call->series[b]],
  };
}

int lks_forecast_item_values(const lks_forecast_setup *setup) {
  return (setup->recursive ? 1 : setup->horizon) * setup->targets;
}

/* Scaling, bases and inputs of one window. */
static void prepare_window(const lks_forecast_call *call, int b) {
  lks_forecast_network *m = call->network;
  const lks_forecast_setup *s = &m->setup;
  size_t targets = (size_t)s->targets, inputs = (size_t)s->inputs;
  size_t rows = (size_t)call->pass->rows, row = (size_t)b;
  lks_forecast_window window = lks_forecast_window_at(call, b);
  float *scaling = m->scaling + row * targets * LKS_FORECAST_SCALING;
  lks_forecast_window_scale(&window, scaling);
  lks_forecast_window_base(&window, scaling, m->base + row * (size_t)s->horizon * targets);
  for (int t = s->recurrent ? 0 : s->window - 1; t < s->window; t++) {
    size_t item = (s->recurrent ? (size_t)t * rows : 0) + row;
    float *to = m->inputs + item * inputs;
    lks_forecast_window_inputs(&window, scaling, t, to);
    if (s->embedding > 0)
      memcpy(to + s->inputs - s->embedding, m->vectors + row * (size_t)s->embedding,
             (size_t)s->embedding * sizeof *to);
  }
  if (s->extra > 0)
    lks_forecast_window_known(&window, m->feature + row * (size_t)m->features + m->units);
}

static void prepare_body(void *context, int part, int parts) {
  const lks_forecast_call *call = context;
  int first, last;
  lks_parallel_slice(call->pass->rows, 1, part, parts, &first, &last);
  for (int b = first; b < last; b++)
    prepare_window(call, b);
}

/* A pass over the same rows as one time step. */
static lks_pass as_one_step(const lks_pass *pass) {
  lks_pass one = *pass;
  one.steps = 1;
  return one;
}

/* Feed-forward layers; returns their last output [B, hidden]. */
static const float *run_layers(lks_forecast_network *m, const lks_pass *one) {
  const float *x = m->inputs;
  size_t count = (size_t)one->rows * (size_t)m->units;
  for (int l = 0; l < m->layers; l++) {
    lks_dense_forward(m->layer[l], one, x, m->activation[l]);
    one->kernels->tanh(count, m->activation[l], m->activation[l]);
    x = m->activation[l];
  }
  return x;
}

/* Puts the features of one step behind one another: [B, units] and what is known. */
static void gather_features(lks_forecast_network *m, int rows, const float *top) {
  for (int b = 0; b < rows; b++)
    memcpy(m->feature + (size_t)b * (size_t)m->features, top + (size_t)b * (size_t)m->units,
           (size_t)m->units * sizeof *top);
}

void lks_forecast_network_head(const lks_forecast_call *call, const float *top, float *raw) {
  lks_pass one = as_one_step(call->pass);
  gather_features(call->network, one.rows, top);
  lks_dense_forward(call->network->head, &one, call->network->feature, raw);
}

void lks_forecast_network_run(const lks_forecast_call *call, const lks_cell_state *final) {
  lks_forecast_network *m = call->network;
  const lks_forecast_setup *s = &m->setup;
  const lks_pass *pass = call->pass;
  lks_pass one = as_one_step(pass);
  size_t last = (size_t)(s->window - 1) * (size_t)pass->rows * (size_t)m->units;
  if (m->embedding)
    lks_embedding_forward(m->embedding, &one, call->series, m->vectors);
  lks_parallel(pass->threads, prepare_body, (void *)(uintptr_t)call);
  if (!s->recurrent) {
    const float *top = run_layers(m, &one);
    lks_dropout_apply(&one, &m->dropout, (unsigned)m->layers, m->units, top, m->top);
    lks_forecast_network_head(call, m->top, m->raw);
    return;
  }
  const float *top = lks_recurrent_forward(m->recurrent, pass, m->inputs, NULL, final);
  if (s->recursive && pass->training) {
    lks_dropout_apply(pass, &m->dropout, (unsigned)m->layers, m->units, top, m->top);
    lks_dense_forward(m->head, pass, m->top, m->raw);
  } else {
    lks_dropout_apply(&one, &m->dropout, (unsigned)m->layers, m->units, top + last, m->top);
    lks_forecast_network_head(call, m->top, m->raw);
  }
}

/* Back through the feed-forward layers from m->d_top [B, units]. */
static void back_through_layers(lks_forecast_network *m, const lks_pass *pass) {
  size_t count = (size_t)pass->rows * (size_t)m->units;
  for (int l = m->layers - 1; l >= 0; l--) {
    const float *y = m->activation[l];
    for (size_t i = 0; i < count; i++)
      m->d_top[i] *= 1 - y[i] * y[i];
    bool first = l == 0;
    float *d_x = first ? m->d_inputs : m->d_feature;
    lks_dense_backward(m->layer[l], pass, first ? m->inputs : m->activation[l - 1], m->d_top,
                       d_x);
    if (!first)
      memcpy(m->d_top, d_x, count * sizeof *d_x);
  }
}

/* Adds up, over time, the gradients of the series' vectors. */
static void gather_vectors(lks_forecast_network *m, const lks_pass *pass) {
  const lks_forecast_setup *s = &m->setup;
  size_t units = (size_t)s->embedding, inputs = (size_t)s->inputs, rows = (size_t)pass->rows;
  size_t steps = s->recurrent ? (size_t)pass->steps : 1;
  memset(m->d_vectors, 0, rows * units * sizeof *m->d_vectors);
  for (size_t item = 0; item < steps * rows; item++) {
    const float *from = m->d_inputs + (item + 1) * inputs - units;
    float *to = m->d_vectors + item % rows * units;
    for (size_t u = 0; u < units; u++)
      to[u] += from[u];
  }
}

/* Back through the head to the features of the last step, in the last row of d_top. */
static void back_from_last(const lks_forecast_call *call, const lks_pass *row_pass) {
  lks_forecast_network *m = call->network;
  size_t rows = (size_t)call->pass->rows, units = (size_t)m->units;
  size_t steps = m->setup.recurrent ? (size_t)call->pass->steps : 1;
  float *last = m->d_top + (steps - 1) * rows * units;
  lks_dense_backward(m->head, row_pass, m->feature, m->d_raw, m->d_feature);
  memset(m->d_top, 0, (steps - 1) * rows * units * sizeof *m->d_top);
  for (size_t b = 0; b < rows; b++)
    memcpy(last + b * units, m->d_feature + b * (size_t)m->features, units * sizeof *last);
  lks_dropout_apply(row_pass, &m->dropout, (unsigned)m->layers, m->units, last, last);
}

void lks_forecast_network_back(const lks_forecast_call *call, const lks_pass *row_pass,
                               float *const *buffers, int buffer_count) {
  lks_forecast_network *m = call->network;
  const lks_pass *pass = call->pass;
  if (m->setup.recursive) {
    lks_dense_backward(m->head, pass, m->top, m->d_raw, m->d_top);
    lks_dropout_apply(pass, &m->dropout, (unsigned)m->layers, m->units, m->d_top, m->d_top);
  } else {
    back_from_last(call, row_pass);
  }
  if (m->setup.recurrent)
    lks_recurrent_backward(m->recurrent, pass, m->d_top, NULL, NULL, m->d_inputs);
  else
    back_through_layers(m, row_pass);
  if (!m->embedding)
    return;
  gather_vectors(m, pass);
  lks_embedding_backward(m->embedding, row_pass, call->series, m->d_vectors, buffers,
                         buffer_count);
}
