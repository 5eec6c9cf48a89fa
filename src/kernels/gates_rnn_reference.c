/* SPDX-License-Identifier: Apache-2.0 */
/* gates_rnn_reference.c - the activation of a plain recurrent cell (Elman 1990). */
#include "kernels/functions_scalar.h"
#include "kernels/kernel_table.h"

/* h' = tanh(a) */
void LKS_KERNEL(rnn_tanh_forward)(const lks_gates_forward *step) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++)
    for (size_t u = 0; u < units; u++)
      step->hidden_next[row * H + u] = tanh_scalar(step->gates[row * step->gates_stride + u]);
}

/* da = dh (1 - h'^2) */
void LKS_KERNEL(rnn_tanh_backward)(const lks_gates_backward *step) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++)
    for (size_t u = 0; u < units; u++) {
      const float h = step->hidden_next[row * H + u];
      step->gates[row * step->gates_stride + u] =
          step->d_hidden[row * H + u] * fmaf(-h, h, 1.0f);
    }
}

/* h' = a below 0 ? 0 : a; a NaN stays one. */
void LKS_KERNEL(rnn_relu_forward)(const lks_gates_forward *step) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++)
    for (size_t u = 0; u < units; u++) {
      const float a = step->gates[row * step->gates_stride + u];
      step->hidden_next[row * H + u] = a < 0.0f ? 0.0f : a;
    }
}

/* da = h' > 0 ? dh : 0 */
void LKS_KERNEL(rnn_relu_backward)(const lks_gates_backward *step) {
  const size_t H = (size_t)step->hidden, units = (size_t)step->units;
  for (size_t row = 0; row < (size_t)step->rows; row++)
    for (size_t u = 0; u < units; u++)
      step->gates[row * step->gates_stride + u] =
          step->hidden_next[row * H + u] > 0.0f ? step->d_hidden[row * H + u] : 0.0f;
}
