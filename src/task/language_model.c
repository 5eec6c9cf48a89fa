/* SPDX-License-Identifier: Apache-2.0 */
/* language_model.c - the network of language_model.h, put together from model/. */
#include "task/language_model.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"
#include "model/embedding.h"
#include "model/initialise.h"
#include "model/softmax_head.h"

#include <string.h>

static const lks_key keys[] = {
    {"model", "cell", LKS_KEY_CHOICE, "lstm", LKS_CELL_NAMES, 1, 0, LKS_KEY_FIXED,
     "recurrent cell"},
    {"model", "layers", LKS_KEY_INTEGER, "2", NULL, 1, 64, LKS_KEY_FIXED, "recurrent layers"},
    {"model", "hidden", LKS_KEY_INTEGER, "200", NULL, 1, 65536, LKS_KEY_FIXED,
     "units of a layer"},
    {"model", "embedding", LKS_KEY_INTEGER, "0", NULL, 0, 65536, LKS_KEY_FIXED,
     "units of a symbol's vector; 0: as many as hidden"},
    {"model", "dropout", LKS_KEY_REAL, "0", NULL, 0, 0.99, LKS_KEY_FIXED,
     "share of units dropped after the embedding, between layers and before the output"},
    {"model", "variational", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED,
     "one dropout mask for all time steps of a row"},
    {"model", "tied", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED,
     "output weights are the embedding's (needs embedding = hidden)"},
    {"model", "forget_bias", LKS_KEY_CHOICE, "none", "none one chrono", 1, 0, LKS_KEY_FIXED,
     "first value of the LSTM's forget bias: as drawn, 1, or for memories up to the window"},
    {"model", "initial", LKS_KEY_CHOICE, "torch", "torch uniform", 1, 0, LKS_KEY_FIXED,
     "first values: as torch.nn draws them, or all uniform in +-initial_scale"},
    {"model", "initial_scale", LKS_KEY_REAL, "0.1", NULL, 0, 100, LKS_KEY_FIXED,
     "bound of initial = uniform"},
    {"train", "label_smoothing", LKS_KEY_REAL, "0", NULL, 0, 0.99, LKS_KEY_FIXED,
     "share of the target's probability given to all symbols alike"},
};

typedef struct {
  lks_task task;
  const lks_config *config; /* borrowed; outlives this */
  bool words;
  int units; /* E */
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
} language_model;

static lks_status register_keys(lks_config *config) {
  return lks_config_register(config, keys, sizeof keys / sizeof *keys);
}

static void destroy(lks_task *task) {
  language_model *m = (language_model *)task;
  if (!m)
    return;
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
  m->dropout.drop = (float)lks_config_real(config, "model", "dropout");
  m->dropout.variational = lks_config_bool(config, "model", "variational");
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
  lks_recurrent_setup recurrent = {
      .prefix = "rnn",
      .cell = lks_cell_find(lks_config_text(config, "model", "cell")),
      .layers = (int)lks_config_integer(config, "model", "layers"),
      .inputs = m->units,
      .hidden = m->hidden,
      .dropout = m->dropout,
      .dropout_site = 1,
  };
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
  LKS_TRY(lks_allocate(&m, 1, sizeof *m));
  m->task.kind = &lks_task_language_model;
  m->config = config;
  m->words = strcmp(lks_dataset_unit(dataset), "word") == 0;
  LKS_TRY_OR(cleanup, status, read_config(m));
  LKS_TRY_OR(cleanup, status, lks_params_create(&m->task.params));
  LKS_TRY_OR(cleanup, status, build(m, lks_vocabulary_size(lks_dataset_vocabulary(dataset))));
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
  LKS_TRY(lks_allocate(&m->embedded, items * units, sizeof(float)));
  if (!capacity->training)
    return LKS_OK;
  if (m->dropout.drop > 0)
    LKS_TRY(lks_allocate(&m->top, items * hidden, sizeof(float)));
  LKS_TRY(lks_allocate(&m->d_top, items * hidden, sizeof(float)));
  return lks_allocate(&m->d_embedded, items * units, sizeof(float));
}

/* torch.nn: Linear and the recurrent layers uniform in +-1/sqrt(units), Embedding normal. */
static void initialise_torch(language_model *m, lks_random_key key) {
  double bound = 1.0 / lks_sqrt_f64((double)m->hidden);
  int embedding = lks_embedding_param(m->embedding);
  for (int i = 0; i < lks_params_count(m->task.params); i++)
    if (i == embedding && i != lks_softmax_head_weight(m->head))
      lks_initialise_normal(m->task.params, i, key, 1.0);
    else
      lks_initialise_uniform(m->task.params, i, key, bound);
}

static void initialise(lks_task *task, uint64_t seed) {
  language_model *m = (language_model *)task;
  lks_random_key key = lks_random_key_of(seed);
  const char *forget = lks_config_text(m->config, "model", "forget_bias");
  if (strcmp(lks_config_text(m->config, "model", "initial"), "uniform") == 0) {
    double bound = lks_config_real(m->config, "model", "initial_scale");
    for (int i = 0; i < lks_params_count(task->params); i++)
      lks_initialise_uniform(task->params, i, key, bound);
  } else {
    initialise_torch(m, key);
  }
  lks_initialise_forget(m->recurrent, task->params, key,
                        strcmp(forget, "one") == 0      ? LKS_FORGET_ONE
                        : strcmp(forget, "chrono") == 0 ? LKS_FORGET_CHRONO
                                                        : LKS_FORGET_AS_DRAWN,
                        (int)lks_config_integer(m->config, "data", "window"));
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
  const float *top = run_stack(m, pass, call->inputs, call->states);
  if (m->top) {
    lks_dropout_apply(pass, &m->dropout, m->last_site, m->hidden, top, m->top);
    top = m->top;
  }
  lks_softmax_head_train(m->head, pass, top, call->targets, call->losses, m->d_top);
  lks_dropout_apply(pass, &m->dropout, m->last_site, m->hidden, m->d_top, m->d_top);
  lks_recurrent_backward(m->recurrent, pass, m->d_top, NULL, NULL, m->d_embedded);
  lks_dropout_apply(pass, &m->dropout, 0, m->units, m->d_embedded, m->d_embedded);
  lks_embedding_backward(m->embedding, pass, call->inputs, m->d_embedded, call->buffers,
                         call->buffer_count);
}

static void score(lks_task *task, const lks_task_call *call) {
  language_model *m = (language_model *)task;
  const float *top = run_stack(m, call->pass, call->inputs, call->states);
  lks_softmax_head_score(m->head, call->pass, top, call->targets, call->losses);
}

void lks_language_model_step(lks_task *task, const lks_pass *pass, const int32_t *symbols,
                             const lks_cell_state *states, float *logits) {
  language_model *m = (language_model *)task;
  const float *top = run_stack(m, pass, symbols, states);
  lks_softmax_head_logits(m->head, pass->kernels, pass->threads, pass->rows, top, logits);
}

static int scores(const lks_task *task, const lks_sums *sums, lks_score out[LKS_SCORES_MAX]) {
  const language_model *m = (const language_model *)task;
  double mean = sums->loss / (double)sums->terms;
  if (m->words) {
    out[0] = (lks_score){"perplexity", lks_exp_f64(mean)};
    out[1] = (lks_score){"nats_per_word", mean};
  } else {
    out[0] = (lks_score){"nats_per_character", mean};
    out[1] = (lks_score){"bits_per_character", mean / 0.6931471805599453};
  }
  return 2;
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
};
