/* SPDX-License-Identifier: Apache-2.0 */
/* unroll.c - parameters, packing and the forward sweep; unroll_backward.c has the rest. */
#include "model/unroll.h"

#include "base/fail.h"
#include "base/memory.h"

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
  int hidden = unroll->hidden, gates = unroll->cell->gates;
  for (int p = 0; p < unroll->cell->part_count; p++) {
    int part = unroll->cell->parts[p].count * hidden;
    LKS_TRY(lks_allocate(&unroll->packed_ih[p], kernels->packed_floats(unroll->inputs, part),
                         sizeof(float)));
    if (capacity->training)
      LKS_TRY(lks_allocate(&unroll->packed_ih_back[p],
                           kernels->packed_floats(part, unroll->inputs), sizeof(float)));
  }
  LKS_TRY(lks_allocate(&unroll->packed_hh, kernels->packed_floats(hidden, gates * hidden),
                       sizeof(float)));
  if (capacity->training)
    LKS_TRY(lks_allocate(&unroll->packed_hh_back,
                         kernels->packed_floats(gates * hidden, hidden), sizeof(float)));
  return LKS_OK;
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
  return LKS_OK;
}

void lks_unroll_release(lks_unroll *unroll) {
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
  const float *weight_hh = lks_params_view(unroll->params, unroll->weight_hh);
  int gates = cell->gates * unroll->hidden;
  for (int p = 0; p < cell->part_count; p++) {
    int count = cell->parts[p].count * unroll->hidden;
    const float *part = weight_ih + (size_t)cell->parts[p].first * hidden * inputs;
    lks_pack(kernels, threads, unroll->inputs, count, (lks_operand){part, 1, inputs},
             unroll->packed_ih[p]);
    if (training)
      lks_pack(kernels, threads, count, unroll->inputs, (lks_operand){part, inputs, 1},
               unroll->packed_ih_back[p]);
  }
  lks_pack(kernels, threads, unroll->hidden, gates, (lks_operand){weight_hh, 1, hidden},
           unroll->packed_hh);
  if (training)
    lks_pack(kernels, threads, gates, unroll->hidden, (lks_operand){weight_hh, hidden, 1},
             unroll->packed_hh_back);
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
} sweep;

/* Puts the initial state of rows first .. last-1 into the slots that their first
 * items read. */
static void begin_rows(const sweep *s, size_t slot, int first, int last) {
  if (first >= last)
    return;
  lks_unroll *unroll = s->unroll;
  size_t hidden = (size_t)unroll->hidden, offset = (size_t)first * hidden;
  size_t at = slot * (size_t)s->pass->rows * hidden + offset;
  size_t bytes = (size_t)(last - first) * hidden * sizeof(float);
  const lks_cell_state *initial = s->call->initial;
  if (initial)
    memcpy(unroll->hidden_at + at, initial->hidden + offset, bytes);
  else
    memset(unroll->hidden_at + at, 0, bytes);
  if (!unroll->cell->has_cell)
    return;
  if (initial)
    memcpy(unroll->cell_at + at, initial->cell + offset, bytes);
  else
    memset(unroll->cell_at + at, 0, bytes);
}

/* One time step of rows first .. last-1:
 *   gates [rows, blocks x H] = chain over H of h_prev W_hh^T, from the input part
 *   (h, c) = cell(gates, h_prev, c_prev) */
static void step_rows(const sweep *s, int t, int first, int last) {
  lks_unroll *unroll = s->unroll;
  const lks_cell *cell = unroll->cell;
  const lks_kernels *kernels = s->pass->kernels;
  size_t hidden = (size_t)unroll->hidden, width = (size_t)cell->blocks * hidden;
  size_t rows = (size_t)s->pass->rows, row = (size_t)first;
  size_t before = unroll->reverse ? (size_t)t + 1 : (size_t)t;
  size_t after = unroll->reverse ? (size_t)t : (size_t)t + 1;
  size_t from = (before * rows + row) * hidden, to = (after * rows + row) * hidden;
  float *gates = unroll->gates + ((size_t)t * rows + row) * width;
  int count = last - first, columns = cell->gates * unroll->hidden;
  if (cell->hidden_only >= 0)
    for (int r = 0; r < count; r++)
      memcpy(gates + (size_t)r * width + (size_t)cell->hidden_only * hidden,
             unroll->bias + (size_t)cell->hidden_only * hidden, hidden * sizeof(float));
  kernels->product(count, unroll->hidden, columns, unroll->hidden_at + from, hidden,
                   unroll->packed_hh, gates, width, gates, width, 0,
                   lks_kernels_panels(kernels, columns));
  lks_gates_forward step = {
      .rows = count,
      .hidden = unroll->hidden,
      .gates = gates,
      .gates_stride = width,
      .hidden_prev = unroll->hidden_at + from,
      .hidden_next = unroll->hidden_at + to,
  };
  if (cell->has_cell) {
    step.cell_prev = unroll->cell_at + from;
    step.cell_next = unroll->cell_at + to;
    step.cell_tanh = unroll->cell_tanh + ((size_t)t * rows + row) * hidden;
  }
  cell->forward(kernels, &step);
}

static void copy_output(const sweep *s, int t, int first, int last) {
  size_t hidden = (size_t)s->unroll->hidden, rows = (size_t)s->pass->rows;
  const float *from = lks_unroll_output(s->unroll, s->pass);
  for (int r = first; r < last; r++) {
    size_t item = (size_t)t * rows + (size_t)r;
    memcpy(s->call->output + item * s->call->output_stride, from + item * hidden,
           hidden * sizeof(float));
  }
}

/* The state after each row's last item: forward in time in slot `length`, reverse in slot 0. */
static void copy_final(const sweep *s, int first, int last) {
  const lks_unroll *unroll = s->unroll;
  size_t hidden = (size_t)unroll->hidden, rows = (size_t)s->pass->rows;
  int length = s->pass->steps;
  for (int r = first; r < last; r++) {
    while (length > 0 && s->pass->active[length - 1] <= r)
      length--;
    size_t slot = unroll->reverse ? 0 : (size_t)length;
    size_t at = (slot * rows + (size_t)r) * hidden, to = (size_t)r * hidden;
    memcpy(s->call->final->hidden + to, unroll->hidden_at + at, hidden * sizeof(float));
    if (unroll->cell->has_cell)
      memcpy(s->call->final->cell + to, unroll->cell_at + at, hidden * sizeof(float));
  }
}

static int clipped(int value, int limit) {
  return value < limit ? value : limit;
}

/* The whole sequence on one thread's rows: no waiting for others at any step. */
static void forward_body(void *context, int part, int parts) {
  const sweep *s = context;
  const lks_pass *pass = s->pass;
  int first, last;
  lks_parallel_slice(pass->rows, 1, part, parts, &first, &last);
  if (!s->unroll->reverse || pass->steps == 0)
    begin_rows(s, 0, first, last);
  for (int i = 0; i < pass->steps; i++) {
    int t = s->unroll->reverse ? pass->steps - 1 - i : i;
    int end = clipped(last, pass->active[t]);
    if (s->unroll->reverse) {
      int begun = t + 1 < pass->steps ? pass->active[t + 1] : 0;
      begin_rows(s, (size_t)t + 1, begun > first ? begun : first, end);
    }
    if (first >= end)
      continue;
    step_rows(s, t, first, end);
    if (s->call->output)
      copy_output(s, t, first, end);
  }
  if (s->call->final)
    copy_final(s, first, last);
}

void lks_unroll_forward(lks_unroll *unroll, const lks_pass *pass, const lks_unroll_call *call) {
  const lks_cell *cell = unroll->cell;
  size_t hidden = (size_t)unroll->hidden, width = (size_t)cell->blocks * hidden;
  for (int p = 0; p < cell->part_count; p++) {
    size_t column = (size_t)cell->parts[p].block * hidden;
    lks_product(pass->kernels, pass->threads, pass->rows * pass->steps, unroll->inputs,
                cell->parts[p].count * unroll->hidden, call->input, (size_t)unroll->inputs,
                unroll->packed_ih[p], unroll->bias + column, 0, unroll->gates + column, width);
  }
  lks_parallel(pass->threads, forward_body, &(sweep){unroll, pass, call});
}
