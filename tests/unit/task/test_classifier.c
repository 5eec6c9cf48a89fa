/* SPDX-License-Identifier: Apache-2.0 */
/* test_classifier.c - the whole classifier against its equations in f64, with every pooling:
 * losses, and gradients by central differences; threads change no bit. */
#include "check.h"
#include "oracle_recurrent.h"
#include "task/classifier.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  ROWS = 4,
  WORDS = 9, /* of all rows */
  LONGEST = 5,
  STEPS = LONGEST + 1, /* with the line's end */
  MOST = 4,            /* words that are read: one less than the longest text has */
  VOCAB = 7,
  END = 6,
  CLASSES = 3,
  UNITS = 4,
  HIDDEN = 3,
  STATE = 2 * HIDDEN,
  ATTENTION = 5,
  SHARDS = 4,
  VALUES = 32 * LKS_PARAMS_GRAIN,
  GRADIENT_STEP_VALUES = 3 /* every third value is differentiated */
};

/* A few layers in f32 against f64. */
#define LOSS_TOLERANCE 2e-5
#define GRADIENT_TOLERANCE 2e-5

static const float class_weights[CLASSES] = {0.5F, 2, 1.25F};
static const int32_t words[WORDS] = {1, 4, 2, 5, 3, 1, 0, 2, 2};
static const int32_t word_offsets[ROWS + 1] = {0, 2, 7, 7, 9}; /* the third text is empty */
static const int32_t labels[ROWS] = {2, 0, 1, 1};
static const int32_t label_offsets[ROWS + 1] = {0, 1, 2, 3, 4};
static const int row_active[1] = {ROWS};
static const uint32_t samples[ROWS] = {11, 5, 8, 2};
static const lks_pooling_kind kinds[] = {LKS_POOLING_LAST, LKS_POOLING_MEAN, LKS_POOLING_MAX,
                                         LKS_POOLING_ATTENTION, LKS_POOLING_CONCAT};
enum { KINDS = sizeof kinds / sizeof *kinds };

static float drawn(uint32_t i) {
  uint32_t bits[4];
  lks_philox(lks_random_key_of(29), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, 0, i, 0),
             bits);
  return 2 * lks_random_unit(bits[0]) - 1;
}

typedef struct {
  lks_pooling_kind kind;
  bool bidirectional;
  lks_params *params;
  lks_classifier *classifier;
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

static void open_fixture(fixture *f, lks_pooling_kind kind, bool bidirectional, float drop,
                         int threads) {
  memset(f, 0, sizeof *f);
  f->kind = kind;
  f->bidirectional = bidirectional;
  const lks_kernels *kernels;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  lks_classifier_setup setup = {
      .words = VOCAB,
      .classes = CLASSES,
      .word_field = 0,
      .class_field = 1,
      .end = END,
      .units = UNITS,
      .words_most = MOST,
      .word_drop = drop,
      .embedding_drop = drop,
      .weights = class_weights,
      .pooling = kind,
      .attention_units = ATTENTION,
      .recurrent = {.prefix = "rnn",
                    .cell = &lks_cell_lstm,
                    .layers = 1,
                    .hidden = HIDDEN,
                    .bidirectional = bidirectional,
                    .dropout = {.drop = drop},
                    .dropout_site = 1},
  };
  CHECK_OK(lks_params_create(&f->params));
  CHECK_OK(lks_classifier_create(&f->classifier, &setup, f->params));
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
      .field = {{.longest = LONGEST, .symbols = WORDS}, {.longest = 1, .symbols = ROWS}}};
  CHECK_OK(lks_classifier_allocate(f->classifier, &capacity));
  lks_classifier_pack(f->classifier, kernels, threads, true);
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
  f->fields[1] = (lks_batch_field){labels, label_offsets};
  f->call = (lks_task_call){.row_pass = &f->rows,
                            .fields = f->fields,
                            .losses = f->losses,
                            .buffers = f->gradients,
                            .buffer_count = 1};
}

static void close_fixture(fixture *f) {
  lks_classifier_destroy(f->classifier);
  lks_params_destroy(f->params);
  lks_segments_destroy(f->segments);
}

/* ---- the equations, in f64 ------------------------------------------------- */

static const double *value_of(const fixture *f, const double *values, const char *name) {
  int param = lks_params_find(f->params, name);
  CHECK(param >= 0);
  return values + (param >= 0 ? lks_params_at(f->params, param)->offset : 0);
}

static int state_units(const fixture *f) {
  return f->bidirectional ? STATE : HIDDEN;
}

/* states [length, state units] of one text. */
static void run_stack(const fixture *f, const double *values, int length, const double *input,
                      double *states) {
  const char *parts[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
  for (int d = 0; d < (f->bidirectional ? 2 : 1); d++) {
    const double *weights[4];
    double output[STEPS * HIDDEN], hidden[HIDDEN] = {0}, cell[HIDDEN] = {0};
    for (int i = 0; i < 4; i++) {
      char name[64];
      snprintf(name, sizeof name, "rnn.%s_l0%s", parts[i], d == 1 ? "_reverse" : "");
      weights[i] = value_of(f, values, name);
    }
    oracle_weights all = {weights[0], weights[1], weights[2], weights[3]};
    oracle_layer(ORACLE_LSTM, &all, UNITS, HIDDEN, length, d == 1, input, output, hidden, cell);
    for (int t = 0; t < length; t++)
      memcpy(states + t * state_units(f) + d * HIDDEN, output + t * HIDDEN,
             HIDDEN * sizeof *states);
  }
}

static void pool_last(const fixture *f, int length, const double *states, double *out) {
  int units = state_units(f);
  for (int u = 0; u < units; u++)
    out[u] = states[(u < HIDDEN ? length - 1 : 0) * units + u];
}

static void pool_mean(const fixture *f, int length, const double *states, double *out) {
  int units = state_units(f);
  for (int u = 0; u < units; u++) {
    out[u] = 0;
    for (int t = 0; t < length; t++)
      out[u] += states[t * units + u] / length;
  }
}

static void pool_max(const fixture *f, int length, const double *states, double *out) {
  int units = state_units(f);
  for (int u = 0; u < units; u++) {
    out[u] = states[u];
    for (int t = 1; t < length; t++)
      out[u] = fmax(out[u], states[t * units + u]);
  }
}

/* score_t = v . tanh(Q last + W state_t + b). */
static void pool_attention(const fixture *f, const double *values, int length,
                           const double *states, double *out) {
  int units = state_units(f);
  const double *query = value_of(f, values, "pooling.query.weight");
  const double *key = value_of(f, values, "pooling.key.weight");
  const double *bias = value_of(f, values, "pooling.key.bias");
  const double *vector = value_of(f, values, "pooling.vector");
  double last[STATE], weights[STEPS], all = 0;
  pool_last(f, length, states, last);
  for (int t = 0; t < length; t++) {
    double score = 0;
    for (int a = 0; a < ATTENTION; a++) {
      double bent = bias[a];
      for (int u = 0; u < units; u++)
        bent += query[a * units + u] * last[u] + key[a * units + u] * states[t * units + u];
      score += vector[a] * tanh(bent);
    }
    weights[t] = exp(score);
    all += weights[t];
  }
  for (int u = 0; u < units; u++) {
    out[u] = 0;
    for (int t = 0; t < length; t++)
      out[u] += weights[t] / all * states[t * units + u];
  }
}

/* Returns the units of what was pooled. */
static int pool(const fixture *f, const double *values, int length, const double *states,
                double *out) {
  int units = state_units(f);
  switch (f->kind) {
  case LKS_POOLING_LAST: pool_last(f, length, states, out); return units;
  case LKS_POOLING_MEAN: pool_mean(f, length, states, out); return units;
  case LKS_POOLING_MAX: pool_max(f, length, states, out); return units;
  case LKS_POOLING_ATTENTION: pool_attention(f, values, length, states, out); return units;
  case LKS_POOLING_CONCAT:
    pool_last(f, length, states, out);
    pool_mean(f, length, states, out + units);
    pool_max(f, length, states, out + 2 * units);
    return 3 * units;
  }
  return 0;
}

static double loss_of_row(const fixture *f, const double *values, int row) {
  const double *table = value_of(f, values, "embedding.weight");
  double input[STEPS * UNITS], states[STEPS * STATE], pooled[3 * STATE], all = 0, right = 0;
  int first = word_offsets[row], length = word_offsets[row + 1] - first;
  length = length < MOST ? length : MOST;
  for (int t = 0; t <= length; t++)
    memcpy(input + t * UNITS, table + (t < length ? words[first + t] : END) * UNITS,
           UNITS * sizeof *input);
  run_stack(f, values, length + 1, input, states);
  int units = pool(f, values, length + 1, states, pooled);
  for (int k = 0; k < CLASSES; k++) {
    double score = value_of(f, values, "classes.bias")[k];
    for (int u = 0; u < units; u++)
      score += value_of(f, values, "classes.weight")[k * units + u] * pooled[u];
    all += exp(score);
    right = k == labels[row] ? score : right;
  }
  return (double)class_weights[labels[row]] * (log(all) - right);
}

static double loss_of_all(const fixture *f, const double *values) {
  double sum = 0;
  for (int row = 0; row < ROWS; row++)
    sum += loss_of_row(f, values, row);
  return sum;
}

static void check_gradients(lks_pooling_kind kind, bool bidirectional) {
  static fixture f;
  static double values[VALUES];
  const double step = 1e-6;
  open_fixture(&f, kind, bidirectional, 0, 2);
  for (int i = 0; i < VALUES; i++)
    values[i] = (double)f.values[i];
  lks_classifier_train(f.classifier, &f.call);
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

static void gradients_are_central_differences_with_every_pooling(void) {
  for (int k = 0; k < KINDS; k++) {
    check_gradients(kinds[k], true);
    check_gradients(kinds[k], false);
  }
}

static void threads_change_no_bit(void) {
  static fixture one, two;
  for (int k = 0; k < KINDS; k++) {
    open_fixture(&one, kinds[k], true, 0.4F, 1);
    open_fixture(&two, kinds[k], true, 0.4F, 2);
    lks_classifier_train(one.classifier, &one.call);
    lks_classifier_train(two.classifier, &two.call);
    CHECK_SAME_BITS(two.losses, one.losses, ROWS);
    CHECK_SAME_BITS(two.gradient, one.gradient, VALUES);
    close_fixture(&one);
    close_fixture(&two);
  }
}

/* Scores of one row alone are those that it has among others. */
static void no_row_knows_the_others(void) {
  static fixture f;
  static const int alone[1] = {1};
  float together[ROWS * CLASSES];
  for (int k = 0; k < KINDS; k++) {
    open_fixture(&f, kinds[k], true, 0, 1);
    f.rows.training = false;
    memcpy(together, lks_classifier_run(f.classifier, &f.call), sizeof together);
    f.rows.rows = 1;
    f.rows.active = alone;
    for (int row = 0; row < ROWS; row++) {
      f.fields[0].offsets = word_offsets + row;
      f.fields[1].offsets = label_offsets + row;
      CHECK_SAME_BITS(lks_classifier_run(f.classifier, &f.call), together + row * CLASSES,
                      CLASSES);
    }
    close_fixture(&f);
  }
}

const lks_test classifier_tests[] = {TEST(gradients_are_central_differences_with_every_pooling),
                                     TEST(threads_change_no_bit), TEST(no_row_knows_the_others),
                                     TEST_END};
