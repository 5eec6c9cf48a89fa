/* SPDX-License-Identifier: Apache-2.0 */
/* word_dropout.c - draws by word. */
#include "task/word_dropout.h"

enum { WORD_DROP_SITE = 254 }; /* of random numbers; layers have the first ones */

void lks_word_dropout_apply(const lks_pass *pass, float drop, int32_t unknown,
                            int32_t *symbols) {
  if (!pass->training || !(drop > 0))
    return;
  for (int t = 0; t < pass->steps; t++)
    for (int p = 0; p < pass->active[t]; p++) {
      uint32_t words[4];
      lks_philox(pass->key,
                 lks_random_counter_of(LKS_RANDOM_DROPOUT, WORD_DROP_SITE, 0, pass->step,
                                       pass->sample[p], (uint32_t)t),
                 words);
      if (lks_random_unit(words[0]) < drop)
        symbols[(size_t)t * (size_t)pass->rows + (size_t)p] = unknown;
    }
}
