/* SPDX-License-Identifier: Apache-2.0 */
/* test_torch_golden.c - bidirectional stacks of every cell against what torch.nn
 * made of them: outputs, input gradients and all parameter gradients. */
#include "../../golden/recurrent_golden.h"
#include "base/memory.h"
#include "check.h"
#include "model/recurrent.h"

#include <string.h>

enum { OUTPUTS = 2 * GOLDEN_HIDDEN, ITEMS = GOLDEN_STEPS * GOLDEN_ROWS, PARAMS_MAX = 32 };

/* Both sides round in f32, in different orders. */
#define GOLDEN_TOLERANCE 2e-6

static float pattern(size_t i, size_t factor) {
  return (float)((double)(i * factor % 1009) / 1009 - 0.5);
}

/* The parameters' numbers in the order of their names. */
static int name_order(const lks_params *params, int order[PARAMS_MAX]) {
  int count = lks_params_count(params);
  for (int i = 0; i < count; i++) {
    int at = i;
    for (; at > 0 && strcmp(lks_params_at(params, i)->name,
                            lks_params_at(params, order[at - 1])->name) < 0;
         at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
  return count;
}

static void check_cell(const lks_cell *cell, const float *output, const float *d_input,
                       const float *d_parameters) {
  static const int active[GOLDEN_STEPS] = {GOLDEN_ROWS, GOLDEN_ROWS, GOLDEN_ROWS};
  const lks_kernels *kernels;
  lks_params *params;
  lks_recurrent *recurrent;
  lks_segments *segments;
  float *values, *gradient, input[ITEMS * GOLDEN_INPUTS], found_d_input[ITEMS * GOLDEN_INPUTS];
  float d_output[ITEMS * OUTPUTS];
  int order[PARAMS_MAX];
  lks_recurrent_setup setup = {.prefix = "rnn",
                               .cell = cell,
                               .layers = GOLDEN_LAYERS,
                               .inputs = GOLDEN_INPUTS,
                               .hidden = GOLDEN_HIDDEN,
                               .bidirectional = true};
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  lks_capacity room = {.rows = GOLDEN_ROWS,
                       .steps = GOLDEN_STEPS,
                       .items = ITEMS,
                       .shards = 1,
                       .training = true,
                       .threads = 1,
                       .kernels = kernels};
  CHECK_OK(lks_params_create(&params));
  CHECK_OK(lks_recurrent_create(&recurrent, &setup, params));
  CHECK_OK(lks_recurrent_allocate(recurrent, &room));
  CHECK_OK(lks_allocate(&values, lks_params_value_count(params), sizeof *values));
  CHECK_OK(lks_allocate(&gradient, lks_params_value_count(params), sizeof *gradient));
  CHECK_OK(lks_segments_create(&segments, ITEMS, 1));
  lks_params_bind(params, values);
  int count = name_order(params, order);
  size_t element = 0;
  for (int i = 0; i < count; i++)
    for (size_t j = 0; j < lks_params_at(params, order[i])->count; j++)
      lks_params_view(params, order[i])[j] = pattern(element++, 7919);
  for (size_t i = 0; i < ITEMS * GOLDEN_INPUTS; i++)
    input[i] = pattern(i, 313);
  for (size_t i = 0; i < ITEMS * OUTPUTS; i++)
    d_output[i] = pattern(i, 577);

  lks_shards plan = {1, GOLDEN_ROWS, GOLDEN_ROWS};
  lks_segments_fill(segments, &plan, &(lks_subtree){0, 1}, 1, GOLDEN_STEPS, NULL);
  lks_pass pass = {.kernels = kernels,
                   .threads = 1,
                   .rows = GOLDEN_ROWS,
                   .steps = GOLDEN_STEPS,
                   .active = active,
                   .training = true,
                   .segments = segments,
                   .gradients = &gradient};
  lks_recurrent_pack(recurrent, kernels, 1, true);
  const float *found = lks_recurrent_forward(recurrent, &pass, input, NULL, NULL);
  CHECK_ALL_CLOSE(found, output, ITEMS * OUTPUTS, GOLDEN_TOLERANCE);
  lks_recurrent_backward(recurrent, &pass, d_output, NULL, NULL, found_d_input);
  CHECK_ALL_CLOSE(found_d_input, d_input, ITEMS * GOLDEN_INPUTS, GOLDEN_TOLERANCE);
  for (int i = 0; i < count; i++) {
    const lks_param *param = lks_params_at(params, order[i]);
    CHECK_ALL_CLOSE(gradient + param->offset, d_parameters, param->count, GOLDEN_TOLERANCE);
    d_parameters += param->count;
  }
  lks_segments_destroy(segments);
  lks_release(gradient);
  lks_release(values);
  lks_recurrent_destroy(recurrent);
  lks_params_destroy(params);
}

static void lstm_is_torchs(void) {
  check_cell(&lks_cell_lstm, golden_lstm_output, golden_lstm_d_input, golden_lstm_d_parameters);
}

static void gru_is_torchs(void) {
  check_cell(&lks_cell_gru, golden_gru_output, golden_gru_d_input, golden_gru_d_parameters);
}

static void rnn_with_tanh_is_torchs(void) {
  check_cell(&lks_cell_rnn_tanh, golden_rnn_output, golden_rnn_d_input,
             golden_rnn_d_parameters);
}

static void rnn_with_relu_is_torchs(void) {
  check_cell(&lks_cell_rnn_relu, golden_rnn_relu_output, golden_rnn_relu_d_input,
             golden_rnn_relu_d_parameters);
}

const lks_test torch_golden_tests[] = {
    TEST(lstm_is_torchs),
    TEST(gru_is_torchs),
    TEST(rnn_with_tanh_is_torchs),
    TEST(rnn_with_relu_is_torchs),
    TEST_END,
};
