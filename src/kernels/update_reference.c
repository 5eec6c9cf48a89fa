/* SPDX-License-Identifier: Apache-2.0 */
/* update_reference.c - the optimisers' arithmetic, weight by weight.
 *
 * sgd: Polyak 1964, Nesterov 1983 as in Sutskever et al. 2013.  adam: Kingma and Ba
 * 2015; `shrink` is the decoupled decay of Loshchilov and Hutter 2019.  rmsprop: Tieleman
 * and Hinton 2012, with torch's momentum. */
#include "kernels/kernel_table.h"

#include <math.h>

/* g' = fma(weight_decay, w, g scale);  v = fma(momentum, v, g');
 * u = nesterov ? fma(momentum, v, g') : v;  w = fma(-learning_rate, u, w) */
void LKS_KERNEL(sgd)(const lks_sgd_step *step, size_t n, const float *gradient, float *weights,
                     float *velocity) {
  for (size_t i = 0; i < n; i++) {
    const float g = fmaf(step->weight_decay, weights[i], gradient[i] * step->scale);
    float move = g;
    if (velocity != NULL) {
      velocity[i] = fmaf(step->momentum, velocity[i], g);
      move = step->nesterov ? fmaf(step->momentum, velocity[i], g) : velocity[i];
    }
    weights[i] = fmaf(-step->learning_rate, move, weights[i]);
  }
}

/* w = w shrink;  g' = fma(weight_decay, w, g scale);
 * m = fma(1 - beta1, g', beta1 m);  v = fma((1 - beta2) g', g', beta2 v);
 * w = fma(-step_size, m / fma(sqrt(v), root_correction, epsilon), w) */
void LKS_KERNEL(adam)(const lks_adam_step *step, size_t n, const float *gradient,
                      float *weights, float *first_moment, float *second_moment) {
  const float rest1 = 1.0f - step->beta1;
  const float rest2 = 1.0f - step->beta2;
  for (size_t i = 0; i < n; i++) {
    float w = weights[i];
    float g = gradient[i] * step->scale;
    if (step->shrink != 1.0f)
      w = w * step->shrink;
    if (step->weight_decay != 0.0f)
      g = fmaf(step->weight_decay, w, g);
    const float m = fmaf(rest1, g, step->beta1 * first_moment[i]);
    const float v = fmaf(rest2 * g, g, step->beta2 * second_moment[i]);
    first_moment[i] = m;
    second_moment[i] = v;
    weights[i] =
        fmaf(-step->step_size, m / fmaf(sqrtf(v), step->root_correction, step->epsilon), w);
  }
}

/* g' = fma(weight_decay, w, g scale);  v = fma((1 - alpha) g', g', alpha v);
 * u = g' / (sqrt(v) + epsilon);  b = fma(momentum, b, u);  w = fma(-learning_rate, b, w) */
void LKS_KERNEL(rmsprop)(const lks_rmsprop_step *step, size_t n, const float *gradient,
                         float *weights, float *mean_square, float *buffer) {
  const float rest = 1.0f - step->alpha;
  for (size_t i = 0; i < n; i++) {
    float g = gradient[i] * step->scale;
    if (step->weight_decay != 0.0f)
      g = fmaf(step->weight_decay, weights[i], g);
    mean_square[i] = fmaf(rest * g, g, step->alpha * mean_square[i]);
    float move = g / (sqrtf(mean_square[i]) + step->epsilon);
    if (buffer != NULL)
      move = buffer[i] = fmaf(step->momentum, buffer[i], move);
    weights[i] = fmaf(-step->learning_rate, move, weights[i]);
  }
}

/* y = fma(share, x - y, y) */
void LKS_KERNEL(average)(float share, size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = fmaf(share, x[i] - y[i], y[i]);
}
