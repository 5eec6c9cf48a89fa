/* SPDX-License-Identifier: Apache-2.0 */
/* product_reference.h - the panels of the reference table, and what its products are of.
 *
 * kernels.cmake says in LKS_CHAIN_TERMS of how many terms, or a multiple, a chain of the
 * form is: 1 for f32, 2 for bf16, LKS_AMX_TERMS for bf16-amx.  Here all operands are kept
 * as floats. */
#ifndef LOCKSTEP_KERNELS_PRODUCT_REFERENCE_H
#define LOCKSTEP_KERNELS_PRODUCT_REFERENCE_H

#include "kernels/bf16.h"
#include "kernels/kernels.h"

#include <math.h>

enum { LKS_REFERENCE_PANEL = 64 };

/* First column of a panel, or `columns` for one past the last. */
static inline int panel_column(int panel, int columns) {
  const int column = panel * LKS_REFERENCE_PANEL;
  return column < columns ? column : columns;
}

/* x as a product multiplies it. */
static inline float operand(float x) {
  return LKS_CHAIN_TERMS == 1 ? x : bf16_round(x);
}

/* A chain: kernels.h says how it goes in each precision. */
typedef struct {
  float sum;
  float part[2]; /* of the block of bf16-amx that is open: its even and its odd terms */
  int terms;
} chain;

static inline chain chain_from(float start) {
  return (chain){.sum = start};
}

static inline void chain_take(chain *c, float a, float b) {
  float *sum = LKS_CHAIN_TERMS > 2 ? &c->part[c->terms % 2] : &c->sum;
  *sum = fmaf(a, b, *sum);
  c->terms++;
  if (LKS_CHAIN_TERMS > 2 && c->terms % LKS_CHAIN_TERMS == 0) {
    c->sum = c->sum + (c->part[0] + c->part[1]);
    c->part[0] = c->part[1] = 0.0f;
  }
}

/* The sum, once terms of +0 x +0 have filled the chain up. */
static inline float chain_end(chain *c) {
  while (c->terms % LKS_CHAIN_TERMS != 0)
    chain_take(c, 0.0f, 0.0f);
  return c->sum;
}

#endif
