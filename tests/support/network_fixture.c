/* SPDX-License-Identifier: Apache-2.0 */
#include "network_fixture.h"

#include "check.h"
#include "oracle_recurrent.h"

#include <stdio.h>
#include <string.h>

/* A few layers in f32 against f64. */
#define LOSS_TOLERANCE 2e-5
#define GRADIENT_TOLERANCE 2e-5

void lks_test_network_open(lks_test_network *n, int rows, int shards, int threads,
                           const uint32_t *samples) {
  memset(n, 0, sizeof *n);
  CHECK(rows <= LKS_TEST_ROWS_MAX);
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &n->kernels));
  CHECK_OK(lks_params_create(&n->params));
  n->shards = (lks_shards){shards, rows, rows};
  n->subtree = (lks_subtree){0, shards};
  CHECK_OK(lks_segments_create(&n->segments, rows, shards));
  lks_segments_fill(n->segments, &n->shards, &n->subtree, 1, 1, NULL);
  n->gradients[0] = n->gradient;
  n->active[0] = rows;
  n->rows = (lks_pass){.kernels = n->kernels,
                       .threads = threads,
                       .rows = rows,
                       .steps = 1,
                       .active = n->active,
                       .training = true,
                       .segments = n->segments,
                       .gradients = n->gradients,
                       .shards = &n->shards,
                       .subtrees = &n->subtree,
                       .key = lks_random_key_of(1),
                       .step = 3,
                       .sample = samples};
  n->call = (lks_task_call){.row_pass = &n->rows,
                            .fields = n->fields,
                            .losses = n->losses,
                            .buffers = n->gradients,
                            .buffer_count = 1};
}

void lks_test_network_close(lks_test_network *n) {
  lks_params_destroy(n->params);
  lks_segments_destroy(n->segments);
}

void lks_test_network_draw(lks_test_network *n, uint32_t seed) {
  CHECK(lks_params_value_count(n->params) <= LKS_TEST_VALUES);
  for (uint32_t i = 0; i < LKS_TEST_VALUES; i++) {
    uint32_t bits[4];
    lks_philox(lks_random_key_of(seed), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, 0, i, 0),
               bits);
    n->values[i] = 2 * lks_random_unit(bits[0]) - 1;
  }
  lks_params_bind(n->params, n->values);
}

lks_capacity lks_test_network_capacity(const lks_test_network *n) {
  return (lks_capacity){.rows = n->rows.rows,
                        .steps = 1,
                        .items = n->rows.rows,
                        .shards = n->shards.shards,
                        .training = true,
                        .threads = n->rows.threads,
                        .kernels = n->kernels};
}

void lks_test_network_widen(const lks_test_network *n, double *values) {
  for (int i = 0; i < LKS_TEST_VALUES; i++)
    values[i] = (double)n->values[i];
}

const double *lks_test_value_of(const lks_test_network *n, const double *values,
                                const char *name) {
  int param = lks_params_find(n->params, name);
  CHECK(param >= 0);
  return values + (param >= 0 ? lks_params_at(n->params, param)->offset : 0);
}

void lks_test_lstm(const lks_test_network *n, const double *values, const char *prefix,
                   bool reverse, int inputs, int hidden, int length, const double *input,
                   double *output, double *state) {
  const char *parts[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
  const double *weights[4];
  double cell[LKS_TEST_UNITS_MAX] = {0};
  CHECK(hidden <= LKS_TEST_UNITS_MAX);
  for (int i = 0; i < 4; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s.%s_l0%s", prefix, parts[i], reverse ? "_reverse" : "");
    weights[i] = lks_test_value_of(n, values, name);
  }
  oracle_weights all = {weights[0], weights[1], weights[2], weights[3]};
  memset(state, 0, (size_t)hidden * sizeof *state);
  oracle_layer(ORACLE_LSTM, &all, inputs, hidden, length, reverse, input, output, state, cell);
}

static double sum_of_losses(const lks_test_network *n, lks_test_loss loss, const void *context,
                            const double *values) {
  double sum = 0;
  for (int row = 0; row < n->rows.rows; row++)
    sum += loss(context, values, row);
  return sum;
}

void lks_test_check_gradients(const lks_test_network *n, lks_test_loss loss,
                              const void *context, size_t every, double step) {
  static double values[LKS_TEST_VALUES];
  lks_test_network_widen(n, values);
  for (int row = 0; row < n->rows.rows; row++)
    CHECK_CLOSE(n->losses[row], loss(context, values, row), LOSS_TOLERANCE);
  for (int p = 0; p < lks_params_count(n->params); p++) {
    const lks_param *param = lks_params_at(n->params, p);
    for (size_t i = 0; i < param->count; i += every) {
      double *value = &values[param->offset + i], before = *value;
      *value = before + step;
      double up = sum_of_losses(n, loss, context, values);
      *value = before - step;
      double down = sum_of_losses(n, loss, context, values);
      *value = before;
      CHECK_CLOSE(n->gradient[param->offset + i], (up - down) / (2 * step), GRADIENT_TOLERANCE);
    }
  }
}

void lks_test_check_same(const lks_test_network *a, const lks_test_network *b) {
  CHECK_SAME_BITS(a->losses, b->losses, (size_t)a->rows.rows);
  CHECK_SAME_BITS(a->gradient, b->gradient, LKS_TEST_VALUES);
}
