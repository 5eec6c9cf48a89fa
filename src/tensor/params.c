/* SPDX-License-Identifier: Apache-2.0 */
/* params.c - the list of parameters and where each one lies. */
#include "tensor/params.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

struct lks_params {
  lks_param *param;
  lks_param_use *use;
  size_t capacity;
  size_t use_capacity;
  int count;
  int use_count;
  size_t value_count;
  size_t gradient_count;
  float *values; /* borrowed; outlives this */
};

lks_status lks_params_create(lks_params **params) {
  return lks_allocate(params, 1, sizeof **params);
}

void lks_params_destroy(lks_params *params) {
  if (!params)
    return;
  for (int i = 0; i < params->count; i++)
    lks_release(params->param[i].name);
  lks_release(params->use);
  lks_release(params->param);
  lks_release(params);
}

/* The extra ranges lie behind all values, so they move whenever one is added. */
static void place_uses(lks_params *params) {
  size_t offset = params->value_count;
  for (int i = 0; i < params->use_count; i++) {
    params->use[i].offset = offset;
    offset += lks_round_up(params->param[params->use[i].param].count, LKS_PARAMS_GRAIN);
  }
  params->gradient_count = offset;
}

lks_status lks_params_add(lks_params *params, const char *name, lks_shape shape, unsigned flags,
                          int *index) {
  LKS_ASSERT(!params->values);
  if (lks_params_find(params, name) >= 0)
    return LKS_FAIL(LKS_SHAPE, "two parameters are called '%s'", name);
  size_t count = (size_t)params->count;
  if (count == params->capacity) {
    size_t capacity = count ? 2 * count : 16;
    LKS_TRY(lks_reallocate(&params->param, count, capacity, sizeof *params->param));
    params->capacity = capacity;
  }
  lks_param *param = &params->param[count];
  LKS_TRY(lks_copy_text(&param->name, name));
  param->shape = shape;
  param->count = lks_shape_count(&shape);
  param->offset = params->value_count;
  param->flags = flags;
  params->value_count += lks_round_up(param->count, LKS_PARAMS_GRAIN);
  *index = params->count++;
  place_uses(params);
  return LKS_OK;
}

lks_status lks_params_add_use(lks_params *params, int index, int *use) {
  LKS_ASSERT(!params->values && index >= 0 && index < params->count);
  size_t count = (size_t)params->use_count;
  if (count == params->use_capacity) {
    size_t capacity = count ? 2 * count : 4;
    LKS_TRY(lks_reallocate(&params->use, count, capacity, sizeof *params->use));
    params->use_capacity = capacity;
  }
  params->use[count].param = index;
  *use = params->use_count++;
  place_uses(params);
  return LKS_OK;
}

void lks_params_bind(lks_params *params, float *values) {
  params->values = values;
}

int lks_params_count(const lks_params *params) {
  return params->count;
}

const lks_param *lks_params_at(const lks_params *params, int index) {
  LKS_ASSERT(index >= 0 && index < params->count);
  return &params->param[index];
}

int lks_params_use_count(const lks_params *params) {
  return params->use_count;
}

const lks_param_use *lks_params_use_at(const lks_params *params, int use) {
  LKS_ASSERT(use >= 0 && use < params->use_count);
  return &params->use[use];
}

int lks_params_find(const lks_params *params, const char *name) {
  for (int i = 0; i < params->count; i++) {
    if (strcmp(params->param[i].name, name) == 0)
      return i;
  }
  return -1;
}

float *lks_params_view(const lks_params *params, int index) {
  return params->values ? params->values + lks_params_at(params, index)->offset : NULL;
}

float *lks_params_values(const lks_params *params) {
  return params->values;
}

size_t lks_params_value_count(const lks_params *params) {
  return params->value_count;
}

size_t lks_params_gradient_count(const lks_params *params) {
  return params->gradient_count;
}
