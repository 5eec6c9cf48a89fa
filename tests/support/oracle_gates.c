/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_gates.c - the cells' equations, as the papers and PyTorch's manual have them. */
#include "oracle_gates.h"

#include <math.h>

static double sigmoid(double x) {
  return 1.0 / (1.0 + exp(-x));
}

int lks_test_cell_blocks(lks_test_cell cell) {
  return cell == LKS_TEST_LSTM || cell == LKS_TEST_GRU ? UNIT_GATES : 1;
}

static lks_test_result lstm(const double *a) {
  const double i = sigmoid(a[0]), f = sigmoid(a[1]), g = tanh(a[2]), o = sigmoid(a[3]);
  const double c = f * a[UNIT_CELL] + i * g;
  return (lks_test_result){{i, f, g, o}, o * tanh(c), c};
}

static lks_test_result gru(const double *a) {
  const double r = sigmoid(a[0]), z = sigmoid(a[1]), n = tanh(a[3] + r * a[2]);
  return (lks_test_result){{r, z, a[2], n}, (1.0 - z) * n + z * a[UNIT_HIDDEN], 0.0};
}

lks_test_result lks_oracle_gates(lks_test_cell cell, const lks_test_unit *unit) {
  const double *a = unit->argument;
  switch (cell) {
  case LKS_TEST_LSTM: return lstm(a);
  case LKS_TEST_GRU: return gru(a);
  case LKS_TEST_RNN_TANH: return (lks_test_result){{a[0]}, tanh(a[0]), 0.0};
  default: return (lks_test_result){{a[0]}, fmax(a[0], 0.0), 0.0};
  }
}

double lks_oracle_gates_gradient(lks_test_cell cell, const lks_test_unit *unit, int index,
                                 double d_hidden, double d_cell) {
  const double step = 1e-5; /* leaves an error of about step^2, and 1e-16 / step */
  lks_test_unit above = *unit, below = *unit;
  above.argument[index] += step;
  below.argument[index] -= step;
  const lks_test_result more = lks_oracle_gates(cell, &above);
  const lks_test_result less = lks_oracle_gates(cell, &below);
  const double difference =
      d_hidden * (more.hidden - less.hidden) + d_cell * (more.cell - less.cell);
  return difference / (2 * step);
}
