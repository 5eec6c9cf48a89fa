/* SPDX-License-Identifier: Apache-2.0 */
/* test_symbols.c - the two ends of a language model: embedding and softmax head.
 *
 * The head against cross-entropy in f64 by central differences, and its blocks
 * against each other bit for bit; the sparse embedding gradient against a dense
 * one that follows the tree over the shards literally. */
#include "base/memory.h"
#include "check.h"
#include "model/embedding.h"
#include "model/softmax_head.h"

#include <math.h>
#include <string.h>

enum {
  VOCAB = 7,
  UNITS = 5,
  STEPS = 6,
  ROWS = 5,
  ITEMS = STEPS * ROWS,
  SHARDS = 4,
  VALUES = 4096
};

/* f32 sums of a few products against f64. */
#define LOSS_TOLERANCE 2e-6
#define GRADIENT_TOLERANCE 2e-5

static const int lengths[ROWS] = {6, 6, 5, 3, 2};
static const int active[STEPS] = {5, 5, 4, 3, 3, 2};

static float drawn(uint32_t place, uint32_t i) {
  uint32_t words[4];
  lks_philox(lks_random_key_of(11), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, place, i, 0),
             words);
  return 2 * lks_random_unit(words[0]) - 1;
}

static const lks_kernels *kernels(void) {
  const lks_kernels *found;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &found));
  return found;
}

typedef struct {
  float values[VALUES];
  float hidden[ITEMS * UNITS];
  int32_t symbols[ITEMS];
  lks_segments *segments;
  float gradient[2][VALUES];
  float *gradients[2];
  lks_pass pass;
} fixture;

/* Shards first .. last-1 of the rows, as one rank has them. */
static void open_fixture(fixture *f, int outputs, const lks_subtree *subtrees) {
  lks_shards plan = {SHARDS, ROWS, ROWS};
  memset(f, 0, sizeof *f);
  for (uint32_t i = 0; i < VALUES; i++)
    f->values[i] = drawn(0, i);
  for (uint32_t i = 0; i < ITEMS * UNITS; i++)
    f->hidden[i] = drawn(1, i);
  for (uint32_t i = 0; i < ITEMS; i++)
    f->symbols[i] = (int32_t)(VOCAB * 0.4999f * (drawn(2, i) + 1));
  f->gradients[0] = f->gradient[0];
  f->gradients[1] = f->gradient[1];
  CHECK_OK(lks_segments_create(&f->segments, ITEMS, SHARDS));
  lks_segments_fill(f->segments, &plan, subtrees, outputs, STEPS, lengths);
  f->pass = (lks_pass){.kernels = kernels(),
                       .threads = 2,
                       .rows = ROWS,
                       .steps = STEPS,
                       .active = active,
                       .training = true,
                       .segments = f->segments,
                       .gradients = f->gradients};
}

static lks_capacity capacity(void) {
  return (lks_capacity){.rows = ROWS,
                        .steps = STEPS,
                        .items = ITEMS,
                        .shards = SHARDS,
                        .training = true,
                        .threads = 2,
                        .kernels = kernels()};
}

/* ---- softmax head ---- */

typedef struct {
  lks_params *params;
  lks_softmax_head *head;
} head_fixture;

static void open_head(head_fixture *h, fixture *f, float smoothing, size_t block_bytes) {
  lks_softmax_head_setup setup = {.name = "output",
                                  .vocab = VOCAB,
                                  .units = UNITS,
                                  .smoothing = smoothing,
                                  .block_bytes = block_bytes};
  lks_capacity room = capacity();
  CHECK_OK(lks_params_create(&h->params));
  CHECK_OK(lks_softmax_head_create(&h->head, &setup, h->params));
  CHECK_OK(lks_softmax_head_allocate(h->head, &room));
  CHECK(lks_params_value_count(h->params) <= VALUES);
  lks_params_bind(h->params, f->values);
  lks_softmax_head_pack(h->head, kernels(), 2, true);
}

static void close_head(head_fixture *h) {
  lks_softmax_head_destroy(h->head);
  lks_params_destroy(h->params);
}

/* Smoothed cross-entropy of all active items, in f64. */
static double head_loss(const double *weight, const double *bias, const double *hidden,
                        const int32_t *targets, double smoothing) {
  double total = 0;
  for (int t = 0; t < STEPS; t++)
    for (int row = 0; row < active[t]; row++) {
      int item = t * ROWS + row;
      double logits[VOCAB], sum = 0, mean = 0;
      for (int v = 0; v < VOCAB; v++) {
        logits[v] = bias[v];
        for (int u = 0; u < UNITS; u++)
          logits[v] += weight[v * UNITS + u] * hidden[item * UNITS + u];
        sum += exp(logits[v]);
        mean += logits[v] / VOCAB;
      }
      total += log(sum) - (1 - smoothing) * logits[targets[item]] - smoothing * mean;
    }
  return total;
}

static void head_matches_differences(float smoothing) {
  fixture f;
  head_fixture h;
  lks_subtree whole = {0, SHARDS};
  float losses[ITEMS], d_hidden[ITEMS * UNITS] = {0};
  double weight[VOCAB * UNITS], bias[VOCAB], hidden[ITEMS * UNITS], sum = 0;
  open_fixture(&f, 1, &whole);
  open_head(&h, &f, smoothing, 0);
  lks_softmax_head_train(h.head, &f.pass, f.hidden, f.symbols, losses, d_hidden);
  size_t weight_at = lks_params_at(h.params, lks_softmax_head_weight(h.head))->offset;
  size_t bias_at = lks_params_at(h.params, lks_softmax_head_bias(h.head))->offset;
  for (int i = 0; i < VOCAB * UNITS; i++)
    weight[i] = (double)f.values[weight_at + (size_t)i];
  for (int i = 0; i < VOCAB; i++)
    bias[i] = (double)f.values[bias_at + (size_t)i];
  for (int i = 0; i < ITEMS * UNITS; i++)
    hidden[i] = (double)f.hidden[i];
  for (int i = 0; i < f.segments->terms; i++)
    sum += (double)losses[i];
  CHECK_CLOSE(sum, head_loss(weight, bias, hidden, f.symbols, (double)smoothing),
              LOSS_TOLERANCE * ITEMS);
  struct {
    double *value;
    float found;
  } checks[VOCAB * UNITS + VOCAB + ITEMS * UNITS];
  int count = 0;
  for (int i = 0; i < VOCAB * UNITS; i++, count++)
    checks[count].value = &weight[i],
    checks[count].found = f.gradient[0][weight_at + (size_t)i];
  for (int i = 0; i < VOCAB; i++, count++)
    checks[count].value = &bias[i], checks[count].found = f.gradient[0][bias_at + (size_t)i];
  for (int i = 0; i < ITEMS * UNITS; i++, count++)
    checks[count].value = &hidden[i], checks[count].found = d_hidden[i];
  for (int i = 0; i < count; i++) {
    double kept = *checks[i].value, step = 1e-5;
    *checks[i].value = kept + step;
    double above = head_loss(weight, bias, hidden, f.symbols, (double)smoothing);
    *checks[i].value = kept - step;
    double below = head_loss(weight, bias, hidden, f.symbols, (double)smoothing);
    *checks[i].value = kept;
    CHECK_CLOSE(checks[i].found, (above - below) / (2 * step), GRADIENT_TOLERANCE);
  }
  close_head(&h);
  lks_segments_destroy(f.segments);
}

static void head_gradients_are_central_differences(void) {
  head_matches_differences(0.0f);
}

static void head_gradients_with_smoothing_are_central_differences(void) {
  head_matches_differences(0.1f);
}

/* Blocks of 1, 2, 3, … items give the bits of one block. */
static void head_blocks_change_no_bit(void) {
  fixture f;
  head_fixture h;
  lks_subtree parts[2] = {{0, 2}, {2, 2}};
  static float gradient[2][VALUES];
  float losses[2][ITEMS], d_hidden[2][ITEMS * UNITS] = {{0}};
  for (size_t block = 0; block < 9; block++) {
    open_fixture(&f, 2, parts);
    open_head(&h, &f, 0.1f, block * VOCAB * sizeof(float));
    int at = block > 0;
    lks_softmax_head_train(h.head, &f.pass, f.hidden, f.symbols, losses[at], d_hidden[at]);
    if (block == 0)
      memcpy(gradient, f.gradient, sizeof gradient);
    CHECK_SAME_BITS(f.gradient[0], gradient[0], VALUES);
    CHECK_SAME_BITS(f.gradient[1], gradient[1], VALUES);
    CHECK_SAME_BITS(losses[at], losses[0], (size_t)f.segments->terms);
    CHECK_SAME_BITS(d_hidden[at], d_hidden[0], ITEMS * UNITS);
    close_head(&h);
    lks_segments_destroy(f.segments);
  }
}

/* Scores are the losses that training sees, at their items. */
static void head_scores_are_the_training_losses(void) {
  fixture f;
  head_fixture h;
  lks_subtree whole = {0, SHARDS};
  float losses[ITEMS], scores[ITEMS], d_hidden[ITEMS * UNITS];
  open_fixture(&f, 1, &whole);
  open_head(&h, &f, 0.0f, 3 * VOCAB * sizeof(float));
  lks_softmax_head_train(h.head, &f.pass, f.hidden, f.symbols, losses, d_hidden);
  lks_softmax_head_score(h.head, &f.pass, f.hidden, f.symbols, scores);
  for (int i = 0; i < f.segments->terms; i++)
    CHECK_SAME_BITS(&scores[f.segments->item[i]], &losses[i], 1);
  close_head(&h);
  lks_segments_destroy(f.segments);
}

/* ---- embedding ---- */

/* Gradient row of a symbol in one unit over shards [first, first+count), +0 for a
 * shard without it: the tree, literally. */
static float dense_gradient(const fixture *f, const float *d_output, int symbol, int unit,
                            int first, int count) {
  lks_shards plan = {SHARDS, ROWS, ROWS};
  if (count > 1)
    return dense_gradient(f, d_output, symbol, unit, first, count / 2) +
           dense_gradient(f, d_output, symbol, unit, first + count / 2, count / 2);
  float sum = 0;
  for (int t = 0; t < STEPS; t++)
    for (int row = lks_shards_row(&plan, first); row < lks_shards_row(&plan, first + 1); row++)
      if (t < lengths[row] && f->symbols[t * ROWS + row] == symbol)
        sum += d_output[(t * ROWS + row) * UNITS + unit];
  return sum;
}

static void embedding_gradient_is_the_dense_one(void) {
  fixture f;
  lks_params *params;
  lks_embedding *embedding;
  lks_capacity room = capacity();
  lks_subtree parts[2] = {{0, 2}, {2, 2}};
  open_fixture(&f, 2, parts);
  CHECK_OK(lks_params_create(&params));
  CHECK_OK(lks_embedding_create(&embedding, params, "embedding.weight", VOCAB, UNITS, -1));
  CHECK_OK(lks_embedding_allocate(embedding, &room));
  for (int round = 0; round < 3; round++) { /* rows of the round before are cleared */
    for (uint32_t i = 0; i < ITEMS; i++)
      f.symbols[i] = (int32_t)((f.symbols[i] + (round ? 2 : 0)) % (VOCAB - round));
    lks_embedding_backward(embedding, &f.pass, f.symbols, f.hidden, f.gradients, 2);
    for (int output = 0; output < 2; output++)
      for (int v = 0; v < VOCAB; v++)
        for (int u = 0; u < UNITS; u++) {
          float expected = dense_gradient(&f, f.hidden, v, u, 2 * output, 2);
          CHECK_SAME_BITS(&f.gradient[output][v * UNITS + u], &expected, 1);
        }
  }
  lks_embedding_destroy(embedding);
  lks_params_destroy(params);
  lks_segments_destroy(f.segments);
}

/* Rows of 5 numbers: 204 of them and a part of the next lie in a block. */
enum { WIDE_VOCAB = 800, WIDE_BLOCKS = (WIDE_VOCAB * UNITS + 1023) / 1024 };

static void check_marks(const fixture *f, const uint8_t *marks) {
  for (int b = 0; b < WIDE_BLOCKS; b++) {
    bool is_zero = true;
    for (int i = b * 1024; i < (b + 1) * 1024; i++)
      is_zero = is_zero && f->gradient[0][i] == 0 && f->gradient[1][i] == 0;
    CHECK_EQUAL(marks[b], !is_zero);
  }
  CHECK_EQUAL(marks[WIDE_BLOCKS], 1); /* of another parameter */
}

static void embedding_marks_the_blocks_that_it_touched(void) {
  static const int32_t symbols[][3] = {{3, 203, 204}, {204, 204, 204}, {500, 750, 799}};
  static fixture f;
  const lks_subtree subtrees[2] = {{0, 2}, {2, 2}};
  uint8_t marks[WIDE_BLOCKS + 1];
  lks_params *params;
  lks_embedding *embedding;
  lks_capacity room = capacity();
  open_fixture(&f, 2, subtrees);
  memset(marks, 1, sizeof marks);
  f.pass.marks = marks;
  CHECK_OK(lks_params_create(&params));
  CHECK_OK(lks_embedding_create(&embedding, params, "embedding.weight", WIDE_VOCAB, UNITS, -1));
  CHECK_OK(lks_embedding_allocate(embedding, &room));
  lks_params_bind(params, f.values);
  for (int call = 0; call < 3; call++) {
    for (int i = 0; i < ITEMS; i++)
      f.symbols[i] = symbols[call][i % 3];
    lks_embedding_backward(embedding, &f.pass, f.symbols, f.hidden, f.gradients, 2);
    check_marks(&f, marks);
  }
  CHECK(!marks[0] && !marks[1] && marks[2] && marks[3]);
  lks_embedding_destroy(embedding);
  lks_params_destroy(params);
  lks_segments_destroy(f.segments);
}

static void embedding_looks_rows_up(void) {
  fixture f;
  lks_params *params;
  lks_embedding *embedding;
  lks_capacity room = capacity();
  lks_subtree whole = {0, SHARDS};
  float output[ITEMS * UNITS];
  open_fixture(&f, 1, &whole);
  CHECK_OK(lks_params_create(&params));
  CHECK_OK(lks_embedding_create(&embedding, params, "embedding.weight", VOCAB, UNITS, -1));
  CHECK_OK(lks_embedding_allocate(embedding, &room));
  lks_params_bind(params, f.values);
  lks_embedding_forward(embedding, &f.pass, f.symbols, output);
  for (int t = 0; t < STEPS; t++)
    for (int item = t * ROWS; item < t * ROWS + active[t]; item++)
      CHECK_SAME_BITS(output + item * UNITS, f.values + f.symbols[item] * UNITS, UNITS);
  lks_embedding_destroy(embedding);
  lks_params_destroy(params);
  lks_segments_destroy(f.segments);
}

const lks_test symbols_tests[] = {
    TEST(head_gradients_are_central_differences),
    TEST(head_gradients_with_smoothing_are_central_differences),
    TEST(head_blocks_change_no_bit),
    TEST(head_scores_are_the_training_losses),
    TEST(embedding_gradient_is_the_dense_one),
    TEST(embedding_marks_the_blocks_that_it_touched),
    TEST(embedding_looks_rows_up),
    TEST_END,
};
