/* SPDX-License-Identifier: Apache-2.0 */
/* unroll.c - the forward sweep of one direction, or of both; unroll_params.c has parameters
 * and memory, unroll_backward.c the way back. */
#include "model/unroll.h"

#include "base/clock.h"
#include "base/fail.h"
#include "model/span_product.h"
#include "model/unroll_share.h"

#include <string.h>

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

/* Both directions in one region: sweeps[2]. */
static void both_body(void *context, int part, int parts) {
  const sweep *sweeps = context;
  if (parts == 1) {
    forward_body((void *)&sweeps[0], 0, 1);
    forward_body((void *)&sweeps[1], 0, 1);
    return;
  }
  int s = lks_share_sweep(&part, &parts);
  forward_body((void *)&sweeps[s], part, parts);
}

static void run_sweeps(const sweep sweeps[2], bool at_once) {
  int threads = sweeps[0].pass->threads;
  if (at_once) {
    lks_parallel(threads, both_body, (void *)sweeps);
    return;
  }
  lks_parallel(threads, forward_body, (void *)&sweeps[0]);
  lks_parallel(threads, forward_body, (void *)&sweeps[1]);
}

static double time_sweeps(const sweep sweeps[2], bool at_once) {
  run_sweeps(sweeps, at_once);
  double start = lks_clock_seconds();
  run_sweeps(sweeps, at_once);
  return lks_clock_seconds() - start;
}

static void set_split(lks_unroll *unroll, const lks_pass *pass, lks_share_kind split) {
  if (unroll->split == split)
    return;
  unroll->split = split;
  lks_share_pack(unroll, pass->kernels, pass->threads, true);
}

/* Tries both ways on the first call, as choose_split does: one after the other by the splits
 * that were chosen, and at once by rows. */
static void choose_pairing(lks_unroll *unroll, const lks_span *span) {
  const lks_unroll_call call = {0};
  const lks_pass *pass = span->pass;
  const lks_share_kind splits[2] = {unroll[0].split, unroll[1].split};
  const sweep sweeps[2] = {{&unroll[0], pass, &call, span->first, span->last},
                           {&unroll[1], pass, &call, span->first, span->last}};
  double apart = time_sweeps(sweeps, false);
  for (int d = 0; d < 2; d++)
    set_split(&unroll[d], pass, LKS_SHARE_ROWS);
  unroll->at_once = time_sweeps(sweeps, true) < apart;
  for (int d = 0; d < 2 && !unroll->at_once; d++)
    set_split(&unroll[d], pass, splits[d]);
  unroll->has_paired = true;
}

/* The split of the units, where the first call has to find it. */
static void prepare(lks_unroll *unroll, const lks_span *span) {
  const lks_pass *pass = span->pass;
  LKS_ASSERT(!unroll->reverse || (span->first == 0 && span->last == pass->steps));
  if (unroll->can_split && !unroll->has_chosen && pass->training && span->last > span->first)
    choose_split(unroll, span);
}

/* gates = W_ih x + biases, of all items. */
static void run_inputs(const lks_unroll *unroll, const lks_span *span,
                       const lks_unroll_call *call) {
  const lks_cell *cell = unroll->cell;
  size_t hidden = (size_t)unroll->hidden, width = (size_t)cell->blocks * hidden;
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
}

void lks_unroll_forward(lks_unroll *unroll, const lks_span *span, const lks_unroll_call *call) {
  const lks_pass *pass = span->pass;
  prepare(unroll, span);
  run_inputs(unroll, span, call);
  lks_parallel(pass->threads, forward_body,
               &(sweep){unroll, pass, call, span->first, span->last});
}

void lks_unroll_forward_both(lks_unroll *unroll, const lks_span *span,
                             const lks_unroll_call *call) {
  const lks_pass *pass = span->pass;
  for (int d = 0; d < 2; d++)
    prepare(&unroll[d], span);
  if (pass->threads > 1 && !unroll->has_paired && pass->training && span->last > span->first)
    choose_pairing(unroll, span);
  for (int d = 0; d < 2; d++)
    run_inputs(&unroll[d], span, &call[d]);
  const sweep sweeps[2] = {{&unroll[0], pass, &call[0], span->first, span->last},
                           {&unroll[1], pass, &call[1], span->first, span->last}};
  run_sweeps(sweeps, unroll->at_once);
}
