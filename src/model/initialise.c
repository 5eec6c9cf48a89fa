/* SPDX-License-Identifier: Apache-2.0 */
/* initialise.c - counter = (parameter, element / 4): any element can be drawn alone. */
#include "model/initialise.h"

#include "base/arithmetic.h"

#include <stddef.h>

/* The four words that elements 4i .. 4i+3 of a parameter draw from. */
static void draw(lks_random_key key, int param, size_t i, uint32_t words[4]) {
  lks_philox(
      key, lks_random_counter_of(LKS_RANDOM_INITIALISE, 0, 0, (uint32_t)i, (uint32_t)param, 0),
      words);
}

void lks_initialise_uniform(lks_params *params, int param, lks_random_key key, double bound) {
  float *values = lks_params_view(params, param);
  size_t count = lks_params_at(params, param)->count;
  for (size_t i = 0; i < count; i += 4) {
    uint32_t words[4];
    draw(key, param, i / 4, words);
    for (size_t j = 0; j < 4 && i + j < count; j++)
      values[i + j] = (float)((2.0 * (double)lks_random_unit(words[j]) - 1.0) * bound);
  }
}

void lks_initialise_normal(lks_params *params, int param, lks_random_key key,
                           double deviation) {
  const double two_pi = 6.283185307179586;
  float *values = lks_params_view(params, param);
  size_t count = lks_params_at(params, param)->count;
  for (size_t i = 0; i < count; i += 2) {
    uint32_t words[4];
    draw(key, param, i / 2, words);
    double radius =
        lks_sqrt_f64(-2.0 * lks_log_f64(1.0 - lks_random_unit_f64(words[0], words[1])));
    double angle = two_pi * lks_random_unit_f64(words[2], words[3]);
    values[i] = (float)(deviation * radius * lks_cos_f64(angle));
    if (i + 1 < count)
      values[i + 1] = (float)(deviation * radius * lks_cos_f64(angle - two_pi / 4));
  }
}

void lks_initialise_forget(lks_recurrent *recurrent, lks_params *params, lks_random_key key,
                           lks_forget_bias how, int horizon) {
  const lks_unroll *layers = lks_recurrent_layer(recurrent, 0, 0);
  const lks_cell *cell = layers->cell;
  if (how == LKS_FORGET_AS_DRAWN || cell->forget_block < 0)
    return;
  for (int l = 0; l < lks_recurrent_states(recurrent); l++) {
    const lks_unroll *layer = &layers[l];
    size_t hidden = (size_t)layer->hidden;
    size_t forget = (size_t)cell->forget_block * hidden,
           input = (size_t)cell->input_block * hidden;
    float *bias = lks_params_view(params, layer->bias_ih);
    float *hidden_bias = lks_params_view(params, layer->bias_hh);
    for (size_t u = 0; u < hidden; u++) {
      uint32_t words[4];
      draw(key, layer->bias_ih, (size_t)UINT32_MAX - u, words);
      double span = horizon > 2 ? (double)horizon - 2.0 : 0.0;
      double value = how == LKS_FORGET_ONE
                         ? 1.0
                         : lks_log_f64(1.0 + span * (double)lks_random_unit(words[0]));
      bias[forget + u] = (float)value;
      hidden_bias[forget + u] = 0.0f;
      if (how == LKS_FORGET_CHRONO) {
        bias[input + u] = (float)-value;
        hidden_bias[input + u] = 0.0f;
      }
    }
  }
}
