/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_dataset.c - a dataset's task; splits and vocabularies of texts and of sequences. */
#include "base/fail.h"
#include "base/text.h"
#include "data/sequences.h"
#include "report/inspect_parts.h"

#include <string.h>

enum { FIRST_SYMBOLS = 20 };

lks_status lks_inspect_quote(lks_text *text, const char *symbol) {
  LKS_TRY(lks_text_print(text, "%s'", text->bytes > 0 ? " " : ""));
  for (const char *c = symbol; *c != '\0'; c++) {
    if (*c == '\n')
      LKS_TRY(lks_text_print(text, "\\n"));
    else if (*c == '\t')
      LKS_TRY(lks_text_print(text, "\\t"));
    else if (*c == '\'' || *c == '\\')
      LKS_TRY(lks_text_print(text, "\\%c", *c));
    else if ((unsigned char)*c < ' ')
      LKS_TRY(lks_text_print(text, "\\x%02x", (unsigned)(unsigned char)*c));
    else
      LKS_TRY(lks_text_add(text, c, 1));
  }
  return lks_text_print(text, "'");
}

static lks_status print_vocabulary(const lks_vocabulary *vocabulary, FILE *out) {
  int size = lks_vocabulary_size(vocabulary);
  int shown = size < FIRST_SYMBOLS ? size : FIRST_SYMBOLS;
  char count[32];
  lks_text symbols = {0};
  lks_status status = LKS_OK;
  for (int i = 0; i < shown; i++)
    LKS_TRY_OR(cleanup, status,
               lks_inspect_quote(&symbols, lks_vocabulary_symbol(vocabulary, i)));
  lks_inspect_count(size, count);
  lks_inspect_row(out, "vocabulary", "%s symbols", count);
  if (shown > 0)
    lks_inspect_row(out, "", "%s%s", symbols.data, shown < size ? " …" : "");

cleanup:
  lks_text_release(&symbols);
  return status;
}

static lks_status print_text(const lks_dataset *dataset, FILE *out) {
  char count[32];
  lks_inspect_row(out, "unit", "%s", lks_dataset_unit(dataset));
  for (lks_split split = LKS_SPLIT_TRAIN; split < LKS_SPLIT_COUNT; split++) {
    int64_t tokens = lks_dataset_count(dataset, split);
    lks_inspect_count(tokens, count);
    lks_inspect_row(out, lks_split_text(split), tokens > 0 ? "%s %ss" : "none", count,
                    lks_dataset_unit(dataset));
  }
  return print_vocabulary(lks_dataset_vocabulary(dataset), out);
}

/* Splits with the symbols of each field, and the fields' vocabularies. */
static lks_status print_sequences(const lks_dataset *dataset, FILE *out) {
  const lks_sequence_table *table = lks_dataset_sequences(dataset);
  char count[32], symbols[32];
  lks_inspect_row(out, "kind", "%s", table->kind);
  for (lks_split split = LKS_SPLIT_TRAIN; split < LKS_SPLIT_COUNT; split++) {
    int64_t samples = table->samples[split];
    lks_inspect_count(samples, count);
    lks_inspect_row(out, lks_split_text(split), samples > 0 ? "%s samples" : "none", count);
    for (int f = 0; f < table->count && samples > 0; f++) {
      const lks_sequence_field *field = &table->field[f];
      lks_inspect_count(field->offsets[split][samples], symbols);
      lks_inspect_row(out, "", "%s: %s %s, at most %d", field->name, symbols,
                      field->numbers ? "numbers" : "symbols", field->longest[split]);
    }
  }
  for (int f = 0; f < table->count; f++) {
    const lks_sequence_field *field = &table->field[f];
    lks_inspect_row(out, "field", "%s%s%s", field->name, field->tokenizer[0] ? ": " : "",
                    field->tokenizer);
    if (!field->numbers)
      LKS_TRY(print_vocabulary(field->vocabulary, out));
  }
  return LKS_OK;
}

static lks_status print_dataset(const lks_dataset *dataset, FILE *out) {
  char hex[LKS_DIGEST_HEX];
  lks_digest_to_hex(lks_dataset_digest(dataset), hex);
  lks_inspect_row(out, "dataset", "%s", lks_dataset_path(dataset));
  lks_inspect_row(out, "digest", "%s", hex);
  lks_inspect_row(out, "task", "%s", lks_dataset_task(dataset));
  if (lks_dataset_series(dataset) != NULL)
    return lks_inspect_series(dataset, out);
  if (lks_dataset_sequences(dataset) != NULL)
    return print_sequences(dataset, out);
  return print_text(dataset, out);
}

/* Opens setup->path and hands it to `print`. */
static lks_status with_dataset(const lks_inspect_setup *setup,
                               lks_status (*print)(const lks_dataset *dataset, FILE *out)) {
  lks_status status = LKS_OK;
  lks_io_thread *io = NULL;
  lks_dataset *dataset = NULL;
  LKS_TRY_OR(cleanup, status, lks_io_thread_create(&io));
  LKS_TRY_OR(cleanup, status, lks_dataset_open(&dataset, setup->path, io));
  LKS_TRY_OR(cleanup, status, print(dataset, setup->out));

cleanup:
  lks_dataset_close(dataset);
  lks_io_thread_destroy(io);
  return status;
}

static lks_status print_only_digest(const lks_dataset *dataset, FILE *out) {
  char hex[LKS_DIGEST_HEX];
  lks_digest_to_hex(lks_dataset_digest(dataset), hex);
  fprintf(out, "digest %s\n", hex);
  return LKS_OK;
}

lks_status lks_inspect_dataset(const lks_inspect_setup *setup) {
  return with_dataset(setup, print_dataset);
}

lks_status lks_inspect_dataset_digest(const lks_inspect_setup *setup) {
  return with_dataset(setup, print_only_digest);
}
