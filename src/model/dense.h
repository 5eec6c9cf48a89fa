/* dense.h - y = W x + b on rows: torch.nn.Linear.
 *
 * NAME.weight [outputs, inputs], NAME.bias [outputs].
 *
 * Life cycle: create (declares the parameters) -> allocate -> [pack -> forward ->
 * backward] … -> destroy. */
#ifndef LOCKSTEP_MODEL_DENSE_H
#define LOCKSTEP_MODEL_DENSE_H

#include "model/pass.h"

typedef struct lks_dense lks_dense;

lks_status lks_dense_create(lks_dense **dense, lks_params *params, const char *name, int inputs,
                            int outputs);

/* The same without a bias: y = W x. */
lks_status lks_dense_create_plain(lks_dense **dense, lks_params *params, const char *name,
                                  int inputs, int outputs);

/* Room for calls of at most `items` items. */
lks_status lks_dense_allocate(lks_dense *dense, const lks_capacity *capacity, int items);
void lks_dense_destroy(lks_dense *dense);

/* Packs the weights: after every change of the parameters. */
void lks_dense_pack(lks_dense *dense, const lks_kernels *kernels, int threads, bool training);

/* y [items, outputs] = W x + b for x [items, inputs]: all items of the pass, T x B. */
void lks_dense_forward(const lks_dense *dense, const lks_pass *pass, const float *x, float *y);

/* Gradients of the parameters into pass->gradients, over the terms of pass->segments.
 *
 *   d_y  [items, outputs]
 *   d_x  [items, inputs], out, or NULL */
void lks_dense_backward(lks_dense *dense, const lks_pass *pass, const float *x,
                        const float *d_y, float *d_x);

/* The parts of both on a span: forward; d_x = W^T d_y continued from d_beside
 * [items, beside_stride] (NULL: +0); and the parameters' gradients, of the whole pass. */
void lks_dense_forward_span(const lks_dense *dense, const lks_span *span, const float *x,
                            float *y);
void lks_dense_backward_span(const lks_dense *dense, const lks_span *span, const float *d_y,
                             const float *d_beside, size_t beside_stride, float *d_x);
void lks_dense_gradients(lks_dense *dense, const lks_pass *pass, const float *x,
                         const float *d_y);

#endif
