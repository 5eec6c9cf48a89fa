/* random.h - random numbers that are a function of what they are for.
 *
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"): key = seed, counter = the place that asks.  There is no generator
 * state to lose, to share or to save. */
#ifndef LOCKSTEP_BASE_RANDOM_H
#define LOCKSTEP_BASE_RANDOM_H

#include <stdint.h>

/* Who asks.  A purpose is never reused: counters must not collide. */
typedef enum {
  LKS_RANDOM_INITIALISE = 1,
  LKS_RANDOM_DROPOUT = 2,
  LKS_RANDOM_VARIATIONAL = 3,
  LKS_RANDOM_ORDER = 4,
  LKS_RANDOM_SAMPLE = 5,
  LKS_RANDOM_PATH = 6,
  LKS_RANDOM_BENCH = 7,
  LKS_RANDOM_SCHEDULED = 8,
  LKS_RANDOM_TEST = 255
} lks_random_purpose;

typedef struct {
  uint32_t key[2]; /* the run's seed: low word, high word */
} lks_random_key;

/* counter words: purpose 8 bits | layer 8 | unit block 16;  step;  sample or stream;  time */
typedef struct {
  uint32_t word[4];
} lks_random_counter;

lks_random_key lks_random_key_of(uint64_t seed);

/* `block` numbers groups of four outputs of one place (units 4b .. 4b+3), 0 .. 65535. */
lks_random_counter lks_random_counter_of(lks_random_purpose purpose, unsigned layer,
                                         unsigned block, uint32_t step, uint32_t sample,
                                         uint32_t time);

/* Ten rounds: four 32-bit words for one counter. */
void lks_philox(lks_random_key key, lks_random_counter counter, uint32_t out[4]);

/* A word as a number in [0, 1): its upper 24 bits / 2^24, exact in f32. */
float lks_random_unit(uint32_t word);

/* Two words as a number in [0, 1) with 53 bits. */
double lks_random_unit_f64(uint32_t high, uint32_t low);

/* A whole number in 0 .. bound-1 without bias worth naming (64-bit multiply). */
uint64_t lks_random_below(uint32_t high, uint32_t low, uint64_t bound);

#endif
