/* SPDX-License-Identifier: Apache-2.0 */
/* unroll_params.c - a layer's parameters, buffers and packed weights. */
#include "base/fail.h"
#include "base/memory.h"
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
