/* SPDX-License-Identifier: Apache-2.0 */
/* test_random.c - Philox against its published vectors; numbers from words. */
#include "base/random.h"
#include "check.h"

#include <math.h>

/* Known-answer vectors of the Random123 library (kat_vectors, philox4x32 10). */
static void philox_gives_the_published_answers(void) {
  const struct {
    lks_random_key key;
    lks_random_counter counter;
    uint32_t answer[4];
  } vectors[] = {
      {{{0, 0}}, {{0, 0, 0, 0}}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{{0xffffffff, 0xffffffff}},
       {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{{0xa4093822, 0x299f31d0}}, /* digits of pi */
       {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    uint32_t out[4];
    lks_philox(vectors[i].key, vectors[i].counter, out);
    for (int word = 0; word < 4; word++)
      CHECK_EQUAL(out[word], vectors[i].answer[word]);
  }
}

static void the_key_is_the_seed(void) {
  lks_random_key key = lks_random_key_of(0x0123456789abcdefu);
  CHECK_EQUAL(key.key[0], 0x89abcdefu);
  CHECK_EQUAL(key.key[1], 0x01234567u);
}

/* Every place can be read back from its counter, so two places never share one. */
static void counters_of_distinct_places_never_collide(void) {
  const unsigned purposes[] = {1, 2, 3, 4, 5, 254, 255};
  const unsigned layers[] = {0, 1, 127, 255};
  const unsigned blocks[] = {0, 1, 255, 256, 65535};
  const uint32_t numbers[] = {0, 1, 65536, 0xffffffffu};
  for (size_t i = 0; i < 7u * 4 * 5 * 64; i++) {
    unsigned purpose = purposes[i % 7];
    unsigned layer = layers[i / 7 % 4];
    unsigned block = blocks[i / 28 % 5];
    uint32_t step = numbers[i / 140 % 4];
    uint32_t sample = numbers[i / 560 % 4];
    uint32_t time = numbers[i / 2240 % 4];
    lks_random_counter counter =
        lks_random_counter_of((lks_random_purpose)purpose, layer, block, step, sample, time);
    CHECK_EQUAL(counter.word[0] >> 24, purpose);
    CHECK_EQUAL(counter.word[0] >> 16 & 0xff, layer);
    CHECK_EQUAL(counter.word[0] & 0xffff, block);
    CHECK_EQUAL(counter.word[1], step);
    CHECK_EQUAL(counter.word[2], sample);
    CHECK_EQUAL(counter.word[3], time);
  }
}

static void units_fill_the_half_open_interval(void) {
  CHECK(lks_random_unit(0) == 0);
  CHECK(lks_random_unit(0xffffffffu) == 1 - 0x1p-24f);
  CHECK(lks_random_unit(0x80000000u) == 0.5f);
  CHECK(lks_random_unit_f64(0, 0) == 0);
  CHECK(lks_random_unit_f64(0xffffffffu, 0xffffffffu) == 1 - 0x1p-53);
  CHECK(lks_random_unit_f64(0x80000000u, 0) == 0.5);
}

__extension__ typedef unsigned __int128 wide;

static void below_is_the_upper_half_of_the_product(void) {
  const uint64_t bounds[] = {1, 2, 3, 10, 1000003, 0xffffffffu, 0x100000001u, UINT64_MAX};
  for (uint32_t i = 0; i < 8000; i++) {
    uint32_t out[4];
    lks_philox(lks_random_key_of(2), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, i, 0, 0),
               out);
    uint64_t bound = bounds[i % 8];
    wide product = (wide)((uint64_t)out[0] << 32 | out[1]) * bound;
    CHECK(lks_random_below(out[0], out[1], bound) == (uint64_t)(product >> 64));
  }
  CHECK(lks_random_below(0xffffffffu, 0xffffffffu, UINT64_MAX) == UINT64_MAX - 1);
}

/* A mean of n uniform numbers is normal with deviation sqrt(1/12n); 5 of them is
 * one chance in a million, and the numbers are fixed. */
static void units_are_uniform(void) {
  enum { COUNT = 40000, CELLS = 16 };
  const double MEAN_TOLERANCE = 5 / sqrt(12.0 * COUNT);
  const double CELL_TOLERANCE = 5 * sqrt(COUNT / (double)CELLS);
  double total = 0;
  int cell[CELLS] = {0};
  for (uint32_t i = 0; i < COUNT / 4; i++) {
    uint32_t out[4];
    lks_philox(lks_random_key_of(3), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, 0, 0, i),
               out);
    for (int word = 0; word < 4; word++) {
      float unit = lks_random_unit(out[word]);
      total += (double)unit;
      cell[(int)(unit * CELLS)]++;
    }
  }
  CHECK_CLOSE(total / COUNT, 0.5, MEAN_TOLERANCE);
  for (int i = 0; i < CELLS; i++)
    CHECK_CLOSE(cell[i], COUNT / CELLS, CELL_TOLERANCE);
}

const lks_test random_tests[] = {
    TEST(philox_gives_the_published_answers),
    TEST(the_key_is_the_seed),
    TEST(counters_of_distinct_places_never_collide),
    TEST(units_fill_the_half_open_interval),
    TEST(below_is_the_upper_half_of_the_product),
    TEST(units_are_uniform),
    TEST_END,
};
