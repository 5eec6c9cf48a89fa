/* SPDX-License-Identifier: Apache-2.0 */
/* dropout_fast.c - dropout with WIDTH Philox counters at a time.
 *
 * A lane holds one counter, that is one block of four units; the four words of all
 * lanes, transposed in groups of four lanes, are the words of 4 x WIDTH units in
 * order.  For that, lane 4i + j holds block j x WIDTH/4 + i. */
#include "kernels/isa.h"

enum { BLOCK_UNITS = 4, STRIP_UNITS = BLOCK_UNITS * WIDTH, ROUNDS = 10 };

/* Block that each lane holds, past the first one of a strip. */
LKS_INLINE ivec block_of_lanes(void) {
  uint32_t block[WIDTH];
  for (unsigned lane = 0; lane < WIDTH; lane++)
    block[lane] = lane % 4 * (WIDTH / 4) + lane / 4;
  return ivec_load(block);
}

/* Ten rounds (Salmon et al. 2011), as lks_philox of base/random.h does them. */
LKS_INLINE void philox_vector(lks_random_key key, ivec word[4]) {
  uint32_t k0 = key.key[0];
  uint32_t k1 = key.key[1];
  for (int round = 0; round < ROUNDS; round++) {
    ivec high0;
    ivec high1;
    const ivec low0 = ivec_multiply(word[0], ivec_set(0xD2511F53u), &high0);
    const ivec low1 = ivec_multiply(word[2], ivec_set(0xCD9E8D57u), &high1);
    word[0] = ivec_xor(ivec_xor(high1, word[1]), ivec_set(k0));
    word[1] = low1;
    word[2] = ivec_xor(ivec_xor(high0, word[3]), ivec_set(k1));
    word[3] = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

/* y = x mask for `units` units of one row; `counter` is that of the row's block 0.
 * A word's upper 24 bits are compared as a float with drop x 2^24, which is exact. */
LKS_INLINE void drop_row(lks_random_key key, lks_random_counter counter, float drop, float kept,
                         int units, const float *x, float *y) {
  const vec bound = vec_set(drop * 0x1p24f);
  const ivec lanes = block_of_lanes();
  for (int u = 0; u < units; u += STRIP_UNITS) {
    const uint32_t first = counter.word[0] + (uint32_t)u / BLOCK_UNITS;
    ivec word[4] = {ivec_add(lanes, ivec_set(first)), ivec_set(counter.word[1]),
                    ivec_set(counter.word[2]), ivec_set(counter.word[3])};
    philox_vector(key, word);
    ivec_transpose(word);
    for (int part = 0; part < 4 && u + part * WIDTH < units; part++) {
      const int at = u + part * WIDTH;
      const int n = units - at < WIDTH ? units - at : WIDTH;
      const vec number = ivec_to_vec(ivec_shift_right(word[part], 8));
      const vec mask = vec_select(vec_less(number, bound), vec_set(0.0f), vec_set(kept));
      vec_store_first(y + at, vec_mul(vec_load_first(x + at, n), mask), n);
    }
  }
}

void LKS_KERNEL(dropout)(const lks_dropout *dropout, int rows, int units, const float *x,
                         float *y) {
  const float kept = 1.0f / (1.0f - dropout->drop);
  for (int row = 0; row < rows; row++) {
    const lks_random_counter counter =
        lks_random_counter_of(dropout->purpose, dropout->layer, 0, dropout->step,
                              dropout->sample[row], dropout->time);
    const size_t at = (size_t)row * (size_t)units;
    drop_row(dropout->key, counter, dropout->drop, kept, units, x + at, y + at);
  }
}
