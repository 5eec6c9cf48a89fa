/* SPDX-License-Identifier: Apache-2.0 */
/* cell_rnn.c - the vanilla recurrent network (Elman 1990), as torch.nn.RNN.
 *
 *   h' = f(W_ih x + b_ih + W_hh h + b_hh),   f = tanh or max(., 0)
 *
 * Its gradient passes W_hh at every step: over long sequences it vanishes, or
 * explodes (Bengio, Simard and Frasconi 1994). */
#include "model/cell.h"

static void tanh_forward(const lks_kernels *kernels, const lks_gates_forward *step) {
  kernels->rnn_tanh_forward(step);
}

static void tanh_backward(const lks_kernels *kernels, const lks_gates_backward *step) {
  kernels->rnn_tanh_backward(step);
}

static void relu_forward(const lks_kernels *kernels, const lks_gates_forward *step) {
  kernels->rnn_relu_forward(step);
}

static void relu_backward(const lks_kernels *kernels, const lks_gates_backward *step) {
  kernels->rnn_relu_backward(step);
}

const lks_cell lks_cell_rnn_tanh = {
    .name = "rnn",
    .gates = 1,
    .blocks = 1,
    .part_count = 1,
    .parts = {{.first = 0, .count = 1, .block = 0}},
    .hidden_only = -1,
    .forget_block = -1,
    .input_block = -1,
    .forward = tanh_forward,
    .backward = tanh_backward,
};

const lks_cell lks_cell_rnn_relu = {
    .name = "rnn-relu",
    .gates = 1,
    .blocks = 1,
    .part_count = 1,
    .parts = {{.first = 0, .count = 1, .block = 0}},
    .hidden_only = -1,
    .forget_block = -1,
    .input_block = -1,
    .forward = relu_forward,
    .backward = relu_backward,
};
