/* SPDX-License-Identifier: Apache-2.0 */
/* test_tagger.c - the whole tagger against its equations in f64: losses, and gradients by
 * central differences; threads and ways to cut the batch change no bit. */
#include "check.h"
#include "oracle_recurrent.h"
#include "task/tagger.h"

#include <math.h>
#include <stdio.h>
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
  VALUES = 32 * LKS_PARAMS_GRAIN,
  GRADIENT_STEP_VALUES = 7 /* every seventh value is differentiated */
};

/* A few layers in f32 against f64. */
#define LOSS_TOLERANCE 2e-5
#define GRADIENT_TOLERANCE 2e-5

static const int32_t words[WORDS] = {1, 4, 2, 6, 3, 1};
static const int32_t word_offsets[ROWS + 1] = {0, 2, 5, 6};
static const int32_t tags[WORDS] = {0, 2, 1, 1, 2, 0};
/* "ab c", "dab abcd e" of which d is past what is read, "b" */
static const int32_t letters[] = {0, 1, 5, 2, 5, 3, 0, 1, 5, 0, 1, 2, 3, 5, 4, 5, 1, 5};
static const int32_t letter_offsets[ROWS + 1] = {0, 5, 16, 18};
static const int row_active[1] = {ROWS};
static const uint32_t samples[ROWS] = {11, 5, 8};

static float drawn(uint32_t i) {
  uint32_t bits[4];
  lks_philox(lks_random_key_of(23), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, 0, i, 0),
             bits);
  return 2 * lks_random_unit(bits[0]) - 1;
}

typedef struct {
  lks_params *params;
  lks_tagger *tagger;
  lks_segments *segments;
  float values[VALUES], gradient[VALUES];
  float *gradients[1];
  float losses[ROWS];
  lks_shards shards;
  lks_subtree subtree;
  lks_pass rows;
  lks_batch_field fields[3];
  lks_task_call call;
} fixture;

static void open_fixture(fixture *f, bool is_crf, float drop, int threads) {
  memset(f, 0, sizeof *f);
  const lks_kernels *kernels;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
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
  CHECK_OK(lks_params_create(&f->params));
  CHECK_OK(lks_tagger_create(&f->tagger, &setup, f->params));
  CHECK(lks_params_value_count(f->params) <= VALUES);
  for (uint32_t i = 0; i < VALUES; i++)
    f->values[i] = drawn(i);
  lks_params_bind(f->params, f->values);
  lks_capacity capacity = {
      .rows = ROWS,
      .steps = 1,
      .items = ROWS,
      .shards = SHARDS,
      .training = true,
      .threads = threads,
      .kernels = kernels,
      .field = {{.longest = LONGEST, .symbols = WORDS},
                {.longest = 11, .symbols = sizeof letters / sizeof *letters},
                {.longest = LONGEST, .symbols = WORDS}}};
  CHECK_OK(lks_tagger_allocate(f->tagger, &capacity));
  lks_tagger_pack(f->tagger, kernels, threads, true);
  f->shards = (lks_shards){SHARDS, ROWS, ROWS};
  f->subtree = (lks_subtree){0, SHARDS};
  CHECK_OK(lks_segments_create(&f->segments, ROWS, SHARDS));
  lks_segments_fill(f->segments, &f->shards, &f->subtree, 1, 1, NULL);
  f->gradients[0] = f->gradient;
  f->rows = (lks_pass){.kernels = kernels,
                       .threads = threads,
                       .rows = ROWS,
                       .steps = 1,
                       .active = row_active,
                       .training = true,
                       .segments = f->segments,
                       .gradients = f->gradients,
                       .shards = &f->shards,
                       .subtrees = &f->subtree,
                       .key = lks_random_key_of(1),
                       .step = 3,
                       .sample = samples};
  f->fields[0] = (lks_batch_field){words, word_offsets};
  f->fields[1] = (lks_batch_field){letters, letter_offsets};
  f->fields[2] = (lks_batch_field){tags, word_offsets};
  f->call = (lks_task_call){.row_pass = &f->rows,
                            .fields = f->fields,
                            .losses = f->losses,
                            .buffers = f->gradients,
                            .buffer_count = 1};
}

static void close_fixture(fixture *f) {
  lks_tagger_destroy(f->tagger);
  lks_params_destroy(f->params);
  lks_segments_destroy(f->segments);
}

/* ---- the equations, in f64 ------------------------------------------------- */

static const double *value_of(const fixture *f, const double *values, const char *name) {
  int param = lks_params_find(f->params, name);
  CHECK(param >= 0);
  return values + (param >= 0 ? lks_params_at(f->params, param)->offset : 0);
}

static void run_layer(const fixture *f, const double *values, const char *prefix, bool reverse,
                      int inputs, int hidden, int length, const double *input, double *output,
                      double *state) {
  const char *parts[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
  const double *weights[4];
  double cell[HIDDEN] = {0};
  for (int i = 0; i < 4; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s.%s_l0%s", prefix, parts[i], reverse ? "_reverse" : "");
    weights[i] = value_of(f, values, name);
  }
  oracle_weights all = {weights[0], weights[1], weights[2], weights[3]};
  oracle_layer(ORACLE_LSTM, &all, inputs, hidden, length, reverse, input, output, state, cell);
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
    double state[SPELT] = {0};
    run_layer(f, values, "letters.rnn", d == 1, LETTER_UNITS, SPELT, length, input, output,
              state);
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

static double loss_of_row(const fixture *f, bool is_crf, const double *values, int row) {
  int first = word_offsets[row], length = word_offsets[row + 1] - first;
  double joined[LONGEST * JOINED], output[2][LONGEST * HIDDEN], emissions[LONGEST * TAGS];
  const int32_t *at = letters + letter_offsets[row];
  for (int t = 0; t < length; t++)
    at = embed_word(f, values, words[first + t], at, joined + t * JOINED);
  for (int d = 0; d < 2; d++) {
    double state[HIDDEN] = {0};
    run_layer(f, values, "rnn", d == 1, JOINED, HIDDEN, length, joined, output[d], state);
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
  return is_crf ? crf_loss(f, values, emissions, length, tags + first)
                : softmax_loss(emissions, length, tags + first);
}

static double loss_of_all(const fixture *f, bool is_crf, const double *values) {
  double sum = 0;
  for (int row = 0; row < ROWS; row++)
    sum += loss_of_row(f, is_crf, values, row);
  return sum;
}

static void check_gradients(bool is_crf) {
  static fixture f;
  static double values[VALUES];
  const double step = 1e-5;
  open_fixture(&f, is_crf, 0, 2);
  for (int i = 0; i < VALUES; i++)
    values[i] = (double)f.values[i];
  lks_tagger_train(f.tagger, &f.call);
  for (int row = 0; row < ROWS; row++)
    CHECK_CLOSE(f.losses[row], loss_of_row(&f, is_crf, values, row), LOSS_TOLERANCE);
  for (int p = 0; p < lks_params_count(f.params); p++) {
    const lks_param *param = lks_params_at(f.params, p);
    for (size_t i = 0; i < param->count; i += GRADIENT_STEP_VALUES) {
      double *value = &values[param->offset + i], before = *value;
      *value = before + step;
      double up = loss_of_all(&f, is_crf, values);
      *value = before - step;
      double down = loss_of_all(&f, is_crf, values);
      *value = before;
      CHECK_CLOSE(f.gradient[param->offset + i], (up - down) / (2 * step), GRADIENT_TOLERANCE);
    }
  }
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
    lks_tagger_train(f.tagger, &f.call);
    memcpy(trained, f.losses, sizeof trained);
    f.rows.training = false;
    lks_tagger_run(f.tagger, &f.call);
    lks_tagger_losses(f.tagger, &f.call, losses);
    CHECK_ALL_CLOSE(losses, trained, ROWS, LOSS_TOLERANCE);
    lks_tagger_decode(f.tagger, &f.call, NULL, NULL, found);
    for (int i = 0; i < WORDS; i++)
      CHECK(found[i] >= 0 && found[i] < TAGS);
    close_fixture(&f);
  }
}

static void threads_change_no_bit(void) {
  static fixture one, two;
  open_fixture(&one, true, 0.4F, 1);
  open_fixture(&two, true, 0.4F, 2);
  lks_tagger_train(one.tagger, &one.call);
  lks_tagger_train(two.tagger, &two.call);
  CHECK_SAME_BITS(two.losses, one.losses, ROWS);
  CHECK_SAME_BITS(two.gradient, one.gradient, VALUES);
  close_fixture(&one);
  close_fixture(&two);
}

const lks_test tagger_tests[] = {TEST(gradients_with_crf_are_central_differences),
                                 TEST(gradients_with_softmax_are_central_differences),
                                 TEST(scoring_has_the_losses_of_training),
                                 TEST(threads_change_no_bit), TEST_END};
