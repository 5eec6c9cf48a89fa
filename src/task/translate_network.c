/* SPDX-License-Identifier: Apache-2.0 */
/* translate_network.c - encoder, bridge, decoder and loss, there and back. */
#include "task/line_symbols.h"
#include "task/translation.h"

#include <limits.h>
#include <string.h>

static const lks_batch_field *field_of(const lks_translation_side *side,
                                       const lks_task_call *call) {
  return &call->fields[side->field];
}

static void take_side(lks_translation_side *side, const lks_task_call *call) {
  lks_line_symbols_order(side->ragged, call->row_pass, field_of(side, call), INT_MAX - 1,
                         side->lengths);
}

/* Embedded symbols, dropped out. */
static void embed(const lks_translation *m, lks_translation_side *side) {
  const lks_pass *pass = &side->ragged->pass;
  lks_embedding_forward(side->embedding, pass, side->symbols, side->embedded);
  lks_dropout_apply(pass, &m->dropout, side->dropout_site, m->units, side->embedded,
                    side->embedded);
}

void lks_translation_encode(lks_translation *m, const lks_task_call *call) {
  lks_translation_side *source = &m->source;
  take_side(source, call);
  lks_line_symbols_take(source->ragged, field_of(source, call), source->end, false,
                        source->symbols);
  embed(m, source);
  const float *keys = lks_recurrent_forward(m->encoder, &source->ragged->pass, source->embedded,
                                            NULL, m->final);
  lks_decoder_start(m->decoder, source->ragged, keys);
}

void lks_translation_take_targets(lks_translation *m, const lks_task_call *call) {
  lks_translation_side *target = &m->target;
  take_side(target, call);
  lks_line_symbols_take(target->ragged, field_of(target, call), target->end, true,
                        target->symbols);
  lks_line_symbols_take(target->ragged, field_of(target, call), target->end, false, m->targets);
  for (int p = 0; p < target->ragged->count; p++)
    m->source_of[p] = m->source.ragged->position[target->ragged->sequence[p]];
}

/* Copies between the encoder's states, by position of the source, and the decoder's. */
static void bridge(lks_translation *m, bool back) {
  size_t hidden = (size_t)m->hidden;
  int directions = m->bidirectional ? 2 : 1;
  size_t part = hidden / (size_t)directions, bytes = part * sizeof(float);
  for (int l = 0; l < m->layers; l++)
    for (int d = 0; d < directions; d++)
      for (int p = 0; p < m->target.ragged->count; p++) {
        size_t ours = (size_t)p * hidden + (size_t)d * part;
        size_t theirs = (size_t)m->source_of[p] * part;
        lks_cell_state *first = &m->first[l], *final = &m->final[l * directions + d];
        memcpy(back ? final->hidden + theirs : first->hidden + ours,
               back ? first->hidden + ours : final->hidden + theirs, bytes);
        memcpy(back ? final->cell + theirs : first->cell + ours,
               back ? first->cell + ours : final->cell + theirs, bytes);
      }
}

static lks_decoder_call decoder_call(const lks_translation *m) {
  return (lks_decoder_call){
      .source = m->source_of, .embedded = m->target.embedded, .initial = m->first};
}

static const float *decode(lks_translation *m) {
  lks_decoder_call call = decoder_call(m);
  bridge(m, false);
  embed(m, &m->target);
  return lks_decoder_forward(m->decoder, &m->target.ragged->pass, &call);
}

static int32_t best_symbol(const float *logits, int vocab) {
  int32_t best = 0;
  for (int32_t v = 1; v < vocab; v++)
    best = logits[v] > logits[best] ? v : best;
  return best;
}

/* Whether row `position` is fed its own symbol at time t. */
static bool is_sampled(const lks_translation *m, const lks_pass *pass, int position, int t) {
  uint32_t words[4];
  lks_philox(pass->key,
             lks_random_counter_of(LKS_RANDOM_SCHEDULED, 0, 0, pass->step,
                                   pass->sample[position], (uint32_t)t),
             words);
  return (double)lks_random_unit(words[0]) < m->sampling;
}

/* Scheduled sampling (Bengio et al. 2015) in two passes (Duckworth et al. 2019): inputs that
 * the draws name become what the network holds for best there, given the target. */
static void sample_inputs(lks_translation *m) {
  const lks_pass *pass = &m->target.ragged->pass;
  const float *output = decode(m);
  int vocab = lks_vocabulary_size(m->target.vocabulary);
  for (int t = 0; t + 1 < pass->steps; t++) {
    size_t item = (size_t)t * (size_t)pass->rows;
    int rows = pass->active[t + 1];
    lks_softmax_head_logits(m->head, pass->kernels, pass->threads, rows,
                            output + item * (size_t)m->hidden, m->logits);
    for (int p = 0; p < rows; p++)
      if (is_sampled(m, pass, p, t + 1))
        m->target.symbols[item + (size_t)pass->rows + (size_t)p] =
            best_symbol(m->logits + (size_t)p * (size_t)vocab, vocab);
  }
}

static void embed_back(const lks_translation *m, lks_translation_side *side,
                       const lks_task_call *call) {
  const lks_pass *pass = &side->ragged->pass;
  lks_dropout_apply(pass, &m->dropout, side->dropout_site, m->units, side->d_embedded,
                    side->d_embedded);
  lks_embedding_backward(side->embedding, pass, side->symbols, side->d_embedded, call->buffers,
                         call->buffer_count);
}

void lks_translation_train(lks_task *task, const lks_task_call *call) {
  lks_translation *m = (lks_translation *)task;
  lks_stopwatch_enter(call->watch, LKS_PART_FORWARD);
  lks_translation_encode(m, call);
  lks_translation_take_targets(m, call);
  if (m->sampling > 0)
    sample_inputs(m);
  const lks_pass *pass = &m->target.ragged->pass;
  const float *output = decode(m);
  lks_stopwatch_enter(call->watch, LKS_PART_LOSS);
  lks_softmax_head_train(m->head, pass, output, m->targets, m->losses, m->d_output);
  lks_ragged_add_losses(m->target.ragged, m->losses, m->row_losses, call->losses);
  lks_stopwatch_enter(call->watch, LKS_PART_BACKWARD);
  lks_decoder_call decoder = decoder_call(m);
  lks_decoder_backward(m->decoder, pass, &decoder,
                       &(lks_decoder_back){.d_output = m->d_output,
                                           .d_initial = m->first,
                                           .d_embedded = m->target.d_embedded,
                                           .d_keys = m->d_keys});
  embed_back(m, &m->target, call);
  bridge(m, true);
  lks_recurrent_backward(m->encoder, &m->source.ragged->pass, m->d_keys, m->final, NULL,
                         m->source.d_embedded);
  embed_back(m, &m->source, call);
}

void lks_translation_add_losses(lks_translation *m, const lks_task_call *call) {
  const lks_ragged *ragged = m->target.ragged;
  const lks_pass *pass = &ragged->pass;
  lks_softmax_head_score(m->head, pass, decode(m), m->targets, m->losses);
  for (int b = 0; b < ragged->count; b++) {
    double *sums = call->sums + (size_t)b * LKS_TRANSLATION_SUMS, loss = 0;
    for (int t = 0; t < m->target.lengths[b]; t++)
      loss += (double)m->losses[lks_ragged_item(ragged, b, t)];
    sums[LKS_TRANSLATION_LOSS] += loss;
    sums[LKS_TRANSLATION_TERMS] += m->target.lengths[b];
  }
}
