/* SPDX-License-Identifier: Apache-2.0 */
/* update_fast.c - the optimisers' arithmetic, a vector at a time.  One pass reads and
 * writes every array once: memory is the limit.  The equations stand in
 * update_reference.c. */
#include "kernels/isa.h"

/* Elements 0 .. n-1 of the arrays. */
LKS_INLINE void sgd_part(const lks_sgd_step *step, int n, const float *gradient, float *weights,
                         float *velocity) {
  const vec w = vec_load_first(weights, n);
  const vec scaled = vec_mul(vec_load_first(gradient, n), vec_set(step->scale));
  const vec g = vec_fma(vec_set(step->weight_decay), w, scaled);
  vec move = g;
  if (velocity != NULL) {
    const vec momentum = vec_set(step->momentum);
    const vec v = vec_fma(momentum, vec_load_first(velocity, n), g);
    vec_store_first(velocity, v, n);
    move = step->nesterov ? vec_fma(momentum, v, g) : v;
  }
  vec_store_first(weights, vec_fma(vec_set(-step->learning_rate), move, w), n);
}

void LKS_KERNEL(sgd)(const lks_sgd_step *step, size_t n, const float *gradient, float *weights,
                     float *velocity) {
  const lks_sgd_step copy = *step; /* the stores below cannot change it */
  size_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH)
    sgd_part(&copy, WIDTH, gradient + i, weights + i, velocity == NULL ? NULL : velocity + i);
  if (i < n)
    sgd_part(&copy, (int)(n - i), gradient + i, weights + i,
             velocity == NULL ? NULL : velocity + i);
}

LKS_INLINE void adam_part(const lks_adam_step *step, int n, const float *gradient,
                          float *weights, float *first_moment, float *second_moment) {
  vec w = vec_load_first(weights, n);
  vec g = vec_mul(vec_load_first(gradient, n), vec_set(step->scale));
  if (step->shrink != 1.0f)
    w = vec_mul(w, vec_set(step->shrink));
  if (step->weight_decay != 0.0f)
    g = vec_fma(vec_set(step->weight_decay), w, g);
  const vec old_m = vec_mul(vec_set(step->beta1), vec_load_first(first_moment, n));
  const vec old_v = vec_mul(vec_set(step->beta2), vec_load_first(second_moment, n));
  const vec m = vec_fma(vec_set(1.0f - step->beta1), g, old_m);
  const vec v = vec_fma(vec_mul(vec_set(1.0f - step->beta2), g), g, old_v);
  const vec root = vec_fma(vec_sqrt(v), vec_set(step->root_correction), vec_set(step->epsilon));
  vec_store_first(first_moment, m, n);
  vec_store_first(second_moment, v, n);
  vec_store_first(weights, vec_fma(vec_set(-step->step_size), vec_div(m, root), w), n);
}

void LKS_KERNEL(adam)(const lks_adam_step *step, size_t n, const float *gradient,
                      float *weights, float *first_moment, float *second_moment) {
  const lks_adam_step copy = *step;
  size_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH)
    adam_part(&copy, WIDTH, gradient + i, weights + i, first_moment + i, second_moment + i);
  if (i < n)
    adam_part(&copy, (int)(n - i), gradient + i, weights + i, first_moment + i,
              second_moment + i);
}

LKS_INLINE void rmsprop_part(const lks_rmsprop_step *step, int n, const float *gradient,
                             float *weights, float *mean_square, float *buffer) {
  const vec w = vec_load_first(weights, n);
  vec g = vec_mul(vec_load_first(gradient, n), vec_set(step->scale));
  if (step->weight_decay != 0.0f)
    g = vec_fma(vec_set(step->weight_decay), w, g);
  const vec old = vec_mul(vec_set(step->alpha), vec_load_first(mean_square, n));
  const vec v = vec_fma(vec_mul(vec_set(1.0f - step->alpha), g), g, old);
  vec_store_first(mean_square, v, n);
  vec move = vec_div(g, vec_add(vec_sqrt(v), vec_set(step->epsilon)));
  if (buffer != NULL) {
    move = vec_fma(vec_set(step->momentum), vec_load_first(buffer, n), move);
    vec_store_first(buffer, move, n);
  }
  vec_store_first(weights, vec_fma(vec_set(-step->learning_rate), move, w), n);
}

void LKS_KERNEL(rmsprop)(const lks_rmsprop_step *step, size_t n, const float *gradient,
                         float *weights, float *mean_square, float *buffer) {
  const lks_rmsprop_step copy = *step;
  size_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH)
    rmsprop_part(&copy, WIDTH, gradient + i, weights + i, mean_square + i,
                 buffer == NULL ? NULL : buffer + i);
  if (i < n)
    rmsprop_part(&copy, (int)(n - i), gradient + i, weights + i, mean_square + i,
                 buffer == NULL ? NULL : buffer + i);
}

LKS_INLINE void average_part(float share, int n, const float *x, float *y) {
  const vec old = vec_load_first(y, n);
  vec_store_first(y, vec_fma(vec_set(share), vec_sub(vec_load_first(x, n), old), old), n);
}

void LKS_KERNEL(average)(float share, size_t n, const float *x, float *y) {
  size_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH)
    average_part(share, WIDTH, x + i, y + i);
  if (i < n)
    average_part(share, (int)(n - i), x + i, y + i);
}
