/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_recurrent.h - recurrent layers a second time, in f64 and one row at a
 * time, written from the equations of torch.nn: what the model is held against. */
#ifndef LOCKSTEP_TESTS_ORACLE_RECURRENT_H
#define LOCKSTEP_TESTS_ORACLE_RECURRENT_H

#include <stdbool.h>

typedef enum { ORACLE_RNN_TANH, ORACLE_RNN_RELU, ORACLE_LSTM, ORACLE_GRU } oracle_cell;

/* Weights of one layer and direction, row-major as in torch.nn. */
typedef struct {
  const double *weight_ih; /* [G x H, inputs] */
  const double *weight_hh; /* [G x H, H] */
  const double *bias_ih;
  const double *bias_hh;
} oracle_weights;

int oracle_gates(oracle_cell cell);

/* One row through one layer: input [length, inputs] -> output [length, hidden],
 * from hidden and cell state [hidden] each, which are updated. */
void oracle_layer(oracle_cell kind, const oracle_weights *weights, int inputs, int hidden,
                  int length, bool reverse, const double *input, double *output,
                  double *hidden_state, double *cell_state);

#endif
