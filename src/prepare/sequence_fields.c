/* SPDX-License-Identifier: Apache-2.0 */
/* sequence_fields.c - symbols to numbers.  The characters of tagged words are a field of
 * their own, and keep their case where the words lose it: it tells names. */
#include "prepare/sequence_fields.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/sequences.h"
#include "text/number_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORD_END_BYTES = 1 };

static const char WORD_END[] = " ";

static const lks_field_plan plans[][LKS_PREPARED_FIELDS_MAX] = {
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

const char *lks_sequences_text(lks_sequences kind) {
  static const char *const texts[] = {"labelled", "tags", "pairs", "described"};
  return texts[kind];
}

lks_status lks_sequence_fields_create(lks_sequence_fields *fields, lks_sequences kind,
                                      bool lowers, const char *out, lks_io_thread *helper) {
  *fields =
      (lks_sequence_fields){.kind = kind, .out = out, .helper = helper, .is_counted = true};
  for (int f = 0; f < LKS_PREPARED_FIELDS_MAX && plans[kind][f].name != NULL; f++) {
    lks_prepared_field *field = &fields->field[fields->count++];
    field->plan = &plans[kind][f];
    field->lowers = lowers && kind == LKS_SEQUENCES_TAGS && f == 0;
    LKS_TRY(lks_vocabulary_create(&field->vocabulary));
    LKS_TRY(lks_number_spool_create(&field->spool, out));
  }
  return LKS_OK;
}

void lks_sequence_fields_release(lks_sequence_fields *fields) {
  for (int f = 0; f < fields->count; f++) {
    lks_prepared_field *field = &fields->field[f];
    lks_number_spool_destroy(field->spool);
    lks_release(field->row.value);
    lks_release(field->renumbered);
    lks_release(field->moments);
    lks_release(field->scales);
    lks_words_release(&field->symbols);
    lks_vocabulary_destroy(field->vocabulary);
  }
}

static lks_status lower_words(lks_prepared_field *field, const lks_word *words, size_t count) {
  lks_words *symbols = &field->symbols;
  for (size_t i = 0; i < count; i++) {
    lks_text_clear(&symbols->lower);
    LKS_TRY(lks_text_add_lower(&symbols->lower, words[i].data, words[i].bytes));
    LKS_TRY(lks_words_add_copy(symbols, symbols->lower.data, symbols->lower.bytes));
  }
  lks_words_settle(symbols);
  return LKS_OK;
}

static lks_status spell_words(lks_prepared_field *field, const lks_word *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    for (size_t at = 0, length; at < words[i].bytes; at += length) {
      length = lks_text_character(words[i].data + at, words[i].bytes - at, NULL);
      LKS_TRY(lks_words_add(&field->symbols, words[i].data + at, length));
    }
    LKS_TRY(lks_words_add(&field->symbols, WORD_END, WORD_END_BYTES));
  }
  return LKS_OK;
}

/* The symbols of a field, which belong to it or to the sample; makes room for their numbers. */
static lks_status find_symbols(lks_prepared_field *field, const lks_source_sample *sample,
                               const lks_word **symbols) {
  const lks_word *words = sample->part[field->plan->from].words.word;
  size_t count = sample->part[field->plan->from].words.count;
  *symbols = words;
  lks_words_clear(&field->symbols);
  if (field->plan->characters || field->lowers) {
    LKS_TRY(field->lowers ? lower_words(field, words, count)
                          : spell_words(field, words, count));
    *symbols = field->symbols.word;
    count = field->symbols.count;
  }
  return lks_number_row_resize(&field->row, count);
}

/* The numbers of a row of the training split, to the moments that become their scales. */
static lks_status count_moments(lks_prepared_field *field) {
  if (field->moments == NULL)
    LKS_TRY(lks_allocate(&field->moments, field->width, sizeof *field->moments));
  for (size_t i = 0; i < field->width; i++) {
    float number;
    memcpy(&number, &field->row.value[i], sizeof number);
    lks_moments_add(&field->moments[i], (double)number);
  }
  return LKS_OK;
}

/* The bits of a vector's numbers; another width than the first sample has, or what is no
 * finite f32, makes the sample bad. */
static lks_status read_vector(lks_prepared_field *field, const char *path,
                              lks_source_sample *sample) {
  lks_source_part *part = &sample->part[field->plan->from];
  const lks_word *words = part->words.word;
  size_t count = part->words.count;
  if (field->width == 0)
    field->width = count;
  if (count != field->width || count == 0)
    return lks_source_complain(part, LKS_BAD_NUMBERS,
                               "%s:%lld: expected %zu numbers, as the first line has, found "
                               "%zu\n  hint: --skip-bad leaves such lines out",
                               path, (long long)sample->line,
                               field->width > 0 ? field->width : 1, count);
  LKS_TRY(lks_number_row_resize(&field->row, count));
  for (size_t i = 0; i < count; i++) {
    char text[64];
    double value = 0;
    snprintf(text, sizeof text, "%.*s", (int)words[i].bytes, words[i].data);
    lks_number_kind kind = lks_number_read(text, strlen(text), '.', &value);
    float number = (float)value;
    if (kind != LKS_NUMBER_FINITE || !isfinite(number) || words[i].bytes >= sizeof text)
      return lks_source_complain(part, LKS_BAD_NUMBERS,
                                 "%s:%lld: number %zu: expected a finite number, found '%s'\n  "
                                 "hint: --skip-bad leaves such lines out",
                                 path, (long long)sample->line, i + 1, text);
    memcpy(&field->row.value[i], &number, sizeof number);
  }
  return lks_number_spool_append(field->spool, &field->row);
}

/* A class that training lacks makes the sample bad. */
static lks_status check_classes(const lks_sequence_fields *fields,
                                const lks_prepared_field *field, const char *path,
                                lks_source_sample *sample) {
  lks_source_part *part = &sample->part[field->plan->from];
  bool label = fields->kind == LKS_SEQUENCES_LABELLED;
  for (size_t i = 0; i < part->words.count; i++) {
    const lks_word *class = &part->words.word[i];
    if (lks_vocabulary_find(field->vocabulary, class->data, class->bytes) < 0)
      return lks_source_complain(part, label ? LKS_BAD_LABEL : LKS_BAD_TAG,
                                 "%s:%lld: expected a %s of the training file, found '%.*s'\n  "
                                 "hint: --skip-bad leaves such samples out",
                                 path, (long long)sample->line, label ? "label" : "tag",
                                 class->bytes < 256 ? (int)class->bytes : 255, class->data);
  }
  return LKS_OK;
}

/* What can be wrong with a sample besides its text; vectors, once good, are spooled. */
static lks_status check_sample(lks_sequence_fields *fields, const char *path,
                               lks_source_sample *sample) {
  for (int f = 0; f < fields->count && lks_source_bad(sample) == LKS_BAD_NOTHING; f++) {
    lks_prepared_field *field = &fields->field[f];
    if (field->plan->numbers) {
      LKS_TRY(read_vector(field, path, sample));
      if (fields->is_counted && lks_source_bad(sample) == LKS_BAD_NOTHING)
        LKS_TRY(count_moments(field));
    } else if (field->plan->classes && !fields->is_counted)
      LKS_TRY(check_classes(fields, field, path, sample));
  }
  return LKS_OK;
}

/* Those of the vocabulary; what it lacks is <unk>. */
static void find_numbers(lks_prepared_field *field, const lks_word *symbols) {
  lks_vocabulary_find_words(field->vocabulary, symbols, field->row.count, field->row.value);
  for (size_t i = 0; i < field->row.count; i++)
    if (field->row.value[i] < 0)
      field->row.value[i] = field->unknown;
}

/* Symbols of a field of all good samples, to its spool. */
static lks_status take_symbols(void *context) {
  lks_prepared_field *field = context;
  for (int i = 0; i < field->sample_count; i++) {
    const lks_word *symbols;
    if (lks_source_bad(&field->samples[i]) != LKS_BAD_NOTHING)
      continue;
    LKS_TRY(find_symbols(field, &field->samples[i], &symbols));
    if (field->renumbered == NULL)
      LKS_TRY(lks_vocabulary_count_words(field->vocabulary, symbols, field->row.count,
                                         field->row.value));
    else
      find_numbers(field, symbols);
    LKS_TRY(lks_number_spool_append(field->spool, &field->row));
  }
  return LKS_OK;
}

lks_status lks_sequence_fields_take(lks_sequence_fields *fields, const char *path,
                                    lks_source_sample *samples, int count) {
  for (int i = 0; i < count; i++)
    LKS_TRY(check_sample(fields, path, &samples[i]));
  for (int f = 0; f < fields->count; f++) {
    lks_prepared_field *field = &fields->field[f];
    field->samples = samples;
    field->sample_count = field->plan->numbers ? 0 : count;
  }
  lks_io_job first = {.run = take_symbols, .context = &fields->field[0]};
  lks_io_submit(fields->helper, &first);
  lks_status others = LKS_OK;
  for (int f = 1; f < fields->count && others == LKS_OK; f++)
    others = take_symbols(&fields->field[f]);
  LKS_TRY(lks_io_wait(fields->helper, &first));
  return others;
}

/* A number that is always the same keeps its unit. */
static lks_status finish_scales(lks_prepared_field *field) {
  LKS_TRY(lks_allocate(&field->scales, field->width, sizeof *field->scales));
  for (size_t i = 0; i < field->width; i++) {
    double deviation = lks_moments_deviation(&field->moments[i]);
    field->scales[i] =
        (lks_number_scale){field->moments[i].mean, deviation > 0 ? deviation : 1};
  }
  return LKS_OK;
}

static lks_status finish_field(lks_prepared_field *field, size_t size, int64_t minimum) {
  static const char *const of_words[] = {LKS_UNKNOWN_SYMBOL, LKS_LINE_END_SYMBOL};
  static const char *const of_characters[] = {LKS_UNKNOWN_SYMBOL, WORD_END};
  static const char *const number = LKS_NUMBER_SYMBOL;
  const lks_field_plan *plan = field->plan;
  field->unknown = -1;
  if (plan->numbers) {
    if (field->moments != NULL)
      LKS_TRY(finish_scales(field));
    return lks_vocabulary_finish(field->vocabulary, 0, 1, &number, 1);
  }
  bool words = !plan->classes && !plan->characters;
  LKS_TRY(lks_vocabulary_finish(field->vocabulary, words ? size : 0, words ? minimum : 1,
                                plan->characters ? of_characters : of_words,
                                plan->classes ? 0 : 2));
  if (!plan->classes)
    field->unknown =
        lks_vocabulary_find(field->vocabulary, LKS_UNKNOWN_SYMBOL, strlen(LKS_UNKNOWN_SYMBOL));
  return lks_vocabulary_renumbered(field->vocabulary, field->unknown, &field->renumbered);
}

lks_status lks_sequence_fields_finish(lks_sequence_fields *fields, size_t size,
                                      int64_t minimum) {
  for (int f = 0; f < fields->count; f++)
    LKS_TRY(finish_field(&fields->field[f], size, minimum));
  return lks_sequence_fields_rewind(fields);
}

lks_status lks_sequence_fields_begin(lks_sequence_fields *fields) {
  fields->is_counted = false;
  for (int f = 0; f < fields->count; f++) {
    lks_number_spool_destroy(fields->field[f].spool);
    fields->field[f].spool = NULL;
    LKS_TRY(lks_number_spool_create(&fields->field[f].spool, fields->out));
  }
  return LKS_OK;
}

lks_status lks_sequence_fields_rewind(lks_sequence_fields *fields) {
  for (int f = 0; f < fields->count; f++)
    LKS_TRY(lks_number_spool_rewind(fields->field[f].spool));
  return LKS_OK;
}

/* The row's numbers, which are kept as their bits, on their scales. */
static lks_status scale_row(lks_prepared_field *field) {
  for (size_t i = 0; i < field->row.count; i++) {
    float number;
    memcpy(&number, &field->row.value[i], sizeof number);
    LKS_TRY(lks_number_scales_apply(&field->scales[i], 1, &number));
    memcpy(&field->row.value[i], &number, sizeof number);
  }
  return LKS_OK;
}

/* Numbers of counting to those of the vocabulary. */
static void renumber(lks_prepared_field *field) {
  for (size_t i = 0; i < field->row.count; i++)
    field->row.value[i] = field->renumbered[field->row.value[i]];
}

static int64_t count_unknowns(const lks_prepared_field *field) {
  int64_t unknowns = 0;
  for (size_t i = 0; i < field->row.count && field->unknown >= 0; i++)
    unknowns += field->row.value[i] == field->unknown;
  return unknowns;
}

lks_status lks_sequence_fields_next(lks_sequence_fields *fields) {
  for (int f = 0; f < fields->count; f++) {
    lks_prepared_field *field = &fields->field[f];
    LKS_TRY(lks_number_spool_next(field->spool, &field->row));
    if (field->plan->numbers)
      LKS_TRY(scale_row(field));
    else if (fields->is_counted)
      renumber(field);
    field->unknowns = count_unknowns(field);
  }
  return LKS_OK;
}
