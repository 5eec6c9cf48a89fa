/* SPDX-License-Identifier: Apache-2.0 */
/* dropout_reference.c - y = x times a random mask (Srivastava et al. 2014; the same
 * mask at all times: Gal and Ghahramani 2016).  The mask is a function of its place,
 * so the backward pass makes it again and nothing is kept. */
#include "kernels/kernel_table.h"

void LKS_KERNEL(dropout)(const lks_dropout *dropout, int rows, int units, const float *x,
                         float *y) {
  const float kept = 1.0f / (1.0f - dropout->drop);
  for (int row = 0; row < rows; row++) {
    uint32_t word[4];
    for (int u = 0; u < units; u++) {
      const size_t at = (size_t)row * (size_t)units + (size_t)u;
      if (u % 4 == 0) {
        const unsigned block = (unsigned)u / 4;
        lks_philox(dropout->key,
                   lks_random_counter_of(dropout->purpose, dropout->layer, block, dropout->step,
                                         dropout->sample[row], dropout->time),
                   word);
      }
      y[at] = x[at] * (lks_random_unit(word[u % 4]) < dropout->drop ? 0.0f : kept);
    }
  }
}
