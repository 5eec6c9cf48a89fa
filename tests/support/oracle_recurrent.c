/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_recurrent.c - the equations, unit by unit. */
#include "oracle_recurrent.h"

#include <math.h>
#include <string.h>

enum { UNITS_MAX = 64 };

static double sigmoid(double x) {
  return 1 / (1 + exp(-x));
}

int oracle_gates(oracle_cell cell) {
  return cell == ORACLE_LSTM ? 4 : cell == ORACLE_GRU ? 3 : 1;
}

static double dot(const double *row, const double *x, int count) {
  double sum = 0;
  for (int i = 0; i < count; i++)
    sum += row[i] * x[i];
  return sum;
}

/* Input part and hidden part of gate g, unit u, biases included. */
typedef struct {
  double input, hidden;
} parts;

static parts gate(const oracle_weights *w, int g, int u, int inputs, int hidden,
                  const double *x, const double *h) {
  int row = g * hidden + u;
  return (parts){dot(w->weight_ih + row * inputs, x, inputs) + w->bias_ih[row],
                 dot(w->weight_hh + row * hidden, h, hidden) + w->bias_hh[row]};
}

static double sum(parts p) {
  return p.input + p.hidden;
}

static double unit(oracle_cell kind, const oracle_weights *w, int u, int inputs, int hidden,
                   const double *x, const double *h, double *c) {
  parts a = gate(w, 0, u, inputs, hidden, x, h);
  if (kind == ORACLE_RNN_TANH)
    return tanh(sum(a));
  if (kind == ORACLE_RNN_RELU)
    return sum(a) > 0 ? sum(a) : 0;
  parts b = gate(w, 1, u, inputs, hidden, x, h), d = gate(w, 2, u, inputs, hidden, x, h);
  if (kind == ORACLE_GRU) {
    double r = sigmoid(sum(a)), z = sigmoid(sum(b)), n = tanh(d.input + r * d.hidden);
    return (1 - z) * n + z * h[u];
  }
  double o = sigmoid(sum(gate(w, 3, u, inputs, hidden, x, h)));
  c[u] = sigmoid(sum(b)) * c[u] + sigmoid(sum(a)) * tanh(sum(d));
  return o * tanh(c[u]);
}

void oracle_layer(oracle_cell kind, const oracle_weights *weights, int inputs, int hidden,
                  int length, bool reverse, const double *input, double *output,
                  double *hidden_state, double *cell_state) {
  for (int i = 0; i < length; i++) {
    int t = reverse ? length - 1 - i : i;
    double next[UNITS_MAX];
    for (int u = 0; u < hidden; u++)
      next[u] =
          unit(kind, weights, u, inputs, hidden, input + t * inputs, hidden_state, cell_state);
    memcpy(hidden_state, next, (size_t)hidden * sizeof *next);
    memcpy(output + t * hidden, next, (size_t)hidden * sizeof *next);
  }
}
