/* SPDX-License-Identifier: Apache-2.0 */
/* peak_fast.c - as many multiply-adds as the processor can do: more independent chains
 * than it has units times their delay, all in registers. */
#include "kernels/isa.h"

enum { CHAINS = 12 };

double LKS_KERNEL(peak)(size_t rounds, float *sum) {
  const vec a = vec_set(0.5f), b = vec_set(0.25f);
  vec chain[CHAINS];
  for (int c = 0; c < CHAINS; c++)
    chain[c] = vec_set((float)c);
  for (size_t i = 0; i < rounds; i++)
    for (int c = 0; c < CHAINS; c++)
      chain[c] = vec_fma(a, chain[c], b);
  vec total = chain[0];
  for (int c = 1; c < CHAINS; c++)
    total = vec_add(total, chain[c]);
  vec_store_first(sum, total, 1);
  return 2.0 * CHAINS * WIDTH * (double)rounds;
}
