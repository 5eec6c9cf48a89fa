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

/* Room for calls of at most `items` items. */
lks_status lks_dense_allocate(lks_dense *dense, const lks_capacity *capacity, int items);
void lks_dense_destroy(lks_dense *dense);

/* Number of the weight; the bias is the next one. */
int lks_dense_weight(const lks_dense *dense);

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

#endif
