/* SPDX-License-Identifier: Apache-2.0 */
/* lstm_outputs.c - runs the LSTM of a checkpoint on a fixed input and prints what
 * comes out, for a comparison with other programs that read the same checkpoint.
 *
 *   lstm_outputs CHECKPOINT INPUTS HIDDEN LAYERS
 *
 * Input [T = 5, B = 3, INPUTS]: x[t, b, i] = ((7 t + 5 b + 3 i) mod 11 - 5) / 5. */
#include "base/log.h"
#include "base/memory.h"
#include "checkpoint/checkpoint.h"
#include "model/recurrent.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 5, ROWS = 3, PARAMS_MAX = 64 };

static lks_status load(const char *path, lks_params *params) {
  static lks_named_tensor tensors[PARAMS_MAX];
  static char names[PARAMS_MAX][128];
  for (int i = 0; i < lks_params_count(params); i++) {
    const lks_param *param = lks_params_at(params, i);
    snprintf(names[i], sizeof names[i], "parameters/%s", param->name);
    tensors[i] =
        (lks_named_tensor){names[i], LKS_F32, param->shape, lks_params_view(params, i)};
    /* One at a time: the file holds other parameters too. */
    lks_hdf5_file *file;
    lks_status status = lks_hdf5_open(&file, path);
    if (status == LKS_OK)
      status = lks_hdf5_read(file, names[i], LKS_F32, &param->shape, tensors[i].data);
    if (status == LKS_OK)
      status = lks_hdf5_close(file);
    if (status != LKS_OK)
      return status;
  }
  return LKS_OK;
}

static lks_status run(const char *path, int inputs, int hidden, int layers) {
  static const int active[STEPS] = {ROWS, ROWS, ROWS, ROWS, ROWS};
  const lks_kernels *kernels;
  lks_params *params = NULL;
  lks_recurrent *recurrent = NULL;
  float *values = NULL, *input = NULL;
  lks_recurrent_setup setup = {.prefix = "rnn",
                               .cell = &lks_cell_lstm,
                               .layers = layers,
                               .inputs = inputs,
                               .hidden = hidden};
  lks_status status = lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels);
  lks_capacity room = {.rows = ROWS,
                       .steps = STEPS,
                       .items = ROWS * STEPS,
                       .shards = 1,
                       .threads = 1,
                       .kernels = kernels};
  if (status == LKS_OK)
    status = lks_params_create(&params);
  if (status == LKS_OK)
    status = lks_recurrent_create(&recurrent, &setup, params);
  if (status == LKS_OK)
    status = lks_recurrent_allocate(recurrent, &room);
  if (status == LKS_OK)
    status = lks_allocate(&values, lks_params_value_count(params), sizeof *values);
  if (status == LKS_OK)
    status = lks_allocate(&input, (size_t)(STEPS * ROWS * inputs), sizeof *input);
  if (status == LKS_OK) {
    lks_params_bind(params, values);
    status = load(path, params);
  }
  if (status == LKS_OK) {
    for (int t = 0; t < STEPS; t++)
      for (int b = 0; b < ROWS; b++)
        for (int i = 0; i < inputs; i++)
          input[(t * ROWS + b) * inputs + i] = (float)((7 * t + 5 * b + 3 * i) % 11 - 5) / 5.0f;
    lks_recurrent_pack(recurrent, kernels, 1, false);
    lks_pass pass = {
        .kernels = kernels, .threads = 1, .rows = ROWS, .steps = STEPS, .active = active};
    const float *output = lks_recurrent_forward(recurrent, &pass, input, NULL, NULL);
    for (int i = 0; i < STEPS * ROWS * hidden; i++)
      printf("%.9g\n", (double)output[i]);
  }
  lks_release(input);
  lks_release(values);
  lks_recurrent_destroy(recurrent);
  lks_params_destroy(params);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 5)
    return 2;
  lks_status status = run(argv[1], atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
  if (status != LKS_OK)
    lks_log_failure();
  return lks_status_exit_code(status);
}
