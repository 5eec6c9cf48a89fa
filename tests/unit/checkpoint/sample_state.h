/* SPDX-License-Identifier: Apache-2.0 */
/* sample_state.h - a small training state that the tests here save and load. */
#ifndef LOCKSTEP_TESTS_SAMPLE_STATE_H
#define LOCKSTEP_TESTS_SAMPLE_STATE_H

#include "checkpoint/checkpoint.h"

enum { SAMPLE_TENSORS = 5, SAMPLE_VALUES = 4 };

typedef struct {
  float weight[600][500]; /* more than one block of the digest */
  float bias[7];
  double moment[2][3];
  uint8_t bytes[4];
  lks_named_tensor tensors[SAMPLE_TENSORS];
  lks_named_value values[SAMPLE_VALUES];
  lks_checkpoint checkpoint;
} sample_state;

/* Fills in everything as a function of `seed`; 0 gives zeros and empty values. */
void sample_state_fill(sample_state *state, unsigned seed);

#endif
