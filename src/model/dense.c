/* SPDX-License-Identifier: Apache-2.0 */
/* dense.c - three products: forward, back to the input, and over the terms of the
 * segments for the weights. */
#include "model/dense.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/span_product.h"

#include <stdio.h>

struct lks_dense {
  lks_params *params; /* borrowed; outlives this */
  int inputs;
  int outputs;
  int weight;
  int bias;            /* -1: none */
  float *packed;       /* W^T for y */
  float *packed_back;  /* W for d_x */
  float *packed_terms; /* x in term order */
  float *scratch;
};

lks_status lks_dense_create_plain(lks_dense **dense, lks_params *params, const char *name,
                                  int inputs, int outputs) {
  lks_status status;
  char text[128];
  lks_dense *d;
  *dense = NULL;
  LKS_TRY(lks_allocate(&d, 1, sizeof *d));
  d->params = params;
  d->inputs = inputs;
  d->outputs = outputs;
  d->bias = -1;
  snprintf(text, sizeof text, "%s.weight", name);
  LKS_TRY_OR(cleanup, status,
             lks_params_add(params, text, lks_shape_2((size_t)outputs, (size_t)inputs), 0,
                            &d->weight));
  *dense = d;
  return LKS_OK;
cleanup:
  lks_dense_destroy(d);
  return status;
}

lks_status lks_dense_create(lks_dense **dense, lks_params *params, const char *name, int inputs,
                            int outputs) {
  lks_status status;
  char text[128];
  LKS_TRY(lks_dense_create_plain(dense, params, name, inputs, outputs));
  snprintf(text, sizeof text, "%s.bias", name);
  LKS_TRY_OR(cleanup, status,
             lks_params_add(params, text, lks_shape_1((size_t)outputs), LKS_PARAM_NO_DECAY,
                            &(*dense)->bias));
  return LKS_OK;
cleanup:
  lks_dense_destroy(*dense);
  *dense = NULL;
  return status;
}

lks_status lks_dense_allocate(lks_dense *d, const lks_capacity *capacity, int items) {
  const lks_kernels *kernels = capacity->kernels;
  LKS_TRY(
      lks_allocate(&d->packed, kernels->packed_floats(d->inputs, d->outputs), sizeof(float)));
  if (!capacity->training)
    return LKS_OK;
  size_t scratch = kernels->segmented_scratch_floats(items, d->inputs);
  LKS_TRY(lks_allocate(&d->packed_back, kernels->packed_floats(d->outputs, d->inputs),
                       sizeof(float)));
  LKS_TRY(lks_allocate(&d->packed_terms, kernels->packed_terms_floats(items, d->inputs),
                       sizeof(float)));
  return lks_allocate(&d->scratch, scratch * (size_t)capacity->threads, sizeof(float));
}

void lks_dense_destroy(lks_dense *d) {
  if (!d)
    return;
  lks_release(d->scratch);
  lks_release(d->packed_terms);
  lks_release(d->packed_back);
  lks_release(d->packed);
  lks_release(d);
}

void lks_dense_pack(lks_dense *d, const lks_kernels *kernels, int threads, bool training) {
  const float *weight = lks_params_view(d->params, d->weight);
  size_t inputs = (size_t)d->inputs;
  lks_pack(kernels, threads, d->inputs, d->outputs, (lks_operand){weight, 1, inputs},
           d->packed);
  if (training)
    lks_pack(kernels, threads, d->outputs, d->inputs, (lks_operand){weight, inputs, 1},
             d->packed_back);
}

void lks_dense_forward_span(const lks_dense *d, const lks_span *span, const float *x,
                            float *y) {
  lks_span_product(span, &(lks_item_product){
                             .inner = d->inputs,
                             .columns = d->outputs,
                             .left = x,
                             .left_stride = (size_t)d->inputs,
                             .packed = d->packed,
                             .start = d->bias >= 0 ? lks_params_view(d->params, d->bias) : NULL,
                             .out = y,
                             .out_stride = (size_t)d->outputs,
                         });
}

void lks_dense_forward(const lks_dense *d, const lks_pass *pass, const float *x, float *y) {
  lks_span span = lks_span_whole(pass);
  lks_dense_forward_span(d, &span, x, y);
}

void lks_dense_backward_span(const lks_dense *d, const lks_span *span, const float *d_y,
                             const float *d_beside, size_t beside_stride, float *d_x) {
  lks_span_product(span, &(lks_item_product){
                             .inner = d->outputs,
                             .columns = d->inputs,
                             .left = d_y,
                             .left_stride = (size_t)d->outputs,
                             .packed = d->packed_back,
                             .start = d_beside,
                             .start_stride = beside_stride,
                             .out = d_x,
                             .out_stride = (size_t)d->inputs,
                         });
}

void lks_dense_gradients(lks_dense *d, const lks_pass *pass, const float *x, const float *d_y) {
  size_t inputs = (size_t)d->inputs;
  lks_segmented product = {
      .segments = pass->segments,
      .left = d_y,
      .left_stride = (size_t)d->outputs,
      .bias = d->bias >= 0 ? lks_params_at(d->params, d->bias)->offset : LKS_NO_BIAS,
      .outputs = pass->gradients,
      .rights = 1,
      .right[0] = {.right = x,
                   .right_stride = inputs,
                   .columns = d->inputs,
                   .packed = d->packed_terms,
                   .offset = lks_params_at(d->params, d->weight)->offset,
                   .stride = inputs},
  };
  lks_weight_gradients(pass->kernels, pass->threads, &product, d->outputs, d->scratch);
}

void lks_dense_backward(lks_dense *d, const lks_pass *pass, const float *x, const float *d_y,
                        float *d_x) {
  lks_span span = lks_span_whole(pass);
  if (d_x)
    lks_dense_backward_span(d, &span, d_y, NULL, 0, d_x);
  lks_dense_gradients(d, pass, x, d_y);
}
