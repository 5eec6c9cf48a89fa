/* SPDX-License-Identifier: Apache-2.0 */
/* unroll_backward.c - backpropagation through time (Werbos 1990) of one layer.
 *
 * Against the direction of the sweep, for every item:
 *   d_h   = d_output (+ d_final at the row's last item, + what passes round the
 *           product in a GRU), continued by the chain d_gates(later) W_hh
 *   d_gates = cell backward (in the place of the activations)
 * Then, over all items at once:
 *   d_input = chain over gate columns of d_gates W_ih
 *   d_W_ih  = segmented product of d_gates and inputs;  d_W_hh with the hidden
 *             states that each item read;  biases: segmented sums of d_gates */
#include "base/fail.h"
#include "model/span_product.h"
#include "model/unroll_share.h"

#include <string.h>

typedef struct {
  lks_unroll *unroll;
  const lks_pass *pass;
  const lks_unroll_call *call;
  int first, last; /* time steps */
} sweep;

/* Rows whose later item (in the direction of the forward sweep) exists. */
static int continued_rows(const sweep *s, int t) {
  if (s->unroll->reverse)
    return t > 0 ? s->pass->active[t] : 0;
  return t + 1 < s->pass->steps ? s->pass->active[t + 1] : 0;
}

/* First row, and the one past the last, of those whose first item is at t. */
static void beginning_rows(const sweep *s, int t, int *first, int *last) {
  const lks_pass *pass = s->pass;
  *first = s->unroll->reverse && t + 1 < pass->steps ? pass->active[t + 1] : 0;
  *last = s->unroll->reverse || t == 0 ? pass->active[t] : 0;
}

/* d_hidden, own units, before the product: d_output, plus what arrives beside it. */
static void start_row(const sweep *s, const lks_share *share, int t, int row, bool continued) {
  const lks_unroll_call *call = s->call;
  const lks_kernels *kernels = s->pass->kernels;
  size_t hidden = (size_t)s->unroll->hidden, units = (size_t)share->units;
  size_t unit = (size_t)share->unit, at = (size_t)row * hidden + unit;
  float *d_hidden = s->unroll->d_hidden + at;
  if (call->d_output) {
    size_t item = (size_t)t * (size_t)s->pass->rows + (size_t)row;
    memcpy(d_hidden, call->d_output + item * call->d_output_stride + unit,
           units * sizeof(float));
  } else {
    memset(d_hidden, 0, units * sizeof(float));
  }
  if (continued) {
    if (s->unroll->cell->passes_hidden)
      kernels->add(units, d_hidden, s->unroll->d_passed + at, d_hidden);
    return;
  }
  if (call->d_final)
    kernels->add(units, d_hidden, call->d_final->hidden + at, d_hidden);
  if (!s->unroll->cell->has_cell)
    return;
  if (call->d_final)
    memcpy(s->unroll->d_cell + at, call->d_final->cell + at, units * sizeof(float));
  else
    memset(s->unroll->d_cell + at, 0, units * sizeof(float));
}

/* out [rows, H], own units, += chain over gate columns of d_gates(t) W_hh. */
static void through_hidden(const sweep *s, const lks_share *share, int t, int first, int last,
                           float *out) {
  const lks_unroll *unroll = s->unroll;
  size_t width = (size_t)unroll->cell->blocks * (size_t)unroll->hidden;
  const float *d_gates =
      unroll->gates + ((size_t)t * (size_t)s->pass->rows + (size_t)first) * width;
  lks_share_product_back(unroll, s->pass->kernels, share, last - first, d_gates, out);
}

static void gates_rows(const sweep *s, const lks_share *share, int t, int first, int last) {
  const lks_unroll *unroll = s->unroll;
  size_t hidden = (size_t)unroll->hidden, rows = (size_t)s->pass->rows, row = (size_t)first;
  size_t before = unroll->reverse ? (size_t)t + 1 : (size_t)t;
  size_t after = unroll->reverse ? (size_t)t : (size_t)t + 1, unit = (size_t)share->unit;
  size_t width = (size_t)unroll->cell->blocks * hidden, item = (size_t)t * rows + row;
  lks_gates_backward step = {
      .rows = last - first,
      .units = share->units,
      .hidden = unroll->hidden,
      .gates = unroll->gates + item * width + unit,
      .gates_stride = width,
      .hidden_prev = unroll->hidden_at + (before * rows + row) * hidden + unit,
      .hidden_next = unroll->hidden_at + (after * rows + row) * hidden + unit,
      .d_hidden = s->unroll->d_hidden + row * hidden + unit,
      .d_cell = s->unroll->d_cell + row * hidden + unit,
      .d_hidden_prev = s->unroll->d_passed + row * hidden + unit,
  };
  if (unroll->cell->has_cell) {
    step.cell_prev = unroll->cell_at + (before * rows + row) * hidden + unit;
    step.cell_tanh = unroll->cell_tanh + item * hidden + unit;
  }
  unroll->cell->backward(s->pass->kernels, &step);
}

/* Gradient of the initial state, own units, of rows whose first item is at t. */
static void initial_rows(const sweep *s, const lks_share *share, int t, int first, int last) {
  size_t hidden = (size_t)s->unroll->hidden, bytes = (size_t)share->units * sizeof(float);
  float *d_hidden = s->call->d_initial->hidden;
  for (int row = first; row < last; row++) {
    size_t at = (size_t)row * hidden + (size_t)share->unit;
    if (s->unroll->cell->passes_hidden)
      memcpy(d_hidden + at, s->unroll->d_passed + at, bytes);
    else
      memset(d_hidden + at, 0, bytes);
    if (s->unroll->cell->has_cell)
      memcpy(s->call->d_initial->cell + at, s->unroll->d_cell + at, bytes);
  }
  through_hidden(s, share, t, first, last, d_hidden + (size_t)first * hidden);
}

static int larger(int a, int b) {
  return a > b ? a : b;
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

/* Waits for the gradients of all units' gates. */
static void meet(const sweep *s, int parts) {
  if (s->unroll->split == LKS_SHARE_UNITS)
    lks_barrier_wait(&s->unroll->meeting, parts);
}

static void take_step(const sweep *s, const lks_share *share, int t) {
  int later = s->unroll->reverse ? t - 1 : t + 1;
  int end = smaller(share->last, s->pass->active[t]);
  int continued = smaller(end, continued_rows(s, t));
  if (share->first >= end || share->units == 0)
    return;
  for (int row = share->first; row < end; row++)
    start_row(s, share, t, row, row < continued);
  if (continued > share->first)
    through_hidden(s, share, later, share->first, continued,
                   s->unroll->d_hidden + (size_t)share->first * (size_t)s->unroll->hidden);
  gates_rows(s, share, t, share->first, end);
}

static void backward_body(void *context, int part, int parts) {
  const sweep *s = context;
  const lks_pass *pass = s->pass;
  int shares = lks_share_count(s->unroll, parts);
  for (int i = 0; i < s->last - s->first; i++) {
    int t = s->unroll->reverse ? s->first + i : s->last - 1 - i, begin, begin_end;
    meet(s, parts);
    for (int k = part; k < shares; k += parts) {
      lks_share share = lks_share_of(s->unroll, pass->rows, k, shares);
      take_step(s, &share, t);
    }
    beginning_rows(s, t, &begin, &begin_end);
    if (!s->call->d_initial || begin >= begin_end)
      continue;
    meet(s, parts);
    for (int k = part; k < shares; k += parts) {
      lks_share share = lks_share_of(s->unroll, pass->rows, k, shares);
      int first = larger(begin, share.first), last = smaller(begin_end, share.last);
      if (first < last && share.units > 0)
        initial_rows(s, &share, t, first, last);
    }
  }
}

/* Both directions in one region: sweeps[2]. */
static void both_body(void *context, int part, int parts) {
  const sweep *sweeps = context;
  if (parts == 1) {
    backward_body((void *)&sweeps[0], 0, 1);
    backward_body((void *)&sweeps[1], 0, 1);
    return;
  }
  int s = lks_share_sweep(&part, &parts);
  backward_body((void *)&sweeps[s], part, parts);
}

/* d_input = chain over gate columns of d_gates W_ih, of all items. */
static void run_inputs(const lks_unroll *unroll, const lks_span *span,
                       const lks_unroll_call *call) {
  const lks_cell *cell = unroll->cell;
  size_t width = (size_t)cell->blocks * (size_t)unroll->hidden, inputs = (size_t)unroll->inputs;
  for (int p = 0; call->d_input && p < cell->part_count; p++)
    lks_span_product(
        span, &(lks_item_product){
                  .inner = cell->parts[p].count * unroll->hidden,
                  .columns = unroll->inputs,
                  .left = unroll->gates + (size_t)(cell->parts[p].block * unroll->hidden),
                  .left_stride = width,
                  .packed = unroll->packed_ih_back[p],
                  .start = p > 0 || call->add_d_input ? call->d_input : NULL,
                  .start_stride = inputs,
                  .out = call->d_input,
                  .out_stride = inputs,
              });
}

void lks_unroll_backward(lks_unroll *unroll, const lks_span *span,
                         const lks_unroll_call *call) {
  const lks_pass *pass = span->pass;
  sweep s = {unroll, pass, call, span->first, span->last};
  lks_parallel(pass->threads, backward_body, &s);
  run_inputs(unroll, span, call);
}

void lks_unroll_backward_both(lks_unroll *unroll, const lks_span *span,
                              const lks_unroll_call *call) {
  const lks_pass *pass = span->pass;
  sweep sweeps[2] = {{&unroll[0], pass, &call[0], span->first, span->last},
                     {&unroll[1], pass, &call[1], span->first, span->last}};
  if (unroll->at_once) {
    lks_parallel(pass->threads, both_body, sweeps);
  } else {
    lks_parallel(pass->threads, backward_body, &sweeps[0]);
    lks_parallel(pass->threads, backward_body, &sweeps[1]);
  }
  for (int d = 0; d < 2; d++)
    run_inputs(&unroll[d], span, &call[d]);
}

/* What the parameters' gradients are made of. */
typedef struct {
  const lks_unroll *unroll;
  const lks_pass *pass;
  const float *input;
  const lks_unroll_scratch *scratch;
} gradients;

/* What goes with some gate blocks of the buffer: the blocks of a weight from `first` on, the
 * right operand [items, columns] and room for it packed. */
static lks_gradient_right right_of(const gradients *s, int weight, int first,
                                   const float *right, int columns, float *packed) {
  const lks_unroll *unroll = s->unroll;
  size_t row = (size_t)first * (size_t)unroll->hidden;
  return (lks_gradient_right){
      .right = right,
      .right_stride = (size_t)columns,
      .columns = columns,
      .packed = packed,
      .offset = lks_params_at(unroll->params, weight)->offset + row * (size_t)columns,
      .stride = (size_t)columns,
  };
}

static lks_gradient_right input_right(const gradients *s, int first) {
  return right_of(s, s->unroll->weight_ih, first, s->input, s->unroll->inputs,
                  s->scratch->packed_inputs);
}

/* The hidden weights were multiplied with the states that each item read. */
static lks_gradient_right hidden_right(const gradients *s, int first) {
  const lks_unroll *unroll = s->unroll;
  size_t slot = unroll->reverse ? (size_t)s->pass->rows * (size_t)unroll->hidden : 0;
  return right_of(s, unroll->weight_hh, first, unroll->hidden_at + slot, unroll->hidden,
                  s->scratch->packed_hidden);
}

/* Gradients over the gate blocks from `block` of the buffer on: of a bias from block `first`
 * on, and of weights to come. */
static lks_segmented gradients_over(const gradients *s, int block, int bias, int first) {
  const lks_unroll *unroll = s->unroll;
  return (lks_segmented){
      .segments = s->pass->segments,
      .left = unroll->gates + (size_t)(block * unroll->hidden),
      .left_stride = (size_t)(unroll->cell->blocks * unroll->hidden),
      .bias = lks_params_at(unroll->params, bias)->offset + (size_t)(first * unroll->hidden),
      .outputs = s->pass->gradients,
  };
}

static void multiply(const gradients *s, const lks_segmented *product, int count) {
  lks_weight_gradients(s->pass->kernels, s->pass->threads, product, count * s->unroll->hidden,
                       s->scratch->gradient);
}

/* A gate block of one side only: of a weight and its bias from block `first` on. */
static void one_side(const gradients *s, lks_gradient_right side, int bias, int first,
                     int count, int block) {
  lks_segmented product = gradients_over(s, block, bias, first);
  product.rights = 1;
  product.right[0] = side;
  multiply(s, &product, count);
}

/* Where a gate is one chain over inputs and hidden units both its biases have the same
 * gradient. */
static void copy_bias_gradient(const gradients *s, int first, int count) {
  const lks_segments *segments = s->pass->segments;
  const lks_unroll *unroll = s->unroll;
  size_t hidden = (size_t)unroll->hidden, place = (size_t)first * hidden;
  size_t from = lks_params_at(unroll->params, unroll->bias_hh)->offset + place;
  size_t to = lks_params_at(unroll->params, unroll->bias_ih)->offset + place;
  for (int o = 0; o < segments->outputs; o++)
    if (segments->output_first[o] < segments->output_first[o + 1])
      memcpy(s->pass->gradients[o] + to, s->pass->gradients[o] + from,
             (size_t)count * hidden * sizeof(float));
}

/* Gate blocks that are one chain over inputs and hidden units. */
static void both_sides(const gradients *s, int first, int count) {
  lks_segmented product = gradients_over(s, first, s->unroll->bias_hh, first);
  product.rights = 2;
  product.right[0] = hidden_right(s, first);
  product.right[1] = input_right(s, first);
  multiply(s, &product, count);
  copy_bias_gradient(s, first, count);
}

void lks_unroll_gradients(lks_unroll *unroll, const lks_pass *pass, const float *input,
                          const lks_unroll_scratch *scratch) {
  const gradients g = {unroll, pass, input, scratch}, *s = &g;
  const lks_cell *cell = unroll->cell;
  for (int p = 0; p < cell->part_count; p++) {
    lks_cell_part part = cell->parts[p];
    LKS_ASSERT(part.block >= cell->gates || part.block == part.first);
    if (part.block < cell->gates)
      both_sides(s, part.first, part.count);
    else
      one_side(s, input_right(s, part.first), unroll->bias_ih, part.first, part.count,
               part.block);
  }
  if (cell->hidden_only >= 0)
    one_side(s, hidden_right(s, cell->hidden_only), unroll->bias_hh, cell->hidden_only, 1,
             cell->hidden_only);
}
