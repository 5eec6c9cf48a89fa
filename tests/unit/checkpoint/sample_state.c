/* SPDX-License-Identifier: Apache-2.0 */
/* sample_state.c - bits of every kind: NaN with a payload, denormals, minus zero. */
#include "sample_state.h"

#include <string.h>

static void fill_bits(void *data, size_t bytes, unsigned seed) {
  unsigned char *byte = data;
  for (size_t i = 0; i < bytes; i++) {
    seed = seed * 1664525u + (seed ? 1013904223u : 0u);
    byte[i] = (unsigned char)(seed >> 24);
  }
}

void sample_state_fill(sample_state *state, unsigned seed) {
  memset(state, 0, sizeof *state);
  fill_bits(state->weight, sizeof state->weight, seed);
  fill_bits(state->bias, sizeof state->bias, seed * 3);
  fill_bits(state->moment, sizeof state->moment, seed * 5);
  fill_bits(state->bytes, sizeof state->bytes, seed * 7);
  const lks_named_tensor tensors[SAMPLE_TENSORS] = {
      {"parameters/lstm.weight_ih_l0", LKS_F32, lks_shape_2(600, 500), state->weight},
      {"parameters/lstm.bias", LKS_F32, lks_shape_1(7), state->bias},
      {"optimizer/moment.lstm.bias", LKS_F64, lks_shape_2(2, 3), state->moment},
      {"state/bytes", LKS_U8, lks_shape_1(4), state->bytes},
      {"state/empty", LKS_F32, lks_shape_2(0, 3), state->bytes}};
  const lks_named_value values[SAMPLE_VALUES] = {
      {.name = "step", .kind = LKS_VALUE_INTEGER, .integer = seed ? INT64_MAX - seed : 0},
      {.name = "best loss", .kind = LKS_VALUE_REAL, .real = seed ? 0.1 * seed : 0},
      {.name = "config",
       .kind = LKS_VALUE_TEXT,
       .text = seed ? "[train]\nseed = 1 # größe\n" : ""},
      {.name = "note", .kind = LKS_VALUE_TEXT, .text = ""}};
  memcpy(state->tensors, tensors, sizeof tensors);
  memcpy(state->values, values, sizeof values);
  state->checkpoint =
      (lks_checkpoint){state->tensors, SAMPLE_TENSORS, state->values, SAMPLE_VALUES};
}
