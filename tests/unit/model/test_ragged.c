/* SPDX-License-Identifier: Apache-2.0 */
/* test_ragged.c - orders and segments of ragged rows against their definition. */
#include "base/memory.h"
#include "model/ragged.h"
#include "check.h"

#include <string.h>

enum { ROWS = 7, WORDS = 11, SHARDS = 4, STEPS = 6 };

static const int lengths[WORDS] = {2, 6, 1, 2, 6, 3, 1, 1, 4, 2, 5};
static const int owner[WORDS] = {0, 0, 1, 2, 3, 3, 3, 4, 5, 5, 6};
static const uint32_t samples[ROWS] = {70, 71, 72, 73, 74, 75, 76};

/* The rows of shards first .. first+count-1 of a batch of ROWS rows, as one time step. */
typedef struct {
  lks_shards shards;
  lks_subtree subtree;
  lks_segments *segments;
  int first_row, rows;
  lks_pass pass;
} call;

static void open_call(call *c, int first, int count) {
  memset(c, 0, sizeof *c);
  c->shards = (lks_shards){SHARDS, ROWS, ROWS};
  c->subtree = (lks_subtree){first, count};
  c->first_row = lks_shards_row(&c->shards, first);
  c->rows = lks_shards_row(&c->shards, first + count) - c->first_row;
  CHECK_OK(lks_segments_create(&c->segments, ROWS, SHARDS));
  lks_segments_fill(c->segments, &c->shards, &c->subtree, 1, 1, NULL);
  c->pass = (lks_pass){.rows = c->rows,
                       .steps = 1,
                       .training = true,
                       .segments = c->segments,
                       .shards = &c->shards,
                       .subtrees = &c->subtree,
                       .sample = samples + c->first_row};
}

static void sequences_lie_longest_first_and_ties_as_given(void) {
  call c;
  lks_ragged *r;
  open_call(&c, 0, SHARDS);
  CHECK_OK(lks_ragged_create(&r, WORDS, STEPS, 64, SHARDS));
  lks_ragged_fill(r, &c.pass, WORDS, lengths, owner);
  CHECK_EQUAL(r->pass.rows, WORDS);
  CHECK_EQUAL(r->pass.steps, 6);
  for (int p = 0; p < WORDS; p++) {
    int i = r->sequence[p];
    CHECK_EQUAL(r->position[i], p);
    CHECK_EQUAL(r->lengths[p], lengths[i]);
    CHECK_EQUAL(r->pass.sample[p], samples[owner[i]]);
    if (p > 0) {
      int before = r->sequence[p - 1];
      CHECK(lengths[before] > lengths[i] || (lengths[before] == lengths[i] && before < i));
    }
  }
  for (int t = 0; t < 6; t++) {
    int active = 0;
    for (int i = 0; i < WORDS; i++)
      active += lengths[i] > t;
    CHECK_EQUAL(r->pass.active[t], active);
  }
  lks_ragged_destroy(r);
  lks_segments_destroy(c.segments);
}

/* Every shard's items: in time, then in the order given. */
static void check_segments(const lks_ragged *r, const call *c, int first_word) {
  const lks_segments *s = r->segments;
  int term = 0;
  for (int k = 0; k < c->subtree.count; k++) {
    int first = lks_shards_row(&c->shards, c->subtree.first + k), begin = term;
    int last = lks_shards_row(&c->shards, c->subtree.first + k + 1);
    for (int t = 0; t < STEPS; t++)
      for (int i = 0; i < WORDS; i++)
        if (owner[i] >= first && owner[i] < last && lengths[i] > t)
          CHECK_EQUAL(s->item[term++], lks_ragged_item(r, i - first_word, t));
    CHECK_EQUAL(s->term_count[k], term - begin);
  }
  CHECK_EQUAL(s->terms, term);
  CHECK_EQUAL(s->count, c->subtree.count);
}

static void segments_follow_the_shards_of_the_owners(void) {
  call c;
  lks_ragged *r;
  int local[WORDS];
  CHECK_OK(lks_ragged_create(&r, WORDS, STEPS, 64, SHARDS));
  for (int first = 0; first < SHARDS; first += 2)
    for (int count = 1; count <= SHARDS - first; count *= 2) {
      int word = 0, words = 0;
      open_call(&c, first, count);
      while (owner[word] < c.first_row)
        word++;
      for (; word + words < WORDS && owner[word + words] < c.first_row + c.rows; words++)
        local[words] = owner[word + words] - c.first_row;
      lks_ragged_fill(r, &c.pass, words, lengths + word, local);
      check_segments(r, &c, word);
      lks_segments_destroy(c.segments);
    }
  lks_ragged_destroy(r);
}

static void symbols_are_turned_into_time_steps(void) {
  static const int32_t values[] = {1, 2, 3, 4, 5, 6}, offsets[] = {0, 1, 4, 6};
  static const int of[] = {1, 3, 2};
  static const int32_t expected[] = {2, 5, 1, 3, 6, 0, 4, 0, 0};
  lks_pass pass = {.rows = 3, .steps = 1};
  int32_t out[9];
  lks_ragged *r;
  CHECK_OK(lks_ragged_create(&r, 3, 3, 9, 1));
  lks_ragged_fill(r, &pass, 3, of, NULL);
  lks_ragged_symbols(r, values, offsets, out);
  CHECK(memcmp(out, expected, sizeof out) == 0);
  lks_ragged_destroy(r);
}

const lks_test ragged_tests[] = {
    TEST(sequences_lie_longest_first_and_ties_as_given),
    TEST(segments_follow_the_shards_of_the_owners),
    TEST(symbols_are_turned_into_time_steps),
    TEST_END,
};
