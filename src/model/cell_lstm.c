/* SPDX-License-Identifier: Apache-2.0 */
/* cell_lstm.c - long short-term memory (Hochreiter and Schmidhuber 1997, with the
 * forget gate of Gers, Schmidhuber and Cummins 2000), as torch.nn.LSTM.
 *
 *   [i f g o] = W_ih x + b_ih + W_hh h + b_hh
 *   c' = sigmoid(f) c + sigmoid(i) tanh(g)      the memory: kept, and added to
 *   h' = sigmoid(o) tanh(c')                    what of it is shown
 *
 * The sum in c' is why gradients last: dc'/dc = sigmoid(f), no matrix between. */
#include "model/cell.h"

static void forward(const lks_kernels *kernels, const lks_gates_forward *step) {
  kernels->lstm_forward(step);
}

static void backward(const lks_kernels *kernels, const lks_gates_backward *step) {
  kernels->lstm_backward(step);
}

const lks_cell lks_cell_lstm = {
    .name = "lstm",
    .gates = 4,
    .blocks = 4,
    .has_cell = true,
    .part_count = 1,
    .parts = {{.first = 0, .count = 4, .block = 0}},
    .hidden_only = -1,
    .forget_block = 1,
    .input_block = 0,
    .forward = forward,
    .backward = backward,
};
