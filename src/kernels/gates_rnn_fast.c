/* SPDX-License-Identifier: Apache-2.0 */
/* gates_rnn_fast.c - the activation of a plain recurrent cell, a vector of units at a
 * time.  The equations stand in gates_rnn_reference.c. */
#include "kernels/functions_vector.h"

LKS_INLINE vec relu_vector(vec a) {
  return vec_max(vec_set(0.0f), a);
}

/* h' = f(a) for all rows. */
LKS_INLINE void forward_rows(const lks_gates_forward *step, vec (*f)(vec)) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    const float *gates = step->gates + row * step->gates_stride;
    float *hidden = step->hidden_next + row * H;
    size_t u = 0;
    for (; u + WIDTH <= units; u += WIDTH)
      vec_store(hidden + u, f(vec_load(gates + u)));
    if (u < units)
      vec_store_first(hidden + u, f(vec_load_first(gates + u, (int)(units - u))),
                      (int)(units - u));
  }
}

void LKS_KERNEL(rnn_tanh_forward)(const lks_gates_forward *step) {
  forward_rows(step, tanh_vector);
}

void LKS_KERNEL(rnn_relu_forward)(const lks_gates_forward *step) {
  forward_rows(step, relu_vector);
}

LKS_INLINE vec tanh_gradient(vec h, vec d_hidden) {
  return vec_mul(d_hidden, vec_fnma(h, h, vec_set(1.0f)));
}

LKS_INLINE vec relu_gradient(vec h, vec d_hidden) {
  return vec_select(vec_less(vec_set(0.0f), h), d_hidden, vec_set(0.0f));
}

/* da = gradient(h', dh) for all rows. */
LKS_INLINE void backward_rows(const lks_gates_backward *step, vec (*gradient)(vec, vec)) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    const float *hidden = step->hidden_next + row * H;
    const float *d_hidden = step->d_hidden + row * H;
    float *gates = step->gates + row * step->gates_stride;
    for (size_t u = 0; u < units; u += WIDTH) {
      const int n = units - u < WIDTH ? (int)(units - u) : WIDTH;
      const vec h = vec_load_first(hidden + u, n);
      vec_store_first(gates + u, gradient(h, vec_load_first(d_hidden + u, n)), n);
    }
  }
}

void LKS_KERNEL(rnn_tanh_backward)(const lks_gates_backward *step) {
  backward_rows(step, tanh_gradient);
}

void LKS_KERNEL(rnn_relu_backward)(const lks_gates_backward *step) {
  backward_rows(step, relu_gradient);
}
