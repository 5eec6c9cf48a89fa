/* SPDX-License-Identifier: Apache-2.0 */
/* schedule.c - rates are functions of (step, epoch), not of a history, so that a
 * resumed run needs nothing but its numbers; only what scores decide (plateau,
 * early stopping) is remembered, in lks_schedule_state. */
#include "optim/schedule.h"

#include "base/arithmetic.h"
#include "base/fail.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static const lks_key keys[] = {
    {"optimizer", "schedule", LKS_KEY_CHOICE, "constant",
     "constant step cosine inverse-sqrt plateau", 1, 0, LKS_KEY_FIXED,
     "course of the learning rate after warm-up"},
    {"optimizer", "warmup_steps", LKS_KEY_INTEGER, "0", NULL, 0, 1e9, LKS_KEY_FIXED,
     "steps in which the learning rate rises linearly from 0; any schedule"},
    {"optimizer", "decay", LKS_KEY_REAL, "0.5", NULL, 1e-6, 1, LKS_KEY_FIXED,
     "step, plateau: what the learning rate is multiplied by"},
    {"optimizer", "decay_from", LKS_KEY_INTEGER, "2", NULL, 1, 1e6, LKS_KEY_FIXED,
     "step: first epoch (counted from 1) with a reduced rate; each later one reduces again"},
    {"optimizer", "patience", LKS_KEY_INTEGER, "1", NULL, 1, 1e6, LKS_KEY_FIXED,
     "plateau: evaluations without improvement before the learning rate is reduced"},
    {"train", "early_stopping", LKS_KEY_INTEGER, "0", NULL, 0, 1e6, LKS_KEY_FIXED,
     "evaluations without improvement before training ends; 0: never"},
};

lks_status lks_schedule_register(lks_config *config) {
  return lks_config_register(config, keys, sizeof keys / sizeof keys[0]);
}

static bool is_kind(const lks_schedule *schedule, const char *kind) {
  return strcmp(lks_config_text(schedule->config, "optimizer", "schedule"), kind) == 0;
}

lks_status lks_schedule_create(lks_schedule *schedule, const lks_config *config,
                               int64_t steps_per_epoch, int64_t epochs) {
  *schedule = (lks_schedule){
      .config = config,
      .steps_per_epoch = steps_per_epoch,
      .epochs = epochs,
      .state = {.best_step = -1, .factor = 1},
  };
  int64_t warmup = lks_config_integer(config, "optimizer", "warmup_steps");
  int64_t total = steps_per_epoch * epochs;
  if (is_kind(schedule, "cosine") && warmup >= total)
    return LKS_FAIL(LKS_USAGE,
                    "[optimizer] warmup_steps = %" PRId64 " with schedule = cosine: expected "
                    "fewer than the run's %" PRId64 " steps (%" PRId64 " epochs of %" PRId64 ")"
                    "\n  hint: lower warmup_steps or raise [train] epochs",
                    warmup, total, epochs, steps_per_epoch);
  return LKS_OK;
}

/* One multiplication an epoch: a decay of 0.5 stays exact. */
static double step_factor(const lks_schedule *schedule, int64_t epoch) {
  double decay = lks_config_real(schedule->config, "optimizer", "decay");
  int64_t from = lks_config_integer(schedule->config, "optimizer", "decay_from");
  double factor = 1;
  for (int64_t e = from; e <= epoch + 1; e++)
    factor *= decay;
  return factor;
}

static double cosine_factor(const lks_schedule *schedule, int64_t step, int64_t warmup) {
  int64_t total = schedule->steps_per_epoch * schedule->epochs;
  if (step <= warmup)
    return 1;
  if (step >= total)
    return 0;
  return 0.5 * (1 + lks_cos_f64(pi * (double)(step - warmup) / (double)(total - warmup)));
}

static double inverse_sqrt_factor(int64_t step, int64_t warmup) {
  double peak = warmup > 0 ? (double)warmup : 1;
  double n = (double)(step + 1);
  return n > peak ? lks_sqrt_f64(peak / n) : 1;
}

double lks_schedule_rate(const lks_schedule *schedule, int64_t step, int64_t epoch) {
  double rate = lks_config_real(schedule->config, "optimizer", "learning_rate");
  int64_t warmup = lks_config_integer(schedule->config, "optimizer", "warmup_steps");
  if (step < warmup)
    rate *= (double)(step + 1) / (double)warmup;
  if (is_kind(schedule, "step"))
    return rate * step_factor(schedule, epoch);
  if (is_kind(schedule, "cosine"))
    return rate * cosine_factor(schedule, step, warmup);
  if (is_kind(schedule, "inverse-sqrt"))
    return rate * inverse_sqrt_factor(step, warmup);
  if (is_kind(schedule, "plateau"))
    return rate * schedule->state.factor;
  return rate;
}

bool lks_schedule_note(lks_schedule *schedule, double score, int64_t step) {
  lks_schedule_state *state = &schedule->state;
  /* A score that is not finite is never an improvement, not even the first. */
  if (isfinite(score) && (state->best_step < 0 || score < state->best)) {
    state->best = score;
    state->best_step = step;
    state->since_best = 0;
    state->since_reduction = 0;
    return true;
  }
  state->since_best++;
  state->since_reduction++;
  int64_t patience = lks_config_integer(schedule->config, "optimizer", "patience");
  if (is_kind(schedule, "plateau") && state->since_reduction >= patience) {
    state->factor *= lks_config_real(schedule->config, "optimizer", "decay");
    state->since_reduction = 0;
  }
  return false;
}

bool lks_schedule_is_over(const lks_schedule *schedule) {
  int64_t limit = lks_config_integer(schedule->config, "train", "early_stopping");
  return limit > 0 && schedule->state.since_best >= limit;
}
