/* SPDX-License-Identifier: Apache-2.0 */
/* gates_lstm_fast.c - the gates of an LSTM, a vector of units at a time: all of a
 * unit's functions in one pass, so that a gate is read and written once.  The
 * equations stand in gates_lstm_reference.c. */
#include "kernels/functions_vector.h"

/* Units u .. u+n-1 of one row. */
LKS_INLINE void forward_units(const lks_gates_forward *step, size_t row, size_t u, int n) {
  const size_t H = (size_t)step->hidden;
  const size_t at = row * H + u;
  float *gates = step->gates + row * step->gates_stride + u;
  const vec i = sigmoid_vector(vec_load_first(gates, n));
  const vec f = sigmoid_vector(vec_load_first(gates + H, n));
  const vec g = tanh_vector(vec_load_first(gates + 2 * H, n));
  const vec o = sigmoid_vector(vec_load_first(gates + 3 * H, n));
  const vec c = vec_fma(f, vec_load_first(step->cell_prev + at, n), vec_mul(i, g));
  const vec t = tanh_vector(c);
  vec_store_first(gates, i, n);
  vec_store_first(gates + H, f, n);
  vec_store_first(gates + 2 * H, g, n);
  vec_store_first(gates + 3 * H, o, n);
  vec_store_first(step->cell_next + at, c, n);
  vec_store_first(step->cell_tanh + at, t, n);
  vec_store_first(step->hidden_next + at, vec_mul(o, t), n);
}

void LKS_KERNEL(lstm_forward)(const lks_gates_forward *step) {
  const size_t units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    size_t u = 0;
    for (; u + WIDTH <= units; u += WIDTH)
      forward_units(step, row, u, WIDTH);
    if (u < units)
      forward_units(step, row, u, (int)(units - u));
  }
}

LKS_INLINE void backward_units(const lks_gates_backward *step, size_t row, size_t u, int n) {
  const size_t H = (size_t)step->hidden;
  const size_t at = row * H + u;
  float *gates = step->gates + row * step->gates_stride + u;
  const vec one = vec_set(1.0f);
  const vec i = vec_load_first(gates, n);
  const vec f = vec_load_first(gates + H, n);
  const vec g = vec_load_first(gates + 2 * H, n);
  const vec o = vec_load_first(gates + 3 * H, n);
  const vec c = vec_load_first(step->cell_prev + at, n);
  const vec t = vec_load_first(step->cell_tanh + at, n);
  const vec d_hidden = vec_load_first(step->d_hidden + at, n);
  const vec later = vec_load_first(step->d_cell + at, n);
  const vec d_cell = vec_fma(vec_mul(d_hidden, o), vec_fnma(t, t, one), later);
  vec_store_first(gates, vec_mul(vec_mul(d_cell, g), vec_fnma(i, i, i)), n);
  vec_store_first(gates + H, vec_mul(vec_mul(d_cell, c), vec_fnma(f, f, f)), n);
  vec_store_first(gates + 2 * H, vec_mul(vec_mul(d_cell, i), vec_fnma(g, g, one)), n);
  vec_store_first(gates + 3 * H, vec_mul(vec_mul(d_hidden, t), vec_fnma(o, o, o)), n);
  vec_store_first(step->d_cell + at, vec_mul(d_cell, f), n);
}

void LKS_KERNEL(lstm_backward)(const lks_gates_backward *step) {
  const size_t units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    size_t u = 0;
    for (; u + WIDTH <= units; u += WIDTH)
      backward_units(step, row, u, WIDTH);
    if (u < units)
      backward_units(step, row, u, (int)(units - u));
  }
}
