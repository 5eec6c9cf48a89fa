/* SPDX-License-Identifier: Apache-2.0 */
/* test_classifier.c - the whole classifier against its equations in f64, with every pooling:
 * losses, and gradients by central differences; threads change no bit. */
#include "check.h"
#include "network_fixture.h"
#include "task/classifier.h"

#include <math.h>
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
  GRADIENT_STEP_VALUES = 3 /* every third value is differentiated */
};

#define GRADIENT_STEP 1e-6

static const float class_weights[CLASSES] = {0.5F, 2, 1.25F};
static const int32_t words[WORDS] = {1, 4, 2, 5, 3, 1, 0, 2, 2};
static const int32_t word_offsets[ROWS + 1] = {0, 2, 7, 7, 9}; /* the third text is empty */
static const int32_t labels[ROWS] = {2, 0, 1, 1};
static const int32_t label_offsets[ROWS + 1] = {0, 1, 2, 3, 4};
static const uint32_t samples[ROWS] = {11, 5, 8, 2};
static const lks_pooling_kind kinds[] = {LKS_POOLING_LAST, LKS_POOLING_MEAN, LKS_POOLING_MAX,
                                         LKS_POOLING_ATTENTION, LKS_POOLING_CONCAT};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct {
  lks_pooling_kind kind;
  bool bidirectional;
  lks_classifier *classifier;
  lks_test_network n;
} fixture;

static void open_fixture(fixture *f, lks_pooling_kind kind, bool bidirectional, float drop,
                         int threads) {
  f->kind = kind;
  f->bidirectional = bidirectional;
  lks_test_network_open(&f->n, ROWS, SHARDS, threads, samples);
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
  CHECK_OK(lks_classifier_create(&f->classifier, &setup, f->n.params));
  lks_test_network_draw(&f->n, 29);
  lks_capacity capacity = lks_test_network_capacity(&f->n);
  capacity.field[0] = (lks_field_room){.longest = LONGEST, .symbols = WORDS};
  capacity.field[1] = (lks_field_room){.longest = 1, .symbols = ROWS};
  CHECK_OK(lks_classifier_allocate(f->classifier, &capacity));
  lks_classifier_pack(f->classifier, f->n.kernels, threads, true);
  f->n.fields[0] = (lks_batch_field){words, word_offsets};
  f->n.fields[1] = (lks_batch_field){labels, label_offsets};
}

static void close_fixture(fixture *f) {
  lks_classifier_destroy(f->classifier);
  lks_test_network_close(&f->n);
}

/* ---- the equations, in f64 ------------------------------------------------- */

static const double *value_of(const fixture *f, const double *values, const char *name) {
  return lks_test_value_of(&f->n, values, name);
}

static int state_units(const fixture *f) {
  return f->bidirectional ? STATE : HIDDEN;
}

/* states [length, state units] of one text. */
static void run_stack(const fixture *f, const double *values, int length, const double *input,
                      double *states) {
  double output[STEPS * HIDDEN], last[HIDDEN];
  for (int d = 0; d < (f->bidirectional ? 2 : 1); d++) {
    lks_test_lstm(&f->n, values, "rnn", d == 1, UNITS, HIDDEN, length, input, output, last);
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

static double loss_of_row(const void *context, const double *values, int row) {
  const fixture *f = context;
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

static void check_gradients(lks_pooling_kind kind, bool bidirectional) {
  static fixture f;
  open_fixture(&f, kind, bidirectional, 0, 2);
  lks_classifier_train(f.classifier, &f.n.call);
  lks_test_check_gradients(&f.n, loss_of_row, &f, GRADIENT_STEP_VALUES, GRADIENT_STEP);
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
    lks_classifier_train(one.classifier, &one.n.call);
    lks_classifier_train(two.classifier, &two.n.call);
    lks_test_check_same(&two.n, &one.n);
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
    f.n.rows.training = false;
    memcpy(together, lks_classifier_run(f.classifier, &f.n.call), sizeof together);
    f.n.rows.rows = 1;
    f.n.rows.active = alone;
    for (int row = 0; row < ROWS; row++) {
      f.n.fields[0].offsets = word_offsets + row;
      f.n.fields[1].offsets = label_offsets + row;
      CHECK_SAME_BITS(lks_classifier_run(f.classifier, &f.n.call), together + row * CLASSES,
                      CLASSES);
    }
    close_fixture(&f);
  }
}

const lks_test classifier_tests[] = {TEST(gradients_are_central_differences_with_every_pooling),
                                     TEST(threads_change_no_bit), TEST(no_row_knows_the_others),
                                     TEST_END};
