/* SPDX-License-Identifier: Apache-2.0 */
/* tag.c - the task `tag`: a tag for every word, scored as conlleval does it.
 *
 * Tags that are no spans (parts of speech, say) have only their accuracy. */
#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/sequences.h"
#include "metrics/span_f1.h"
#include "model/initialise.h"
#include "task/network.h"
#include "task/tagger.h"
#include "task/word_vectors.h"

#include <string.h>

static const lks_key keys[] = {
    {"task", "output", LKS_KEY_CHOICE, "crf", "crf softmax", 1, 0, LKS_KEY_FIXED,
     "tags of a sentence are scored together, or each by itself"},
    {"task", "iob2", LKS_KEY_BOOL, "yes", NULL, 1, 0, LKS_KEY_FREE,
     "spans among the predicted tags begin with a B tag"},
    {"task", "outside_bias", LKS_KEY_REAL, "0", NULL, -100, 100, LKS_KEY_FREE,
     "added to the score of the tag O when tags are chosen; below 0: more spans"},
    {"model", "cell", LKS_KEY_CHOICE, "lstm", LKS_CELL_NAMES, 1, 0, LKS_KEY_FIXED,
     "recurrent cell"},
    {"model", "bidirectional", LKS_KEY_BOOL, "yes", NULL, 1, 0, LKS_KEY_FIXED,
     "layers run in both directions"},
    {"model", "embedding", LKS_KEY_INTEGER, "100", NULL, 1, 65536, LKS_KEY_FIXED,
     "units of a word's vector"},
    {"model", "vectors", LKS_KEY_PATH, "", NULL, 1, 0, LKS_KEY_FREE,
     "file of words and their vectors, as first values"},
    {"model", "word_dropout", LKS_KEY_REAL, "0", NULL, 0, 0.99, LKS_KEY_FIXED,
     "share of words that are read as unknown in training"},
    {"model", "letter_embedding", LKS_KEY_INTEGER, "25", NULL, 1, 65536, LKS_KEY_FIXED,
     "units of a letter's vector"},
    {"model", "letter_hidden", LKS_KEY_INTEGER, "25", NULL, 0, 65536, LKS_KEY_FIXED,
     "units of either direction over the letters of a word; 0: words are not spelt"},
    {"model", "letters", LKS_KEY_INTEGER, "32", NULL, 1, 4096, LKS_KEY_FIXED,
     "letters that are read of a word"},
};

typedef struct {
  lks_task task;
  const lks_config *config; /* borrowed; outlives this */
  const lks_sequence_table *table;
  lks_tagger *tagger;
  lks_word_vectors vectors;
  lks_span_tags *spans; /* NULL: tags are no spans */
  bool *may_follow;     /* [tags + 1, tags], or NULL */
  float *bias;          /* [tags] of choosing, or NULL */
  int word_field, tag_field;
  float *losses; /* [rows] when scoring */
  int32_t *tags; /* [words of a call] */
} tag_task;

static lks_status register_keys(lks_config *config) {
  LKS_TRY(lks_network_register(config));
  LKS_TRY(lks_config_default(config, "model", "layers", "1"));
  LKS_TRY(lks_config_default(config, "train", "carry_state", "no"));
  return lks_config_register(config, keys, sizeof keys / sizeof *keys);
}

static void destroy(lks_task *task) {
  tag_task *m = (tag_task *)task;
  if (!m)
    return;
  lks_release(m->tags);
  lks_release(m->losses);
  lks_release(m->bias);
  lks_release(m->may_follow);
  lks_span_tags_destroy(m->spans);
  lks_word_vectors_release(&m->vectors);
  lks_tagger_destroy(m->tagger);
  lks_params_destroy(m->task.params);
  lks_release(m);
}

/* A tag for every word, and a word at least, of all samples. */
static lks_status check_lengths(const lks_dataset *dataset, const lks_sequence_table *table,
                                int words, int tags) {
  for (int split = 0; split < LKS_SPLIT_COUNT; split++)
    for (int64_t i = 0; table->field[words].offsets[split] && i < table->samples[split]; i++) {
      const int64_t *w = table->field[words].offsets[split] + i;
      const int64_t *t = table->field[tags].offsets[split] + i;
      if (w[1] == w[0])
        return LKS_FAIL(LKS_DATA, "%s: %s sample %lld: expected a word, found none",
                        lks_dataset_path(dataset), lks_split_text((lks_split)split),
                        (long long)i);
      if (w[1] - w[0] != t[1] - t[0])
        return LKS_FAIL(LKS_DATA,
                        "%s: %s sample %lld: expected a tag for each of %lld words, found %lld",
                        lks_dataset_path(dataset), lks_split_text((lks_split)split),
                        (long long)i, (long long)(w[1] - w[0]), (long long)(t[1] - t[0]));
    }
  return LKS_OK;
}

/* What tags mean, when they are spans; m->spans stays NULL when they are not. */
static lks_status name_spans(tag_task *m, const lks_vocabulary *tags) {
  int count = lks_vocabulary_size(tags);
  LKS_TRY(lks_span_tags_create(&m->spans));
  for (int i = 0; i < count; i++) {
    const char *tag = lks_vocabulary_symbol(tags, i);
    if (!lks_span_tags_is_valid(tag)) {
      lks_span_tags_destroy(m->spans);
      m->spans = NULL;
      return LKS_OK;
    }
    LKS_TRY(lks_span_tags_add(m->spans, tag));
  }
  if (!lks_config_bool(m->config, "task", "iob2"))
    return LKS_OK;
  LKS_TRY(lks_allocate(&m->may_follow, (size_t)(count + 1) * (size_t)count, sizeof(bool)));
  for (int from = 0; from <= count; from++)
    for (int to = 0; to < count; to++)
      m->may_follow[from * count + to] =
          lks_span_tags_may_follow(m->spans, from < count ? from : -1, to);
  return LKS_OK;
}

static lks_status bias_tags(tag_task *m, const lks_vocabulary *tags) {
  double outside = lks_config_real(m->config, "task", "outside_bias");
  int number = lks_vocabulary_find(tags, "O", 1);
  if (outside == 0)
    return LKS_OK;
  if (number < 0)
    return LKS_FAIL(LKS_USAGE,
                    "[task] outside_bias = %g: there is no tag O among the dataset's %d\n  "
                    "hint: leave it out",
                    outside, lks_vocabulary_size(tags));
  LKS_TRY(lks_allocate(&m->bias, (size_t)lks_vocabulary_size(tags), sizeof *m->bias));
  m->bias[number] = (float)outside;
  return LKS_OK;
}

static int size_of(const lks_sequence_table *table, int field) {
  return lks_vocabulary_size(table->field[field].vocabulary);
}

static int number_of(const tag_task *m, const char *key) {
  return (int)lks_config_integer(m->config, "model", key);
}

static lks_status build(tag_task *m) {
  const lks_config *config = m->config;
  const lks_sequence_table *table = m->table;
  int letters = lks_sequence_field_find(table, "characters");
  lks_tagger_setup setup = {
      .words = size_of(table, m->word_field),
      .letters = size_of(table, letters),
      .tags = size_of(table, m->tag_field),
      .word_field = m->word_field,
      .letter_field = letters,
      .tag_field = m->tag_field,
      .unknown = lks_vocabulary_find(table->field[m->word_field].vocabulary, LKS_UNKNOWN_SYMBOL,
                                     strlen(LKS_UNKNOWN_SYMBOL)),
      .space = lks_vocabulary_find(table->field[letters].vocabulary, " ", 1),
      .units = number_of(m, "embedding"),
      .letter_units = number_of(m, "letter_embedding"),
      .letter_hidden = number_of(m, "letter_hidden"),
      .letters_most = number_of(m, "letters"),
      .word_drop = (float)lks_config_real(config, "model", "word_dropout"),
      .is_crf = strcmp(lks_config_text(config, "task", "output"), "crf") == 0,
      .recurrent = lks_network_read(config),
  };
  if (setup.unknown < 0)
    setup.word_drop = 0;
  setup.recurrent.cell = lks_cell_find(lks_config_text(config, "model", "cell"));
  setup.recurrent.bidirectional = lks_config_bool(config, "model", "bidirectional");
  return lks_tagger_create(&m->tagger, &setup, m->task.params);
}

static lks_status create(lks_task **task, const lks_config *config,
                         const lks_dataset *dataset) {
  lks_status status;
  tag_task *m;
  const lks_sequence_table *table = lks_dataset_sequences(dataset);
  *task = NULL;
  if (!table || strcmp(table->kind, "tags") != 0)
    return LKS_FAIL(LKS_DATA,
                    "%s: [task] kind = tag: expected a dataset of tags, found %s\n  hint: "
                    "lockstep prepare tags makes one",
                    lks_dataset_path(dataset), table ? table->kind : lks_dataset_task(dataset));
  LKS_TRY(lks_allocate(&m, 1, sizeof *m));
  m->task.kind = &lks_task_tag;
  m->task.item = "words";
  m->task.loss_per_row = true;
  m->config = config;
  m->table = table;
  m->word_field = lks_sequence_field_find(table, "words");
  m->tag_field = lks_sequence_field_find(table, "tags");
  m->task.terms_field = m->word_field;
  LKS_TRY_OR(cleanup, status, check_lengths(dataset, table, m->word_field, m->tag_field));
  LKS_TRY_OR(cleanup, status, name_spans(m, table->field[m->tag_field].vocabulary));
  LKS_TRY_OR(cleanup, status, bias_tags(m, table->field[m->tag_field].vocabulary));
  m->task.sum_count = 3 + (m->spans ? (int)lks_span_counts(m->spans) : 0);
  LKS_TRY_OR(cleanup, status, lks_params_create(&m->task.params));
  LKS_TRY_OR(cleanup, status, build(m));
  *task = &m->task;
  return LKS_OK;
cleanup:
  destroy(&m->task);
  return status;
}

static lks_status allocate(lks_task *task, const lks_capacity *capacity) {
  tag_task *m = (tag_task *)task;
  const char *path = lks_config_text(m->config, "model", "vectors");
  LKS_TRY(lks_tagger_allocate(m->tagger, capacity));
  LKS_TRY(lks_allocate(&m->losses, (size_t)capacity->rows, sizeof *m->losses));
  LKS_TRY(
      lks_allocate(&m->tags, (size_t)capacity->field[m->word_field].symbols, sizeof *m->tags));
  if (!capacity->training || *path == '\0')
    return LKS_OK;
  const lks_vocabulary *words = m->table->field[m->word_field].vocabulary;
  LKS_TRY(lks_word_vectors_read(&m->vectors, path, words, number_of(m, "embedding")));
  lks_log(LKS_LOG_INFO, "%s: vectors of %d of %d words", path, m->vectors.found,
          m->vectors.words);
  return LKS_OK;
}

/* Vectors uniform with a variance of 1 / units, as Lample et al. draw them. */
static void draw_vectors(lks_params *params, int param, lks_random_key key) {
  double units = (double)lks_params_at(params, param)->shape.extent[1];
  lks_initialise_uniform(params, param, key, lks_sqrt_f64(3 / units));
}

static void initialise(lks_task *task, uint64_t seed) {
  tag_task *m = (tag_task *)task;
  int words = lks_tagger_words(m->tagger), letters = lks_tagger_letters(m->tagger);
  lks_network_initialise(m->config, task->params, lks_tagger_stack(m->tagger), -1,
                         m->table->field[m->word_field].longest[LKS_SPLIT_TRAIN], seed);
  if (strcmp(lks_config_text(m->config, "model", "initial"), "torch") == 0) {
    draw_vectors(task->params, words, lks_random_key_of(seed));
    if (letters >= 0)
      draw_vectors(task->params, letters, lks_random_key_of(seed));
  }
  lks_word_vectors_apply(&m->vectors, lks_params_view(task->params, words));
}

static void pack(lks_task *task, const lks_kernels *kernels, int threads, bool training) {
  lks_tagger_pack(((tag_task *)task)->tagger, kernels, threads, training);
}

static void train(lks_task *task, const lks_task_call *call) {
  lks_tagger_train(((tag_task *)task)->tagger, call);
}

/* sums: loss, words, right tags, then the counts of spans. */
static void score(lks_task *task, const lks_task_call *call) {
  tag_task *m = (tag_task *)task;
  const lks_batch_field *words = &call->fields[m->word_field];
  const lks_batch_field *gold = &call->fields[m->tag_field];
  lks_tagger_run(m->tagger, call);
  lks_tagger_losses(m->tagger, call, m->losses);
  lks_tagger_decode(m->tagger, call, m->may_follow, m->bias, m->tags);
  for (int row = 0; row < call->row_pass->rows; row++) {
    double *sums = call->sums + (size_t)row * (size_t)task->sum_count;
    const int32_t *found = m->tags + (words->offsets[row] - words->offsets[0]);
    const int32_t *right = gold->values + gold->offsets[row];
    int count = words->offsets[row + 1] - words->offsets[row];
    sums[0] += (double)m->losses[row];
    sums[1] += count;
    for (int t = 0; t < count; t++)
      sums[2] += found[t] == right[t];
    if (m->spans)
      lks_span_add(m->spans, sums + 3, found, right, count);
  }
}

static int train_scores(const lks_task *task, double loss, double terms,
                        lks_score out[LKS_SCORES_MAX]) {
  (void)task;
  out[0] = (lks_score){"nats_per_word", loss / terms, false};
  return 1;
}

static int scores(const lks_task *task, const double *sums, lks_score out[LKS_SCORES_MAX]) {
  const tag_task *m = (const tag_task *)task;
  int count = 0;
  if (m->spans) {
    lks_span_scores all = lks_span_scores_of(m->spans, sums + 3, -1);
    out[count++] = (lks_score){"span_f1", all.f1, true};
    out[count++] = (lks_score){"span_precision", all.precision, true};
    out[count++] = (lks_score){"span_recall", all.recall, true};
  }
  out[count++] = (lks_score){"accuracy", 100 * sums[2] / sums[1], true};
  out[count++] = (lks_score){"nats_per_word", sums[0] / sums[1], false};
  return count;
}

static lks_status table(const lks_task *task, const double *sums, lks_text *text) {
  const tag_task *m = (const tag_task *)task;
  if (m->spans)
    LKS_TRY(lks_span_table(m->spans, sums + 3, text));
  return lks_text_print(text, "%.0f of %.0f tags are right: accuracy %.2f\n", sums[2], sums[1],
                        100 * sums[2] / sums[1]);
}

/* A line for every word, and its tag behind a tab. */
static lks_status answer(lks_task *task, const lks_task_call *call, const char *const *lines,
                         lks_text *answers) {
  static const char white[] = " \t\n\v\f\r";
  tag_task *m = (tag_task *)task;
  const lks_batch_field *words = &call->fields[m->word_field];
  const lks_vocabulary *tags = m->table->field[m->tag_field].vocabulary;
  lks_tagger_run(m->tagger, call);
  lks_tagger_decode(m->tagger, call, m->may_follow, m->bias, m->tags);
  for (int row = 0; row < call->row_pass->rows; row++) {
    const char *at = lines[row];
    const int32_t *found = m->tags + (words->offsets[row] - words->offsets[0]);
    for (int t = 0; t < words->offsets[row + 1] - words->offsets[row]; t++) {
      at += strspn(at, white);
      size_t bytes = strcspn(at, white);
      LKS_TRY(lks_text_print(&answers[row], "%.*s\t%s\n", (int)bytes, at,
                             lks_vocabulary_symbol(tags, found[t])));
      at += bytes;
    }
  }
  return LKS_OK;
}

const lks_task_kind lks_task_tag = {
    .name = "tag",
    .summary = "a tag for every word: named entities, parts of speech",
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
};
