/* SPDX-License-Identifier: Apache-2.0 */
/* gates_gru_reference.c - the gates of a GRU (Cho et al. 2014, with the reset gate
 * applied after the hidden product, as in torch.nn.GRU). */
#include "kernels/functions_scalar.h"
#include "kernels/kernel_table.h"

/* r, z = sigmoid;  n = tanh(fma(r, a, x));  h' = fma(z, h - n, n) */
void LKS_KERNEL(gru_forward)(const lks_gates_forward *step) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    float *gates = step->gates + row * step->gates_stride; /* [r z a x] */
    for (size_t u = 0; u < units; u++) {
      const size_t at = row * H + u;
      const float r = sigmoid_scalar(gates[u]);
      const float z = sigmoid_scalar(gates[H + u]);
      const float n = tanh_scalar(fmaf(r, gates[2 * H + u], gates[3 * H + u]));
      gates[u] = r;
      gates[H + u] = z;
      gates[3 * H + u] = n;
      step->hidden_next[at] = fmaf(z, step->hidden_prev[at] - n, n);
    }
  }
}

/* dx = (dh (1 - z)) (1 - n^2);  da = dx r;  dr = (dx a) r(1-r);
 * dz = (dh (h - n)) z(1-z);  d_hidden_prev = dh z */
void LKS_KERNEL(gru_backward)(const lks_gates_backward *step) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++) {
    float *gates = step->gates + row * step->gates_stride; /* [r z a x], n in place of x */
    for (size_t u = 0; u < units; u++) {
      const size_t at = row * H + u;
      const float r = gates[u];
      const float z = gates[H + u];
      const float a = gates[2 * H + u];
      const float n = gates[3 * H + u];
      const float d_hidden = step->d_hidden[at];
      const float d_x = (d_hidden * (1.0f - z)) * fmaf(-n, n, 1.0f);
      gates[u] = (d_x * a) * fmaf(-r, r, r);
      gates[H + u] = (d_hidden * (step->hidden_prev[at] - n)) * fmaf(-z, z, z);
      gates[2 * H + u] = d_x * r;
      gates[3 * H + u] = d_x;
      step->d_hidden_prev[at] = d_hidden * z;
    }
  }
}
