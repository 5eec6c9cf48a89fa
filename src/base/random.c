/* SPDX-License-Identifier: Apache-2.0 */
/* random.c - Philox4x32-10 (Salmon et al. 2011, section 3.3 and table 2).
 *
 * Counter-based: a number depends on its place alone, so any rank, thread or
 * later run that asks for the same place gets the same number. */
#include "base/random.h"

#include "base/fail.h"

static const uint32_t multiplier[2] = {0xD2511F53u, 0xCD9E8D57u};
static const uint32_t weyl[2] = {0x9E3779B9u, 0xBB67AE85u}; /* golden ratio, sqrt(3) - 1 */

enum { ROUNDS = 10 };

lks_random_key lks_random_key_of(uint64_t seed) {
  return (lks_random_key){{(uint32_t)seed, (uint32_t)(seed >> 32)}};
}

lks_random_counter lks_random_counter_of(lks_random_purpose purpose, unsigned layer,
                                         unsigned block, uint32_t step, uint32_t sample,
                                         uint32_t time) {
  LKS_ASSERT((unsigned)purpose < 256 && layer < 256 && block < 65536);
  uint32_t place = (uint32_t)purpose << 24 | (uint32_t)layer << 16 | (uint32_t)block;
  return (lks_random_counter){{place, step, sample, time}};
}

void lks_philox(lks_random_key key, lks_random_counter counter, uint32_t out[4]) {
  uint32_t a = counter.word[0];
  uint32_t b = counter.word[1];
  uint32_t c = counter.word[2];
  uint32_t d = counter.word[3];
  uint32_t k0 = key.key[0];
  uint32_t k1 = key.key[1];
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t p0 = (uint64_t)multiplier[0] * a;
    uint64_t p1 = (uint64_t)multiplier[1] * c;
    a = (uint32_t)(p1 >> 32) ^ b ^ k0;
    b = (uint32_t)p1;
    c = (uint32_t)(p0 >> 32) ^ d ^ k1;
    d = (uint32_t)p0;
    k0 += weyl[0];
    k1 += weyl[1];
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

float lks_random_unit(uint32_t word) {
  return (float)(word >> 8) * 0x1p-24f;
}

double lks_random_unit_f64(uint32_t high, uint32_t low) {
  uint64_t bits = ((uint64_t)high << 32 | low) >> 11;
  return (double)bits * 0x1p-53;
}

uint64_t lks_random_below(uint32_t high, uint32_t low, uint64_t bound) {
  /* The upper 64 bits of (high, low) x bound, by parts of 32 bits. */
  uint64_t bound_high = bound >> 32;
  uint64_t bound_low = bound & 0xFFFFFFFFu;
  uint64_t middle = high * bound_low + ((low * bound_low) >> 32);
  uint64_t carry = low * bound_high + (middle & 0xFFFFFFFFu);
  return high * bound_high + (middle >> 32) + (carry >> 32);
}
