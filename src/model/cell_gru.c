/* SPDX-License-Identifier: Apache-2.0 */
/* cell_gru.c - gated recurrent unit (Cho et al. 2014), as torch.nn.GRU.
 *
 *   r  = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
 *   z  = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
 *   n  = tanh(W_in x + b_in + r (W_hn h + b_hn))
 *   h' = n + z (h - n)
 *
 * The hidden part of n is a chain of its own, for r multiplies it; the buffer's
 * blocks are [r z n_hidden n_input], so that one product covers all hidden parts. */
#include "model/cell.h"

static void forward(const lks_kernels *kernels, const lks_gates_forward *step) {
  kernels->gru_forward(step);
}

static void backward(const lks_kernels *kernels, const lks_gates_backward *step) {
  kernels->gru_backward(step);
}

const lks_cell lks_cell_gru = {
    .name = "gru",
    .gates = 3,
    .blocks = 4,
    .passes_hidden = true,
    .part_count = 2,
    .parts = {{.first = 0, .count = 2, .block = 0}, {.first = 2, .count = 1, .block = 3}},
    .hidden_only = 2,
    .forget_block = -1,
    .input_block = -1,
    .forward = forward,
    .backward = backward,
};
