/* SPDX-License-Identifier: Apache-2.0 */
/* peak_reference.c - multiply-adds without memory: what plain loops can do. */
#include "kernels/kernel_table.h"

#include <math.h>

double LKS_KERNEL(peak)(size_t rounds, float *sum) {
  float chain[LKS_LANES];
  for (int c = 0; c < LKS_LANES; c++)
    chain[c] = (float)c;
  for (size_t i = 0; i < rounds; i++)
    for (int c = 0; c < LKS_LANES; c++)
      chain[c] = fmaf(0.5f, chain[c], 0.25f);
  *sum = 0.0f;
  for (int c = 0; c < LKS_LANES; c++)
    *sum += chain[c];
  return 2.0 * LKS_LANES * (double)rounds;
}
