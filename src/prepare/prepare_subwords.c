/* SPDX-License-Identifier: Apache-2.0 */
/* prepare_subwords.c - the texts of a source as the lines that subwords are learnt from. */
#include "prepare/prepare_subwords.h"

#include "base/fail.h"

#include <string.h>

typedef struct {
  lks_sequence_source *source;
  const lks_source_sample *sample; /* [samples] whose texts are given out */
  int samples;
  int parts; /* texts of a sample: of pairs two */
  int next;  /* text of them all */
  lks_text line;
} reading;

/* The words of a text, a space between them. */
static lks_status print_words(const lks_words *words, lks_text *line) {
  lks_text_clear(line);
  for (size_t i = 0; i < words->count; i++) {
    if (i > 0)
      LKS_TRY(lks_text_add(line, " ", 1));
    LKS_TRY(lks_text_add(line, words->word[i].data, words->word[i].bytes));
  }
  return LKS_OK;
}

static lks_status next_line(void *context, const char **line, size_t *bytes) {
  reading *r = context;
  const lks_source_sample *sample;
  *line = NULL;
  do {
    if (r->next == r->parts * r->samples) {
      lks_source_sample *samples;
      LKS_TRY(lks_sequence_source_next(r->source, &samples, &r->samples));
      r->sample = samples;
      r->next = 0;
      if (r->samples == 0)
        return LKS_OK;
    }
    sample = &r->sample[r->next++ / r->parts];
  } while (lks_source_bad(sample) != LKS_BAD_NOTHING);
  LKS_TRY(print_words(&sample->part[(r->next - 1) % r->parts].words, &r->line));
  *line = r->line.data ? r->line.data : "";
  *bytes = r->line.bytes;
  return LKS_OK;
}

lks_status lks_prepare_subwords(const lks_prepare_sequences *setup, lks_io_thread *helper,
                                uint8_t **model, size_t *bytes) {
  const lks_tokenizer words = {.lowercase = setup->lowercase};
  const lks_sequence_source_setup source = {.kind = setup->kind,
                                            .first = setup->file[LKS_SPLIT_TRAIN],
                                            .second = setup->second[LKS_SPLIT_TRAIN],
                                            .tokenizer = &words,
                                            .helper = helper};
  reading r = {.parts = setup->kind == LKS_SEQUENCES_PAIRS ? 2 : 1};
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
