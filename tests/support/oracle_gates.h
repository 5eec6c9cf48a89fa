/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_gates.h - the cells' equations for one unit, in double and by libm. */
#ifndef LOCKSTEP_TESTS_ORACLE_GATES_H
#define LOCKSTEP_TESTS_ORACLE_GATES_H

typedef enum {
  LKS_TEST_LSTM,
  LKS_TEST_GRU,
  LKS_TEST_RNN_TANH,
  LKS_TEST_RNN_RELU,
  LKS_TEST_CELLS
} lks_test_cell;

/* What a unit is computed from: the sums of its gates, its old hidden and cell value. */
enum { UNIT_GATES = 4, UNIT_HIDDEN = UNIT_GATES, UNIT_CELL, UNIT_ARGUMENTS };
typedef struct {
  double argument[UNIT_ARGUMENTS];
} lks_test_unit;

/* What comes out: the gates buffer after the step, the new values. */
typedef struct {
  double gate[UNIT_GATES];
  double hidden;
  double cell;
} lks_test_result;

/* Blocks of the gates buffer. */
int lks_test_cell_blocks(lks_test_cell cell);

lks_test_result lks_oracle_gates(lks_test_cell cell, const lks_test_unit *unit);

/* d(d_hidden h' + d_cell c') / d argument[index], by central differences. */
double lks_oracle_gates_gradient(lks_test_cell cell, const lks_test_unit *unit, int index,
                                 double d_hidden, double d_cell);

#endif
