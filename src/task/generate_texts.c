/* SPDX-License-Identifier: Apache-2.0 */
/* generate_texts.c - the task `generate`: one to many, a label or a vector in, a text out.
 *
 * Sums of a row: its loss and its terms, symbols and the line's end. */
#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/number_scales.h"
#include "data/sequences.h"
#include "decode/sample.h"
#include "model/initialise.h"
#include "task/generator.h"
#include "task/line_condition.h"
#include "task/network.h"
#include "text/tokenizer.h"

#include <stdio.h>
#include <string.h>

static const lks_key keys[] = {
    {"model", "cell", LKS_KEY_CHOICE, "lstm", LKS_CELL_NAMES, 1, 0, LKS_KEY_FIXED,
     "recurrent cell"},
    {"model", "embedding", LKS_KEY_INTEGER, "0", NULL, 0, 65536, LKS_KEY_FIXED,
     "units of a symbol's and of a label's vector; 0: as many as hidden"},
    {"model", "tied", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED,
     "output weights are the symbols' vectors (needs embedding = hidden)"},
    {"train", "label_smoothing", LKS_KEY_REAL, "0", NULL, 0, 0.99, LKS_KEY_FIXED,
     "share of the symbol's probability given to all symbols alike"},
    {"predict", "length", LKS_KEY_INTEGER, "500", NULL, 1, 1000000, LKS_KEY_FREE,
     "most symbols of a text, which ends by itself"},
    {"predict", "temperature", LKS_KEY_REAL, "0.8", NULL, 0, 100, LKS_KEY_FREE,
     "below 1 safer, above 1 bolder; 0: always the likeliest symbol"},
    {"predict", "top_k", LKS_KEY_INTEGER, "0", NULL, 0, 1000000, LKS_KEY_FREE,
     "draws among so many of the likeliest symbols; 0: all"},
    {"predict", "top_p", LKS_KEY_REAL, "1", NULL, 0, 1, LKS_KEY_FREE,
     "draws among the likeliest symbols that together have this probability"},
    {"predict", "seed", LKS_KEY_INTEGER, "1", NULL, 0, 9e15, LKS_KEY_FREE,
     "same seed, same texts"},
    {"predict", "prompt", LKS_KEY_TEXT, "", NULL, 1, 0, LKS_KEY_FREE,
     "what every text begins with"},
};

typedef struct {
  lks_task task;
  const lks_config *config; /* borrowed; outlives this */
  const lks_sequence_field *text;
  const lks_sequence_field *condition; /* labels, or numbers */
  int numbers;                         /* of a vector; 0: labels */
  lks_generator *generator;
  lks_token_kind tokens;
  int end, unknown;
  double *losses; /* [rows] when scoring */
} generate_task;

static lks_status register_keys(lks_config *config) {
  LKS_TRY(lks_network_register(config));
  LKS_TRY(lks_config_default(config, "train", "carry_state", "no"));
  LKS_TRY(lks_config_default(config, "train", "batch", "32"));
  return lks_config_register(config, keys, sizeof keys / sizeof *keys);
}

static void destroy(lks_task *task) {
  generate_task *m = (generate_task *)task;
  if (!m)
    return;
  lks_release(m->losses);
  lks_generator_destroy(m->generator);
  lks_params_destroy(m->task.params);
  lks_release(m);
}

static lks_status build(generate_task *m, const lks_sequence_table *table) {
  const lks_config *config = m->config;
  lks_generator_setup setup = {
      .symbols = lks_vocabulary_size(m->text->vocabulary),
      .labels = m->numbers > 0 ? 0 : lks_vocabulary_size(m->condition->vocabulary),
      .numbers = m->numbers,
      .text_field = lks_sequence_field_find(table, "words"),
      .condition_field = lks_sequence_field_find(table, m->numbers > 0 ? "vector" : "label"),
      .end = m->end,
      .units = (int)lks_config_integer(config, "model", "embedding"),
      .tied = lks_config_bool(config, "model", "tied"),
      .smoothing = (float)lks_config_real(config, "train", "label_smoothing"),
      .recurrent = lks_network_read(config),
  };
  setup.recurrent.cell = lks_cell_find(lks_config_text(config, "model", "cell"));
  if (setup.units == 0)
    setup.units = setup.recurrent.hidden;
  if (setup.tied && setup.units != setup.recurrent.hidden)
    return LKS_FAIL(LKS_USAGE,
                    "[model] tied = yes needs embedding = hidden, found embedding %d and "
                    "hidden %d\n  hint: leave embedding out, or set tied = no",
                    setup.units, setup.recurrent.hidden);
  return lks_generator_create(&m->generator, &setup, m->task.params);
}

/* A label, or as many numbers, for every text. */
static lks_status check_conditions(const generate_task *m, const lks_sequence_table *table,
                                   const lks_dataset *dataset) {
  int expected = m->numbers > 0 ? m->numbers : 1;
  if (m->numbers > 0 && !lks_number_scales_check(m->condition->model, m->condition->model_bytes,
                                                 (size_t)m->numbers))
    return LKS_FAIL(LKS_DATA,
                    "%s: field %s: expected a mean and a deviation of each of %d "
                    "numbers, found others",
                    lks_dataset_path(dataset), m->condition->name, m->numbers);
  for (int split = 0; split < LKS_SPLIT_COUNT; split++)
    for (int64_t i = 0; m->condition->offsets[split] && i < table->samples[split]; i++) {
      int64_t found = m->condition->offsets[split][i + 1] - m->condition->offsets[split][i];
      if (found != expected)
        return LKS_FAIL(LKS_DATA, "%s: %s sample %lld: expected %d of field %s, found %lld",
                        lks_dataset_path(dataset), lks_split_text((lks_split)split),
                        (long long)i, expected, m->condition->name, (long long)found);
    }
  return LKS_OK;
}

static lks_status read_dataset(generate_task *m, const lks_dataset *dataset) {
  const lks_sequence_table *table = lks_dataset_sequences(dataset);
  bool labelled = table && strcmp(table->kind, "labelled") == 0;
  if (!labelled && !(table && strcmp(table->kind, "described") == 0))
    return LKS_FAIL(LKS_DATA,
                    "%s: [task] kind = generate: expected a dataset of labelled or described "
                    "texts, found %s\n  hint: lockstep prepare labelled makes one",
                    lks_dataset_path(dataset), table ? table->kind : lks_dataset_task(dataset));
  m->text = &table->field[lks_sequence_field_find(table, "words")];
  m->condition = &table->field[lks_sequence_field_find(table, labelled ? "label" : "vector")];
  m->numbers = labelled ? 0 : m->condition->longest[LKS_SPLIT_TRAIN];
  LKS_TRY(check_conditions(m, table, dataset));
  m->task.terms_field = lks_sequence_field_find(table, "words");
  m->tokens = lks_tokenizer_kind(m->text->tokenizer);
  m->end = lks_vocabulary_find(m->text->vocabulary, LKS_LINE_END_SYMBOL,
                               strlen(LKS_LINE_END_SYMBOL));
  m->unknown =
      lks_vocabulary_find(m->text->vocabulary, LKS_UNKNOWN_SYMBOL, strlen(LKS_UNKNOWN_SYMBOL));
  if (m->end < 0)
    return LKS_FAIL(LKS_DATA, "%s: field words: expected the symbol %s, found none",
                    lks_dataset_path(dataset), LKS_LINE_END_SYMBOL);
  return build(m, table);
}

static lks_status create(lks_task **task, const lks_config *config,
                         const lks_dataset *dataset) {
  lks_status status;
  generate_task *m;
  *task = NULL;
  LKS_TRY(lks_allocate(&m, 1, sizeof *m));
  m->task.kind = &lks_task_generate;
  m->task.item = "tokens";
  m->task.loss_per_row = true;
  m->task.terms_more = 1;
  m->task.sum_count = 2;
  m->config = config;
  LKS_TRY_OR(cleanup, status, lks_params_create(&m->task.params));
  LKS_TRY_OR(cleanup, status, read_dataset(m, dataset));
  *task = &m->task;
  return LKS_OK;
cleanup:
  destroy(&m->task);
  return status;
}

static lks_status allocate(lks_task *task, const lks_capacity *capacity) {
  generate_task *m = (generate_task *)task;
  LKS_TRY(lks_generator_allocate(m->generator, capacity));
  return lks_allocate(&m->losses, (size_t)capacity->rows, sizeof *m->losses);
}

static void initialise(lks_task *task, uint64_t seed) {
  generate_task *m = (generate_task *)task;
  int vectors = lks_generator_vectors(m->generator),
      labels = lks_generator_labels(m->generator);
  bool tied = vectors == lks_generator_output(m->generator);
  bool torch = strcmp(lks_config_text(m->config, "model", "initial"), "torch") == 0;
  lks_network_initialise(m->config, task->params, lks_generator_stack(m->generator),
                         tied ? -1 : vectors, m->text->longest[LKS_SPLIT_TRAIN], seed);
  if (torch && labels >= 0)
    lks_initialise_normal(task->params, labels, lks_random_key_of(seed), 1.0);
}

static void pack(lks_task *task, const lks_kernels *kernels, int threads, bool training) {
  lks_generator_pack(((generate_task *)task)->generator, kernels, threads, training);
}

static void train(lks_task *task, const lks_task_call *call) {
  lks_generator_train(((generate_task *)task)->generator, call);
}

static void score(lks_task *task, const lks_task_call *call) {
  generate_task *m = (generate_task *)task;
  const lks_batch_field *text = &call->fields[task->terms_field];
  lks_generator_score(m->generator, call, m->losses);
  for (int row = 0; row < call->row_pass->rows; row++) {
    call->sums[2 * row] += m->losses[row];
    call->sums[2 * row + 1] += text->offsets[row + 1] - text->offsets[row] + 1;
  }
}

static int train_scores(const lks_task *task, double loss, double terms,
                        lks_score out[LKS_SCORES_MAX]) {
  const generate_task *m = (const generate_task *)task;
  double mean = loss / terms;
  if (m->tokens == LKS_TOKENS_CHARACTERS) {
    out[0] = (lks_score){"nats_per_character", mean, false};
    return 1;
  }
  out[0] = (lks_score){"perplexity", lks_exp_f64(mean), false};
  out[1] = (lks_score){m->tokens == LKS_TOKENS_WORDS ? "nats_per_word" : "nats_per_piece", mean,
                       false};
  return 2;
}

static int scores(const lks_task *task, const double *sums, lks_score out[LKS_SCORES_MAX]) {
  return train_scores(task, sums[0], sums[1], out);
}

/* ---- texts --------------------------------------------------------------- */

/* Texts of some rows under way. */
typedef struct {
  generate_task *task;
  const lks_task_call *call;
  lks_text *answers;
  int32_t *prompt; /* [prompt_count] the line's end, then the prompt */
  int prompt_count;
  int32_t *labels; /* [rows] or … */
  float *numbers;  /* … [rows, numbers] */
  int32_t *drawn;  /* [length, rows] */
  bool *has_ended; /* [rows] */
  lks_status status;
} writing;

static lks_status check_line(const lks_task *task, const char *line) {
  const generate_task *m = (const generate_task *)task;
  float *numbers;
  int32_t label;
  if (m->numbers == 0)
    return lks_line_label(m->condition->vocabulary, line, &label);
  LKS_TRY(lks_allocate(&numbers, (size_t)m->numbers, sizeof *numbers));
  lks_status status = lks_line_numbers(line, m->numbers, m->condition->model, numbers);
  lks_release(numbers);
  return status;
}

/* Whether the next character begins a word: the tokenizer passes spaces at a line's end,
 * behind a prompt they count. */
static bool ends_in_space(const char *text) {
  size_t bytes = strlen(text);
  return bytes > 0 && strchr(" \t\r\n", text[bytes - 1]);
}

/* Words that the model does not know are named in a warning and read as unknown, as in a
 * language model's prompt. */
static lks_status take_prompt(writing *w) {
  const generate_task *m = w->task;
  const char *text = lks_config_text(m->config, "predict", "prompt");
  lks_tokenizer tokenizer = {0};
  lks_words words = {0};
  lks_status status;
  LKS_TRY_OR(
      cleanup, status,
      lks_tokenizer_open(&tokenizer, m->text->tokenizer, m->text->model, m->text->model_bytes));
  LKS_TRY_OR(cleanup, status, lks_tokenizer_split(&tokenizer, &words, text, strlen(text)));
  if (m->tokens == LKS_TOKENS_CHARACTERS && words.count > 0 && ends_in_space(text))
    LKS_TRY_OR(cleanup, status, lks_words_add(&words, " ", 1));
  LKS_TRY_OR(cleanup, status, lks_allocate(&w->prompt, words.count + 1, sizeof *w->prompt));
  w->prompt[w->prompt_count++] = m->end;
  for (size_t i = 0; i < words.count; i++) {
    int symbol =
        lks_vocabulary_find(m->text->vocabulary, words.word[i].data, words.word[i].bytes);
    if (symbol < 0 && m->tokens == LKS_TOKENS_CHARACTERS) {
      status = LKS_FAIL(LKS_USAGE, "prompt: '%.*s' is none of the model's %d characters",
                        (int)words.word[i].bytes, words.word[i].data,
                        lks_vocabulary_size(m->text->vocabulary));
      goto cleanup;
    }
    if (symbol < 0) {
      lks_log(LKS_LOG_WARNING, "prompt: '%.*s' is none of the model's %d %s, read as <unk>",
              (int)words.word[i].bytes, words.word[i].data,
              lks_vocabulary_size(m->text->vocabulary),
              m->tokens == LKS_TOKENS_WORDS ? "words" : "subwords");
      symbol = m->unknown;
    }
    w->prompt[w->prompt_count++] = symbol;
  }
cleanup:
  lks_words_release(&words);
  lks_tokenizer_close(&tokenizer);
  return status;
}

static lks_status step(void *context, const int32_t *symbols, float *logits) {
  const writing *w = context;
  const lks_generator_condition condition = {.labels = w->labels, .numbers = w->numbers};
  lks_generator_step(w->task->generator, w->call->row_pass, &condition, symbols, logits);
  return LKS_OK;
}

static lks_status add_symbol(writing *w, int row, int32_t symbol) {
  return lks_tokenizer_join(w->task->tokens, &w->answers[row], 0,
                            lks_vocabulary_symbol(w->task->text->vocabulary, symbol));
}

/* Goes on until every row has drawn the line's end. */
static bool emit(void *context, int time, const int32_t *drawn) {
  writing *w = context;
  bool goes_on = false;
  (void)time;
  for (int row = 0; row < w->call->row_pass->rows; row++) {
    w->has_ended[row] = w->has_ended[row] || drawn[row] == w->task->end;
    if (w->has_ended[row] || w->status != LKS_OK)
      continue;
    w->status = add_symbol(w, row, drawn[row]);
    goes_on = true;
  }
  return goes_on;
}

static lks_status write_texts(writing *w) {
  const generate_task *m = w->task;
  const lks_config *config = m->config;
  const lks_pass *pass = w->call->row_pass;
  int length = (int)lks_config_integer(config, "predict", "length");
  const lks_sample_setup sampling = {
      .temperature = (float)lks_config_real(config, "predict", "temperature"),
      .top_k = (int)lks_config_integer(config, "predict", "top_k"),
      .top_p = (float)lks_config_real(config, "predict", "top_p"),
      .seed = (uint64_t)lks_config_integer(config, "predict", "seed"),
      .row = pass->sample};
  const lks_stepper stepper = {pass->rows, lks_vocabulary_size(m->text->vocabulary), step, w};
  LKS_TRY(take_prompt(w));
  for (int row = 0; row < pass->rows; row++)
    for (int i = 1; i < w->prompt_count; i++)
      LKS_TRY(add_symbol(w, row, w->prompt[i]));
  LKS_TRY(lks_allocate(&w->drawn, (size_t)length, (size_t)pass->rows * sizeof *w->drawn));
  lks_generator_begin(m->generator);
  LKS_TRY(lks_sample_run(&stepper, &sampling, pass->kernels, w->prompt, w->prompt_count, length,
                         m->unknown, w->drawn, emit, w));
  return w->status;
}

/* A text for the label, or the numbers, that each line is. */
static lks_status answer(lks_task *task, const lks_task_call *call, const char *const *lines,
                         lks_text *answers) {
  generate_task *m = (generate_task *)task;
  lks_status status;
  size_t rows = (size_t)call->row_pass->rows;
  writing w = {.task = m, .call = call, .answers = answers};
  LKS_TRY_OR(cleanup, status, lks_allocate(&w.labels, rows, sizeof *w.labels));
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&w.numbers, rows, (size_t)(m->numbers + 1) * sizeof(float)));
  LKS_TRY_OR(cleanup, status, lks_allocate(&w.has_ended, rows, sizeof *w.has_ended));
  for (size_t row = 0; row < rows; row++)
    LKS_TRY_OR(cleanup, status,
               m->numbers > 0
                   ? lks_line_numbers(lines[row], m->numbers, m->condition->model,
                                      w.numbers + row * (size_t)m->numbers)
                   : lks_line_label(m->condition->vocabulary, lines[row], &w.labels[row]));
  LKS_TRY_OR(cleanup, status, write_texts(&w));
cleanup:
  lks_release(w.drawn);
  lks_release(w.prompt);
  lks_release(w.has_ended);
  lks_release(w.numbers);
  lks_release(w.labels);
  return status;
}

static const lks_vocabulary *symbols(const lks_task *task, int param) {
  const generate_task *m = (const generate_task *)task;
  if (param == lks_generator_labels(m->generator))
    return m->condition->vocabulary;
  bool of_text = param == lks_generator_vectors(m->generator) ||
                 param == lks_generator_output(m->generator) ||
                 param == lks_generator_output_bias(m->generator);
  return of_text ? m->text->vocabulary : NULL;
}

const lks_task_kind lks_task_generate = {
    .name = "generate",
    .summary = "a text that belongs to a label or a vector",
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
    .answer = answer,
    .check_line = check_line,
    .symbols = symbols,
};
