/* SPDX-License-Identifier: Apache-2.0 */
/* keep_words.c - a seal tells datasets from texts. */
#include "prepare/keep_words.h"

#include "base/fail.h"
#include "data/dataset.h"
#include "data/sequences.h"
#include "io/sealed_file.h"
#include "text/line_reader.h"
#include "text/number_text.h"
#include "text/text_reader.h"
#include "text/tokenizer.h"

#include <string.h>

typedef struct {
  lks_vocabulary *vocabulary;
  const char *path;
  bool lowers;
  lks_text lower; /* the word under way */
  size_t kept;
} keeping;

static lks_status keep(keeping *k, const char *word, size_t bytes) {
  k->kept++;
  if (!k->lowers)
    return lks_vocabulary_keep(k->vocabulary, word, bytes);
  lks_text_clear(&k->lower);
  LKS_TRY(lks_text_add_lower(&k->lower, word, bytes));
  return lks_vocabulary_keep(k->vocabulary, k->lower.data, k->lower.bytes);
}

/* The vocabulary of a text of words, or that of the words of samples; NULL: neither. */
static const lks_vocabulary *words_of(const lks_dataset *dataset) {
  const lks_sequence_table *table = lks_dataset_sequences(dataset);
  if (table == NULL)
    return strcmp(lks_dataset_unit(dataset), lks_text_unit_text(LKS_UNIT_WORD)) == 0
               ? lks_dataset_vocabulary(dataset)
               : NULL;
  int field = lks_sequence_field_find(table, "words");
  bool is_words =
      field >= 0 && lks_tokenizer_kind(table->field[field].tokenizer) == LKS_TOKENS_WORDS;
  return is_words ? table->field[field].vocabulary : NULL;
}

/* What it is instead. */
static const char *kind_of(const lks_dataset *dataset) {
  const lks_sequence_table *table = lks_dataset_sequences(dataset);
  if (lks_dataset_vocabulary(dataset) != NULL)
    return "characters";
  if (table == NULL)
    return lks_dataset_task(dataset);
  int field = lks_sequence_field_find(table, "words");
  return field >= 0 ? table->field[field].tokenizer : table->kind;
}

static lks_status keep_of_dataset(keeping *k) {
  lks_io_thread *io = NULL;
  lks_dataset *dataset = NULL;
  lks_status status;
  LKS_TRY(lks_io_thread_create(&io));
  LKS_TRY_OR(cleanup, status, lks_dataset_open(&dataset, k->path, io));
  const lks_vocabulary *words = words_of(dataset);
  if (words == NULL) {
    status = LKS_FAIL(LKS_DATA,
                      "%s: expected a dataset with a vocabulary of words, found one of %s\n"
                      "  hint: prepare text, labelled, described and tags make such ones",
                      k->path, kind_of(dataset));
    goto cleanup;
  }
  for (int i = 0; i < lks_vocabulary_size(words); i++) {
    const char *word = lks_vocabulary_symbol(words, i);
    LKS_TRY_OR(cleanup, status, keep(k, word, strlen(word)));
  }
cleanup:
  lks_dataset_close(dataset);
  lks_io_thread_destroy(io);
  return status;
}

static lks_status keep_of_line(keeping *k, const lks_line *line) {
  static const char blanks[] = " \t";
  if (line->bad < line->bytes)
    return LKS_FAIL(LKS_DATA, "%s:%lld: expected UTF-8 text, found byte 0x%02x", k->path,
                    (long long)line->number, (unsigned)(uint8_t)line->text[line->bad]);
  if (line->number == 1 && lks_number_is_heading(line->text))
    return LKS_OK;
  const char *word = line->text + strspn(line->text, blanks);
  size_t bytes = strcspn(word, blanks);
  return bytes > 0 ? keep(k, word, bytes) : LKS_OK;
}

static lks_status keep_of_lines(keeping *k) {
  lks_line_reader *reader;
  lks_line line;
  lks_status status;
  LKS_TRY(lks_line_reader_open(&reader, k->path));
  for (bool found = true; found;) {
    LKS_TRY_OR(cleanup, status, lks_line_reader_next(reader, &line, &found));
    if (found)
      LKS_TRY_OR(cleanup, status, keep_of_line(k, &line));
  }
cleanup:
  lks_line_reader_close(reader);
  return status;
}

lks_status lks_keep_words(lks_vocabulary *vocabulary, const char *path, bool lowers) {
  keeping k = {.vocabulary = vocabulary, .path = path, .lowers = lowers};
  lks_status status =
      lks_sealed_is_kind(path, LKS_FILE_DATASET) ? keep_of_dataset(&k) : keep_of_lines(&k);
  lks_text_release(&k.lower);
  if (status == LKS_OK && k.kept == 0)
    return LKS_FAIL(LKS_DATA, "%s: expected words, one a line, found none", path);
  return status;
}
