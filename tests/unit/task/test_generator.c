/* SPDX-License-Identifier: Apache-2.0 */
/* test_generator.c - the whole generator against its equations in f64: losses, and gradients
 * by central differences; threads change no bit; symbol by symbol it says what it says at
 * once. */
#include "check.h"
#include "network_fixture.h"
#include "task/generator.h"

#include <math.h>
#include <string.h>

enum {
  ROWS = 4,
  SYMBOLS = 9, /* of all rows */
  LONGEST = 5,
  STEPS = LONGEST + 1, /* with the line's end */
  VOCAB = 7,
  END = 6,
  LABELS = 3,
  NUMBERS = 2,
  UNITS = 4,
  HIDDEN = 3,
  SHARDS = 4,
  GRADIENT_STEP_VALUES = 3 /* every third value is differentiated */
};

/* A few layers in f32 against f64. */
#define LOSS_TOLERANCE 2e-5
#define GRADIENT_STEP 1e-6

static const int32_t symbols[SYMBOLS] = {1, 4, 2, 5, 3, 1, 0, 2, 2};
static const int32_t symbol_offsets[ROWS + 1] = {0, 2, 7, 7, 9}; /* the third text is empty */
static const int32_t labels[ROWS] = {2, 0, 1, 1};
static const int32_t label_offsets[ROWS + 1] = {0, 1, 2, 3, 4};
static const float numbers[ROWS * NUMBERS] = {0.5F, -1, 0.25F, 2, -0.75F, 0, 1, 1};
static const int32_t number_offsets[ROWS + 1] = {0, 2, 4, 6, 8};
static const uint32_t samples[ROWS] = {11, 5, 8, 2};

typedef struct {
  bool of_numbers;
  int32_t bits[ROWS * NUMBERS]; /* of the numbers, as a batch has them */
  lks_generator *generator;
  lks_test_network n;
} fixture;

static void open_fixture(fixture *f, bool of_numbers, float drop, int threads) {
  f->of_numbers = of_numbers;
  lks_test_network_open(&f->n, ROWS, SHARDS, threads, samples);
  lks_generator_setup setup = {
      .symbols = VOCAB,
      .labels = of_numbers ? 0 : LABELS,
      .numbers = of_numbers ? NUMBERS : 0,
      .text_field = 0,
      .condition_field = 1,
      .end = END,
      .units = UNITS,
      .recurrent = {.prefix = "rnn",
                    .cell = &lks_cell_lstm,
                    .layers = 1,
                    .hidden = HIDDEN,
                    .dropout = {.drop = drop},
                    .dropout_site = 1},
  };
  CHECK_OK(lks_generator_create(&f->generator, &setup, f->n.params));
  lks_test_network_draw(&f->n, 29);
  lks_capacity capacity = lks_test_network_capacity(&f->n);
  capacity.field[0] = (lks_field_room){.longest = LONGEST, .symbols = SYMBOLS};
  capacity.field[1] = (lks_field_room){.longest = 1, .symbols = ROWS};
  CHECK_OK(lks_generator_allocate(f->generator, &capacity));
  lks_generator_pack(f->generator, f->n.kernels, threads, true);
  f->n.fields[0] = (lks_batch_field){symbols, symbol_offsets};
  memcpy(f->bits, numbers, sizeof numbers);
  f->n.fields[1] = of_numbers ? (lks_batch_field){f->bits, number_offsets}
                              : (lks_batch_field){labels, label_offsets};
}

static void close_fixture(fixture *f) {
  lks_generator_destroy(f->generator);
  lks_test_network_close(&f->n);
}

/* ---- the equations, in f64 ------------------------------------------------- */

static const double *value_of(const fixture *f, const double *values, const char *name) {
  return lks_test_value_of(&f->n, values, name);
}

/* Symbol t of a row's text, the line's end behind it. */
static int32_t symbol_of(int row, int t) {
  int first = symbol_offsets[row], length = symbol_offsets[row + 1] - first;
  return t < length ? symbols[first + t] : END;
}

static void add_condition(const fixture *f, const double *values, int row, double *condition) {
  for (int u = 0; u < UNITS; u++) {
    if (!f->of_numbers) {
      condition[u] = value_of(f, values, "labels.weight")[labels[row] * UNITS + u];
      continue;
    }
    condition[u] = value_of(f, values, "condition.bias")[u];
    for (int i = 0; i < NUMBERS; i++)
      condition[u] += value_of(f, values, "condition.weight")[u * NUMBERS + i] *
                      (double)numbers[row * NUMBERS + i];
  }
}

/* logits [length, VOCAB] of a text of `length` items with its end. */
static void run_text(const fixture *f, const double *values, int row, int length,
                     double *logits) {
  const double *table = value_of(f, values, "embedding.weight");
  double condition[UNITS];
  add_condition(f, values, row, condition);
  double input[STEPS * UNITS], output[STEPS * HIDDEN], last[HIDDEN];
  for (int t = 0; t < length; t++)
    for (int u = 0; u < UNITS; u++)
      input[t * UNITS + u] =
          table[(t > 0 ? symbol_of(row, t - 1) : END) * UNITS + u] + condition[u];
  lks_test_lstm(&f->n, values, "rnn", false, UNITS, HIDDEN, length, input, output, last);
  for (int t = 0; t < length; t++)
    for (int k = 0; k < VOCAB; k++) {
      double score = value_of(f, values, "output.bias")[k];
      for (int u = 0; u < HIDDEN; u++)
        score += value_of(f, values, "output.weight")[k * HIDDEN + u] * output[t * HIDDEN + u];
      logits[t * VOCAB + k] = score;
    }
}

static double loss_of_row(const void *context, const double *values, int row) {
  const fixture *f = context;
  double logits[STEPS * VOCAB], loss = 0;
  int length = symbol_offsets[row + 1] - symbol_offsets[row] + 1;
  run_text(f, values, row, length, logits);
  for (int t = 0; t < length; t++) {
    double all = 0;
    for (int k = 0; k < VOCAB; k++)
      all += exp(logits[t * VOCAB + k]);
    loss += log(all) - logits[t * VOCAB + symbol_of(row, t)];
  }
  return loss;
}

static void check_gradients(bool of_numbers) {
  static fixture f;
  open_fixture(&f, of_numbers, 0, 2);
  lks_generator_train(f.generator, &f.n.call);
  lks_test_check_gradients(&f.n, loss_of_row, &f, GRADIENT_STEP_VALUES, GRADIENT_STEP);
  close_fixture(&f);
}

static void gradients_for_labels_are_central_differences(void) {
  check_gradients(false);
}

static void gradients_for_numbers_are_central_differences(void) {
  check_gradients(true);
}

static void scoring_has_the_losses_of_training(void) {
  static fixture f;
  static double values[LKS_TEST_VALUES];
  double losses[ROWS];
  open_fixture(&f, false, 0, 1);
  lks_test_network_widen(&f.n, values);
  f.n.rows.training = false;
  lks_generator_score(f.generator, &f.n.call, losses);
  for (int row = 0; row < ROWS; row++)
    CHECK_CLOSE(losses[row], loss_of_row(&f, values, row), LOSS_TOLERANCE);
  close_fixture(&f);
}

static void threads_change_no_bit(void) {
  static fixture one, two;
  open_fixture(&one, true, 0.4F, 1);
  open_fixture(&two, true, 0.4F, 2);
  lks_generator_train(one.generator, &one.n.call);
  lks_generator_train(two.generator, &two.n.call);
  lks_test_check_same(&two.n, &one.n);
  close_fixture(&one);
  close_fixture(&two);
}

static void stepping_gives_the_scores_of_the_whole_text(void) {
  static fixture f;
  static double values[LKS_TEST_VALUES];
  float logits[ROWS * VOCAB];
  open_fixture(&f, false, 0, 1);
  lks_test_network_widen(&f.n, values);
  f.n.rows.training = false;
  for (int time = 0; time < 2; time++) { /* a second text does not know the first */
    lks_generator_begin(f.generator);
    for (int t = 0; t < 3; t++) {
      int32_t fed[ROWS];
      for (int row = 0; row < ROWS; row++)
        fed[row] = t > 0 ? symbol_of(row, t - 1) : END;
      lks_generator_step(f.generator, &f.n.rows, &(lks_generator_condition){.labels = labels},
                         fed, logits);
    }
    for (int row = 0; row < ROWS; row++) {
      double expected[STEPS * VOCAB];
      run_text(&f, values, row, 3, expected);
      for (int k = 0; k < VOCAB; k++)
        CHECK_CLOSE(logits[row * VOCAB + k], expected[2 * VOCAB + k], LOSS_TOLERANCE);
    }
  }
  close_fixture(&f);
}

const lks_test generator_tests[] = {TEST(gradients_for_labels_are_central_differences),
                                    TEST(gradients_for_numbers_are_central_differences),
                                    TEST(scoring_has_the_losses_of_training),
                                    TEST(threads_change_no_bit),
                                    TEST(stepping_gives_the_scores_of_the_whole_text),
                                    TEST_END};
