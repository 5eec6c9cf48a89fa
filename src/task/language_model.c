/* SPDX-License-Identifier: Apache-2.0 */
/* language_model.c - the network of language_model.h, put together from model/. */
#include "task/language_model.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"
#include "model/embedding.h"
#include "model/softmax_head.h"
#include "task/network.h"

#include <string.h>

static const lks_key keys[] = {
    {"model", "cell", LKS_KEY_CHOICE, "lstm", LKS_CELL_NAMES, 1, 0, LKS_KEY_FIXED,
     "recurrent cell"},
    {"model", "embedding", LKS_KEY_INTEGER, "0", NULL, 0, 65536, LKS_KEY_FIXED,
     "units of a symbol's vector; 0: as many as hidden"},
    {"model", "tied", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED,
     "output weights are the embedding's (needs embedding = hidden)"},
    {"train", "label_smoothing", LKS_KEY_REAL, "0", NULL, 0, 0.99, LKS_KEY_FIXED,
     "share of the target's probability given to all symbols alike"},
};

typedef struct {
  lks_task task;
  const lks_config *config; /* borrowed; outlives this */
  bool words;
  int units;                        /* E */
  const lks_vocabulary *vocabulary; /* borrowed */
  int hidden;
  lks_dropout_setup dropout;
  unsigned last_site;
  lks_embedding *embedding;
  lks_recurrent *recurrent;
  lks_softmax_head *head;
  float *embedded;   /* [T, B, E] */
  float *top;        /* [T, B, H] outputs after dropout; NULL without */
  float *d_top;      /* [T, B, H] */
  float *d_embedded; /* [T, B, E] */
  float *losses;     /* [T, B] when scoring */
} language_model;

static lks_status register_keys(lks_config *config) {
  LKS_TRY(lks_network_register(config));
  return lks_config_register(config, keys, sizeof keys / sizeof *keys);
}

static void destroy(lks_task *task) {
  language_model *m = (language_model *)task;
  if (!m)
    return;
  lks_release(m->losses);
  lks_release(m->d_embedded);
  lks_release(m->d_top);
  lks_release(m->top);
  lks_release(m->embedded);
  lks_softmax_head_destroy(m->head);
  lks_recurrent_destroy(m->recurrent);
  lks_embedding_destroy(m->embedding);
  lks_params_destroy(m->task.params);
  lks_release(m);
}

/* Sizes and choices from the configuration. */
static lks_status read_config(language_model *m) {
  const lks_config *config = m->config;
  m->hidden = (int)lks_config_integer(config, "model", "hidden");
  m->units = (int)lks_config_integer(config, "model", "embedding");
  if (m->units == 0)
    m->units = m->hidden;
  m->dropout = lks_network_read(config).dropout;
  m->last_site = (unsigned)lks_config_integer(config, "model", "layers");
  if (lks_config_bool(config, "model", "tied") && m->units != m->hidden)
    return LKS_FAIL(
        LKS_USAGE,
        "[model] tied = yes needs embedding = hidden, found embedding %d and hidden "
        "%d\n  hint: leave embedding out, or set tied = no",
        m->units, m->hidden);
  return LKS_OK;
}

/* Declares the parameters in the order in which backward finishes them: the output,
 * the stack from its top, the embedding. */
static lks_status build(language_model *m, int vocab) {
  const lks_config *config = m->config;
  lks_softmax_head_setup head = {
      .name = "output",
      .vocab = vocab,
      .units = m->hidden,
      .smoothing = (float)lks_config_real(config, "train", "label_smoothing"),
  };
  LKS_TRY(lks_softmax_head_create(&m->head, &head, m->task.params));
  lks_recurrent_setup recurrent = lks_network_read(config);
  recurrent.cell = lks_cell_find(lks_config_text(config, "model", "cell"));
  recurrent.inputs = m->units;
  LKS_TRY(lks_recurrent_create(&m->recurrent, &recurrent, m->task.params));
  int tied = lks_config_bool(config, "model", "tied") ? lks_softmax_head_weight(m->head) : -1;
  LKS_TRY(lks_embedding_create(&m->embedding, m->task.params, "embedding.weight", vocab,
                               m->units, tied));
  m->task.state_count = lks_recurrent_states(m->recurrent);
  m->task.state_units = m->hidden;
  m->task.state_has_cell = recurrent.cell->has_cell;
  return LKS_OK;
}

static lks_status create(lks_task **task, const lks_config *config,
                         const lks_dataset *dataset) {
  lks_status status;
  language_model *m;
  *task = NULL;
  if (!lks_dataset_vocabulary(dataset))
    return LKS_FAIL(LKS_DATA,
                    "%s: [task] kind = language-model: expected a dataset of text, found %s\n  "
                    "hint: [task] kind = forecast learns time series",
                    lks_dataset_path(dataset), lks_dataset_task(dataset));
  LKS_TRY(lks_allocate(&m, 1, sizeof *m));
  m->task.kind = &lks_task_language_model;
  m->task.item = "tokens";
  m->task.sum_count = 2;
  m->config = config;
  m->words = strcmp(lks_dataset_unit(dataset), "word") == 0;
  LKS_TRY_OR(cleanup, status, read_config(m));
  LKS_TRY_OR(cleanup, status, lks_params_create(&m->task.params));
  m->vocabulary = lks_dataset_vocabulary(dataset);
  LKS_TRY_OR(cleanup, status, build(m, lks_vocabulary_size(m->vocabulary)));
  *task = &m->task;
  return LKS_OK;
cleanup:
  destroy(&m->task);
  return status;
}

static lks_status allocate(lks_task *task, const lks_capacity *capacity) {
  language_model *m = (language_model *)task;
  size_t items = (size_t)capacity->items, hidden = (size_t)m->hidden, units = (size_t)m->units;
  LKS_TRY(lks_embedding_allocate(m->embedding, capacity));
  LKS_TRY(lks_recurrent_allocate(m->recurrent, capacity));
  LKS_TRY(lks_softmax_head_allocate(m->head, capacity));
  LKS_TRY(lks_allocate(&m->losses, items, sizeof(float)));
  LKS_TRY(lks_allocate(&m->embedded, items * units, sizeof(float)));
  if (!capacity->training)
    return LKS_OK;
  if (m->dropout.drop > 0)
    LKS_TRY(lks_allocate(&m->top, items * hidden, sizeof(float)));
  LKS_TRY(lks_allocate(&m->d_top, items * hidden, sizeof(float)));
  return lks_allocate(&m->d_embedded, items * units, sizeof(float));
}

static void initialise(lks_task *task, uint64_t seed) {
  language_model *m = (language_model *)task;
  int embedding = lks_embedding_param(m->embedding);
  bool tied = embedding == lks_softmax_head_weight(m->head);
  lks_network_initialise(m->config, task->params, m->recurrent, tied ? -1 : embedding,
                         (int)lks_config_integer(m->config, "data", "window"), seed);
}

static void pack(lks_task *task, const lks_kernels *kernels, int threads, bool training) {
  language_model *m = (language_model *)task;
  lks_recurrent_pack(m->recurrent, kernels, threads, training);
  lks_softmax_head_pack(m->head, kernels, threads, training);
}

/* Outputs of the stack before the last dropout, [T, B, H]. */
static const float *run_stack(language_model *m, const lks_pass *pass, const int32_t *inputs,
                              const lks_cell_state *states) {
  lks_embedding_forward(m->embedding, pass, inputs, m->embedded);
  lks_dropout_apply(pass, &m->dropout, 0, m->units, m->embedded, m->embedded);
  return lks_recurrent_forward(m->recurrent, pass, m->embedded, states, states);
}

static void train(lks_task *task, const lks_task_call *call) {
  language_model *m = (language_model *)task;
  const lks_pass *pass = call->pass;
  lks_stopwatch_enter(call->watch, LKS_PART_FORWARD);
  const float *top = run_stack(m, pass, call->inputs, call->states);
  if (m->top) {
    lks_dropout_apply(pass, &m->dropout, m->last_site, m->hidden, top, m->top);
    top = m->top;
  }
  lks_stopwatch_enter(call->watch, LKS_PART_LOSS);
  lks_softmax_head_train(m->head, pass, top, call->targets, call->losses, m->d_top);
  lks_stopwatch_enter(call->watch, LKS_PART_BACKWARD);
  lks_dropout_apply(pass, &m->dropout, m->last_site, m->hidden, m->d_top, m->d_top);
  lks_recurrent_backward(m->recurrent, pass, m->d_top, NULL, NULL, m->d_embedded);
  lks_dropout_apply(pass, &m->dropout, 0, m->units, m->d_embedded, m->d_embedded);
  lks_embedding_backward(m->embedding, pass, call->inputs, m->d_embedded, call->buffers,
                         call->buffer_count);
}

static void score(lks_task *task, const lks_task_call *call) {
  language_model *m = (language_model *)task;
  const float *top = run_stack(m, call->pass, call->inputs, call->states);
  const lks_pass *pass = call->pass;
  lks_softmax_head_score(m->head, pass, top, call->targets, m->losses);
  for (int t = 0; t < pass->steps; t++)
    for (int row = 0; row < pass->active[t]; row++) {
      double *sums = call->sums + 2 * (size_t)row;
      sums[0] += (double)m->losses[(size_t)t * (size_t)pass->rows + (size_t)row];
      sums[1] += 1;
    }
}

void lks_language_model_step(lks_task *task, const lks_pass *pass, const int32_t *symbols,
                             const lks_cell_state *states, float *logits) {
  language_model *m = (language_model *)task;
  const float *top = run_stack(m, pass, symbols, states);
  lks_softmax_head_logits(m->head, pass->kernels, pass->threads, pass->rows, top, logits);
}

/* Rows of the embedding and of the output belong to the symbols of the text. */
static const lks_vocabulary *symbols(const lks_task *task, int param) {
  const language_model *m = (const language_model *)task;
  bool has_symbols = param == lks_embedding_param(m->embedding) ||
                     param == lks_softmax_head_weight(m->head) ||
                     param == lks_softmax_head_bias(m->head);
  return has_symbols ? m->vocabulary : NULL;
}

static int train_scores(const lks_task *task, double loss, double terms,
                        lks_score out[LKS_SCORES_MAX]) {
  const language_model *m = (const language_model *)task;
  double mean = loss / terms;
  if (m->words) {
    out[0] = (lks_score){"perplexity", lks_exp_f64(mean), false};
    out[1] = (lks_score){"nats_per_word", mean, false};
  } else {
    out[0] = (lks_score){"nats_per_character", mean, false};
    out[1] = (lks_score){"bits_per_character", mean / 0.6931471805599453, false};
  }
  return 2;
}

static int scores(const lks_task *task, const double *sums, lks_score out[LKS_SCORES_MAX]) {
  return train_scores(task, sums[0], sums[1], out);
}

const lks_task_kind lks_task_language_model = {
    .name = "language-model",
    .summary = "the next word or character of a text",
    .register_keys = register_keys,
    .create = create,
    .destroy = destroy,
    .allocate = allocate,
    .initialise = initialise,
    .pack = pack,
    .train = train,
    .score = score,
    .scores = scores,
    .train_scores = train_scores,
    .symbols = symbols,
};
