/* SPDX-License-Identifier: Apache-2.0 */
/* test_generator.c - the whole generator against its equations in f64: losses, and gradients
 * by central differences; threads change no bit; symbol by symbol it says what it says at
 * once. */
#include "check.h"
#include "oracle_recurrent.h"
#include "task/generator.h"

#include <math.h>
#include <stdio.h>
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
  VALUES = 32 * LKS_PARAMS_GRAIN,
  GRADIENT_STEP_VALUES = 3 /* every third value is differentiated */
};

/* A few layers in f32 against f64. */
#define LOSS_TOLERANCE 2e-5
#define GRADIENT_TOLERANCE 2e-5

static const int32_t symbols[SYMBOLS] = {1, 4, 2, 5, 3, 1, 0, 2, 2};
static const int32_t symbol_offsets[ROWS + 1] = {0, 2, 7, 7, 9}; /* the third text is empty */
static const int32_t labels[ROWS] = {2, 0, 1, 1};
static const int32_t label_offsets[ROWS + 1] = {0, 1, 2, 3, 4};
static const float numbers[ROWS * NUMBERS] = {0.5F, -1, 0.25F, 2, -0.75F, 0, 1, 1};
static const int32_t number_offsets[ROWS + 1] = {0, 2, 4, 6, 8};
static const int row_active[1] = {ROWS};
static const uint32_t samples[ROWS] = {11, 5, 8, 2};

static float drawn(uint32_t i) {
  uint32_t bits[4];
  lks_philox(lks_random_key_of(29), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, 0, i, 0),
             bits);
  return 2 * lks_random_unit(bits[0]) - 1;
}

typedef struct {
  bool of_numbers;
  int32_t bits[ROWS * NUMBERS]; /* of the numbers, as a batch has them */
  lks_params *params;
  lks_generator *generator;
  lks_segments *segments;
  float values[VALUES], gradient[VALUES];
  float *gradients[1];
  float losses[ROWS];
  lks_shards shards;
  lks_subtree subtree;
  lks_pass rows;
  lks_batch_field fields[2];
  lks_task_call call;
} fixture;

static void open_fixture(fixture *f, bool of_numbers, float drop, int threads) {
  memset(f, 0, sizeof *f);
  f->of_numbers = of_numbers;
  const lks_kernels *kernels;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
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
  CHECK_OK(lks_params_create(&f->params));
  CHECK_OK(lks_generator_create(&f->generator, &setup, f->params));
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
      .field = {{.longest = LONGEST, .symbols = SYMBOLS}, {.longest = 1, .symbols = ROWS}}};
  CHECK_OK(lks_generator_allocate(f->generator, &capacity));
  lks_generator_pack(f->generator, kernels, threads, true);
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
  f->fields[0] = (lks_batch_field){symbols, symbol_offsets};
  memcpy(f->bits, numbers, sizeof numbers);
  f->fields[1] = of_numbers ? (lks_batch_field){f->bits, number_offsets}
                            : (lks_batch_field){labels, label_offsets};
  f->call = (lks_task_call){.row_pass = &f->rows,
                            .fields = f->fields,
                            .losses = f->losses,
                            .buffers = f->gradients,
                            .buffer_count = 1};
}

static void close_fixture(fixture *f) {
  lks_generator_destroy(f->generator);
  lks_params_destroy(f->params);
  lks_segments_destroy(f->segments);
}

/* ---- the equations, in f64 ------------------------------------------------- */

static const double *value_of(const fixture *f, const double *values, const char *name) {
  int param = lks_params_find(f->params, name);
  CHECK(param >= 0);
  return values + (param >= 0 ? lks_params_at(f->params, param)->offset : 0);
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
  const char *parts[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
  const double *weights[4], *table = value_of(f, values, "embedding.weight");
  double condition[UNITS];
  add_condition(f, values, row, condition);
  double input[STEPS * UNITS], output[STEPS * HIDDEN], hidden[HIDDEN] = {0}, cell[HIDDEN] = {0};
  for (int t = 0; t < length; t++)
    for (int u = 0; u < UNITS; u++)
      input[t * UNITS + u] =
          table[(t > 0 ? symbol_of(row, t - 1) : END) * UNITS + u] + condition[u];
  for (int i = 0; i < 4; i++) {
    char name[64];
    snprintf(name, sizeof name, "rnn.%s_l0", parts[i]);
    weights[i] = value_of(f, values, name);
  }
  oracle_weights all = {weights[0], weights[1], weights[2], weights[3]};
  oracle_layer(ORACLE_LSTM, &all, UNITS, HIDDEN, length, false, input, output, hidden, cell);
  for (int t = 0; t < length; t++)
    for (int k = 0; k < VOCAB; k++) {
      double score = value_of(f, values, "output.bias")[k];
      for (int u = 0; u < HIDDEN; u++)
        score += value_of(f, values, "output.weight")[k * HIDDEN + u] * output[t * HIDDEN + u];
      logits[t * VOCAB + k] = score;
    }
}

static double loss_of_row(const fixture *f, const double *values, int row) {
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

static double loss_of_all(const fixture *f, const double *values) {
  double sum = 0;
  for (int row = 0; row < ROWS; row++)
    sum += loss_of_row(f, values, row);
  return sum;
}

static void widen(const fixture *f, double values[VALUES]) {
  for (int i = 0; i < VALUES; i++)
    values[i] = (double)f->values[i];
}

static void check_gradients(bool of_numbers) {
  static fixture f;
  static double values[VALUES];
  const double step = 1e-6;
  open_fixture(&f, of_numbers, 0, 2);
  widen(&f, values);
  lks_generator_train(f.generator, &f.call);
  for (int row = 0; row < ROWS; row++)
    CHECK_CLOSE(f.losses[row], loss_of_row(&f, values, row), LOSS_TOLERANCE);
  for (int p = 0; p < lks_params_count(f.params); p++) {
    const lks_param *param = lks_params_at(f.params, p);
    for (size_t i = 0; i < param->count; i += GRADIENT_STEP_VALUES) {
      double *value = &values[param->offset + i], before = *value;
      *value = before + step;
      double up = loss_of_all(&f, values);
      *value = before - step;
      double down = loss_of_all(&f, values);
      *value = before;
      CHECK_CLOSE(f.gradient[param->offset + i], (up - down) / (2 * step), GRADIENT_TOLERANCE);
    }
  }
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
  static double values[VALUES];
  double losses[ROWS];
  open_fixture(&f, false, 0, 1);
  widen(&f, values);
  f.rows.training = false;
  lks_generator_score(f.generator, &f.call, losses);
  for (int row = 0; row < ROWS; row++)
    CHECK_CLOSE(losses[row], loss_of_row(&f, values, row), LOSS_TOLERANCE);
  close_fixture(&f);
}

static void threads_change_no_bit(void) {
  static fixture one, two;
  open_fixture(&one, true, 0.4F, 1);
  open_fixture(&two, true, 0.4F, 2);
  lks_generator_train(one.generator, &one.call);
  lks_generator_train(two.generator, &two.call);
  CHECK_SAME_BITS(two.losses, one.losses, ROWS);
  CHECK_SAME_BITS(two.gradient, one.gradient, VALUES);
  close_fixture(&one);
  close_fixture(&two);
}

static void stepping_gives_the_scores_of_the_whole_text(void) {
  static fixture f;
  static double values[VALUES];
  float logits[ROWS * VOCAB];
  open_fixture(&f, false, 0, 1);
  widen(&f, values);
  f.rows.training = false;
  for (int time = 0; time < 2; time++) { /* a second text does not know the first */
    lks_generator_begin(f.generator);
    for (int t = 0; t < 3; t++) {
      int32_t fed[ROWS];
      for (int row = 0; row < ROWS; row++)
        fed[row] = t > 0 ? symbol_of(row, t - 1) : END;
      lks_generator_step(f.generator, &f.rows, &(lks_generator_condition){.labels = labels},
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
