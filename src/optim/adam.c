/* SPDX-License-Identifier: Apache-2.0 */
/* adam.c - Adam and AdamW, which differ in what weight decay does.
 *
 *   m = beta1 x m + (1 - beta1) x g        v = beta2 x v + (1 - beta2) x g^2
 *   w = w - learning_rate x (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
 * Adam adds weight_decay x w to g, so decay passes through the moments; AdamW
 * multiplies w by 1 - learning_rate x weight_decay instead (Loshchilov and Hutter
 * 2019, "Decoupled weight decay regularization", algorithm 2, where their schedule
 * multiplier is part of our learning rate).
 *
 * The corrections are those of the betas as the kernel has them, rounded to f32:
 * otherwise the first steps would be off by 1e-5, since 1 - 0.999 is small. */
#include "base/arithmetic.h"
#include "optim/method.h"

/* 1 - beta^t, the weight that a moment has collected in t steps. */
static double collected(float beta, int64_t t) {
  return beta > 0 ? 1 - lks_pow_f64((double)beta, (double)t) : 1;
}

static void update(const lks_optimizer *optimizer, size_t first, size_t last,
                   double learning_rate, lks_adam_step step, const float *gradient) {
  step.beta1 = (float)optimizer->settings.beta1;
  step.beta2 = (float)optimizer->settings.beta2;
  step.epsilon = (float)optimizer->settings.epsilon;
  step.step_size = (float)(learning_rate / collected(step.beta1, optimizer->steps));
  step.root_correction = (float)(1 / lks_sqrt_f64(collected(step.beta2, optimizer->steps)));
  optimizer->kernels->adam(&step, last - first, gradient,
                           lks_params_values(optimizer->params) + first,
                           optimizer->state[0] + first, optimizer->state[1] + first);
}

static void update_adam(const lks_optimizer *optimizer, const lks_param *param, size_t first,
                        size_t last, double learning_rate, float scale, const float *gradient) {
  bool decays = !(param->flags & LKS_PARAM_NO_DECAY);
  lks_adam_step step = {
      .scale = scale,
      .weight_decay = decays ? (float)optimizer->settings.weight_decay : 0,
      .shrink = 1,
  };
  update(optimizer, first, last, learning_rate, step, gradient);
}

static void update_adamw(const lks_optimizer *optimizer, const lks_param *param, size_t first,
                         size_t last, double learning_rate, float scale,
                         const float *gradient) {
  bool decays = !(param->flags & LKS_PARAM_NO_DECAY);
  double decay = decays ? optimizer->settings.weight_decay : 0;
  lks_adam_step step = {
      .scale = scale,
      .weight_decay = 0,
      .shrink = (float)(1 - learning_rate * decay),
  };
  update(optimizer, first, last, learning_rate, step, gradient);
}

const lks_optimizer_method lks_adam_method = {
    .name = "adam",
    .state_count = 2,
    .state_names = {"first_moment", "second_moment"},
    .update = update_adam,
};

const lks_optimizer_method lks_adamw_method = {
    .name = "adamw",
    .state_count = 2,
    .state_names = {"first_moment", "second_moment"},
    .update = update_adamw,
};
