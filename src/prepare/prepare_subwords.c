/* SPDX-License-Identifier: Apache-2.0 */
/* prepare_subwords.c - the texts of a source as the lines that subwords are learnt from. */
#include "prepare/prepare_subwords.h"

#include "base/fail.h"

#include <string.h>

typedef struct {
  lks_sequence_source *source;
  lks_source_sample *sample; /* whose fields are given out */
  int fields;                /* texts of a sample: of pairs two */
  int field;                 /* the next one */
  lks_text line;
} reading;

/* The words of a field, a space between them. */
static lks_status print_words(const lks_word_list *words, lks_text *line) {
  lks_text_clear(line);
  for (size_t i = 0; i < words->count; i++) {
    lks_word word = lks_word_list_at(words, i);
    if (i > 0)
      LKS_TRY(lks_text_add(line, " ", 1));
    LKS_TRY(lks_text_add(line, word.data, word.bytes));
  }
  return LKS_OK;
}

static lks_status next_line(void *context, const char **line, size_t *bytes) {
  reading *r = context;
  *line = NULL;
  while (r->sample == NULL || r->field == r->fields || r->sample->bad != LKS_BAD_NOTHING) {
    LKS_TRY(lks_sequence_source_next(r->source, &r->sample));
    if (r->sample == NULL)
      return LKS_OK;
    r->field = 0;
  }
  LKS_TRY(print_words(&r->sample->field[r->field++], &r->line));
  *line = r->line.data ? r->line.data : "";
  *bytes = r->line.bytes;
  return LKS_OK;
}

lks_status lks_prepare_subwords(const lks_prepare_sequences *setup, uint8_t **model,
                                size_t *bytes) {
  const lks_tokenizer words = {.lowercase = setup->lowercase};
  const lks_sequence_source_setup source = {.kind = setup->kind,
                                            .first = setup->file[LKS_SPLIT_TRAIN],
                                            .second = setup->second[LKS_SPLIT_TRAIN],
                                            .tokenizer = &words,
                                            .max_length = 0};
  reading r = {.fields = setup->kind == LKS_SEQUENCES_PAIRS ? 2 : 1};
  const lks_subwords_training training = {.pieces = setup->subwords,
                                          .lines = setup->subword_lines,
                                          .next = next_line,
                                          .context = &r};
  LKS_TRY(lks_sequence_source_open(&r.source, &source));
  lks_status status = lks_subwords_train(&training, model, bytes);
  lks_sequence_source_close(r.source);
  lks_text_release(&r.line);
  return status;
}
