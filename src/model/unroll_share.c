/* SPDX-License-Identifier: Apache-2.0 */
/* unroll_share.c - shares of the sweep, and the hidden weights packed for them. */
#include "model/unroll_share.h"

#include "base/fail.h"
#include "base/memory.h"

/* Slices are whole vectors of any processor, where there are enough. */
static int slice_grain(const lks_unroll *unroll) {
  return unroll->hidden >= LKS_LANES * unroll->slices ? LKS_LANES : 1;
}

static void slice_of(const lks_unroll *unroll, int slice, int *unit, int *units) {
  int end;
  lks_parallel_slice(unroll->hidden, slice_grain(unroll), slice, unroll->slices, unit, &end);
  *units = end - *unit;
}

int lks_share_count(const lks_unroll *unroll, int parts) {
  return unroll->split == LKS_SHARE_UNITS ? unroll->slices : parts;
}

lks_share lks_share_of(const lks_unroll *unroll, int rows, int part, int shares) {
  lks_share share = {.part = part, .last = rows, .units = unroll->hidden};
  if (unroll->split == LKS_SHARE_UNITS)
    slice_of(unroll, part, &share.unit, &share.units);
  else
    lks_parallel_slice(rows, 1, part, shares, &share.first, &share.last);
  return share;
}

/* Units of the largest slice. */
static int slice_most(const lks_unroll *unroll) {
  int grain = slice_grain(unroll), grains = (unroll->hidden + grain - 1) / grain;
  return (grains + unroll->slices - 1) / unroll->slices * grain;
}

/* Floats of one slice's weights of one gate; and of all gates' on the way back. */
static size_t slice_floats(const lks_unroll *unroll, const lks_kernels *kernels) {
  return kernels->packed_floats(unroll->hidden, slice_most(unroll));
}
static size_t slice_floats_back(const lks_unroll *unroll, const lks_kernels *kernels) {
  return kernels->packed_floats(unroll->cell->gates * unroll->hidden, slice_most(unroll));
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

lks_status lks_share_allocate(lks_unroll *unroll, const lks_capacity *capacity) {
  const lks_kernels *kernels = capacity->kernels;
  int hidden = unroll->hidden, columns = unroll->cell->gates * hidden;
  size_t floats = kernels->packed_floats(hidden, columns);
  size_t back = kernels->packed_floats(columns, hidden);
  unroll->slices = capacity->threads;
  /* Where bits depend on the shape of a product, the shape must not depend on threads. */
  unroll->can_split = capacity->training && capacity->threads > 1 && kernels->is_exact;
  if (unroll->can_split) {
    size_t slices = (size_t)unroll->slices, gates = (size_t)unroll->cell->gates;
    floats = larger(floats, slices * gates * slice_floats(unroll, kernels));
    back = larger(back, slices * slice_floats_back(unroll, kernels));
  }
  LKS_TRY(lks_allocate(&unroll->packed_hh, floats, sizeof(float)));
  if (capacity->training)
    LKS_TRY(lks_allocate(&unroll->packed_hh_back, back, sizeof(float)));
  return LKS_OK;
}

typedef struct {
  lks_unroll *unroll;
  const lks_kernels *kernels;
  const float *weight;
} packing;

static void pack_slice(const packing *p, int slice) {
  const lks_unroll *unroll = p->unroll;
  const lks_kernels *kernels = p->kernels;
  int unit, units, gates = unroll->cell->gates;
  slice_of(unroll, slice, &unit, &units);
  size_t hidden = (size_t)unroll->hidden, floats = slice_floats(unroll, kernels);
  int panels = lks_kernels_panels(kernels, units);
  for (int g = 0; g < gates; g++) {
    const float *rows = p->weight + ((size_t)g * hidden + (size_t)unit) * hidden;
    kernels->pack(unroll->hidden, units, (lks_operand){rows, 1, hidden},
                  unroll->packed_hh + ((size_t)slice * (size_t)gates + (size_t)g) * floats, 0,
                  panels);
  }
  kernels->pack(gates * unroll->hidden, units, (lks_operand){p->weight + unit, hidden, 1},
                unroll->packed_hh_back + (size_t)slice * slice_floats_back(unroll, kernels), 0,
                panels);
}

/* Every thread packs the slices that it will use. */
static void pack_body(void *context, int part, int parts) {
  const packing *p = context;
  for (int slice = part; slice < p->unroll->slices; slice += parts)
    pack_slice(p, slice);
}

void lks_share_pack(lks_unroll *unroll, const lks_kernels *kernels, int threads,
                    bool training) {
  const float *weight = lks_params_view(unroll->params, unroll->weight_hh);
  size_t hidden = (size_t)unroll->hidden;
  int columns = unroll->cell->gates * unroll->hidden;
  if (unroll->split == LKS_SHARE_UNITS) {
    lks_parallel(threads, pack_body, &(packing){unroll, kernels, weight});
    return;
  }
  lks_pack(kernels, threads, unroll->hidden, columns, (lks_operand){weight, 1, hidden},
           unroll->packed_hh);
  if (training)
    lks_pack(kernels, threads, columns, unroll->hidden, (lks_operand){weight, hidden, 1},
             unroll->packed_hh_back);
}

void lks_share_product(const lks_unroll *unroll, const lks_kernels *kernels,
                       const lks_share *share, int rows, const float *h_prev, float *gates) {
  size_t hidden = (size_t)unroll->hidden, width = (size_t)unroll->cell->blocks * hidden;
  int count = unroll->cell->gates, columns = count * unroll->hidden;
  if (unroll->split == LKS_SHARE_ROWS) {
    kernels->product(rows, unroll->hidden, columns, h_prev, hidden, unroll->packed_hh, gates,
                     width, gates, width, 0, lks_kernels_panels(kernels, columns));
    return;
  }
  size_t floats = slice_floats(unroll, kernels);
  const float *packed = unroll->packed_hh + (size_t)(share->part * count) * floats;
  for (int g = 0; g < count; g++, packed += floats) {
    float *sums = gates + (size_t)g * hidden + (size_t)share->unit;
    kernels->product(rows, unroll->hidden, share->units, h_prev, hidden, packed, sums, width,
                     sums, width, 0, lks_kernels_panels(kernels, share->units));
  }
}

void lks_share_product_back(const lks_unroll *unroll, const lks_kernels *kernels,
                            const lks_share *share, int rows, const float *d_gates,
                            float *d_hidden) {
  size_t hidden = (size_t)unroll->hidden, width = (size_t)unroll->cell->blocks * hidden;
  const float *packed = unroll->packed_hh_back;
  if (unroll->split == LKS_SHARE_UNITS)
    packed += (size_t)share->part * slice_floats_back(unroll, kernels);
  kernels->product(rows, unroll->cell->gates * unroll->hidden, share->units, d_gates, width,
                   packed, d_hidden + share->unit, hidden, d_hidden + share->unit, hidden, 0,
                   lks_kernels_panels(kernels, share->units));
}
