/* SPDX-License-Identifier: Apache-2.0 */
/* translate.c - the task: keys, parameters, memory; translate_*.c run the network. */
#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"
#include "model/initialise.h"
#include "task/network.h"
#include "task/translation.h"

#include <string.h>

static const lks_key keys[] = {
    {"model", "cell", LKS_KEY_CHOICE, "lstm", LKS_CELL_NAMES, 1, 0, LKS_KEY_FIXED,
     "recurrent cell"},
    {"model", "embedding", LKS_KEY_INTEGER, "0", NULL, 0, 65536, LKS_KEY_FIXED,
     "units of a symbol's vector; 0: as many as hidden"},
    {"model", "tied", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED,
     "output weights are the target's embedding (needs embedding = hidden)"},
    {"model", "bidirectional", LKS_KEY_BOOL, "yes", NULL, 1, 0, LKS_KEY_FIXED,
     "the encoder reads both ways, with half of the hidden units each"},
    {"model", "attention", LKS_KEY_CHOICE, "general", LKS_ATTENTION_NAMES, 1, 0, LKS_KEY_FIXED,
     "how a state of the decoder is scored against one of the encoder"},
    {"model", "attention_units", LKS_KEY_INTEGER, "0", NULL, 0, 65536, LKS_KEY_FIXED,
     "units of additive attention; 0: as many as hidden"},
    {"model", "input_feeding", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED,
     "the decoder's last output is part of its next input"},
    {"train", "label_smoothing", LKS_KEY_REAL, "0", NULL, 0, 0.99, LKS_KEY_FIXED,
     "share of the target's probability given to all symbols alike"},
    {"train", "scheduled_sampling", LKS_KEY_REAL, "0", NULL, 0, 1, LKS_KEY_FIXED,
     "share of the decoder's inputs that are its own best symbols instead of the target's"},
    {"evaluate", "translate", LKS_KEY_BOOL, "yes", NULL, 1, 0, LKS_KEY_FIXED,
     "score by BLEU of translations; no: by the loss alone"},
    {"evaluate", "beam", LKS_KEY_INTEGER, "1", NULL, 1, 256, LKS_KEY_FREE,
     "width of the search; 1: always the best symbol"},
    {"evaluate", "max_length", LKS_KEY_INTEGER, "0", NULL, 0, 100000, LKS_KEY_FREE,
     "most symbols of a translation; 0: twice as many as the source, and ten"},
    {"evaluate", "min_length", LKS_KEY_INTEGER, "0", NULL, 0, 100000, LKS_KEY_FREE,
     "fewest symbols of a translation"},
    {"evaluate", "length_power", LKS_KEY_REAL, "1", NULL, 0, 10, LKS_KEY_FREE,
     "length penalty: log-probabilities are divided by ((5 + length) / 6) to this power"},
    {"evaluate", "coverage", LKS_KEY_REAL, "0", NULL, 0, 10, LKS_KEY_FREE,
     "weight of the penalty for source symbols without attention"},
    {"predict", "n_best", LKS_KEY_INTEGER, "1", NULL, 1, 256, LKS_KEY_FREE,
     "translations of a line, at most [evaluate] beam, each behind its score when several"},
    {"predict", "replace_unknown", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FREE,
     "write the source's most attended word for an unknown one"},
    {"predict", "detokenize", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FREE,
     "write translations without the spaces that a tokenizer put around punctuation"},
    {"predict", "weights", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FREE,
     "write each symbol's attention below a translation"},
};

enum { ENCODER_SITE = 1, TARGET_SITE = 100, DECODER_SITE = 101, OUTPUT_SITE = 200 };

static lks_status register_keys(lks_config *config) {
  LKS_TRY(lks_network_register(config));
  LKS_TRY(lks_config_register(config, keys, sizeof keys / sizeof *keys));
  LKS_TRY(lks_config_default(config, "train", "carry_state", "no"));
  LKS_TRY(lks_config_default(config, "train", "batch", "64"));
  return lks_config_default(config, "model", "layers", "1");
}

static void release_states(lks_cell_state *states, int count) {
  for (int i = 0; states && i < count; i++) {
    lks_release(states[i].cell);
    lks_release(states[i].hidden);
  }
  lks_release(states);
}

static void destroy_side(lks_translation_side *side) {
  lks_release(side->d_embedded);
  lks_release(side->embedded);
  lks_release(side->symbols);
  lks_release(side->lengths);
  lks_ragged_destroy(side->ragged);
  lks_embedding_destroy(side->embedding);
}

static void destroy(lks_task *task) {
  lks_translation *m = (lks_translation *)task;
  if (!m)
    return;
  lks_translation_release_search(m);
  lks_release(m->logits);
  release_states(m->first, m->layers);
  release_states(m->final, m->encoder ? lks_recurrent_states(m->encoder) : 0);
  lks_release(m->d_keys);
  lks_release(m->d_output);
  lks_release(m->row_losses);
  lks_release(m->losses);
  lks_release(m->source_of);
  lks_release(m->targets);
  lks_softmax_head_destroy(m->head);
  lks_decoder_destroy(m->decoder);
  lks_recurrent_destroy(m->encoder);
  destroy_side(&m->target);
  destroy_side(&m->source);
  lks_params_destroy(m->task.params);
  lks_release(m);
}

static lks_status check_config(const lks_translation *m) {
  if (m->bidirectional && m->hidden % 2 != 0)
    return LKS_FAIL(LKS_USAGE,
                    "[model] hidden: expected an even number, half of it for each direction, "
                    "found %d\n  hint: or set bidirectional = no",
                    m->hidden);
  if (lks_config_bool(m->config, "model", "tied") && m->units != m->hidden)
    return LKS_FAIL(LKS_USAGE,
                    "[model] tied = yes needs embedding = hidden, found embedding %d and "
                    "hidden %d\n  hint: leave embedding out, or set tied = no",
                    m->units, m->hidden);
  int64_t best = lks_config_integer(m->config, "predict", "n_best");
  int64_t beam = lks_config_integer(m->config, "evaluate", "beam");
  if (best > beam)
    return LKS_FAIL(LKS_USAGE,
                    "[predict] n_best: expected at most [evaluate] beam = %lld, found %lld\n  "
                    "hint: --set evaluate.beam=%lld",
                    (long long)beam, (long long)best, (long long)best);
  return LKS_OK;
}

static lks_status read_config(lks_translation *m) {
  const lks_config *config = m->config;
  m->layers = (int)lks_config_integer(config, "model", "layers");
  m->hidden = (int)lks_config_integer(config, "model", "hidden");
  m->units = (int)lks_config_integer(config, "model", "embedding");
  if (m->units == 0)
    m->units = m->hidden;
  m->bidirectional = lks_config_bool(config, "model", "bidirectional");
  m->dropout = lks_network_read(config).dropout;
  m->sampling = lks_config_real(config, "train", "scheduled_sampling");
  return check_config(m);
}

/* The field of a side, and the symbols that it needs. */
static lks_status read_side(lks_translation_side *side, const lks_dataset *dataset,
                            const char *name) {
  const lks_sequence_table *table = lks_dataset_sequences(dataset);
  side->field = table ? lks_sequence_field_find(table, name) : -1;
  if (side->field < 0)
    return LKS_FAIL(LKS_DATA,
                    "%s: [task] kind = translate: expected a dataset of pairs, found %s\n  "
                    "hint: lockstep prepare pairs makes one",
                    lks_dataset_path(dataset), table ? table->kind : lks_dataset_task(dataset));
  const lks_sequence_field *field = &table->field[side->field];
  side->vocabulary = field->vocabulary;
  side->tokens = lks_tokenizer_kind(field->tokenizer);
  side->unknown =
      lks_vocabulary_find(side->vocabulary, LKS_UNKNOWN_SYMBOL, strlen(LKS_UNKNOWN_SYMBOL));
  side->end =
      lks_vocabulary_find(side->vocabulary, LKS_LINE_END_SYMBOL, strlen(LKS_LINE_END_SYMBOL));
  if (side->end < 0)
    return LKS_FAIL(LKS_DATA, "%s: field %s: expected the symbol %s, found none",
                    lks_dataset_path(dataset), name, LKS_LINE_END_SYMBOL);
  return LKS_OK;
}

/* Declares the parameters in the order in which backward finishes them. */
static lks_status build(lks_translation *m) {
  const lks_config *config = m->config;
  lks_params *params = m->task.params;
  lks_softmax_head_setup head = {
      .name = "output",
      .vocab = lks_vocabulary_size(m->target.vocabulary),
      .units = m->hidden,
      .smoothing = (float)lks_config_real(config, "train", "label_smoothing"),
  };
  LKS_TRY(lks_softmax_head_create(&m->head, &head, params));
  lks_recurrent_setup recurrent = lks_network_read(config);
  recurrent.cell = lks_cell_find(lks_config_text(config, "model", "cell"));
  recurrent.inputs = m->units;
  recurrent.prefix = "rnn.decoder";
  recurrent.dropout_site = DECODER_SITE;
  int units = (int)lks_config_integer(config, "model", "attention_units");
  lks_decoder_setup decoder = {
      .name = "decoder",
      .recurrent = recurrent,
      .attention = lks_attention_find(lks_config_text(config, "model", "attention")),
      .keys = m->hidden,
      .units = units > 0 ? units : m->hidden,
      .input_feeding = lks_config_bool(config, "model", "input_feeding"),
      .dropout_site = OUTPUT_SITE,
  };
  LKS_TRY(lks_decoder_create(&m->decoder, &decoder, params));
  int tied = lks_config_bool(config, "model", "tied") ? lks_softmax_head_weight(m->head) : -1;
  LKS_TRY(lks_embedding_create(&m->target.embedding, params, "target.embedding.weight",
                               head.vocab, m->units, tied));
  recurrent.prefix = "rnn.encoder";
  recurrent.hidden = m->bidirectional ? m->hidden / 2 : m->hidden;
  recurrent.bidirectional = m->bidirectional;
  recurrent.dropout_site = ENCODER_SITE;
  LKS_TRY(lks_recurrent_create(&m->encoder, &recurrent, params));
  return lks_embedding_create(&m->source.embedding, params, "source.embedding.weight",
                              lks_vocabulary_size(m->source.vocabulary), m->units, -1);
}

static lks_status create(lks_task **task, const lks_config *config,
                         const lks_dataset *dataset) {
  lks_status status;
  lks_translation *m;
  *task = NULL;
  LKS_TRY(lks_allocate(&m, 1, sizeof *m));
  m->task.kind = &lks_task_translate;
  m->task.item = "tokens";
  m->task.loss_per_row = true;
  m->task.terms_more = 1;
  m->task.sum_count = LKS_TRANSLATION_SUMS;
  m->config = config;
  m->target.dropout_site = TARGET_SITE;
  LKS_TRY_OR(cleanup, status, read_config(m));
  LKS_TRY_OR(cleanup, status, read_side(&m->source, dataset, "source"));
  LKS_TRY_OR(cleanup, status, read_side(&m->target, dataset, "target"));
  m->task.terms_field = m->target.field;
  LKS_TRY_OR(cleanup, status, lks_params_create(&m->task.params));
  LKS_TRY_OR(cleanup, status, build(m));
  *task = &m->task;
  return LKS_OK;
cleanup:
  destroy(&m->task);
  return status;
}

/* Room for the rows of one side: a pass of their symbols, each with one more. */
static lks_capacity capacity_of(const lks_translation_side *side, const lks_capacity *call) {
  lks_capacity capacity = *call;
  capacity.steps = call->field[side->field].longest + 1;
  capacity.items = call->rows * capacity.steps;
  return capacity;
}

static int most_terms(const lks_translation_side *side, const lks_capacity *call) {
  int most = call->rows * (call->field[side->field].longest + 1);
  int symbols = call->field[side->field].symbols + call->rows;
  return symbols < most ? symbols : most;
}

static lks_status allocate_side(lks_translation *m, lks_translation_side *side,
                                const lks_capacity *call) {
  lks_capacity capacity = capacity_of(side, call), terms = capacity;
  size_t items = (size_t)capacity.items, rows = (size_t)capacity.rows;
  terms.items = most_terms(side, call);
  LKS_TRY(lks_ragged_create(&side->ragged, capacity.rows, capacity.steps, terms.items,
                            capacity.shards));
  LKS_TRY(lks_embedding_allocate(side->embedding, &terms));
  LKS_TRY(lks_allocate(&side->lengths, rows, sizeof *side->lengths));
  LKS_TRY(lks_allocate(&side->symbols, items, sizeof *side->symbols));
  LKS_TRY(lks_allocate(&side->embedded, items * (size_t)m->units, sizeof(float)));
  if (call->training)
    LKS_TRY(lks_allocate(&side->d_embedded, items * (size_t)m->units, sizeof(float)));
  return LKS_OK;
}

static lks_status allocate_states(lks_cell_state **states, int count, size_t floats) {
  LKS_TRY(lks_allocate(states, (size_t)count, sizeof **states));
  for (int i = 0; i < count; i++) {
    LKS_TRY(lks_allocate(&(*states)[i].hidden, floats, sizeof(float)));
    LKS_TRY(lks_allocate(&(*states)[i].cell, floats, sizeof(float)));
  }
  return LKS_OK;
}

/* The decoder takes a whole call's targets, or one time step of the search's rows. */
static lks_status allocate_decoder(lks_translation *m, const lks_capacity *call) {
  lks_capacity targets = capacity_of(&m->target, call), sources = capacity_of(&m->source, call);
  int rows = call->rows * (int)lks_config_integer(m->config, "evaluate", "beam");
  targets.rows = rows;
  targets.items = rows > targets.items ? rows : targets.items;
  LKS_TRY(lks_decoder_allocate(m->decoder, &targets, &sources));
  if (m->sampling == 0)
    return LKS_OK;
  size_t vocab = (size_t)lks_vocabulary_size(m->target.vocabulary);
  return lks_allocate(&m->logits, (size_t)call->rows, vocab * sizeof(float));
}

static lks_status allocate(lks_task *task, const lks_capacity *call) {
  lks_translation *m = (lks_translation *)task;
  lks_capacity targets = capacity_of(&m->target, call), sources = capacity_of(&m->source, call);
  lks_capacity terms = targets;
  size_t rows = (size_t)call->rows, hidden = (size_t)m->hidden, items = (size_t)targets.items;
  terms.items = most_terms(&m->target, call);
  LKS_TRY(allocate_side(m, &m->source, call));
  LKS_TRY(allocate_side(m, &m->target, call));
  LKS_TRY(lks_recurrent_allocate(m->encoder, &sources));
  LKS_TRY(allocate_decoder(m, call));
  LKS_TRY(lks_softmax_head_allocate(m->head, &terms));
  LKS_TRY(lks_allocate(&m->targets, items, sizeof *m->targets));
  LKS_TRY(lks_allocate(&m->source_of, rows, sizeof *m->source_of));
  LKS_TRY(lks_allocate(&m->losses, items, sizeof *m->losses));
  LKS_TRY(lks_allocate(&m->row_losses, rows, sizeof *m->row_losses));
  LKS_TRY(allocate_states(&m->final, lks_recurrent_states(m->encoder), rows * hidden));
  LKS_TRY(allocate_states(&m->first, m->layers, rows * hidden));
  LKS_TRY(lks_translation_allocate_search(m, call));
  if (!call->training)
    return LKS_OK;
  LKS_TRY(lks_allocate(&m->d_output, items * hidden, sizeof(float)));
  return lks_allocate(&m->d_keys, (size_t)sources.items * hidden, sizeof(float));
}

static void initialise(lks_task *task, uint64_t seed) {
  lks_translation *m = (lks_translation *)task;
  lks_params *params = task->params;
  lks_random_key key = lks_random_key_of(seed);
  int target = lks_embedding_param(m->target.embedding);
  bool torch = strcmp(lks_config_text(m->config, "model", "initial"), "torch") == 0;
  lks_network_initialise(m->config, params, NULL, lks_embedding_param(m->source.embedding), 0,
                         seed);
  if (torch && target != lks_softmax_head_weight(m->head))
    lks_initialise_normal(params, target, key, 1.0);
  int horizon = m->source.ragged ? m->source.ragged->most_steps : 0;
  lks_network_forget(m->config, params, m->encoder, horizon, seed);
  lks_network_forget(m->config, params, lks_decoder_recurrent(m->decoder), horizon, seed);
}

static void pack(lks_task *task, const lks_kernels *kernels, int threads, bool training) {
  lks_translation *m = (lks_translation *)task;
  lks_recurrent_pack(m->encoder, kernels, threads, training);
  lks_decoder_pack(m->decoder, kernels, threads, training);
  lks_softmax_head_pack(m->head, kernels, threads, training);
}

static int train_scores(const lks_task *task, double loss, double terms,
                        lks_score out[LKS_SCORES_MAX]) {
  (void)task;
  double mean = loss / terms;
  out[0] = (lks_score){"nats_per_word", mean, false};
  out[1] = (lks_score){"perplexity", lks_exp_f64(mean), false};
  return 2;
}

static int scores(const lks_task *task, const double *sums, lks_score out[LKS_SCORES_MAX]) {
  const lks_translation *m = (const lks_translation *)task;
  lks_bleu_counts counts;
  int first = lks_config_bool(m->config, "evaluate", "translate") ? 1 : 0;
  memcpy(&counts, sums + LKS_TRANSLATION_BLEU, sizeof counts);
  if (first)
    out[0] = (lks_score){"bleu", lks_bleu_score(&counts), true};
  return first + train_scores(task, sums[LKS_TRANSLATION_LOSS], sums[LKS_TRANSLATION_TERMS],
                              out + first);
}

const lks_task_kind lks_task_translate = {
    .name = "translate",
    .summary = "a text in another language",
    .register_keys = register_keys,
    .create = create,
    .destroy = destroy,
    .allocate = allocate,
    .initialise = initialise,
    .pack = pack,
    .train = lks_translation_train,
    .score = lks_translation_score,
    .scores = scores,
    .train_scores = train_scores,
    .answer = lks_translation_answer,
};
