/* SPDX-License-Identifier: Apache-2.0 */
/* raw_values.c - heads, and raw outputs to try. */
#include "raw_values.h"

#include "base/random.h"
#include "check.h"

lks_forecast_head lks_head_of(const char *name) {
  lks_forecast_head head = {.loss = lks_forecast_loss_find(name), .huber_delta = 0.75};
  CHECK_OK(lks_forecast_head_set_quantiles(&head, "0.1 0.25 0.5 0.75 0.9"));
  return head;
}

double lks_uniform(uint32_t index, double low, double high) {
  uint32_t out[4];
  lks_philox(lks_random_key_of(3), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, 0, index, 0),
             out);
  return low + (high - low) * lks_random_unit_f64(out[0], out[1]);
}

float lks_raw_at(int i) {
  static const float raws[LKS_RAWS] = {-30, -12.5F, -3, -0.75F, 0, 0.5F, 2, 11, 30};
  return raws[i];
}

double lks_target_at(const lks_forecast_head *head, int i) {
  static const double counts[LKS_TARGETS] = {0, 1, 2, 7, 31, 100, 1234, 1e4};
  static const double numbers[LKS_TARGETS] = {-1e4, -31.3, -3.1, 0.07, 0.4, 2.9, 17.7, 1e4};
  return head->loss->is_count ? counts[i] : numbers[i];
}
