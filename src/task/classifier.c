/* SPDX-License-Identifier: Apache-2.0 */
/* classifier.c - parameters, memory, and the way there and back. */
#include "task/classifier.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/dense.h"
#include "model/embedding.h"
#include "task/line_symbols.h"
#include "task/word_dropout.h"

struct lks_classifier {
  lks_classifier_setup setup;
  lks_dropout_setup embedding_dropout;
  unsigned last_site; /* of dropout, above the stack */
  lks_dense *output;
  lks_pooling *pooling;
  lks_recurrent *stack;
  lks_embedding *vectors;

  lks_ragged *texts; /* the words of B rows, each with the line's end */
  int *lengths;      /* [rows] */
  int32_t *symbols;  /* [T, B] */
  int32_t *targets;  /* [rows] */
  float *embedded;   /* [T, B, units] */
  float *d_embedded;
  float *d_states;     /* [T, B, outputs] of the stack */
  float *pooled;       /* [rows, pooled units] after dropout */
  float *d_pooled;     /* [rows, pooled units] */
  float *class_scores; /* [rows, classes]; backward: their gradient */
};

lks_status lks_classifier_create(lks_classifier **classifier, const lks_classifier_setup *setup,
                                 lks_params *params) {
  lks_status status;
  lks_classifier *c;
  *classifier = NULL;
  LKS_TRY(lks_allocate(&c, 1, sizeof *c));
  c->setup = *setup;
  c->embedding_dropout = (lks_dropout_setup){
      .drop = setup->embedding_drop, .variational = setup->recurrent.dropout.variational};
  c->last_site = (unsigned)setup->recurrent.layers;
  lks_recurrent_setup stack = setup->recurrent;
  stack.inputs = setup->units;
  lks_pooling_setup pooling = {.name = "pooling",
                               .kind = setup->pooling,
                               .units = stack.hidden * (stack.bidirectional ? 2 : 1),
                               .bidirectional = stack.bidirectional,
                               .attention_units = setup->attention_units};
  int pooled = pooling.units * (setup->pooling == LKS_POOLING_CONCAT ? 3 : 1);
  LKS_TRY_OR(cleanup, status,
             lks_dense_create(&c->output, params, "classes", pooled, setup->classes));
  LKS_TRY_OR(cleanup, status, lks_pooling_create(&c->pooling, &pooling, params));
  LKS_TRY_OR(cleanup, status, lks_recurrent_create(&c->stack, &stack, params));
  LKS_TRY_OR(cleanup, status,
             lks_embedding_create(&c->vectors, params, "embedding.weight", setup->words,
                                  setup->units, -1));
  *classifier = c;
  return LKS_OK;
cleanup:
  lks_classifier_destroy(c);
  return status;
}

static int shorter(int a, int b) {
  return a < b ? a : b;
}

lks_status lks_classifier_allocate(lks_classifier *c, const lks_capacity *rows) {
  const lks_classifier_setup *s = &c->setup;
  const lks_field_room *words = &rows->field[s->word_field];
  lks_capacity texts = *rows, terms, one = *rows;
  texts.steps = shorter(words->longest, s->words_most) + 1;
  texts.items = rows->rows * texts.steps;
  terms = texts;
  terms.items = shorter(words->symbols + rows->rows, texts.items);
  one.steps = 1;
  one.items = rows->rows;
  size_t items = (size_t)texts.items, units = (size_t)s->units, count = (size_t)rows->rows;
  size_t pooled = (size_t)lks_pooling_units(c->pooling);
  LKS_TRY(lks_ragged_create(&c->texts, rows->rows, texts.steps, terms.items, rows->shards));
  LKS_TRY(lks_embedding_allocate(c->vectors, &terms));
  LKS_TRY(lks_recurrent_allocate(c->stack, &texts));
  LKS_TRY(lks_pooling_allocate(c->pooling, &one, &texts));
  LKS_TRY(lks_dense_allocate(c->output, &one, one.items));
  LKS_TRY(lks_allocate(&c->lengths, count, sizeof *c->lengths));
  LKS_TRY(lks_allocate(&c->symbols, items, sizeof *c->symbols));
  LKS_TRY(lks_allocate(&c->targets, count, sizeof *c->targets));
  LKS_TRY(lks_allocate(&c->embedded, items * units, sizeof(float)));
  LKS_TRY(lks_allocate(&c->pooled, count * pooled, sizeof(float)));
  LKS_TRY(lks_allocate(&c->class_scores, count * (size_t)s->classes, sizeof(float)));
  if (!rows->training)
    return LKS_OK;
  LKS_TRY(lks_allocate(&c->d_embedded, items * units, sizeof(float)));
  LKS_TRY(lks_allocate(&c->d_pooled, count * pooled, sizeof(float)));
  return lks_allocate(&c->d_states, items * (size_t)lks_recurrent_outputs(c->stack),
                      sizeof(float));
}

void lks_classifier_destroy(lks_classifier *c) {
  if (!c)
    return;
  lks_release(c->d_states);
  lks_release(c->d_embedded);
  lks_release(c->d_pooled);
  lks_release(c->class_scores);
  lks_release(c->pooled);
  lks_release(c->embedded);
  lks_release(c->targets);
  lks_release(c->symbols);
  lks_release(c->lengths);
  lks_ragged_destroy(c->texts);
  lks_embedding_destroy(c->vectors);
  lks_recurrent_destroy(c->stack);
  lks_pooling_destroy(c->pooling);
  lks_dense_destroy(c->output);
  lks_release(c);
}

int lks_classifier_words(const lks_classifier *classifier) {
  return lks_embedding_param(classifier->vectors);
}

lks_recurrent *lks_classifier_stack(const lks_classifier *classifier) {
  return classifier->stack;
}

void lks_classifier_pack(lks_classifier *c, const lks_kernels *kernels, int threads,
                         bool training) {
  lks_recurrent_pack(c->stack, kernels, threads, training);
  lks_pooling_pack(c->pooling, kernels, threads, training);
  lks_dense_pack(c->output, kernels, threads, training);
}

static void order_words(lks_classifier *c, const lks_task_call *call) {
  const lks_batch_field *words = &call->fields[c->setup.word_field];
  lks_line_symbols_order(c->texts, call->row_pass, words, c->setup.words_most, c->lengths);
  lks_line_symbols_take(c->texts, words, c->setup.end, false, c->symbols);
  lks_word_dropout_apply(&c->texts->pass, c->setup.word_drop, c->setup.unknown, c->symbols);
}

const float *lks_classifier_run(lks_classifier *c, const lks_task_call *call) {
  const lks_pass *rows = call->row_pass, *pass = &c->texts->pass;
  int pooled = lks_pooling_units(c->pooling);
  order_words(c, call);
  lks_embedding_forward(c->vectors, pass, c->symbols, c->embedded);
  lks_dropout_apply(pass, &c->embedding_dropout, 0, c->setup.units, c->embedded, c->embedded);
  const float *states = lks_recurrent_forward(c->stack, pass, c->embedded, NULL, NULL);
  lks_pooling_forward(c->pooling, rows, c->texts, states, c->pooled);
  lks_dropout_apply(rows, &c->setup.recurrent.dropout, c->last_site, pooled, c->pooled,
                    c->pooled);
  lks_dense_forward(c->output, rows, c->pooled, c->class_scores);
  return c->class_scores;
}

/* Losses of the rows; class_scores become their gradient. */
static void take_losses(lks_classifier *c, const lks_task_call *call) {
  const lks_batch_field *labels = &call->fields[c->setup.class_field];
  const lks_pass *rows = call->row_pass;
  size_t classes = (size_t)c->setup.classes;
  for (int b = 0; b < rows->rows; b++)
    c->targets[b] = labels->values[labels->offsets[b]];
  rows->kernels->cross_entropy(rows->rows, c->setup.classes, c->class_scores, classes,
                               c->targets, c->setup.smoothing, true, call->losses);
  for (int b = 0; b < rows->rows; b++) {
    float weight = c->setup.weights[c->targets[b]];
    call->losses[b] *= weight;
    for (size_t k = 0; k < classes; k++)
      c->class_scores[(size_t)b * classes + k] *= weight;
  }
}

void lks_classifier_train(lks_classifier *c, const lks_task_call *call) {
  const lks_pass *rows = call->row_pass, *pass = &c->texts->pass;
  int pooled = lks_pooling_units(c->pooling);
  lks_stopwatch_enter(call->watch, LKS_PART_FORWARD);
  (void)lks_classifier_run(c, call);
  lks_stopwatch_enter(call->watch, LKS_PART_LOSS);
  take_losses(c, call);
  lks_stopwatch_enter(call->watch, LKS_PART_BACKWARD);
  lks_dense_backward(c->output, rows, c->pooled, c->class_scores, c->d_pooled);
  lks_dropout_apply(rows, &c->setup.recurrent.dropout, c->last_site, pooled, c->d_pooled,
                    c->d_pooled);
  lks_pooling_backward(c->pooling, rows, c->d_pooled, c->d_states);
  lks_recurrent_backward(c->stack, pass, c->d_states, NULL, NULL, c->d_embedded);
  lks_dropout_apply(pass, &c->embedding_dropout, 0, c->setup.units, c->d_embedded,
                    c->d_embedded);
  lks_embedding_backward(c->vectors, pass, c->symbols, c->d_embedded, call->buffers,
                         call->buffer_count);
}
