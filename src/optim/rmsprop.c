/* SPDX-License-Identifier: Apache-2.0 */
/* rmsprop.c - RMSProp, with momentum if asked for.
 *
 *   g = gradient x scale + weight_decay x w
 *   v = alpha x v + (1 - alpha) x g^2
 *   b = momentum x b + g / (sqrt(v) + epsilon)
 *   w = w - learning_rate x b
 *
 * Tieleman and Hinton 2012, "Lecture 6.5 - rmsprop", as torch.optim.RMSprop (not
 * centred).  Without momentum there is no b to store. */
#include "optim/method.h"

static void update(const lks_optimizer *optimizer, const lks_param *param, size_t first,
                   size_t last, double learning_rate, float scale, const float *gradient) {
  const lks_optimizer_settings *settings = &optimizer->settings;
  bool decays = !(param->flags & LKS_PARAM_NO_DECAY);
  lks_rmsprop_step step = {
      .learning_rate = (float)learning_rate,
      .alpha = (float)settings->alpha,
      .momentum = (float)settings->momentum,
      .epsilon = (float)settings->epsilon,
      .weight_decay = decays ? (float)settings->weight_decay : 0,
      .scale = scale,
  };
  float *velocity = optimizer->state_count > 1 ? optimizer->state[1] + first : NULL;
  optimizer->kernels->rmsprop(&step, last - first, gradient,
                              lks_params_values(optimizer->params) + first,
                              optimizer->state[0] + first, velocity);
}

static int states_needed(const lks_optimizer *optimizer) {
  return optimizer->settings.momentum > 0 ? 2 : 1;
}

const lks_optimizer_method lks_rmsprop_method = {
    .name = "rmsprop",
    .state_count = 2,
    .state_names = {"mean_square", "velocity"},
    .states_needed = states_needed,
    .update = update,
};
