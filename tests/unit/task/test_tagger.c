/* SPDX-License-Identifier: Apache-2.0 */
/* test_tagger.c - the whole tagger against its equations in f64: losses, and gradients by
 * central differences; threads and ways to cut the batch change no bit. */
#include "check.h"
#include "network_fixture.h"
#include "task/tagger.h"

#include <math.h>
#include <string.h>

enum {
  ROWS = 3,
  WORDS = 6, /* of all rows */
  LONGEST = 3,
  VOCAB = 7,
  LETTERS = 6,
  SPACE = 5,
  TAGS = 3,
  UNITS = 4,
  LETTER_UNITS = 3,
  SPELT = 2,
  HIDDEN = 3,
  LETTERS_MOST = 3,
  JOINED = UNITS + 2 * SPELT,
  SHARDS = 2,
  GRADIENT_STEP_VALUES = 7 /* every seventh value is differentiated */
};

/* A few layers in f32 against f64. */
#define LOSS_TOLERANCE 2e-5
#define GRADIENT_STEP 1e-5

static const int32_t words[WORDS] = {1, 4, 2, 6, 3, 1};
static const int32_t word_offsets[ROWS + 1] = {0, 2, 5, 6};
static const int32_t tags[WORDS] = {0, 2, 1, 1, 2, 0};
/* "ab c", "dab abcd e" of which d is past what is read, "b" */
static const int32_t letters[] = {0, 1, 5, 2, 5, 3, 0, 1, 5, 0, 1, 2, 3, 5, 4, 5, 1, 5};
static const int32_t letter_offsets[ROWS + 1] = {0, 5, 16, 18};
static const uint32_t samples[ROWS] = {11, 5, 8};

typedef struct {
  bool is_crf;
  lks_tagger *tagger;
  lks_test_network n;
} fixture;

static void open_fixture(fixture *f, bool is_crf, float drop, int threads) {
  f->is_crf = is_crf;
  lks_test_network_open(&f->n, ROWS, SHARDS, threads, samples);
  lks_tagger_setup setup = {
      .words = VOCAB,
      .letters = LETTERS,
      .tags = TAGS,
      .word_field = 0,
      .letter_field = 1,
      .tag_field = 2,
      .space = SPACE,
      .units = UNITS,
      .letter_units = LETTER_UNITS,
      .letter_hidden = SPELT,
      .letters_most = LETTERS_MOST,
      .word_drop = drop,
      .is_crf = is_crf,
      .recurrent = {.prefix = "rnn",
                    .cell = &lks_cell_lstm,
                    .layers = 1,
                    .hidden = HIDDEN,
                    .bidirectional = true,
                    .dropout = {.drop = drop},
                    .dropout_site = 1},
  };
  CHECK_OK(lks_tagger_create(&f->tagger, &setup, f->n.params));
  lks_test_network_draw(&f->n, 23);
  lks_capacity capacity = lks_test_network_capacity(&f->n);
  capacity.field[0] = (lks_field_room){.longest = LONGEST, .symbols = WORDS};
  capacity.field[1] =
      (lks_field_room){.longest = 11, .symbols = sizeof letters / sizeof *letters};
  capacity.field[2] = capacity.field[0];
  CHECK_OK(lks_tagger_allocate(f->tagger, &capacity));
  lks_tagger_pack(f->tagger, f->n.kernels, threads, true);
  f->n.fields[0] = (lks_batch_field){words, word_offsets};
  f->n.fields[1] = (lks_batch_field){letters, letter_offsets};
  f->n.fields[2] = (lks_batch_field){tags, word_offsets};
}

static void close_fixture(fixture *f) {
  lks_tagger_destroy(f->tagger);
  lks_test_network_close(&f->n);
}

/* ---- the equations, in f64 ------------------------------------------------- */

static const double *value_of(const fixture *f, const double *values, const char *name) {
  return lks_test_value_of(&f->n, values, name);
}

/* Vector of a word and its two spelt states; returns where the next word's letters are. */
static const int32_t *embed_word(const fixture *f, const double *values, int32_t word,
                                 const int32_t *at, double *joined) {
  const double *table = value_of(f, values, "letters.weight");
  double input[LETTERS_MOST * LETTER_UNITS], output[LETTERS_MOST * SPELT];
  int length = 0;
  memcpy(joined, value_of(f, values, "words.weight") + word * UNITS, UNITS * sizeof *joined);
  for (; *at != SPACE; at++)
    if (length < LETTERS_MOST)
      memcpy(input + LETTER_UNITS * length++, table + *at * LETTER_UNITS,
             LETTER_UNITS * sizeof *input);
  for (int d = 0; d < 2; d++) {
    double state[SPELT];
    lks_test_lstm(&f->n, values, "letters.rnn", d == 1, LETTER_UNITS, SPELT, length, input,
                  output, state);
    memcpy(joined + UNITS + d * SPELT, state, sizeof state);
  }
  return at + 1;
}

static double path_score(const fixture *f, const double *values, const double *emissions,
                         int length, const int *path) {
  const double *transitions = value_of(f, values, "crf.transitions");
  double score = value_of(f, values, "crf.start")[path[0]] +
                 value_of(f, values, "crf.end")[path[length - 1]];
  for (int t = 0; t < length; t++)
    score +=
        emissions[t * TAGS + path[t]] + (t > 0 ? transitions[path[t - 1] * TAGS + path[t]] : 0);
  return score;
}

static double crf_loss(const fixture *f, const double *values, const double *emissions,
                       int length, const int32_t *right) {
  int path[LONGEST], paths = 1;
  double all = 0;
  for (int t = 0; t < length; t++)
    paths *= TAGS;
  for (int code = 0; code < paths; code++) {
    for (int t = 0, rest = code; t < length; t++, rest /= TAGS)
      path[t] = rest % TAGS;
    all += exp(path_score(f, values, emissions, length, path));
  }
  for (int t = 0; t < length; t++)
    path[t] = right[t];
  return log(all) - path_score(f, values, emissions, length, path);
}

static double softmax_loss(const double *emissions, int length, const int32_t *right) {
  double loss = 0;
  for (int t = 0; t < length; t++) {
    double all = 0;
    for (int k = 0; k < TAGS; k++)
      all += exp(emissions[t * TAGS + k]);
    loss += log(all) - emissions[t * TAGS + right[t]];
  }
  return loss;
}

static double loss_of_row(const void *context, const double *values, int row) {
  const fixture *f = context;
  int first = word_offsets[row], length = word_offsets[row + 1] - first;
  double joined[LONGEST * JOINED] = {0}, output[2][LONGEST * HIDDEN], emissions[LONGEST * TAGS];
  const int32_t *at = letters + letter_offsets[row];
  for (int t = 0; t < length; t++)
    at = embed_word(f, values, words[first + t], at, joined + t * JOINED);
  for (int d = 0; d < 2; d++) {
    double state[HIDDEN];
    lks_test_lstm(&f->n, values, "rnn", d == 1, JOINED, HIDDEN, length, joined, output[d],
                  state);
  }
  const double *weight = value_of(f, values, "output.weight");
  for (int t = 0; t < length; t++)
    for (int k = 0; k < TAGS; k++) {
      double sum = value_of(f, values, "output.bias")[k];
      for (int d = 0; d < 2; d++)
        for (int u = 0; u < HIDDEN; u++)
          sum += weight[(k * 2 + d) * HIDDEN + u] * output[d][t * HIDDEN + u];
      emissions[t * TAGS + k] = sum;
    }
  return f->is_crf ? crf_loss(f, values, emissions, length, tags + first)
                   : softmax_loss(emissions, length, tags + first);
}

static void check_gradients(bool is_crf) {
  static fixture f;
  open_fixture(&f, is_crf, 0, 2);
  lks_tagger_train(f.tagger, &f.n.call);
  lks_test_check_gradients(&f.n, loss_of_row, &f, GRADIENT_STEP_VALUES, GRADIENT_STEP);
  close_fixture(&f);
}

static void gradients_with_crf_are_central_differences(void) {
  check_gradients(true);
}

static void gradients_with_softmax_are_central_differences(void) {
  check_gradients(false);
}

static void scoring_has_the_losses_of_training(void) {
  static fixture f;
  float losses[ROWS], trained[ROWS];
  int32_t found[WORDS];
  for (int is_crf = 0; is_crf < 2; is_crf++) {
    open_fixture(&f, is_crf, 0, 1);
    lks_tagger_train(f.tagger, &f.n.call);
    memcpy(trained, f.n.losses, sizeof trained);
    f.n.rows.training = false;
    lks_tagger_run(f.tagger, &f.n.call);
    lks_tagger_losses(f.tagger, &f.n.call, losses);
    CHECK_ALL_CLOSE(losses, trained, ROWS, LOSS_TOLERANCE);
    lks_tagger_decode(f.tagger, &f.n.call, NULL, NULL, found);
    for (int i = 0; i < WORDS; i++)
      CHECK(found[i] >= 0 && found[i] < TAGS);
    close_fixture(&f);
  }
}

static void threads_change_no_bit(void) {
  static fixture one, two;
  open_fixture(&one, true, 0.4F, 1);
  open_fixture(&two, true, 0.4F, 2);
  lks_tagger_train(one.tagger, &one.n.call);
  lks_tagger_train(two.tagger, &two.n.call);
  lks_test_check_same(&two.n, &one.n);
  close_fixture(&one);
  close_fixture(&two);
}

const lks_test tagger_tests[] = {TEST(gradients_with_crf_are_central_differences),
                                 TEST(gradients_with_softmax_are_central_differences),
                                 TEST(scoring_has_the_losses_of_training),
                                 TEST(threads_change_no_bit), TEST_END};
