/* SPDX-License-Identifier: Apache-2.0 */
/* blocked_gradient.c - a stack machine over the segments, with whole matrices on
 * its stack: the slow twin of the stack that the segmented product keeps in its
 * tile. */
#include "model/blocked_gradient.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

struct lks_blocked_gradient {
  int rows;
  int columns;
  float *weight[LKS_SEGMENT_STACK_MAX]; /* partial sums [rows, columns] */
  float *bias[LKS_SEGMENT_STACK_MAX];   /* partial sums [rows] */
  float *turned; /* [rows, block] a block of the left operand, transposed */
  float *packed; /* a block of the right operand */
  int segment;   /* where the terms have got to … */
  int term;      /* … within the segment */
  int top;       /* partial sums on the stack, the one under way not counted */
};

lks_status lks_blocked_gradient_create(lks_blocked_gradient **gradient, int rows, int columns,
                                       int block, int shards, const lks_kernels *kernels) {
  lks_status status;
  lks_blocked_gradient *g;
  *gradient = NULL;
  LKS_TRY(lks_allocate(&g, 1, sizeof *g));
  g->rows = rows;
  g->columns = columns;
  for (int i = 0; i <= lks_log2(shards); i++) {
    LKS_TRY_OR(cleanup, status,
               lks_allocate(&g->weight[i], (size_t)rows * (size_t)columns, sizeof(float)));
    LKS_TRY_OR(cleanup, status, lks_allocate(&g->bias[i], (size_t)rows, sizeof(float)));
  }
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&g->turned, (size_t)rows * (size_t)block, sizeof(float)));
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&g->packed, kernels->packed_floats(block, columns), sizeof(float)));
  *gradient = g;
  return LKS_OK;
cleanup:
  lks_blocked_gradient_destroy(g);
  return status;
}

void lks_blocked_gradient_destroy(lks_blocked_gradient *g) {
  if (!g)
    return;
  lks_release(g->packed);
  lks_release(g->turned);
  for (int i = 0; i < LKS_SEGMENT_STACK_MAX; i++) {
    lks_release(g->bias[i]);
    lks_release(g->weight[i]);
  }
  lks_release(g);
}

void lks_blocked_gradient_start(lks_blocked_gradient *g) {
  g->segment = 0;
  g->term = 0;
  g->top = 0;
}

typedef struct {
  lks_blocked_gradient *gradient;
  const lks_kernels *kernels;
  int count;
  const float *left;
  bool begins;
} piece;

/* Transposes the piece and carries on the bias chains, in slices of rows. */
static void piece_body(void *context, int part, int parts) {
  const piece *p = context;
  lks_blocked_gradient *g = p->gradient;
  int first, last;
  lks_parallel_slice(g->rows, 16, part, parts, &first, &last);
  float *bias = g->bias[g->top];
  if (p->begins)
    memset(bias + first, 0, (size_t)(last - first) * sizeof(float));
  for (int k = 0; k < p->count && first < last; k++) {
    const float *left = p->left + (size_t)k * (size_t)g->rows;
    for (int m = first; m < last; m++)
      g->turned[(size_t)m * (size_t)p->count + (size_t)k] = left[m];
    p->kernels->add((size_t)(last - first), bias + first, left + first, bias + first);
  }
}

/* Carries the chains of the segment under way on over `count` terms. */
static void chain(lks_blocked_gradient *g, const lks_pass *pass, int count, const float *left,
                  const float *right) {
  size_t columns = (size_t)g->columns;
  bool begins = g->term == 0;
  float *weight = g->weight[g->top];
  lks_parallel(pass->threads, piece_body, &(piece){g, pass->kernels, count, left, begins});
  lks_pack(pass->kernels, pass->threads, count, g->columns, (lks_operand){right, columns, 1},
           g->packed);
  lks_product(pass->kernels, pass->threads, g->rows, count, g->columns, g->turned,
              (size_t)count, g->packed, begins ? NULL : weight, columns, weight, columns);
}

/* The segment under way is complete: it goes on the stack, and what can be added is. */
static void finish_segment(lks_blocked_gradient *g, const lks_pass *pass) {
  size_t elements = (size_t)g->rows * (size_t)g->columns;
  g->top++;
  for (int i = 0; i < pass->segments->additions[g->segment]; i++) {
    g->top--;
    float *left = g->weight[g->top - 1], *left_bias = g->bias[g->top - 1];
    lks_add(pass->kernels, pass->threads, elements, left, g->weight[g->top], left);
    pass->kernels->add((size_t)g->rows, left_bias, g->bias[g->top], left_bias);
  }
  g->segment++;
  g->term = 0;
}

void lks_blocked_gradient_add(lks_blocked_gradient *g, const lks_pass *pass, int count,
                              const float *left, const float *right, size_t weight_offset,
                              size_t bias_offset) {
  const lks_segments *segments = pass->segments;
  size_t rows = (size_t)g->rows, columns = (size_t)g->columns;
  while (count > 0) {
    int open = segments->term_count[g->segment] - g->term;
    int taken = open < count ? open : count;
    chain(g, pass, taken, left, right);
    g->term += taken;
    count -= taken;
    left += (size_t)taken * rows;
    right += (size_t)taken * columns;
    if (g->term < segments->term_count[g->segment])
      continue;
    finish_segment(g, pass);
    for (int output = 0; output < segments->outputs; output++) {
      bool has_segments = segments->output_first[output] < segments->output_first[output + 1];
      if (!has_segments || segments->output_first[output + 1] != g->segment)
        continue;
      memcpy(pass->gradients[output] + weight_offset, g->weight[0],
             rows * columns * sizeof(float));
      memcpy(pass->gradients[output] + bias_offset, g->bias[0], rows * sizeof(float));
      g->top = 0;
    }
  }
}
