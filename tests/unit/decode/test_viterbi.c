/* SPDX-License-Identifier: Apache-2.0 */
/* test_viterbi.c - the best path against all paths. */
#include "base/random.h"
#include "check.h"
#include "decode/viterbi.h"

#include <math.h>
#include <string.h>

enum { TAGS = 4, STEPS = 5, PATHS = 1024 /* TAGS^STEPS */, STRIDE = TAGS + 3, DRAWS = 50 };

/* Sums of the same numbers in another order, in f64. */
static const double CLOSE = 1e-12;

static float drawn(uint32_t place, uint32_t i) {
  uint32_t words[4];
  lks_philox(lks_random_key_of(3), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, place, i, 0),
             words);
  return 4 * lks_random_unit(words[0]) - 2;
}

static void draw(uint32_t place, float *values, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    values[i] = drawn(place, i);
}

/* The score of path number `code`; -inf when it is not allowed. */
static double score_of(const lks_viterbi_setup *setup, const float *emissions, int code,
                       int32_t *path) {
  double score = 0;
  for (int t = 0; t < STEPS; t++, code /= TAGS) {
    path[t] = code % TAGS;
    int from = t > 0 ? path[t - 1] : TAGS;
    score += (double)emissions[t * STRIDE + path[t]];
    score += setup->bias ? (double)setup->bias[path[t]] : 0;
    score +=
        (double)(t > 0 ? setup->transitions[from * TAGS + path[t]] : setup->start[path[t]]);
    if (setup->may_follow && !setup->may_follow[from * TAGS + path[t]])
      return -INFINITY;
  }
  return score + (double)setup->end[path[STEPS - 1]];
}

static void check_against_all_paths(const bool *may_follow, const float *bias) {
  for (uint32_t round = 0; round < DRAWS; round++) {
    float emissions[STEPS * STRIDE], transitions[TAGS * TAGS], start[TAGS], end[TAGS];
    draw(4 * round, emissions, STEPS * STRIDE);
    draw(4 * round + 1, transitions, TAGS * TAGS);
    draw(4 * round + 2, start, TAGS);
    draw(4 * round + 3, end, TAGS);
    lks_viterbi_setup setup = {TAGS, transitions, start, end, may_follow, bias};
    int32_t path[STEPS], best[STEPS], found[STEPS];
    double most = -INFINITY;
    for (int code = 0; code < PATHS; code++) {
      double score = score_of(&setup, emissions, code, path);
      if (score > most) {
        most = score;
        memcpy(best, path, sizeof best);
      }
    }
    double scratch[256];
    CHECK(lks_viterbi_scratch_bytes(TAGS, STEPS) <= sizeof scratch);
    CHECK_CLOSE(lks_viterbi_path(&setup, STEPS, emissions, STRIDE, scratch, found), most,
                CLOSE);
    CHECK(memcmp(found, best, sizeof best) == 0);
  }
}

static void best_of_all_paths_is_found(void) {
  check_against_all_paths(NULL, NULL);
}

static void best_of_the_allowed_paths_is_found(void) {
  bool may_follow[(TAGS + 1) * TAGS];
  for (int i = 0; i < (TAGS + 1) * TAGS; i++)
    may_follow[i] = i % 3 != 0;
  check_against_all_paths(may_follow, NULL);
}

static void biases_count_as_if_they_were_emitted(void) {
  const float bias[TAGS] = {-2, 0.5F, 0, 3};
  check_against_all_paths(NULL, bias);
}

static void without_transitions_every_tag_is_the_best_of_its_item(void) {
  const float emissions[] = {1, 3, 2, /**/ 0, -1, -2, /**/ 5, 5, 6};
  lks_viterbi_setup setup = {.tags = 3};
  double scratch[64];
  int32_t path[3];
  CHECK_CLOSE(lks_viterbi_path(&setup, 3, emissions, 3, scratch, path), 9, 0);
  CHECK(path[0] == 1 && path[1] == 0 && path[2] == 2);
}

const lks_test viterbi_tests[] = {
    TEST(best_of_all_paths_is_found), TEST(biases_count_as_if_they_were_emitted),
    TEST(best_of_the_allowed_paths_is_found),
    TEST(without_transitions_every_tag_is_the_best_of_its_item), TEST_END};
