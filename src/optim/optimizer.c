/* SPDX-License-Identifier: Apache-2.0 */
/* optimizer.c - the step that all methods share: add uses, norm, scale, update.
 *
 * Memory is what this costs, so every pass counts: one reads the gradient for its
 * norm, unless the sum over the ranks has done that on its way, and one reads it and
 * writes parameters and state.  Only parameters with
 * extra uses are added up before, in a buffer of just their size.  The update is
 * one parallel region; a thread's share is whole blocks of the flat buffer, across
 * the borders of parameters, and changes no bit since updates are elementwise. */
#include "optim/optimizer.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/floating_point.h"
#include "base/memory.h"
#include "kernels/parallel.h"
#include "optim/clip.h"
#include "optim/method.h"

#include <math.h>
#include <string.h>

static const lks_optimizer_method *const methods[] = {
    &lks_sgd_method,
    &lks_adam_method,
    &lks_adamw_method,
    &lks_rmsprop_method,
};

/* What the threads of an update need to know. */
typedef struct {
  const lks_optimizer *optimizer;
  const float *gradient; /* the whole buffer, before uses were added */
  const uint8_t *marks;  /* of its blocks to update; NULL: all */
  double learning_rate;
  float scale;
} update_call;

size_t lks_optimizer_padded(const lks_param *param) {
  return lks_round_up(param->count, LKS_PARAMS_GRAIN);
}

static const lks_optimizer_method *find_method(const char *kind) {
  for (size_t m = 0; m < sizeof methods / sizeof methods[0]; m++)
    if (strcmp(methods[m]->name, kind) == 0)
      return methods[m];
  return NULL;
}

/* Whether parameter `p` has a use beside its own. */
static bool has_extra_use(const lks_params *params, int p) {
  for (int u = 0; u < lks_params_use_count(params); u++)
    if (lks_params_use_at(params, u)->param == p)
      return true;
  return false;
}

static lks_status allocate_buffers(lks_optimizer *optimizer) {
  const lks_params *params = optimizer->params;
  size_t merged = 0;
  size_t largest = 0;
  for (int p = 0; p < lks_params_count(params); p++) {
    size_t padded = lks_optimizer_padded(lks_params_at(params, p));
    if (!has_extra_use(params, p))
      continue;
    largest = padded > largest ? padded : largest;
    merged += padded;
  }
  for (int i = 0; i < optimizer->state_count; i++)
    LKS_TRY(lks_allocate(&optimizer->state[i], lks_params_value_count(params), sizeof(float)));
  LKS_TRY(lks_allocate(&optimizer->gradient, (size_t)lks_params_count(params),
                       sizeof *optimizer->gradient));
  LKS_TRY(lks_allocate(&optimizer->merged, merged, sizeof(float)));
  LKS_TRY(lks_allocate(&optimizer->squares, lks_params_gradient_count(params) / LKS_NORM_BLOCK,
                       sizeof(double)));
  LKS_TRY(lks_allocate(&optimizer->blocks, largest / LKS_NORM_BLOCK, sizeof(double)));
  return LKS_OK;
}

lks_status lks_optimizer_create(lks_optimizer **optimizer, const lks_config *config,
                                lks_params *params, const lks_kernels *kernels, int threads) {
  lks_status status = LKS_OK;
  *optimizer = NULL;
  lks_optimizer *made = NULL;
  LKS_TRY(lks_allocate(&made, 1, sizeof *made));
  made->params = params;
  made->kernels = kernels;
  made->threads = threads;
  made->method = find_method(lks_config_text(config, "optimizer", "kind"));
  LKS_ASSERT(made->method != NULL);
  LKS_TRY_OR(cleanup, status, lks_optimizer_read_settings(config, &made->settings));
  made->state_count = made->method->states_needed != NULL ? made->method->states_needed(made)
                                                          : made->method->state_count;
  LKS_TRY_OR(cleanup, status, allocate_buffers(made));
  *optimizer = made;
  return LKS_OK;
cleanup:
  lks_optimizer_destroy(made);
  return status;
}

void lks_optimizer_destroy(lks_optimizer *optimizer) {
  if (optimizer == NULL)
    return;
  lks_release(optimizer->blocks);
  lks_release(optimizer->squares);
  lks_release(optimizer->merged);
  lks_release(optimizer->gradient);
  lks_release(optimizer->state[1]);
  lks_release(optimizer->state[0]);
  lks_release(optimizer);
}

/* Points optimizer->gradient at every parameter's gradient, adding extra uses. */
static void gather_gradients(lks_optimizer *optimizer, const float *gradient) {
  const lks_params *params = optimizer->params;
  for (int p = 0; p < lks_params_count(params); p++)
    optimizer->gradient[p] = gradient + lks_params_at(params, p)->offset;

  size_t merged = 0;
  for (int p = 0; p < lks_params_count(params); p++) {
    size_t padded = lks_optimizer_padded(lks_params_at(params, p));
    float *sum = optimizer->merged + merged;
    for (int u = 0; u < lks_params_use_count(params); u++) {
      const lks_param_use *use = lks_params_use_at(params, u);
      if (use->param != p)
        continue;
      lks_add(optimizer->kernels, optimizer->threads, padded, optimizer->gradient[p],
              gradient + use->offset, sum);
      optimizer->gradient[p] = sum;
    }
    merged += optimizer->gradient[p] == sum ? padded : 0;
  }
}

/* Updates elements from .. to-1 of parameter `p`: its marked blocks, or all of one whose
 * gradient is the sum of several uses, which the marks of none describe. */
static void update_blocks(const update_call *call, int p, size_t from, size_t to) {
  const lks_optimizer *optimizer = call->optimizer;
  const lks_param *param = lks_params_at(optimizer->params, p);
  bool is_own = optimizer->gradient[p] == call->gradient + param->offset;
  const uint8_t *marks = is_own ? call->marks : NULL;
  size_t last = to / LKS_PARAMS_GRAIN, end;
  for (size_t block = from / LKS_PARAMS_GRAIN; block < last; block = end) {
    end = lks_marks_run(marks, block, last);
    size_t first = block * LKS_PARAMS_GRAIN;
    if (lks_marks_has(marks, block))
      optimizer->method->update(optimizer, param, first, end * LKS_PARAMS_GRAIN,
                                call->learning_rate, call->scale,
                                optimizer->gradient[p] + (first - param->offset));
  }
}

/* Updates one thread's share of the flat buffer, parameter by parameter. */
static void update_share(void *context, int part, int parts) {
  const update_call *call = context;
  const lks_optimizer *optimizer = call->optimizer;
  const lks_params *params = optimizer->params;
  size_t first;
  size_t last;
  lks_parallel_slice_size(lks_params_value_count(params), LKS_PARAMS_GRAIN, part, parts, &first,
                          &last);
  for (int p = 0; p < lks_params_count(params); p++) {
    const lks_param *param = lks_params_at(params, p);
    size_t end = param->offset + lks_optimizer_padded(param);
    size_t from = param->offset > first ? param->offset : first;
    size_t to = end < last ? end : last;
    if (from < to)
      update_blocks(call, p, from, to);
  }
}

lks_status lks_optimizer_step(lks_optimizer *optimizer, const lks_gradient *gradient,
                              double terms, double learning_rate, double *norm) {
  LKS_ASSERT(terms > 0);
  unsigned saved = lks_floating_point_enter();
  gather_gradients(optimizer, gradient->values);
  *norm = lks_clip_norm(optimizer, gradient) / terms;
  if (isfinite(*norm)) {
    optimizer->steps++;
    bool rests = optimizer->method->rests != NULL && optimizer->method->rests(optimizer);
    update_call call = {optimizer, gradient->values, rests ? gradient->marks : NULL,
                        learning_rate, lks_clip_scale(terms, *norm, optimizer->settings.clip)};
    lks_parallel(optimizer->threads, update_share, &call);
  }
  lks_floating_point_leave(saved);
  return LKS_OK;
}

int64_t lks_optimizer_steps(const lks_optimizer *optimizer) {
  return optimizer->steps;
}

void lks_optimizer_set_steps(lks_optimizer *optimizer, int64_t steps) {
  optimizer->steps = steps;
}

int lks_optimizer_state_count(const lks_optimizer *optimizer) {
  return optimizer->state_count;
}

const char *lks_optimizer_state_name(const lks_optimizer *optimizer, int i) {
  LKS_ASSERT(i >= 0 && i < optimizer->state_count);
  return optimizer->method->state_names[i];
}

float *lks_optimizer_state(const lks_optimizer *optimizer, int i) {
  LKS_ASSERT(i >= 0 && i < optimizer->state_count);
  return optimizer->state[i];
}
