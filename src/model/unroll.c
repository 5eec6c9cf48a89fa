/* SPDX-License-Identifier: Apache-2.0 */
/* unroll.c - parameters, packing and the forward sweep; unroll_backward.c has the rest. */
#include "model/unroll.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "model/span_product.h"
#include "model/unroll_share.h"

#include <stdio.h>
#include <string.h>

static lks_status declare(lks_unroll *unroll, const char *prefix, const char *what,
                          const char *suffix, lks_shape shape, unsigned flags, int *index) {
  char name[128];
  snprintf(name, sizeof name, "%s.%s_l%s", prefix, what, suffix);
  return lks_params_add(unroll->params, name, shape, flags, index);
}

lks_status lks_unroll_declare(lks_unroll *unroll, lks_params *params, const char *prefix,
                              const char *suffix) {
  size_t hidden = (size_t)unroll->hidden;
  size_t rows = (size_t)unroll->cell->gates * hidden;
  unroll->params = params;
  LKS_TRY(declare(unroll, prefix, "weight_ih", suffix,
                  lks_shape_2(rows, (size_t)unroll->inputs), 0, &unroll->weight_ih));
  LKS_TRY(declare(unroll, prefix, "weight_hh", suffix, lks_shape_2(rows, hidden), 0,
                  &unroll->weight_hh));
  LKS_TRY(declare(unroll, prefix, "bias_ih", suffix, lks_shape_1(rows), LKS_PARAM_NO_DECAY,
                  &unroll->bias_ih));
  LKS_TRY(declare(unroll, prefix, "bias_hh", suffix, lks_shape_1(rows), LKS_PARAM_NO_DECAY,
                  &unroll->bias_hh));
  return LKS_OK;
}

static lks_status allocate_packed(lks_unroll *unroll, const lks_capacity *capacity) {
  const lks_kernels *kernels = capacity->kernels;
  for (int p = 0; p < unroll->cell->part_count; p++) {
    int part = unroll->cell->parts[p].count * unroll->hidden;
    LKS_TRY(lks_allocate(&unroll->packed_ih[p], kernels->packed_floats(unroll->inputs, part),
                         sizeof(float)));
    if (capacity->training)
      LKS_TRY(lks_allocate(&unroll->packed_ih_back[p],
                           kernels->packed_floats(part, unroll->inputs), sizeof(float)));
  }
  return lks_share_allocate(unroll, capacity);
}

lks_status lks_unroll_allocate(lks_unroll *unroll, const lks_capacity *capacity) {
  size_t hidden = (size_t)unroll->hidden;
  size_t width = (size_t)unroll->cell->blocks * hidden;
  size_t items = (size_t)capacity->items, slots = items + (size_t)capacity->rows;
  LKS_TRY(allocate_packed(unroll, capacity));
  LKS_TRY(lks_allocate(&unroll->bias, width, sizeof(float)));
  LKS_TRY(lks_allocate(&unroll->gates, items * width, sizeof(float)));
  LKS_TRY(lks_allocate(&unroll->hidden_at, slots * hidden, sizeof(float)));
  if (unroll->cell->has_cell) {
    LKS_TRY(lks_allocate(&unroll->cell_at, slots * hidden, sizeof(float)));
    LKS_TRY(lks_allocate(&unroll->cell_tanh, items * hidden, sizeof(float)));
  }
  if (!capacity->training)
    return LKS_OK;
  size_t state = (size_t)capacity->rows * hidden;
  LKS_TRY(lks_allocate(&unroll->d_hidden, state, sizeof(float)));
  LKS_TRY(lks_allocate(&unroll->d_cell, state, sizeof(float)));
  return lks_allocate(&unroll->d_passed, state, sizeof(float));
}

void lks_unroll_release(lks_unroll *unroll) {
  lks_release(unroll->d_passed);
  lks_release(unroll->d_cell);
  lks_release(unroll->d_hidden);
  lks_release(unroll->cell_tanh);
  lks_release(unroll->cell_at);
  lks_release(unroll->hidden_at);
  lks_release(unroll->gates);
  lks_release(unroll->bias);
  lks_release(unroll->packed_hh_back);
  lks_release(unroll->packed_hh);
  for (int p = 0; p < 2; p++) {
    lks_release(unroll->packed_ih_back[p]);
    lks_release(unroll->packed_ih[p]);
  }
}

/* bias row: b_ih + b_hh where both parts meet in one chain, else the one that starts it. */
static void start_bias(lks_unroll *unroll, const lks_kernels *kernels) {
  const lks_cell *cell = unroll->cell;
  size_t hidden = (size_t)unroll->hidden;
  const float *from_input = lks_params_view(unroll->params, unroll->bias_ih);
  const float *from_hidden = lks_params_view(unroll->params, unroll->bias_hh);
  memcpy(unroll->bias, from_hidden, (size_t)cell->gates * hidden * sizeof(float));
  for (int p = 0; p < cell->part_count; p++) {
    lks_cell_part part = cell->parts[p];
    size_t count = (size_t)part.count * hidden;
    float *start = unroll->bias + (size_t)part.block * hidden;
    const float *bias = from_input + (size_t)part.first * hidden;
    if (part.block < cell->gates)
      kernels->add(count, bias, start, start);
    else
      memcpy(start, bias, count * sizeof(float));
  }
}

void lks_unroll_pack(lks_unroll *unroll, const lks_kernels *kernels, int threads,
                     bool training) {
  const lks_cell *cell = unroll->cell;
  size_t inputs = (size_t)unroll->inputs, hidden = (size_t)unroll->hidden;
  const float *weight_ih = lks_params_view(unroll->params, unroll->weight_ih);
  for (int p = 0; p < cell->part_count; p++) {
    int count = cell->parts[p].count * unroll->hidden;
    const float *part = weight_ih + (size_t)cell->parts[p].first * hidden * inputs;
    lks_pack(kernels, threads, unroll->inputs, count, (lks_operand){part, 1, inputs},
             unroll->packed_ih[p]);
    if (training)
      lks_pack(kernels, threads, count, unroll->inputs, (lks_operand){part, inputs, 1},
               unroll->packed_ih_back[p]);
  }
  lks_share_pack(unroll, kernels, threads, training);
  start_bias(unroll, kernels);
}

const float *lks_unroll_output(const lks_unroll *unroll, const lks_pass *pass) {
  size_t slot = unroll->reverse ? 0 : (size_t)pass->rows * (size_t)unroll->hidden;
  return unroll->hidden_at + slot;
}

typedef struct {
  lks_unroll *unroll;
  const lks_pass *pass;
  const lks_unroll_call *call;
  int first, last; /* time steps */
} sweep;

/* Copies own units of row `row` of a state, or zeros where `from` is NULL. */
static void copy_units(const lks_share *share, size_t hidden, const float *from,
                       size_t from_row, float *to, size_t to_row) {
  size_t bytes = (size_t)share->units * sizeof(float);
  to += to_row * hidden + (size_t)share->unit;
  if (from)
    memcpy(to, from + from_row * hidden + (size_t)share->unit, bytes);
  else
    memset(to, 0, bytes);
}

/* Puts the initial state of rows first .. last-1 into the slots that their first
 * items read. */
static void begin_rows(const sweep *s, const lks_share *share, size_t slot, int first,
                       int last) {
  lks_unroll *unroll = s->unroll;
  const lks_cell_state *initial = s->call->initial;
  size_t hidden = (size_t)unroll->hidden, at = slot * (size_t)s->pass->rows;
  for (int r = first; r < last; r++) {
    size_t row = (size_t)r;
    copy_units(share, hidden, initial ? initial->hidden : NULL, row, unroll->hidden_at,
               at + row);
    if (unroll->cell->has_cell)
      copy_units(share, hidden, initial ? initial->cell : NULL, row, unroll->cell_at, at + row);
  }
}

/* One time step of rows first .. last-1, own units:
 *   gates [rows, blocks x H] = chain over H of h_prev W_hh^T, from the input part
 *   (h, c) = cell(gates, h_prev, c_prev) */
static void step_rows(const sweep *s, const lks_share *share, int t, int first, int last) {
  lks_unroll *unroll = s->unroll;
  const lks_cell *cell = unroll->cell;
  size_t hidden = (size_t)unroll->hidden, width = (size_t)cell->blocks * hidden;
  size_t rows = (size_t)s->pass->rows, row = (size_t)first, unit = (size_t)share->unit;
  size_t before = unroll->reverse ? (size_t)t + 1 : (size_t)t;
  size_t after = unroll->reverse ? (size_t)t : (size_t)t + 1;
  size_t from = (before * rows + row) * hidden, to = (after * rows + row) * hidden;
  float *gates = unroll->gates + ((size_t)t * rows + row) * width;
  if (cell->hidden_only >= 0) {
    size_t column = (size_t)cell->hidden_only * hidden + unit;
    for (int r = 0; r < last - first; r++)
      memcpy(gates + (size_t)r * width + column, unroll->bias + column,
             (size_t)share->units * sizeof(float));
  }
  lks_share_product(unroll, s->pass->kernels, share, last - first, unroll->hidden_at + from,
                    gates);
  lks_gates_forward step = {
      .rows = last - first,
      .units = share->units,
      .hidden = unroll->hidden,
      .gates = gates + unit,
      .gates_stride = width,
      .hidden_prev = unroll->hidden_at + from + unit,
      .hidden_next = unroll->hidden_at + to + unit,
  };
  if (cell->has_cell) {
    step.cell_prev = unroll->cell_at + from + unit;
    step.cell_next = unroll->cell_at + to + unit;
    step.cell_tanh = unroll->cell_tanh + ((size_t)t * rows + row) * hidden + unit;
  }
  cell->forward(s->pass->kernels, &step);
}

static void copy_output(const sweep *s, const lks_share *share, int t, int first, int last) {
  size_t hidden = (size_t)s->unroll->hidden, rows = (size_t)s->pass->rows;
  const float *from = lks_unroll_output(s->unroll, s->pass) + share->unit;
  for (int r = first; r < last; r++) {
    size_t item = (size_t)t * rows + (size_t)r;
    memcpy(s->call->output + item * s->call->output_stride + share->unit, from + item * hidden,
           (size_t)share->units * sizeof(float));
  }
}

/* The state after each row's last item: forward in time in slot `length`, reverse in slot 0. */
static void copy_final(const sweep *s, const lks_share *share) {
  const lks_unroll *unroll = s->unroll;
  size_t hidden = (size_t)unroll->hidden, rows = (size_t)s->pass->rows;
  int length = s->pass->steps;
  for (int r = share->first; r < share->last; r++) {
    while (length > 0 && s->pass->active[length - 1] <= r)
      length--;
    size_t at = (unroll->reverse ? 0 : (size_t)length) * rows + (size_t)r;
    copy_units(share, hidden, unroll->hidden_at, at, s->call->final->hidden, (size_t)r);
    if (unroll->cell->has_cell)
      copy_units(share, hidden, unroll->cell_at, at, s->call->final->cell, (size_t)r);
  }
}

static int clipped(int value, int limit) {
  return value < limit ? value : limit;
}

/* The initial states that step i of the sweep, at time t, is the first to read. */
static void begin_step(const sweep *s, const lks_share *share, int i, int t) {
  const lks_pass *pass = s->pass;
  if (!s->unroll->reverse) {
    if (i == 0)
      begin_rows(s, share, 0, share->first, share->last);
    return;
  }
  int begun = t + 1 < pass->steps ? pass->active[t + 1] : 0;
  begin_rows(s, share, (size_t)t + 1, begun > share->first ? begun : share->first,
             clipped(share->last, pass->active[t]));
}

static void take_step(const sweep *s, const lks_share *share, int t) {
  int end = clipped(share->last, s->pass->active[t]);
  if (share->first >= end || share->units == 0)
    return;
  step_rows(s, share, t, share->first, end);
  if (s->call->output)
    copy_output(s, share, t, share->first, end);
}

static void forward_body(void *context, int part, int parts) {
  const sweep *s = context;
  const lks_pass *pass = s->pass;
  int shares = lks_share_count(s->unroll, parts);
  for (int i = s->first; i < s->last; i++) {
    int t = s->unroll->reverse ? pass->steps - 1 - i : i;
    for (int k = part; k < shares; k += parts) {
      lks_share share = lks_share_of(s->unroll, pass->rows, k, shares);
      begin_step(s, &share, i, t);
    }
    if (s->unroll->split == LKS_SHARE_UNITS)
      lks_barrier_wait(&s->unroll->meeting, parts);
    for (int k = part; k < shares; k += parts) {
      lks_share share = lks_share_of(s->unroll, pass->rows, k, shares);
      take_step(s, &share, t);
    }
  }
  if (!s->call->final || s->last < pass->steps)
    return;
  for (int k = part; k < shares; k += parts) {
    lks_share share = lks_share_of(s->unroll, pass->rows, k, shares);
    if (pass->steps == 0)
      begin_rows(s, &share, 0, share.first, share.last);
    copy_final(s, &share);
  }
}

/* Seconds of a sweep split so; the second one, when all is in place. */
static double try_split(const sweep *s, lks_share_kind split) {
  const lks_pass *pass = s->pass;
  s->unroll->split = split;
  lks_share_pack(s->unroll, pass->kernels, pass->threads, true);
  lks_parallel(pass->threads, forward_body, (void *)s);
  double start = lks_clock_seconds();
  lks_parallel(pass->threads, forward_body, (void *)s);
  return lks_clock_seconds() - start;
}

/* Tries both splits on the first call, before the input parts are made: what is in the
 * buffers does not matter for the time, and nothing of it stays. */
static void choose_split(lks_unroll *unroll, const lks_span *span) {
  const lks_unroll_call call = {0};
  const lks_pass *pass = span->pass;
  const sweep s = {unroll, pass, &call, span->first, span->last};
  double rows = try_split(&s, LKS_SHARE_ROWS), units = try_split(&s, LKS_SHARE_UNITS);
  unroll->split = units < rows ? LKS_SHARE_UNITS : LKS_SHARE_ROWS;
  lks_share_pack(unroll, pass->kernels, pass->threads, true);
  unroll->has_chosen = true;
}

void lks_unroll_forward(lks_unroll *unroll, const lks_span *span, const lks_unroll_call *call) {
  const lks_cell *cell = unroll->cell;
  const lks_pass *pass = span->pass;
  size_t hidden = (size_t)unroll->hidden, width = (size_t)cell->blocks * hidden;
  LKS_ASSERT(!unroll->reverse || (span->first == 0 && span->last == pass->steps));
  if (unroll->can_split && !unroll->has_chosen && pass->training && span->last > span->first)
    choose_split(unroll, span);
  for (int p = 0; p < cell->part_count; p++) {
    size_t column = (size_t)cell->parts[p].block * hidden;
    lks_span_product(span, &(lks_item_product){
                               .inner = unroll->inputs,
                               .columns = cell->parts[p].count * unroll->hidden,
                               .left = call->input,
                               .left_stride = (size_t)unroll->inputs,
                               .packed = unroll->packed_ih[p],
                               .start = unroll->bias + column,
                               .out = unroll->gates + column,
                               .out_stride = width,
                           });
  }
  lks_parallel(pass->threads, forward_body,
               &(sweep){unroll, pass, call, span->first, span->last});
}
