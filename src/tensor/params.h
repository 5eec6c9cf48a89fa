/* params.h - all parameters of a model in one flat buffer, with named views.
 *
 * Modules declare their parameters in the order in which the backward pass
 * finishes them; then the buffers are bound.  Every parameter starts on a
 * multiple of LKS_PARAMS_GRAIN elements; the padding between is zero and stays
 * zero.
 *
 * The gradient buffer has the same layout, and behind it one further range per
 * extra use: a parameter that enters two products (tied weights) collects one
 * gradient per use; the uses are added, in order, after the sum over ranks.
 *
 * Life cycle: create -> add … -> bind -> use -> destroy.  The buffers belong to
 * whoever bound them (memory may be a window that ranks share). */
#ifndef LOCKSTEP_TENSOR_PARAMS_H
#define LOCKSTEP_TENSOR_PARAMS_H

#include "tensor/shape.h"

#include <lockstep/status.h>

enum { LKS_PARAMS_GRAIN = 1024 };

/* Properties of a parameter, or-ed. */
enum {
  LKS_PARAM_SPARSE_ROWS = 1, /* a step touches few rows of its gradient */
  LKS_PARAM_NO_DECAY = 2,    /* weight decay leaves it alone */
};

typedef struct {
  char *name;
  lks_shape shape;
  size_t count;  /* elements */
  size_t offset; /* first element in the value and in the gradient buffer */
  unsigned flags;
} lks_param;

/* An extra range of the gradient buffer, to be added to params[param]. */
typedef struct {
  int param;
  size_t offset;
} lks_param_use;

typedef struct lks_params lks_params;

lks_status lks_params_create(lks_params **params);
void lks_params_destroy(lks_params *params);

/* Declares a parameter; *index is its number.  The name is copied and must be
 * new: else it fails with LKS_SHAPE.  Not after lks_params_bind. */
lks_status lks_params_add(lks_params *params, const char *name, lks_shape shape, unsigned flags,
                          int *index);

/* Declares one more use of parameter `index`; *use is its number. */
lks_status lks_params_add_use(lks_params *params, int index, int *use);

/* Sets the value buffer: lks_params_value_count elements, borrowed, outlives params. */
void lks_params_bind(lks_params *params, float *values);

int lks_params_count(const lks_params *params);
const lks_param *lks_params_at(const lks_params *params, int index);
int lks_params_use_count(const lks_params *params);
const lks_param_use *lks_params_use_at(const lks_params *params, int use);

/* The parameter called `name`, or -1. */
int lks_params_find(const lks_params *params, const char *name);

/* Values of one parameter, of all; NULL before bind. */
float *lks_params_view(const lks_params *params, int index);
float *lks_params_values(const lks_params *params);

/* Elements of the two buffers, padding included: multiples of the grain. */
size_t lks_params_value_count(const lks_params *params);
size_t lks_params_gradient_count(const lks_params *params);

#endif
