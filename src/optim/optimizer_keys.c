/* SPDX-License-Identifier: Apache-2.0 */
/* optimizer_keys.c - the keys of [optimizer] that the methods use; those of the
 * learning rate's course are in schedule.c. */
#include "base/fail.h"
#include "optim/method.h"

static const lks_key keys[] = {
    {"optimizer", "kind", LKS_KEY_CHOICE, "adam", "sgd adam adamw rmsprop", 1, 0, LKS_KEY_FIXED,
     "method that turns a gradient into new parameters"},
    {"optimizer", "learning_rate", LKS_KEY_REAL, "0.001", NULL, 0, 1000, LKS_KEY_FIXED,
     "learning rate before schedule and warm-up (sgd wants far more than adam)"},
    {"optimizer", "momentum", LKS_KEY_REAL, "0", NULL, 0, 0.9999, LKS_KEY_FIXED,
     "sgd, rmsprop: share of the velocity that a step keeps; 0 stores no velocity"},
    {"optimizer", "nesterov", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED,
     "sgd: look ahead along the velocity; needs momentum"},
    {"optimizer", "beta1", LKS_KEY_REAL, "0.9", NULL, 0, 0.99999, LKS_KEY_FIXED,
     "adam, adamw: share of the mean gradient that a step keeps"},
    {"optimizer", "beta2", LKS_KEY_REAL, "0.999", NULL, 0, 0.99999, LKS_KEY_FIXED,
     "adam, adamw: share of the mean squared gradient that a step keeps"},
    {"optimizer", "epsilon", LKS_KEY_REAL, "1e-8", NULL, 1e-20, 1, LKS_KEY_FIXED,
     "adam, adamw, rmsprop: added to the root of the mean squared gradient"},
    {"optimizer", "alpha", LKS_KEY_REAL, "0.99", NULL, 0, 0.99999, LKS_KEY_FIXED,
     "rmsprop: share of the mean squared gradient that a step keeps"},
    {"optimizer", "weight_decay", LKS_KEY_REAL, "0", NULL, 0, 10, LKS_KEY_FIXED,
     "sgd, adam, rmsprop: this x weight joins the gradient; adamw: rate x this x weight is taken off"},
    {"optimizer", "clip", LKS_KEY_REAL, "0", NULL, 0, 1e9, LKS_KEY_FIXED,
     "largest norm of the mean gradient, longer ones are shortened to it; 0: no limit"},
    {"optimizer", "average", LKS_KEY_REAL, "0", NULL, 0, 0.99999, LKS_KEY_FIXED,
     "exponential moving average (EMA) of the parameters: share that it keeps in a step, 0.999 "
     "say; scores and forecasts are the average's; 0: none"},
};

lks_status lks_optimizer_register(lks_config *config) {
  return lks_config_register(config, keys, sizeof keys / sizeof keys[0]);
}

lks_status lks_optimizer_read_settings(const lks_config *config,
                                       lks_optimizer_settings *settings) {
  settings->momentum = lks_config_real(config, "optimizer", "momentum");
  settings->nesterov = lks_config_bool(config, "optimizer", "nesterov");
  settings->beta1 = lks_config_real(config, "optimizer", "beta1");
  settings->beta2 = lks_config_real(config, "optimizer", "beta2");
  settings->epsilon = lks_config_real(config, "optimizer", "epsilon");
  settings->alpha = lks_config_real(config, "optimizer", "alpha");
  settings->weight_decay = lks_config_real(config, "optimizer", "weight_decay");
  settings->clip = lks_config_real(config, "optimizer", "clip");
  if (settings->nesterov && settings->momentum <= 0)
    return LKS_FAIL(LKS_USAGE, "[optimizer] nesterov = yes: expected momentum above 0, found 0"
                               "\n  hint: set [optimizer] momentum, 0.9 is usual");
  return LKS_OK;
}
