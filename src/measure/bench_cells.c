/* SPDX-License-Identifier: Apache-2.0 */
/* bench_cells.c - one time step of the cells, in the caches: rows and hidden units of W1,
 * which are few, and of W3. */
#include "base/fail.h"
#include "measure/bench_pointwise.h"

/* Arrays: gates; hidden state or cell before; cell; its tanh; hidden state. */
static lks_gates_forward forward(const lks_pointwise_arrays *a, size_t first, size_t last) {
  return (lks_gates_forward){
      .rows = (int)(last - first),
      .units = a->kind->unit,
      .hidden = a->kind->unit,
      .gates = lks_pointwise_at(a, 0, first),
      .gates_stride = (size_t)(a->kind->array[0].units * a->kind->unit),
      .hidden_prev = lks_pointwise_at(a, 1, first),
      .cell_prev = lks_pointwise_at(a, 1, first),
      .cell_next = lks_pointwise_at(a, 2, first),
      .cell_tanh = lks_pointwise_at(a, 3, first),
      .hidden_next = lks_pointwise_at(a, 4, first),
  };
}

/* Arrays: gates; hidden state or cell before; hidden state or the cell's tanh; gradients
 * of the hidden state, of the cell, of the hidden state before. */
static lks_gates_backward backward(const lks_pointwise_arrays *a, size_t first, size_t last) {
  return (lks_gates_backward){
      .rows = (int)(last - first),
      .units = a->kind->unit,
      .hidden = a->kind->unit,
      .gates = lks_pointwise_at(a, 0, first),
      .gates_stride = (size_t)(a->kind->array[0].units * a->kind->unit),
      .hidden_prev = lks_pointwise_at(a, 1, first),
      .cell_prev = lks_pointwise_at(a, 1, first),
      .hidden_next = lks_pointwise_at(a, 2, first),
      .cell_tanh = lks_pointwise_at(a, 2, first),
      .d_hidden = lks_pointwise_at(a, 3, first),
      .d_cell = lks_pointwise_at(a, 4, first),
      .d_hidden_prev = lks_pointwise_at(a, 5, first),
  };
}

static void lstm_forward(const lks_kernels *kernels, const lks_pointwise_arrays *a,
                         size_t first, size_t last) {
  lks_gates_forward step = forward(a, first, last);
  kernels->lstm_forward(&step);
}

static void lstm_backward(const lks_kernels *kernels, const lks_pointwise_arrays *a,
                          size_t first, size_t last) {
  lks_gates_backward step = backward(a, first, last);
  kernels->lstm_backward(&step);
}

static void gru_forward(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                        size_t last) {
  lks_gates_forward step = forward(a, first, last);
  kernels->gru_forward(&step);
}

static void gru_backward(const lks_kernels *kernels, const lks_pointwise_arrays *a,
                         size_t first, size_t last) {
  lks_gates_backward step = backward(a, first, last);
  kernels->gru_backward(&step);
}

static void rnn_forward(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                        size_t last) {
  lks_gates_forward step = forward(a, first, last);
  kernels->rnn_tanh_forward(&step);
}

static void rnn_backward(const lks_kernels *kernels, const lks_pointwise_arrays *a,
                         size_t first, size_t last) {
  lks_gates_backward step = backward(a, first, last);
  kernels->rnn_tanh_backward(&step);
}

static const lks_pointwise kinds[] = {
    {.kernel = "lstm forward",
     .moved = 12,
     .array = {{4, -4, 4}, {1, -1, 1}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}},
     .run = lstm_forward},
    {.kernel = "lstm backward",
     .moved = 13,
     .array = {{4, 0, 1}, {1, -1, 1}, {1, -1, 1}, {1, -1, 1}, {1, -1, 1}},
     .run = lstm_backward},
    {.kernel = "gru forward",
     .moved = 9,
     .array = {{4, -4, 4}, {1, -1, 1}, {0}, {0}, {1, 0, 0}},
     .run = gru_forward},
    {.kernel = "gru backward",
     .moved = 11,
     .array = {{4, 0, 1}, {1, -1, 1}, {0}, {1, -1, 1}, {0}, {1, 0, 0}},
     .run = gru_backward},
    {.kernel = "rnn forward",
     .moved = 2,
     .array = {{1, -4, 4}, {0}, {0}, {0}, {1, 0, 0}},
     .run = rnn_forward},
    {.kernel = "rnn backward",
     .moved = 3,
     .array = {{1, 0, 0}, {0}, {1, -1, 1}, {1, -1, 1}},
     .run = rnn_backward},
};

static const struct {
  const char *what;
  size_t rows;
  int hidden;
} steps[] = {{"W1, a step's rows", 20, 200}, {"W3, a step's rows", 64, 512}};

lks_status lks_bench_cells(const lks_kernel_bench *bench) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
      lks_pointwise kind = kinds[i];
      kind.what = steps[s].what;
      kind.items = steps[s].rows;
      kind.unit = steps[s].hidden;
      LKS_TRY(lks_bench_pointwise(bench, &kind));
    }
  return LKS_OK;
}
