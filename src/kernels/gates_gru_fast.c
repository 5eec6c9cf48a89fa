/* SPDX-License-Identifier: Apache-2.0 */
/* gates_gru_fast.c - the gates of a GRU, a vector of units at a time.  The equations
 * stand in gates_gru_reference.c. */
#include "kernels/functions_vector.h"

/* Units u .. u+count-1 of one row. */
LKS_INLINE void forward_units(const lks_gates_forward *step, size_t row, size_t u, int count) {
  const size_t H = (size_t)step->hidden;
  const size_t at = row * H + u;
  float *gates = step->gates + row * step->gates_stride + u;
  const vec r = sigmoid_vector(vec_load_first(gates, count));
  const vec z = sigmoid_vector(vec_load_first(gates + H, count));
  const vec a = vec_load_first(gates + 2 * H, count);
  const vec n = tanh_vector(vec_fma(r, a, vec_load_first(gates + 3 * H, count)));
  const vec h = vec_load_first(step->hidden_prev + at, count);
  vec_store_first(gates, r, count);
  vec_store_first(gates + H, z, count);
  vec_store_first(gates + 3 * H, n, count);
  vec_store_first(step->hidden_next + at, vec_fma(z, vec_sub(h, n), n), count);
}

void LKS_KERNEL(gru_forward)(const lks_gates_forward *step) {
  const size_t units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    size_t u = 0;
    for (; u + WIDTH <= units; u += WIDTH)
      forward_units(step, row, u, WIDTH);
    if (u < units)
      forward_units(step, row, u, (int)(units - u));
  }
}

LKS_INLINE void backward_units(const lks_gates_backward *step, size_t row, size_t u,
                               int count) {
  const size_t H = (size_t)step->hidden;
  const size_t at = row * H + u;
  float *gates = step->gates + row * step->gates_stride + u;
  const vec one = vec_set(1.0f);
  const vec r = vec_load_first(gates, count);
  const vec z = vec_load_first(gates + H, count);
  const vec a = vec_load_first(gates + 2 * H, count);
  const vec n = vec_load_first(gates + 3 * H, count);
  const vec h = vec_load_first(step->hidden_prev + at, count);
  const vec d_hidden = vec_load_first(step->d_hidden + at, count);
  const vec d_x = vec_mul(vec_mul(d_hidden, vec_sub(one, z)), vec_fnma(n, n, one));
  const vec d_z = vec_mul(vec_mul(d_hidden, vec_sub(h, n)), vec_fnma(z, z, z));
  vec_store_first(gates, vec_mul(vec_mul(d_x, a), vec_fnma(r, r, r)), count);
  vec_store_first(gates + H, d_z, count);
  vec_store_first(gates + 2 * H, vec_mul(d_x, r), count);
  vec_store_first(gates + 3 * H, d_x, count);
  vec_store_first(step->d_hidden_prev + at, vec_mul(d_hidden, z), count);
}

void LKS_KERNEL(gru_backward)(const lks_gates_backward *step) {
  const size_t units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    size_t u = 0;
    for (; u + WIDTH <= units; u += WIDTH)
      backward_units(step, row, u, WIDTH);
    if (u < units)
      backward_units(step, row, u, (int)(units - u));
  }
}
