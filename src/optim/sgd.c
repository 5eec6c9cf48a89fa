/* SPDX-License-Identifier: Apache-2.0 */
/* sgd.c - stochastic gradient descent, with momentum if asked for.
 *
 *   g = gradient x scale + weight_decay x w
 *   v = momentum x v + g
 *   w = w - learning_rate x v,  or with Nesterov's  g + momentum x v  for v
 *
 * Sutskever et al. 2013, "On the importance of initialization and momentum in deep
 * learning", in the form that takes the learning rate out of the velocity, so that
 * a schedule acts at once.  Without momentum there is no velocity to store. */
#include "optim/method.h"

static void update(const lks_optimizer *optimizer, const lks_param *param, size_t first,
                   size_t last, double learning_rate, float scale, const float *gradient) {
  const lks_optimizer_settings *settings = &optimizer->settings;
  bool decays = !(param->flags & LKS_PARAM_NO_DECAY);
  lks_sgd_step step = {
      .learning_rate = (float)learning_rate,
      .momentum = (float)settings->momentum,
      .weight_decay = decays ? (float)settings->weight_decay : 0,
      .scale = scale,
      .nesterov = settings->nesterov,
  };
  float *velocity = optimizer->state_count > 0 ? optimizer->state[0] + first : NULL;
  optimizer->kernels->sgd(&step, last - first, gradient,
                          lks_params_values(optimizer->params) + first, velocity);
}

static int states_needed(const lks_optimizer *optimizer) {
  return optimizer->settings.momentum > 0 ? 1 : 0;
}

static bool rests(const lks_optimizer *optimizer) {
  return optimizer->state_count == 0 && optimizer->settings.weight_decay == 0;
}

const lks_optimizer_method lks_sgd_method = {
    .name = "sgd",
    .state_count = 1,
    .state_names = {"velocity"},
    .states_needed = states_needed,
    .update = update,
    .rests = rests,
};
