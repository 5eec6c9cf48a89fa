/* SPDX-License-Identifier: Apache-2.0 */
/* tagger.c - the network of tagger.h, put together from model/; words and their letters
 * are ordered by tagger_words.c. */
#include "task/tagger.h"

#include "base/fail.h"
#include "base/memory.h"
#include "decode/viterbi.h"
#include "task/tagger_parts.h"

#include <string.h>

lks_status lks_tagger_create(lks_tagger **tagger, const lks_tagger_setup *setup,
                             lks_params *params) {
  lks_status status;
  lks_tagger *g;
  *tagger = NULL;
  LKS_TRY(lks_allocate(&g, 1, sizeof *g));
  g->setup = *setup;
  g->params = params;
  g->joined_units = setup->units + 2 * setup->letter_hidden;
  g->last_site = (unsigned)setup->recurrent.layers;
  lks_recurrent_setup stack = setup->recurrent;
  stack.inputs = g->joined_units;
  int outputs = stack.hidden * (stack.bidirectional ? 2 : 1);
  lks_softmax_head_setup head = {.name = "output", .vocab = setup->tags, .units = outputs};
  if (setup->is_crf) {
    LKS_TRY_OR(cleanup, status, lks_crf_create(&g->crf, params, "crf", setup->tags));
    LKS_TRY_OR(cleanup, status,
               lks_dense_create(&g->output, params, "output", outputs, setup->tags));
  } else {
    LKS_TRY_OR(cleanup, status, lks_softmax_head_create(&g->head, &head, params));
  }
  LKS_TRY_OR(cleanup, status, lks_recurrent_create(&g->stack, &stack, params));
  LKS_TRY_OR(cleanup, status,
             lks_embedding_create(&g->word_vectors, params, "words.weight", setup->words,
                                  setup->units, -1));
  if (setup->letter_hidden > 0) {
    lks_recurrent_setup speller = {.prefix = "letters.rnn",
                                   .cell = stack.cell,
                                   .layers = 1,
                                   .inputs = setup->letter_units,
                                   .hidden = setup->letter_hidden,
                                   .bidirectional = true};
    LKS_TRY_OR(cleanup, status, lks_recurrent_create(&g->speller, &speller, params));
    LKS_TRY_OR(cleanup, status,
               lks_embedding_create(&g->letter_vectors, params, "letters.weight",
                                    setup->letters, setup->letter_units, -1));
  }
  *tagger = g;
  return LKS_OK;
cleanup:
  lks_tagger_destroy(g);
  return status;
}

static lks_status allocate_letters(lks_tagger *g, const lks_capacity *capacity) {
  const lks_tagger_setup *s = &g->setup;
  int words = capacity->field[s->word_field].symbols;
  int longest = capacity->field[s->letter_field].longest;
  int steps = longest < s->letters_most ? longest : s->letters_most;
  size_t items = (size_t)words * (size_t)steps, units = (size_t)s->letter_units;
  size_t states = (size_t)words * (size_t)s->letter_hidden;
  lks_capacity room = *capacity;
  room.rows = words;
  room.steps = steps;
  room.items = words * steps;
  LKS_TRY(lks_ragged_create(&g->letters, words, steps, room.items, capacity->shards));
  LKS_TRY(lks_embedding_allocate(g->letter_vectors, &room));
  LKS_TRY(lks_recurrent_allocate(g->speller, &room));
  LKS_TRY(lks_allocate(&g->letter_lengths, (size_t)words, sizeof(int)));
  LKS_TRY(lks_allocate(&g->letter_owners, (size_t)words, sizeof(int)));
  LKS_TRY(lks_allocate(&g->letter_offsets, (size_t)words + 1, sizeof(int32_t)));
  LKS_TRY(lks_allocate(&g->letter_symbols, items, sizeof(int32_t)));
  LKS_TRY(lks_allocate(&g->letter_input, items * units, sizeof(float)));
  for (int d = 0; d < 2; d++) {
    LKS_TRY(lks_allocate(&g->spelt[d].hidden, states, sizeof(float)));
    LKS_TRY(lks_allocate(&g->spelt[d].cell, states, sizeof(float)));
    LKS_TRY(lks_allocate(&g->d_spelt[d].hidden, states, sizeof(float)));
    LKS_TRY(lks_allocate(&g->d_spelt[d].cell, states, sizeof(float)));
  }
  return capacity->training ? lks_allocate(&g->d_letter_input, items * units, sizeof(float))
                            : LKS_OK;
}

static lks_status allocate_output(lks_tagger *g, const lks_capacity *room) {
  size_t items = (size_t)room->items, tags = (size_t)g->setup.tags;
  if (g->crf) {
    LKS_TRY(lks_crf_allocate(g->crf, room, room->rows, room->steps));
    LKS_TRY(lks_dense_allocate(g->output, room, room->items));
  } else {
    LKS_TRY(lks_softmax_head_allocate(g->head, room));
    LKS_TRY(lks_allocate(&g->item_losses, items, sizeof(float)));
    LKS_TRY(lks_allocate(&g->row_losses, (size_t)room->rows, sizeof(double)));
    LKS_TRY(lks_allocate(&g->logits, tags, sizeof(float)));
  }
  g->scratch_bytes = lks_viterbi_scratch_bytes(g->setup.tags, room->steps);
  g->scratch_bytes = (g->scratch_bytes + 63) / 64 * 64;
  LKS_TRY(lks_allocate(&g->scratch, (size_t)room->threads, g->scratch_bytes));
  LKS_TRY(lks_allocate(&g->emissions, items * tags, sizeof(float)));
  return room->training ? lks_allocate(&g->d_emissions, items * tags, sizeof(float)) : LKS_OK;
}

lks_status lks_tagger_allocate(lks_tagger *g, const lks_capacity *capacity) {
  const lks_tagger_setup *s = &g->setup;
  int steps = capacity->field[s->word_field].longest;
  lks_capacity room = *capacity;
  room.steps = steps;
  room.items = capacity->rows * steps;
  size_t items = (size_t)room.items, units = (size_t)s->units;
  size_t outputs = (size_t)lks_recurrent_outputs(g->stack);
  LKS_TRY(lks_ragged_create(&g->sentences, room.rows, steps, room.items, capacity->shards));
  LKS_TRY(lks_allocate(&g->lengths, (size_t)room.rows, sizeof(int)));
  LKS_TRY(lks_embedding_allocate(g->word_vectors, &room));
  LKS_TRY(lks_recurrent_allocate(g->stack, &room));
  LKS_TRY(allocate_output(g, &room));
  if (g->speller)
    LKS_TRY(allocate_letters(g, capacity));
  LKS_TRY(lks_allocate(&g->word_symbols, items, sizeof(int32_t)));
  LKS_TRY(lks_allocate(&g->tag_symbols, items, sizeof(int32_t)));
  LKS_TRY(lks_allocate(&g->word_input, items * units, sizeof(float)));
  LKS_TRY(lks_allocate(&g->joined, items * (size_t)g->joined_units, sizeof(float)));
  if (!capacity->training)
    return LKS_OK;
  if (s->recurrent.dropout.drop > 0)
    LKS_TRY(lks_allocate(&g->top, items * outputs, sizeof(float)));
  LKS_TRY(lks_allocate(&g->d_top, items * outputs, sizeof(float)));
  return lks_allocate(&g->d_joined, items * (size_t)g->joined_units, sizeof(float));
}

static void release_letters(lks_tagger *g) {
  lks_release(g->d_letter_input);
  for (int d = 0; d < 2; d++) {
    lks_release(g->d_spelt[d].cell);
    lks_release(g->d_spelt[d].hidden);
    lks_release(g->spelt[d].cell);
    lks_release(g->spelt[d].hidden);
  }
  lks_release(g->letter_input);
  lks_release(g->letter_symbols);
  lks_release(g->letter_offsets);
  lks_release(g->letter_owners);
  lks_release(g->letter_lengths);
  lks_ragged_destroy(g->letters);
  lks_embedding_destroy(g->letter_vectors);
  lks_recurrent_destroy(g->speller);
}

void lks_tagger_destroy(lks_tagger *g) {
  if (!g)
    return;
  lks_release(g->d_joined);
  lks_release(g->d_top);
  lks_release(g->top);
  lks_release(g->joined);
  lks_release(g->word_input);
  lks_release(g->tag_symbols);
  lks_release(g->word_symbols);
  release_letters(g);
  lks_release(g->d_emissions);
  lks_release(g->emissions);
  lks_release(g->scratch);
  lks_release(g->logits);
  lks_release(g->row_losses);
  lks_release(g->item_losses);
  lks_release(g->lengths);
  lks_ragged_destroy(g->sentences);
  lks_embedding_destroy(g->word_vectors);
  lks_recurrent_destroy(g->stack);
  lks_softmax_head_destroy(g->head);
  lks_dense_destroy(g->output);
  lks_crf_destroy(g->crf);
  lks_release(g);
}

int lks_tagger_words(const lks_tagger *tagger) {
  return lks_embedding_param(tagger->word_vectors);
}

int lks_tagger_letters(const lks_tagger *tagger) {
  return tagger->letter_vectors ? lks_embedding_param(tagger->letter_vectors) : -1;
}

lks_recurrent *lks_tagger_stack(const lks_tagger *tagger) {
  return tagger->stack;
}

void lks_tagger_pack(lks_tagger *g, const lks_kernels *kernels, int threads, bool training) {
  lks_recurrent_pack(g->stack, kernels, threads, training);
  if (g->speller)
    lks_recurrent_pack(g->speller, kernels, threads, training);
  if (g->crf)
    lks_dense_pack(g->output, kernels, threads, training);
  else
    lks_softmax_head_pack(g->head, kernels, threads, training);
}

/* Outputs of the stack, before dropout. */
static const float *run_stack(lks_tagger *g, const lks_task_call *call) {
  const lks_pass *pass = &g->sentences->pass;
  const lks_dropout_setup *dropout = &g->setup.recurrent.dropout;
  lks_tagger_order(g, call);
  lks_embedding_forward(g->word_vectors, pass, g->word_symbols, g->word_input);
  if (g->speller) {
    const lks_pass *letters = &g->letters->pass;
    lks_embedding_forward(g->letter_vectors, letters, g->letter_symbols, g->letter_input);
    (void)lks_recurrent_forward(g->speller, letters, g->letter_input, NULL, g->spelt);
  }
  lks_tagger_join(g, pass);
  lks_dropout_apply(pass, dropout, 0, g->joined_units, g->joined, g->joined);
  return lks_recurrent_forward(g->stack, pass, g->joined, NULL, NULL);
}

/* Losses of the rows and the gradient of the top of the stack. */
static void run_output(lks_tagger *g, const lks_task_call *call, const float *top) {
  const lks_pass *pass = &g->sentences->pass;
  if (!g->crf) {
    lks_softmax_head_train(g->head, pass, top, g->tag_symbols, g->item_losses, g->d_top);
    lks_ragged_add_losses(g->sentences, g->item_losses, g->row_losses, call->losses);
    return;
  }
  lks_dense_forward(g->output, pass, top, g->emissions);
  lks_crf_run(g->crf, g->sentences, call->row_pass, g->emissions, g->tag_symbols, call->losses,
              g->d_emissions);
  lks_dense_backward(g->output, pass, top, g->d_emissions, g->d_top);
}

void lks_tagger_train(lks_tagger *g, const lks_task_call *call) {
  const lks_dropout_setup *dropout = &g->setup.recurrent.dropout;
  int outputs = lks_recurrent_outputs(g->stack);
  lks_stopwatch_enter(call->watch, LKS_PART_FORWARD);
  const float *top = run_stack(g, call);
  const lks_pass *pass = &g->sentences->pass;
  if (g->top) {
    lks_dropout_apply(pass, dropout, g->last_site, outputs, top, g->top);
    top = g->top;
  }
  lks_stopwatch_enter(call->watch, LKS_PART_LOSS);
  run_output(g, call, top);
  lks_stopwatch_enter(call->watch, LKS_PART_BACKWARD);
  lks_dropout_apply(pass, dropout, g->last_site, outputs, g->d_top, g->d_top);
  lks_recurrent_backward(g->stack, pass, g->d_top, NULL, NULL, g->d_joined);
  lks_dropout_apply(pass, dropout, 0, g->joined_units, g->d_joined, g->d_joined);
  lks_tagger_part(g, pass);
  lks_embedding_backward(g->word_vectors, pass, g->word_symbols, g->word_input, call->buffers,
                         call->buffer_count);
  if (!g->speller)
    return;
  const lks_pass *letters = &g->letters->pass;
  lks_recurrent_backward(g->speller, letters, NULL, g->d_spelt, NULL, g->d_letter_input);
  lks_embedding_backward(g->letter_vectors, letters, g->letter_symbols, g->d_letter_input,
                         call->buffers, call->buffer_count);
}

void lks_tagger_run(lks_tagger *g, const lks_task_call *call) {
  const float *top = run_stack(g, call);
  const lks_pass *pass = &g->sentences->pass;
  if (g->crf)
    lks_dense_forward(g->output, pass, top, g->emissions);
  else
    lks_softmax_head_logits(g->head, pass->kernels, pass->threads, pass->rows * pass->steps,
                            top, g->emissions);
}

void lks_tagger_losses(lks_tagger *g, const lks_task_call *call, float *losses) {
  const lks_ragged *sentences = g->sentences;
  if (g->crf) {
    lks_crf_run(g->crf, sentences, call->row_pass, g->emissions, g->tag_symbols, losses, NULL);
    return;
  }
  size_t tags = (size_t)g->setup.tags;
  for (int row = 0; row < sentences->count; row++) {
    int length = sentences->lengths[sentences->position[row]];
    double sum = 0;
    for (int t = 0; t < length; t++) {
      size_t item = lks_ragged_item(sentences, row, t);
      float loss;
      memcpy(g->logits, g->emissions + item * tags, tags * sizeof *g->logits);
      sentences->pass.kernels->cross_entropy(1, (int)tags, g->logits, tags,
                                             &g->tag_symbols[item], 0, false, &loss);
      sum += (double)loss;
    }
    losses[row] = (float)sum;
  }
}

typedef struct {
  lks_tagger *tagger;
  const lks_task_call *call;
  lks_viterbi_setup viterbi;
  int32_t *tags;
} decoding;

static void decode_body(void *context, int part, int parts) {
  const decoding *d = context;
  lks_tagger *g = d->tagger;
  const int32_t *offsets = d->call->fields[g->setup.word_field].offsets;
  size_t tags = (size_t)g->setup.tags, rows = (size_t)g->sentences->count;
  int first, last;
  lks_parallel_slice((int)rows, 1, part, parts, &first, &last);
  for (int row = first; row < last; row++) {
    int length = offsets[row + 1] - offsets[row];
    if (length == 0)
      continue;
    const float *emissions = g->emissions + (size_t)g->sentences->position[row] * tags;
    (void)lks_viterbi_path(&d->viterbi, length, emissions, rows * tags,
                           g->scratch + (size_t)part * g->scratch_bytes,
                           d->tags + (offsets[row] - offsets[0]));
  }
}

void lks_tagger_decode(lks_tagger *g, const lks_task_call *call, const bool *may_follow,
                       const float *bias, int32_t *tags) {
  decoding d = {g, call, {.tags = g->setup.tags, .may_follow = may_follow, .bias = bias}, tags};
  if (g->crf) {
    const lks_params *params = g->params;
    int first = lks_crf_param(g->crf);
    d.viterbi.transitions = lks_params_view(params, first);
    d.viterbi.start = lks_params_view(params, first + 1);
    d.viterbi.end = lks_params_view(params, first + 2);
  }
  lks_parallel(call->row_pass->threads, decode_body, &d);
}
