/* SPDX-License-Identifier: Apache-2.0 */
/* prepare_sequences.c - one pass over the training split counts words, another over all
 * splits writes numbers.  The characters of tagged words are a field of their own, and keep
 * their case where the words lose it: it tells names. */
#include "prepare/prepare_sequences.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/sequence_writer.h"
#include "prepare/prepare_output.h"
#include "prepare/prepare_subwords.h"
#include "prepare/sequence_summary.h"
#include "text/number_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = LKS_PREPARED_FIELDS_MAX, WORD_END_BYTES = 1 };

static const char WORD_END[] = " ";

/* A field of the dataset, and the part of a source's sample that it is made of. */
typedef struct {
  const char *name;
  int from;        /* field of the source */
  bool characters; /* of the words, with a word end behind each */
  bool classes;    /* a label or tag: no unknown symbol */
  bool numbers;    /* f32 values, as many in every sample */
} field_plan;

static const field_plan plans[][FIELDS_MAX] = {
    [LKS_SEQUENCES_LABELLED] = {{"words", 0, false, false, false},
                                {"label", 1, false, true, false}},
    [LKS_SEQUENCES_TAGS] = {{"words", 0, false, false, false},
                            {"characters", 0, true, false, false},
                            {"tags", 1, false, true, false}},
    [LKS_SEQUENCES_PAIRS] = {{"source", 0, false, false, false},
                             {"target", 1, false, false, false}},
    [LKS_SEQUENCES_DESCRIBED] = {{"words", 0, false, false, false},
                                 {"vector", 1, false, false, true}},
};
static const char *const kinds[] = {"labelled", "tags", "pairs", "described"};

/* The numbers of a field of one sample. */
typedef struct {
  int32_t *symbol;
  int count;
  size_t capacity;
} numbers;

typedef struct {
  const lks_prepare_sequences *setup;
  const field_plan *plan;
  int fields;
  lks_tokenizer tokenizer;
  bool lowers_words; /* of tags, whose letters keep their case */
  lks_text lower;    /* the word under way */
  uint8_t *model;    /* of subwords */
  size_t model_bytes;
  lks_vocabulary *vocabulary[FIELDS_MAX];
  int unknown[FIELDS_MAX]; /* number of <unk>, or -1 */
  numbers number[FIELDS_MAX];
  lks_sequence_count split[LKS_SPLIT_COUNT];
  size_t width; /* numbers of a vector, as the first sample has them */
  lks_sequence_writer *writer;
  lks_text listing;
  lks_digest digest;
} preparation;

/* Calls visit for every symbol of a field of a sample. */
static lks_status visit_symbols(preparation *p, int field, const lks_source_sample *sample,
                                lks_status (*visit)(void *context, const char *symbol,
                                                    size_t bytes),
                                void *context) {
  const field_plan *plan = &p->plan[field];
  const lks_word_list *words = &sample->field[plan->from];
  bool lowers = p->lowers_words && field == 0;
  for (size_t i = 0; i < words->count; i++) {
    lks_word word = lks_word_list_at(words, i);
    if (lowers) {
      lks_text_clear(&p->lower);
      LKS_TRY(lks_text_add_lower(&p->lower, word.data, word.bytes));
      word = (lks_word){p->lower.data, p->lower.bytes};
    }
    if (!plan->characters) {
      LKS_TRY(visit(context, word.data, word.bytes));
      continue;
    }
    for (size_t at = 0, length; at < word.bytes; at += length) {
      length = lks_text_character(word.data + at, word.bytes - at, NULL);
      LKS_TRY(visit(context, word.data + at, length));
    }
    LKS_TRY(visit(context, WORD_END, WORD_END_BYTES));
  }
  return LKS_OK;
}

static lks_status open_source(const preparation *p, lks_split split,
                              lks_sequence_source **source) {
  const lks_prepare_sequences *setup = p->setup;
  const lks_sequence_source_setup s = {.kind = setup->kind,
                                       .first = setup->file[split],
                                       .second = setup->second[split],
                                       .tokenizer = &p->tokenizer,
                                       .repairs = setup->repairs,
                                       .max_length = setup->max_length};
  return lks_sequence_source_open(source, &s);
}

/* A bad sample ends the work, or is counted.  One that is only too long is always left out:
 * that is what --max-length asks for. */
static lks_status judge(const preparation *p, const lks_source_sample *sample,
                        lks_sequence_count *count) {
  if (sample->bad != LKS_BAD_LENGTH && !p->setup->skips)
    return LKS_FAIL(LKS_DATA, "%s", sample->message.data);
  count->bad[sample->bad]++;
  return LKS_OK;
}

static lks_status count_symbol(void *context, const char *symbol, size_t bytes) {
  return lks_vocabulary_count_symbol(context, symbol, bytes);
}

static lks_status count_words(preparation *p, lks_sequence_source *source) {
  lks_sequence_count unused = {0};
  for (;;) {
    lks_source_sample *sample;
    LKS_TRY(lks_sequence_source_next(source, &sample));
    if (sample == NULL)
      return LKS_OK;
    if (sample->bad != LKS_BAD_NOTHING) {
      LKS_TRY(judge(p, sample, &unused));
      continue;
    }
    for (int f = 0; f < p->fields; f++)
      if (!p->plan[f].numbers)
        LKS_TRY(visit_symbols(p, f, sample, count_symbol, p->vocabulary[f]));
  }
}

static lks_status finish_vocabularies(preparation *p) {
  static const char *const of_words[] = {LKS_UNKNOWN_SYMBOL, LKS_LINE_END_SYMBOL};
  static const char *const of_characters[] = {LKS_UNKNOWN_SYMBOL, WORD_END};
  static const char *const number = LKS_NUMBER_SYMBOL;
  for (int f = 0; f < p->fields; f++) {
    const field_plan *plan = &p->plan[f];
    bool words = !plan->classes && !plan->characters;
    if (plan->numbers) {
      LKS_TRY(lks_vocabulary_finish(p->vocabulary[f], 0, 1, &number, 1));
      p->unknown[f] = -1;
      continue;
    }
    LKS_TRY(lks_vocabulary_finish(
        p->vocabulary[f], words ? p->setup->vocab_size : 0, words ? p->setup->vocab_count : 1,
        plan->characters ? of_characters : of_words, plan->classes ? 0 : 2));
    p->unknown[f] = plan->classes ? -1
                                  : lks_vocabulary_find(p->vocabulary[f], LKS_UNKNOWN_SYMBOL,
                                                        strlen(LKS_UNKNOWN_SYMBOL));
  }
  return LKS_OK;
}

static lks_status make_vocabularies(preparation *p) {
  lks_sequence_source *source;
  for (int f = 0; f < p->fields; f++)
    LKS_TRY(lks_vocabulary_create(&p->vocabulary[f]));
  LKS_TRY(open_source(p, LKS_SPLIT_TRAIN, &source));
  lks_status status = count_words(p, source);
  lks_sequence_source_close(source);
  LKS_TRY(status);
  return finish_vocabularies(p);
}

/* Where the symbols of a field go. */
typedef struct {
  const lks_vocabulary *vocabulary;
  numbers *to;
  int unknown;
  int64_t unknowns;
  char missing[256]; /* the first class that there is not, or "" */
} numbering;

static lks_status keep_number(numbers *to, int32_t number) {
  if ((size_t)to->count == to->capacity) {
    size_t wider = to->capacity > 0 ? 2 * to->capacity : 256;
    LKS_TRY(lks_reallocate(&to->symbol, to->capacity, wider, sizeof(int32_t)));
    to->capacity = wider;
  }
  to->symbol[to->count++] = number;
  return LKS_OK;
}

static lks_status number_symbol(void *context, const char *symbol, size_t bytes) {
  numbering *n = context;
  int number = lks_vocabulary_find(n->vocabulary, symbol, bytes);
  if (number < 0 && n->unknown < 0 && n->missing[0] == '\0')
    snprintf(n->missing, sizeof n->missing, "%.*s", (int)bytes, symbol);
  if (number < 0)
    number = n->unknown;
  n->unknowns += number == n->unknown;
  return keep_number(n->to, number);
}

/* The bits of a vector's numbers; another width than the first sample has, or what is no
 * finite f32, makes the sample bad. */
static lks_status number_vector(preparation *p, lks_split split, int f,
                                lks_source_sample *sample) {
  const lks_word_list *words = &sample->field[p->plan[f].from];
  if (p->width == 0)
    p->width = words->count;
  if (words->count != p->width || p->width == 0)
    return lks_source_complain(sample, LKS_BAD_NUMBERS,
                               "%s:%lld: expected %zu numbers, as the first line has, found "
                               "%zu\n  hint: --skip-bad leaves such lines out",
                               p->setup->file[split], (long long)sample->line,
                               p->width > 0 ? p->width : 1, words->count);
  p->number[f].count = 0;
  for (size_t i = 0; i < words->count; i++) {
    lks_word word = lks_word_list_at(words, i);
    char text[64];
    double value = 0;
    int32_t bits;
    snprintf(text, sizeof text, "%.*s", (int)word.bytes, word.data);
    lks_number_kind kind = lks_number_read(text, strlen(text), '.', &value);
    float number = (float)value;
    if (kind != LKS_NUMBER_FINITE || !isfinite(number) || word.bytes >= sizeof text)
      return lks_source_complain(sample, LKS_BAD_NUMBERS,
                                 "%s:%lld: number %zu: expected a finite number, found '%s'\n  "
                                 "hint: --skip-bad leaves such lines out",
                                 p->setup->file[split], (long long)sample->line, i + 1, text);
    memcpy(&bits, &number, sizeof bits);
    LKS_TRY(keep_number(&p->number[f], bits));
  }
  return LKS_OK;
}

/* Numbers of all fields; a class that training lacks makes the sample bad. */
static lks_status number_sample(preparation *p, lks_split split, lks_source_sample *sample,
                                int64_t unknowns[FIELDS_MAX]) {
  for (int f = 0; f < p->fields; f++) {
    numbering n = {
        .vocabulary = p->vocabulary[f], .to = &p->number[f], .unknown = p->unknown[f]};
    unknowns[f] = 0;
    if (p->plan[f].numbers) {
      LKS_TRY(number_vector(p, split, f, sample));
      continue;
    }
    p->number[f].count = 0;
    LKS_TRY(visit_symbols(p, f, sample, number_symbol, &n));
    unknowns[f] = n.unknowns;
    if (n.missing[0] == '\0')
      continue;
    bool label = p->setup->kind == LKS_SEQUENCES_LABELLED;
    LKS_TRY(lks_source_complain(sample, label ? LKS_BAD_LABEL : LKS_BAD_TAG,
                                "%s:%lld: expected a %s of the training file, found '%s'\n  "
                                "hint: --skip-bad leaves such samples out",
                                p->setup->file[split], (long long)sample->line,
                                label ? "label" : "tag", n.missing));
  }
  return LKS_OK;
}

static lks_status write_sample(preparation *p, lks_split split,
                               const int64_t unknowns[FIELDS_MAX]) {
  lks_sequence_count *count = &p->split[split];
  const int32_t *symbols[FIELDS_MAX];
  int lengths[FIELDS_MAX];
  for (int f = 0; f < p->fields; f++) {
    symbols[f] = p->number[f].symbol;
    lengths[f] = p->number[f].count;
    count->symbols[f] += lengths[f];
    count->unknown[f] += unknowns[f];
    count->longest[f] = lengths[f] > count->longest[f] ? lengths[f] : count->longest[f];
  }
  count->samples++;
  return lks_sequence_writer_append(p->writer, split, symbols, lengths);
}

static lks_status write_samples(preparation *p, lks_split split, lks_sequence_source *source) {
  for (;;) {
    lks_source_sample *sample;
    int64_t unknowns[FIELDS_MAX];
    LKS_TRY(lks_sequence_source_next(source, &sample));
    if (sample == NULL)
      break;
    if (sample->bad == LKS_BAD_NOTHING)
      LKS_TRY(number_sample(p, split, sample, unknowns));
    if (sample->bad == LKS_BAD_NOTHING)
      LKS_TRY(write_sample(p, split, unknowns));
    else
      LKS_TRY(judge(p, sample, &p->split[split]));
  }
  p->split[split].repaired = lks_sequence_source_repaired(source);
  LKS_TRY(lks_sequence_source_list(source, &p->listing));
  if (p->split[split].samples == 0)
    return LKS_FAIL(LKS_DATA, "%s: no sample is left for split '%s'", p->setup->file[split],
                    lks_split_text(split));
  return LKS_OK;
}

static lks_status write_split(preparation *p, lks_split split) {
  char name[64];
  lks_sequence_source *source;
  LKS_TRY(open_source(p, split, &source));
  lks_status status = write_samples(p, split, source);
  lks_sequence_source_close(source);
  LKS_TRY(status);
  for (int bad = 1; bad < LKS_BAD_COUNT; bad++)
    if (p->split[split].bad[bad] > 0) {
      snprintf(name, sizeof name, "left out: %s", lks_bad_text((lks_bad)bad));
      LKS_TRY(
          lks_sequence_writer_describe_split(p->writer, split, name, p->split[split].bad[bad]));
    }
  return LKS_OK;
}

static lks_status write_dataset(preparation *p) {
  lks_sequence_field_setup fields[FIELDS_MAX];
  for (int f = 0; f < p->fields; f++) {
    bool split = !p->plan[f].classes && !p->plan[f].characters && !p->plan[f].numbers;
    fields[f] =
        (lks_sequence_field_setup){.name = p->plan[f].name,
                                   .vocabulary = p->vocabulary[f],
                                   .tokenizer = split ? lks_tokenizer_text(&p->tokenizer)
                                                : p->plan[f].numbers ? LKS_NUMBERS_TOKENIZER
                                                                     : "",
                                   .model = split ? p->model : NULL,
                                   .model_bytes = split ? p->model_bytes : 0};
  }
  const lks_sequence_setup setup = {.path = p->setup->out,
                                    .kind = kinds[p->setup->kind],
                                    .fields = fields,
                                    .field_count = p->fields};
  LKS_TRY(lks_sequence_writer_create(&p->writer, &setup));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (p->setup->file[s] != NULL)
      LKS_TRY(write_split(p, (lks_split)s));
  LKS_TRY(lks_sequence_writer_describe(p->writer, p->listing.data));
  return lks_sequence_writer_commit(p->writer, &p->digest);
}

static void print_summary(const preparation *p) {
  const char *names[FIELDS_MAX] = {NULL};
  for (int f = 0; f < p->fields; f++)
    names[f] = p->plan[f].name;
  lks_sequence_summary_print(p->split, p->fields, names, p->vocabulary);
  lks_prepare_print_file(p->setup->out, &p->digest);
}

static lks_status check(const lks_prepare_sequences *setup) {
  LKS_TRY(lks_prepare_check_out(setup->out));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    if (setup->file[s] != NULL)
      LKS_TRY(lks_prepare_check_input(setup->file[s], setup->out));
    if (setup->second[s] != NULL)
      LKS_TRY(lks_prepare_check_input(setup->second[s], setup->out));
  }
  return LKS_OK;
}

/* The tokenizer; subwords are learnt from the training split. */
static lks_status make_tokenizer(preparation *p) {
  const lks_prepare_sequences *setup = p->setup;
  lks_tokenizer named = {.kind = setup->tokens, .lowercase = setup->lowercase};
  if (setup->tokens == LKS_TOKENS_SUBWORDS)
    LKS_TRY(lks_prepare_subwords(setup, &p->model, &p->model_bytes));
  return lks_tokenizer_open(&p->tokenizer, lks_tokenizer_text(&named), p->model,
                            p->model_bytes);
}

static lks_status prepare(preparation *p) {
  LKS_TRY(check(p->setup));
  LKS_TRY(make_tokenizer(p));
  LKS_TRY(make_vocabularies(p));
  return write_dataset(p);
}

lks_status lks_prepare_sequences_run(const lks_prepare_sequences *setup) {
  preparation p = {.setup = setup,
                   .plan = plans[setup->kind],
                   .lowers_words = setup->kind == LKS_SEQUENCES_TAGS && setup->lowercase};
  while (p.fields < FIELDS_MAX && p.plan[p.fields].name != NULL)
    p.fields++;
  lks_status status = prepare(&p);
  if (status == LKS_OK && !setup->quiet)
    print_summary(&p);
  lks_sequence_writer_destroy(p.writer);
  lks_text_release(&p.listing);
  lks_text_release(&p.lower);
  lks_tokenizer_close(&p.tokenizer);
  lks_release(p.model);
  for (int f = 0; f < p.fields; f++) {
    lks_release(p.number[f].symbol);
    lks_vocabulary_destroy(p.vocabulary[f]);
  }
  return status;
}
