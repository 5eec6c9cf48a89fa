/* SPDX-License-Identifier: Apache-2.0 */
/* network_fixture.h - a small network that is trained on a few rows of sequences, and its
 * gradients held against central differences of a loss written in f64. */
#ifndef LOCKSTEP_TESTS_NETWORK_FIXTURE_H
#define LOCKSTEP_TESTS_NETWORK_FIXTURE_H

#include "task/task.h"

enum { LKS_TEST_ROWS_MAX = 4, LKS_TEST_VALUES = 32 * LKS_PARAMS_GRAIN, LKS_TEST_UNITS_MAX = 8 };

typedef struct {
  const lks_kernels *kernels;
  lks_params *params;
  lks_segments *segments;
  float values[LKS_TEST_VALUES], gradient[LKS_TEST_VALUES];
  float *gradients[1];
  float losses[LKS_TEST_ROWS_MAX];
  int active[1];
  lks_shards shards;
  lks_subtree subtree;
  lks_pass rows; /* of one step, as all rows of sequences are */
  lks_batch_field fields[3];
  lks_task_call call;
} lks_test_network;

/* Without parameters yet, and with fields to be set; samples [rows] is borrowed. */
void lks_test_network_open(lks_test_network *n, int rows, int shards, int threads,
                           const uint32_t *samples);
void lks_test_network_close(lks_test_network *n);

/* Values in (-1, 1) from `seed` for the parameters, which are all known now. */
void lks_test_network_draw(lks_test_network *n, uint32_t seed);

/* For training; the sizes of the fields are to be set. */
lks_capacity lks_test_network_capacity(const lks_test_network *n);

/* The values in f64, [LKS_TEST_VALUES]. */
void lks_test_network_widen(const lks_test_network *n, double *values);

/* Where a parameter begins in values [LKS_TEST_VALUES]. */
const double *lks_test_value_of(const lks_test_network *n, const double *values,
                                const char *name);

/* One text through one direction of the LSTM layer "PREFIX.weight_ih_l0" …: input
 * [length, inputs] to output [length, hidden] and the last state [hidden]. */
void lks_test_lstm(const lks_test_network *n, const double *values, const char *prefix,
                   bool reverse, int inputs, int hidden, int length, const double *input,
                   double *output, double *state);

/* The loss of a row by the equations. */
typedef double (*lks_test_loss)(const void *context, const double *values, int row);

/* After a training pass: its losses, and of each parameter every `every`-th gradient against
 * the difference of the losses at its value +- step. */
void lks_test_check_gradients(const lks_test_network *n, lks_test_loss loss,
                              const void *context, size_t every, double step);

/* What both training passes left has the same bits. */
void lks_test_check_same(const lks_test_network *a, const lks_test_network *b);

#endif
