/* SPDX-License-Identifier: Apache-2.0 */
/* prepare_text.c - one pass over the text counts symbols, the next writes numbers.
 *
 * A text that is cut into splits is read once more, before both, to learn how long it
 * is.  <unk> enters the vocabulary only when something needs it: the text has it,
 * limits leave symbols out, or validation or test have symbols that training lacks. */
#include "prepare/prepare_text.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/dataset_writer.h"
#include "prepare/keep_words.h"
#include "prepare/prepare_output.h"
#include "prepare/text_sources.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  const lks_prepare_text *setup;
  lks_text_sources sources;
  lks_vocabulary *vocabulary;
  lks_dataset_writer *writer;
  lks_text listing;  /* the files and their SHA-256 */
  bool has_outsider; /* validation or test have a symbol that training lacks */
  int unknown;       /* number of <unk>, or -1 */
  struct {
    int64_t tokens, text_bytes, unknown;
  } split[LKS_SPLIT_COUNT];
  lks_digest digest;
} preparation;

/* ---- what was asked for ---- */

static lks_status check_setup(const lks_prepare_text *setup) {
  bool by_split = setup->train != NULL || setup->valid != NULL || setup->test != NULL;
  bool cut = setup->valid_fraction != 0 || setup->test_fraction != 0;
  if (by_split && (cut || setup->input_count > 0))
    return LKS_FAIL(LKS_USAGE,
                    "texts are given by split, and one to be cut by fractions as well"
                    "\n  hint: give a file per split, or one text and fractions");
  if (!by_split && setup->input_count == 0)
    return LKS_FAIL(LKS_USAGE, "no text is given\n  hint: name a file to read");
  if (by_split && setup->train == NULL)
    return LKS_FAIL(LKS_USAGE, "there is a text for validation or test, but none for training"
                               "\n  hint: the vocabulary is that of the training text");
  if (!lks_prepare_are_fractions(setup->valid_fraction, setup->test_fraction))
    return LKS_FAIL(LKS_USAGE,
                    "fractions %g for validation and %g for test: expected numbers from 0 to "
                    "below 1, as is their sum\n  hint: 0.1 is a tenth of the text",
                    setup->valid_fraction, setup->test_fraction);
  if (setup->keep_words && setup->characters)
    return LKS_FAIL(LKS_USAGE, "words to keep: expected symbols that are words, found "
                               "characters");
  if (setup->vocab_size > INT32_MAX / 2)
    return LKS_FAIL(LKS_USAGE, "a vocabulary of %zu symbols is too large", setup->vocab_size);
  return LKS_OK;
}

/* ---- first pass: the vocabulary ---- */

static lks_status count_item(void *context, const lks_source_item *item) {
  preparation *p = context;
  const lks_text_item *symbol = &item->item;
  p->split[item->split].tokens++;
  p->split[item->split].text_bytes += item->text_bytes;
  if (item->split == LKS_SPLIT_TRAIN)
    LKS_TRY(lks_vocabulary_count_symbol(p->vocabulary, symbol->data, symbol->bytes));
  else if (!p->has_outsider)
    p->has_outsider = lks_vocabulary_find(p->vocabulary, symbol->data, symbol->bytes) < 0;
  return LKS_OK;
}

static lks_status finish_vocabulary(preparation *p) {
  const lks_prepare_text *setup = p->setup;
  const char *always[2];
  size_t always_count = 0;
  if (!setup->characters)
    always[always_count++] = LKS_LINE_END_SYMBOL;
  if (p->has_outsider ||
      lks_vocabulary_find(p->vocabulary, LKS_UNKNOWN_SYMBOL, strlen(LKS_UNKNOWN_SYMBOL)) >= 0 ||
      lks_vocabulary_is_cut(p->vocabulary, setup->vocab_size, setup->vocab_count, always,
                            always_count))
    always[always_count++] = LKS_UNKNOWN_SYMBOL;
  LKS_TRY(lks_vocabulary_finish(p->vocabulary, setup->vocab_size, setup->vocab_count, always,
                                always_count));
  p->unknown =
      lks_vocabulary_find(p->vocabulary, LKS_UNKNOWN_SYMBOL, strlen(LKS_UNKNOWN_SYMBOL));
  return LKS_OK;
}

/* Whether the split was asked for. */
static bool is_wanted(const lks_prepare_text *setup, lks_split split) {
  if (split == LKS_SPLIT_VALID)
    return setup->valid != NULL || setup->valid_fraction > 0;
  if (split == LKS_SPLIT_TEST)
    return setup->test != NULL || setup->test_fraction > 0;
  return true;
}

static lks_status check_splits(const preparation *p) {
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (is_wanted(p->setup, (lks_split)s) && p->split[s].tokens == 0)
      return LKS_FAIL(LKS_DATA,
                      "split '%s' is empty: the text has %lld items in training, %lld in "
                      "validation, %lld in test\n  hint: give more text, or another fraction",
                      lks_split_text((lks_split)s), (long long)p->split[0].tokens,
                      (long long)p->split[1].tokens, (long long)p->split[2].tokens);
  return LKS_OK;
}

/* ---- second pass: the values ---- */

static lks_status write_item(void *context, const lks_source_item *item) {
  preparation *p = context;
  int number = lks_vocabulary_find(p->vocabulary, item->item.data, item->item.bytes);
  if (number < 0)
    number = p->unknown;
  if (number < 0)
    return LKS_FAIL(LKS_DATA, "the text was changed while it was read\n  hint: try again");
  if (number == p->unknown)
    p->split[item->split].unknown++;
  LKS_TRY(lks_dataset_writer_append(p->writer, item->split, number));
  return LKS_OK;
}

static lks_status write_dataset(preparation *p) {
  const lks_dataset_setup setup = {.path = p->setup->out,
                                   .unit = lks_text_unit_text(p->sources.unit),
                                   .vocabulary = p->vocabulary};
  LKS_TRY(lks_dataset_writer_create(&p->writer, &setup));
  LKS_TRY(lks_text_sources_visit(&p->sources, write_item, p, &p->listing));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (p->split[s].tokens > 0)
      LKS_TRY(lks_dataset_writer_describe_split(p->writer, (lks_split)s, p->split[s].text_bytes,
                                                p->split[s].unknown));
  LKS_TRY(lks_dataset_writer_describe(p->writer, p->listing.data));
  LKS_TRY(lks_dataset_writer_commit(p->writer, &p->digest));
  return LKS_OK;
}

/* ---- what was made ---- */

static void print_summary(const preparation *p) {
  char tokens[32], bytes[32];
  bool characters = p->setup->characters;
  printf("%-10s  %15s  %15s  %9s\n", "split", characters ? "characters" : "tokens", "bytes",
         "unknown");
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (p->split[s].tokens > 0)
      printf("%-10s  %15s  %15s  %7.2f %%\n", lks_split_text((lks_split)s),
             lks_prepare_group_digits(p->split[s].tokens, tokens),
             lks_prepare_group_digits(p->split[s].text_bytes, bytes),
             100.0 * (double)p->split[s].unknown / (double)p->split[s].tokens);
  printf("%-10s  %s %s%s\n", "vocabulary",
         lks_prepare_group_digits(lks_vocabulary_size(p->vocabulary), tokens),
         characters ? "characters" : "words", p->unknown >= 0 ? ", <unk> among them" : "");
  lks_prepare_print_file(p->setup->out, &p->digest);
}

static lks_status prepare(preparation *p) {
  const lks_prepare_text *setup = p->setup;
  LKS_TRY(check_setup(setup));
  LKS_TRY(lks_text_sources_check(&p->sources, setup->out));
  LKS_TRY(lks_prepare_check_out(setup->out));
  if (setup->keep_words)
    LKS_TRY(lks_prepare_check_input(setup->keep_words, setup->out));
  if (setup->input_count > 0)
    LKS_TRY(lks_text_sources_cut(&p->sources, setup->valid_fraction, setup->test_fraction));
  LKS_TRY(lks_vocabulary_create(&p->vocabulary));
  if (setup->keep_words)
    LKS_TRY(lks_keep_words(p->vocabulary, setup->keep_words, false));
  LKS_TRY(lks_text_sources_visit(&p->sources, count_item, p, NULL));
  LKS_TRY(check_splits(p));
  LKS_TRY(finish_vocabulary(p));
  LKS_TRY(write_dataset(p));
  return LKS_OK;
}

lks_status lks_prepare_text_run(const lks_prepare_text *setup) {
  preparation p = {.setup = setup,
                   .sources = {.unit = setup->characters ? LKS_UNIT_CHARACTER : LKS_UNIT_WORD,
                               .file = {setup->train, setup->valid, setup->test},
                               .inputs = setup->inputs,
                               .input_count = setup->input_count}};
  lks_status status = prepare(&p);
  if (status == LKS_OK && !setup->quiet)
    print_summary(&p);
  lks_dataset_writer_destroy(p.writer);
  lks_text_release(&p.listing);
  lks_vocabulary_destroy(p.vocabulary);
  return status;
}
