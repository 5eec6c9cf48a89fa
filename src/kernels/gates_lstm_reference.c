/* SPDX-License-Identifier: Apache-2.0 */
/* gates_lstm_reference.c - the gates of an LSTM (Hochreiter and Schmidhuber 1997, with
 * the forget gate of Gers et al. 2000; blocks and biases as in torch.nn.LSTM). */
#include "kernels/functions_scalar.h"
#include "kernels/kernel_table.h"

/* i, f, o = sigmoid;  g = tanh;  c' = fma(f, c, i g);  t = tanh(c');  h' = o t */
void LKS_KERNEL(lstm_forward)(const lks_gates_forward *step) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    float *gates = step->gates + row * step->gates_stride; /* [i f g o] */
    for (size_t u = 0; u < units; u++) {
      const size_t at = row * H + u;
      const float i = sigmoid_scalar(gates[u]);
      const float f = sigmoid_scalar(gates[H + u]);
      const float g = tanh_scalar(gates[2 * H + u]);
      const float o = sigmoid_scalar(gates[3 * H + u]);
      const float c = fmaf(f, step->cell_prev[at], i * g);
      const float t = tanh_scalar(c);
      gates[u] = i;
      gates[H + u] = f;
      gates[2 * H + u] = g;
      gates[3 * H + u] = o;
      step->cell_next[at] = c;
      step->cell_tanh[at] = t;
      step->hidden_next[at] = o * t;
    }
  }
}

/* dc = fma(dh o, 1 - t^2, d_cell);  d_cell = dc f;
 * di = (dc g) i(1-i);  df = (dc c) f(1-f);  dg = (dc i) (1 - g^2);  do = (dh t) o(1-o) */
void LKS_KERNEL(lstm_backward)(const lks_gates_backward *step) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    float *gates = step->gates + row * step->gates_stride; /* [i f g o] */
    for (size_t u = 0; u < units; u++) {
      const size_t at = row * H + u;
      const float i = gates[u];
      const float f = gates[H + u];
      const float g = gates[2 * H + u];
      const float o = gates[3 * H + u];
      const float t = step->cell_tanh[at];
      const float d_hidden = step->d_hidden[at];
      const float d_cell = fmaf(d_hidden * o, fmaf(-t, t, 1.0f), step->d_cell[at]);
      gates[u] = (d_cell * g) * fmaf(-i, i, i);
      gates[H + u] = (d_cell * step->cell_prev[at]) * fmaf(-f, f, f);
      gates[2 * H + u] = (d_cell * i) * fmaf(-g, g, 1.0f);
      gates[3 * H + u] = (d_hidden * t) * fmaf(-o, o, o);
      step->d_cell[at] = d_cell * f;
    }
  }
}
