/* SPDX-License-Identifier: Apache-2.0 */
/* test_beam.c - beam search against the enumeration of everything that a small model can
 * say.  The model's scores depend on the whole prefix, so a search that mixes rows up, or
 * loses one, finds something else. */
#include "decode/beam.h"
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VOCAB = 4, END = 1, LIMIT = 3, WIDTH = 64, SENTENCES = 5, SOURCES = 3, ALL_MAX = 64 };

/* Sums of four f32 log-probabilities against f64. */
#define SCORE_TOLERANCE 2e-6

static const int source_lengths[SENTENCES] = {3, 1, 2, 3, 2};

/* A number in (-1.5, 1.5) for what a prefix says about symbol v. */
static double opinion(int sentence, const int32_t *prefix, int length, int v) {
  double x = 0.7 * sentence + 1.3 * v;
  for (int i = 0; i < length; i++)
    x = 3.1 * sin(x + 1.7 * prefix[i] + i);
  return 1.5 * sin(x + 2.3 * v);
}

static void attend(int sentence, const int32_t *prefix, int length, float *attention) {
  double e[SOURCES], sum = 0;
  for (int i = 0; i < source_lengths[sentence]; i++)
    sum += e[i] = exp(opinion(sentence, prefix, length, 10 + i));
  for (int i = 0; i < source_lengths[sentence]; i++)
    attention[i] = (float)(e[i] / sum);
}

/* The model: a row's state is its prefix. */
typedef struct {
  int first_sentence; /* the model's number of the search's sentence 0 */
  int level, rows_fed;
  int32_t prefix[SENTENCES * WIDTH][LIMIT + 2];
  int32_t before[SENTENCES * WIDTH][LIMIT + 2];
} model;

static void step(void *context, const lks_beam_rows *rows) {
  model *m = context;
  memcpy(m->before, m->prefix, sizeof m->before);
  for (int r = 0; r < rows->count; r++) {
    int sentence = m->first_sentence + rows->sentence[r];
    if (m->level > 0) {
      memcpy(m->prefix[r], m->before[rows->from[r]], sizeof m->prefix[r]);
      m->prefix[r][m->level - 1] = rows->symbols[r];
    } else {
      CHECK_EQUAL(rows->from[r], -1);
      CHECK_EQUAL(rows->symbols[r], END);
    }
    for (int v = 0; v < VOCAB; v++)
      rows->logits[r * VOCAB + v] = (float)opinion(sentence, m->prefix[r], m->level, v);
    attend(sentence, m->prefix[r], m->level, rows->attention + r * SOURCES);
  }
  m->rows_fed += rows->count;
  m->level++;
}

/* ---- everything that can be said ---- */

typedef struct {
  int32_t symbols[LIMIT];
  int length;
  double log_probability, score;
} said;

typedef struct {
  const lks_beam_setup *setup;
  int sentence;
  int count;
  said all[ALL_MAX];
} enumeration;

static double score_of(const enumeration *e, const said *s) {
  double covered[SOURCES] = {0}, coverage = 0;
  float attention[SOURCES];
  for (int i = 0; i <= s->length; i++) {
    attend(e->sentence, s->symbols, i, attention);
    for (int k = 0; k < source_lengths[e->sentence]; k++)
      covered[k] += (double)attention[k];
  }
  for (int k = 0; k < source_lengths[e->sentence]; k++)
    coverage += log(fmin(covered[k], 1));
  return s->log_probability / pow((5.0 + s->length + 1) / 6, e->setup->length_power) +
         e->setup->coverage * coverage;
}

static void enumerate(enumeration *e, said prefix) {
  double sum = 0;
  for (int v = 0; v < VOCAB; v++)
    sum += exp((double)(float)opinion(e->sentence, prefix.symbols, prefix.length, v));
  for (int v = 0; v < VOCAB; v++) {
    said next = prefix;
    next.log_probability +=
        (double)(float)opinion(e->sentence, prefix.symbols, prefix.length, v) - log(sum);
    if (v == END && prefix.length >= e->setup->shortest) {
      next.score = score_of(e, &next);
      e->all[e->count++] = next;
    } else if (v != END && v != e->setup->forbidden && prefix.length < LIMIT) {
      next.symbols[next.length++] = v;
      enumerate(e, next);
    }
  }
}

static int by_score(const void *left, const void *right) {
  double a = ((const said *)left)->score, b = ((const said *)right)->score;
  return (a < b) - (a > b);
}

static lks_beam_setup setup_of(int width, int best) {
  const lks_kernels *kernels;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  return (lks_beam_setup){.width = width,
                          .best = best,
                          .vocab = VOCAB,
                          .start = END,
                          .end = END,
                          .forbidden = -1,
                          .sentences = SENTENCES,
                          .longest = LIMIT,
                          .sources = SOURCES,
                          .threads = 2,
                          .kernels = kernels};
}

static void search(lks_beam *beam, int first, int sentences, model *m) {
  static const int limits[SENTENCES] = {LIMIT, LIMIT, LIMIT, LIMIT, LIMIT};
  lks_beam_stepper stepper = {step, m};
  memset(m, 0, sizeof *m);
  m->first_sentence = first;
  lks_beam_run(beam, &stepper, sentences, limits, source_lengths + first);
}

static void compare_with_enumeration(const lks_beam_setup *setup) {
  static model m;
  lks_beam *beam;
  CHECK_OK(lks_beam_create(&beam, setup));
  search(beam, 0, SENTENCES, &m);
  for (int i = 0; i < SENTENCES; i++) {
    enumeration e = {.setup = setup, .sentence = i};
    enumerate(&e, (said){.length = 0});
    qsort(e.all, (size_t)e.count, sizeof *e.all, by_score);
    int count = lks_beam_count(beam, i);
    CHECK_EQUAL(count, e.count < setup->best ? e.count : setup->best);
    for (int k = 0; k < count; k++) {
      lks_hypothesis found = lks_beam_result(beam, i, k);
      CHECK_CLOSE(found.score, e.all[k].score, SCORE_TOLERANCE);
      CHECK_EQUAL(found.length, e.all[k].length);
      CHECK(memcmp(found.symbols, e.all[k].symbols, (size_t)found.length * sizeof(int32_t)) ==
            0);
    }
  }
  lks_beam_destroy(beam);
}

static void a_width_of_everything_finds_what_enumeration_finds(void) {
  static const double powers[] = {0, 0.6, 1};
  for (int i = 0; i < 3; i++)
    for (int coverage = 0; coverage < 2; coverage++)
      for (int shortest = 0; shortest < 3; shortest += 2) {
        lks_beam_setup setup = setup_of(WIDTH, 7);
        setup.length_power = powers[i];
        setup.coverage = 0.3 * coverage;
        setup.shortest = shortest;
        setup.forbidden = coverage ? 2 : -1;
        compare_with_enumeration(&setup);
      }
}

static void width_one_takes_the_best_symbol_each_time(void) {
  static model m;
  lks_beam *beam;
  lks_beam_setup setup = setup_of(1, 1);
  CHECK_OK(lks_beam_create(&beam, &setup));
  search(beam, 0, SENTENCES, &m);
  for (int i = 0; i < SENTENCES; i++) {
    int32_t greedy[LIMIT];
    int length = 0;
    for (; length < LIMIT; length++) {
      int best = 0;
      for (int v = 1; v < VOCAB; v++)
        if (opinion(i, greedy, length, v) > opinion(i, greedy, length, best))
          best = v;
      if (best == END)
        break;
      greedy[length] = best;
    }
    lks_hypothesis found = lks_beam_result(beam, i, 0);
    CHECK_EQUAL(found.length, length);
    CHECK(memcmp(found.symbols, greedy, (size_t)length * sizeof *greedy) == 0);
  }
  lks_beam_destroy(beam);
}

/* Bits of the scores too. */
static void a_sentence_alone_gets_what_it_gets_among_others(void) {
  static model m;
  lks_beam *beam, *alone;
  for (int width = 1; width <= 4; width++) {
    lks_beam_setup setup = setup_of(width, width);
    setup.length_power = 0.6;
    setup.coverage = 0.2;
    CHECK_OK(lks_beam_create(&beam, &setup));
    setup.sentences = 1;
    setup.threads = 1;
    CHECK_OK(lks_beam_create(&alone, &setup));
    search(beam, 0, SENTENCES, &m);
    for (int i = 0; i < SENTENCES; i++) {
      search(alone, i, 1, &m);
      CHECK_EQUAL(lks_beam_count(alone, 0), lks_beam_count(beam, i));
      for (int k = 0; k < lks_beam_count(alone, 0); k++) {
        lks_hypothesis a = lks_beam_result(alone, 0, k), b = lks_beam_result(beam, i, k);
        CHECK(a.score == b.score && a.length == b.length);
        CHECK(memcmp(a.symbols, b.symbols, (size_t)a.length * sizeof *a.symbols) == 0);
        CHECK(memcmp(a.aligned, b.aligned, (size_t)a.length * sizeof *a.aligned) == 0);
      }
    }
    lks_beam_destroy(alone);
    lks_beam_destroy(beam);
  }
}

static void equal_step(void *context, const lks_beam_rows *rows) {
  (void)context;
  memset(rows->logits, 0, sizeof(float[VOCAB]) * (size_t)rows->count);
}

static void of_equal_symbols_the_first_is_taken(void) {
  lks_beam *beam;
  lks_beam_setup setup = setup_of(2, 2);
  static const int limit = LIMIT;
  setup.sources = 0;
  setup.sentences = 1;
  CHECK_OK(lks_beam_create(&beam, &setup));
  lks_beam_run(beam, &(lks_beam_stepper){equal_step, NULL}, 1, &limit, NULL);
  CHECK_EQUAL(lks_beam_count(beam, 0), 2);
  CHECK_EQUAL(lks_beam_result(beam, 0, 0).length, 0);
  lks_hypothesis second = lks_beam_result(beam, 0, 1);
  CHECK_EQUAL(second.length, LIMIT); /* the end, number 1, comes behind 0 each time */
  for (int i = 0; i < LIMIT; i++)
    CHECK_EQUAL(second.symbols[i], 0);
  lks_beam_destroy(beam);
}

/* A step is paid for by the rows that are still under way. */
static void finished_sentences_are_not_fed(void) {
  static model m;
  lks_beam *beam;
  lks_beam_setup setup = setup_of(1, 1);
  int symbols = 0;
  CHECK_OK(lks_beam_create(&beam, &setup));
  search(beam, 0, SENTENCES, &m);
  for (int i = 0; i < SENTENCES; i++)
    symbols += lks_beam_result(beam, i, 0).length + 1;
  CHECK_EQUAL(m.rows_fed, symbols);
  lks_beam_destroy(beam);
}

const lks_test beam_tests[] = {
    TEST(a_width_of_everything_finds_what_enumeration_finds),
    TEST(width_one_takes_the_best_symbol_each_time),
    TEST(a_sentence_alone_gets_what_it_gets_among_others),
    TEST(of_equal_symbols_the_first_is_taken),
    TEST(finished_sentences_are_not_fed),
    TEST_END,
};
