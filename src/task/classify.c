/* SPDX-License-Identifier: Apache-2.0 */
/* classify.c - the task `classify`: one of a few classes for a text.
 *
 * Sums of a row: its loss without weights, 1, and the counts of each class
 * (metrics/class_scores.h). */
#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/sequences.h"
#include "metrics/class_scores.h"
#include "model/initialise.h"
#include "task/class_weights.h"
#include "task/classifier.h"
#include "task/network.h"
#include "task/word_vectors.h"

#include <string.h>

static const lks_key keys[] = {
    {"model", "cell", LKS_KEY_CHOICE, "lstm", LKS_CELL_NAMES, 1, 0, LKS_KEY_FIXED,
     "recurrent cell"},
    {"model", "bidirectional", LKS_KEY_BOOL, "yes", NULL, 1, 0, LKS_KEY_FIXED,
     "layers run in both directions"},
    {"model", "embedding", LKS_KEY_INTEGER, "100", NULL, 1, 65536, LKS_KEY_FIXED,
     "units of a word's vector"},
    {"model", "vectors", LKS_KEY_PATH, "", NULL, 1, 0, LKS_KEY_FREE,
     "file of words and their vectors, as first values"},
    {"model", "pooling", LKS_KEY_CHOICE, "mean", LKS_POOLING_NAMES, 1, 0, LKS_KEY_FIXED,
     "how the states of a text become one vector; concat: last, mean and max"},
    {"model", "attention_units", LKS_KEY_INTEGER, "0", NULL, 0, 65536, LKS_KEY_FIXED,
     "units of pooling = attention; 0: as many as hidden"},
    {"model", "word_dropout", LKS_KEY_REAL, "0", NULL, 0, 0.99, LKS_KEY_FIXED,
     "share of words that are read as unknown in training"},
    {"model", "embedding_dropout", LKS_KEY_REAL, "-1", NULL, -1, 0.99, LKS_KEY_FIXED,
     "dropout of the words' vectors; -1: as [model] dropout"},
    {"model", "words", LKS_KEY_INTEGER, "1000", NULL, 1, 1000000, LKS_KEY_FIXED,
     "words that are read of a text, from its beginning"},
    {"train", "label_smoothing", LKS_KEY_REAL, "0", NULL, 0, 0.99, LKS_KEY_FIXED,
     "share of the class' probability given to all classes alike"},
    {"train", "class_weights", LKS_KEY_TEXT, "none", NULL, 1, 0, LKS_KEY_FIXED,
     "of the loss: none, balanced (rare classes count more), or LABEL=WEIGHT ..."},
    {"evaluate", "choose_by", LKS_KEY_CHOICE, "accuracy", "accuracy macro_f1", 1, 0,
     LKS_KEY_FIXED, "the score that models are chosen by"},
    {"predict", "probabilities", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FREE,
     "write the probability of every class, not of the best one alone"},
};

enum { SUM_LOSS, SUM_ROWS, SUM_COUNTS };

typedef struct {
  lks_task task;
  const lks_config *config; /* borrowed; outlives this */
  const lks_sequence_table *table;
  lks_classifier *classifier;
  lks_word_vectors vectors;
  int word_field, class_field, classes;
  float *weights; /* [classes] of the loss */
  float *scores;  /* [classes] of one row */
} classify_task;

static lks_status register_keys(lks_config *config) {
  LKS_TRY(lks_network_register(config));
  LKS_TRY(lks_config_default(config, "model", "layers", "1"));
  LKS_TRY(lks_config_default(config, "train", "carry_state", "no"));
  return lks_config_register(config, keys, sizeof keys / sizeof *keys);
}

static void destroy(lks_task *task) {
  classify_task *m = (classify_task *)task;
  if (!m)
    return;
  lks_release(m->scores);
  lks_release(m->weights);
  lks_word_vectors_release(&m->vectors);
  lks_classifier_destroy(m->classifier);
  lks_params_destroy(m->task.params);
  lks_release(m);
}

static int number_of(const classify_task *m, const char *key) {
  return (int)lks_config_integer(m->config, "model", key);
}

static lks_status build(classify_task *m) {
  const lks_config *config = m->config;
  const lks_vocabulary *words = m->table->field[m->word_field].vocabulary;
  int attention = number_of(m, "attention_units");
  lks_classifier_setup setup = {
      .words = lks_vocabulary_size(words),
      .classes = m->classes,
      .word_field = m->word_field,
      .class_field = m->class_field,
      .unknown = lks_vocabulary_find(words, LKS_UNKNOWN_SYMBOL, strlen(LKS_UNKNOWN_SYMBOL)),
      .end = lks_vocabulary_find(words, LKS_LINE_END_SYMBOL, strlen(LKS_LINE_END_SYMBOL)),
      .units = number_of(m, "embedding"),
      .words_most = number_of(m, "words"),
      .word_drop = (float)lks_config_real(config, "model", "word_dropout"),
      .embedding_drop = (float)lks_config_real(config, "model", "embedding_dropout"),
      .smoothing = (float)lks_config_real(config, "train", "label_smoothing"),
      .weights = m->weights,
      .pooling = lks_pooling_find(lks_config_text(config, "model", "pooling")),
      .attention_units = attention > 0 ? attention : number_of(m, "hidden"),
      .recurrent = lks_network_read(config),
  };
  if (setup.unknown < 0)
    setup.word_drop = 0;
  if (setup.embedding_drop < 0)
    setup.embedding_drop = setup.recurrent.dropout.drop;
  setup.recurrent.cell = lks_cell_find(lks_config_text(config, "model", "cell"));
  setup.recurrent.bidirectional = lks_config_bool(config, "model", "bidirectional");
  return lks_classifier_create(&m->classifier, &setup, m->task.params);
}

/* One label for every text, two classes at least, and a symbol for the end of a line. */
static lks_status check_dataset(const classify_task *m, const lks_dataset *dataset) {
  const char *path = lks_dataset_path(dataset);
  const lks_sequence_field *labels = &m->table->field[m->class_field];
  if (m->classes < 2)
    return LKS_FAIL(LKS_DATA, "%s: expected at least 2 labels, found %d", path, m->classes);
  if (lks_vocabulary_find(m->table->field[m->word_field].vocabulary, LKS_LINE_END_SYMBOL,
                          strlen(LKS_LINE_END_SYMBOL)) < 0)
    return LKS_FAIL(LKS_DATA, "%s: field words: expected the symbol %s, found none", path,
                    LKS_LINE_END_SYMBOL);
  for (int split = 0; split < LKS_SPLIT_COUNT; split++)
    for (int64_t i = 0; labels->offsets[split] && i < m->table->samples[split]; i++) {
      int64_t count = labels->offsets[split][i + 1] - labels->offsets[split][i];
      if (count != 1)
        return LKS_FAIL(LKS_DATA, "%s: %s sample %lld: expected one label, found %lld", path,
                        lks_split_text((lks_split)split), (long long)i, (long long)count);
    }
  return LKS_OK;
}

static lks_status create(lks_task **task, const lks_config *config,
                         const lks_dataset *dataset) {
  lks_status status;
  classify_task *m;
  const lks_sequence_table *table = lks_dataset_sequences(dataset);
  *task = NULL;
  if (!table || strcmp(table->kind, "labelled") != 0)
    return LKS_FAIL(LKS_DATA,
                    "%s: [task] kind = classify: expected a dataset of labelled texts, found "
                    "%s\n  hint: lockstep prepare labelled makes one",
                    lks_dataset_path(dataset), table ? table->kind : lks_dataset_task(dataset));
  LKS_TRY(lks_allocate(&m, 1, sizeof *m));
  m->task.kind = &lks_task_classify;
  m->task.item = "texts";
  m->task.loss_per_row = true;
  m->task.terms_field = -1;
  m->task.terms_more = 1;
  m->config = config;
  m->table = table;
  m->word_field = lks_sequence_field_find(table, "words");
  m->class_field = lks_sequence_field_find(table, "label");
  m->classes = lks_vocabulary_size(table->field[m->class_field].vocabulary);
  m->task.sum_count = SUM_COUNTS + m->classes * LKS_CLASS_COUNTS;
  LKS_TRY_OR(cleanup, status, check_dataset(m, dataset));
  LKS_TRY_OR(cleanup, status, lks_allocate(&m->weights, (size_t)m->classes, sizeof(float)));
  LKS_TRY_OR(cleanup, status, lks_allocate(&m->scores, (size_t)m->classes, sizeof(float)));
  LKS_TRY_OR(cleanup, status,
             lks_class_weights_read(lks_config_text(config, "train", "class_weights"), dataset,
                                    m->class_field, m->weights));
  LKS_TRY_OR(cleanup, status, lks_params_create(&m->task.params));
  LKS_TRY_OR(cleanup, status, build(m));
  *task = &m->task;
  return LKS_OK;
cleanup:
  destroy(&m->task);
  return status;
}

static lks_status allocate(lks_task *task, const lks_capacity *capacity) {
  classify_task *m = (classify_task *)task;
  const char *path = lks_config_text(m->config, "model", "vectors");
  LKS_TRY(lks_classifier_allocate(m->classifier, capacity));
  if (!capacity->training || *path == '\0')
    return LKS_OK;
  const lks_vocabulary *words = m->table->field[m->word_field].vocabulary;
  LKS_TRY(lks_word_vectors_read(&m->vectors, path, words, number_of(m, "embedding")));
  lks_log(LKS_LOG_INFO, "%s: vectors of %d of %d words", path, m->vectors.found,
          m->vectors.words);
  return LKS_OK;
}

static void initialise(lks_task *task, uint64_t seed) {
  classify_task *m = (classify_task *)task;
  int words = lks_classifier_words(m->classifier);
  lks_network_initialise(m->config, task->params, lks_classifier_stack(m->classifier), words,
                         m->table->field[m->word_field].longest[LKS_SPLIT_TRAIN], seed);
  lks_word_vectors_apply(&m->vectors, lks_params_view(task->params, words));
}

static void pack(lks_task *task, const lks_kernels *kernels, int threads, bool training) {
  lks_classifier_pack(((classify_task *)task)->classifier, kernels, threads, training);
}

static void train(lks_task *task, const lks_task_call *call) {
  lks_classifier_train(((classify_task *)task)->classifier, call);
}

/* The class with the largest score; the first one of equals. */
static int best_class(int classes, const float *scores) {
  int best = 0;
  for (int k = 1; k < classes; k++)
    best = scores[k] > scores[best] ? k : best;
  return best;
}

static void score(lks_task *task, const lks_task_call *call) {
  classify_task *m = (classify_task *)task;
  const lks_batch_field *labels = &call->fields[m->class_field];
  size_t classes = (size_t)m->classes;
  const float *scores = lks_classifier_run(m->classifier, call);
  for (int row = 0; row < call->row_pass->rows; row++) {
    double *sums = call->sums + (size_t)row * (size_t)task->sum_count;
    int32_t label = labels->values[labels->offsets[row]];
    float loss;
    memcpy(m->scores, scores + (size_t)row * classes, classes * sizeof *m->scores);
    lks_class_counts_add(sums + SUM_COUNTS, best_class(m->classes, m->scores), label);
    call->row_pass->kernels->cross_entropy(1, m->classes, m->scores, classes, &label, 0, false,
                                           &loss);
    sums[SUM_LOSS] += (double)loss;
    sums[SUM_ROWS] += 1;
  }
}

static int train_scores(const lks_task *task, double loss, double terms,
                        lks_score out[LKS_SCORES_MAX]) {
  (void)task;
  out[0] = (lks_score){"nats_per_text", loss / terms, false};
  return 1;
}

static int scores(const lks_task *task, const double *sums, lks_score out[LKS_SCORES_MAX]) {
  const classify_task *m = (const classify_task *)task;
  const double *counts = sums + SUM_COUNTS;
  bool by_f1 = strcmp(lks_config_text(m->config, "evaluate", "choose_by"), "macro_f1") == 0;
  out[by_f1] = (lks_score){"accuracy", lks_class_accuracy(counts, m->classes), true};
  out[!by_f1] = (lks_score){"macro_f1", lks_class_macro_f1(counts, m->classes), true};
  out[2] = (lks_score){"nats_per_text", sums[SUM_LOSS] / sums[SUM_ROWS], false};
  return 3;
}

static lks_status table(const lks_task *task, const double *sums, lks_text *text) {
  const classify_task *m = (const classify_task *)task;
  const lks_vocabulary *labels = m->table->field[m->class_field].vocabulary;
  const double *counts = sums + SUM_COUNTS;
  LKS_TRY(lks_text_print(text, "%-16s %9s %9s %9s %9s %9s\n", "class", "precision", "recall",
                         "F1", "found", "expected"));
  for (int k = 0; k < m->classes; k++, counts += LKS_CLASS_COUNTS) {
    double found = counts[LKS_CLASS_FOUND], expected = counts[LKS_CLASS_EXPECTED];
    double right = counts[LKS_CLASS_RIGHT];
    LKS_TRY(lks_text_print(
        text, "%-16s %9.2f %9.2f %9.2f %9.0f %9.0f\n", lks_vocabulary_symbol(labels, k),
        found > 0 ? 100 * right / found : 0, expected > 0 ? 100 * right / expected : 0,
        found + expected > 0 ? 200 * right / (found + expected) : 0, found, expected));
  }
  return LKS_OK;
}

/* The class and its probability, or all of them in the order of the labels. */
static lks_status answer(lks_task *task, const lks_task_call *call, const char *const *lines,
                         lks_text *answers) {
  classify_task *m = (classify_task *)task;
  const lks_vocabulary *labels = m->table->field[m->class_field].vocabulary;
  bool all = lks_config_bool(m->config, "predict", "probabilities");
  const float *scores = lks_classifier_run(m->classifier, call);
  (void)lines;
  for (int row = 0; row < call->row_pass->rows; row++) {
    call->row_pass->kernels->softmax(m->classes, scores + (size_t)row * (size_t)m->classes,
                                     m->scores);
    int best = best_class(m->classes, m->scores);
    LKS_TRY(lks_text_print(&answers[row], "%s\t%.4f", lks_vocabulary_symbol(labels, best),
                           (double)m->scores[best]));
    for (int k = 0; k < m->classes && all; k++)
      LKS_TRY(lks_text_print(&answers[row], "\t%s=%.4f", lks_vocabulary_symbol(labels, k),
                             (double)m->scores[k]));
  }
  return LKS_OK;
}

static const lks_vocabulary *symbols(const lks_task *task, int param) {
  const classify_task *m = (const classify_task *)task;
  return param == lks_classifier_words(m->classifier)
             ? m->table->field[m->word_field].vocabulary
             : NULL;
}

const lks_task_kind lks_task_classify = {
    .name = "classify",
    .summary = "a class for a text: sentiment, topic, language",
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
    .table = table,
    .answer = answer,
    .symbols = symbols,
};
