/* SPDX-License-Identifier: Apache-2.0 */
/* translate_text.c - translations as counts of BLEU, and as text. */
#include "base/fail.h"
#include "base/memory.h"
#include "task/translation.h"
#include "text/detokenizer.h"

#include <math.h>
#include <string.h>

/* What stands for symbol i of a hypothesis: itself, or a word of the source. */
typedef struct {
  const lks_translation_side *side;
  const int32_t *symbols;
  int count;
  const int *aligned; /* [count] or NULL: unknown symbols stay */
  const char *line;   /* the source as it was written */
} said;

/* Word `number` of a line; *bytes is 0 when it has no such. */
static const char *word_of(const char *line, int number, size_t *bytes) {
  for (;; number--) {
    line += strspn(line, " \t\r\n");
    *bytes = strcspn(line, " \t\r\n");
    if (number == 0 || *bytes == 0)
      return line;
    line += *bytes;
  }
}

static lks_status add_said(lks_text *text, const said *s) {
  size_t begin = text->bytes, bytes;
  for (int i = 0; i < s->count; i++) {
    const char *symbol = lks_vocabulary_symbol(s->side->vocabulary, s->symbols[i]);
    if (s->side->tokens != LKS_TOKENS_WORDS) {
      LKS_TRY(lks_tokenizer_join(s->side->tokens, text, begin, symbol));
      continue;
    }
    if (i > 0)
      LKS_TRY(lks_text_add(text, " ", 1));
    const char *word = symbol;
    bytes = 0;
    if (s->aligned && s->symbols[i] == s->side->unknown)
      word = word_of(s->line, s->aligned[i], &bytes);
    LKS_TRY(bytes > 0 ? lks_text_add(text, word, bytes)
                      : lks_text_add(text, symbol, strlen(symbol)));
  }
  return LKS_OK;
}

/* Words: numbers are compared, and what is unknown matches nothing. */
static void count_words(lks_translation *m, const lks_hypothesis *found,
                        const int32_t *reference, int count, lks_bleu_counts *counts) {
  for (int i = 0; i < found->length; i++)
    m->said[i] = found->symbols[i] == m->target.unknown ? -1 : found->symbols[i];
  lks_bleu_add(counts, m->said, found->length, reference, count);
}

/* Pieces or characters: they are joined to words first. */
static lks_status count_pieces(const lks_translation *m, const lks_hypothesis *found,
                               const int32_t *reference, int count, lks_bleu_counts *counts) {
  lks_status status;
  lks_text ours = {0}, theirs = {0};
  said left = {.side = &m->target, .symbols = found->symbols, .count = found->length};
  said right = {.side = &m->target, .symbols = reference, .count = count};
  LKS_TRY_OR(cleanup, status, add_said(&ours, &left));
  LKS_TRY_OR(cleanup, status, add_said(&theirs, &right));
  LKS_TRY_OR(
      cleanup, status,
      lks_bleu_add_lines(counts, ours.data ? ours.data : "", theirs.data ? theirs.data : ""));
cleanup:
  lks_text_release(&theirs);
  lks_text_release(&ours);
  return status;
}

static void count_row(lks_translation *m, const lks_task_call *call, int b) {
  const lks_batch_field *field = &call->fields[m->target.field];
  const int32_t *reference = field->values + field->offsets[b];
  int count = field->offsets[b + 1] - field->offsets[b];
  double *sums = call->sums + (size_t)b * LKS_TRANSLATION_SUMS + LKS_TRANSLATION_BLEU;
  lks_bleu_counts counts = {.reference = 0};
  lks_hypothesis found = {.length = 0};
  if (lks_beam_count(m->beam, b) > 0)
    found = lks_beam_result(m->beam, b, 0);
  if (m->target.tokens == LKS_TOKENS_WORDS)
    count_words(m, &found, reference, count, &counts);
  else if (count_pieces(m, &found, reference, count, &counts) != LKS_OK)
    counts.reference = NAN; /* no memory: the score says so */
  const double *added = (const double *)&counts;
  for (int i = 0; i < LKS_BLEU_COUNTS; i++)
    sums[i] += added[i];
}

void lks_translation_score(lks_task *task, const lks_task_call *call) {
  lks_translation *m = (lks_translation *)task;
  lks_translation_encode(m, call);
  lks_translation_take_targets(m, call);
  lks_translation_add_losses(m, call);
  if (!m->beam)
    return;
  lks_translation_search_rows(m, call);
  for (int b = 0; b < call->row_pass->rows; b++)
    count_row(m, call, b);
}

/* A line for each symbol of the last result: its weights on the symbols of the source. */
static lks_status add_weights(const lks_translation *m, const lks_hypothesis *found, int b,
                              lks_text *text) {
  for (int i = 0; i < found->length; i++) {
    const float *weights = lks_beam_attention(m->beam, i);
    LKS_TRY(lks_text_print(text, "\n%s",
                           lks_vocabulary_symbol(m->target.vocabulary, found->symbols[i])));
    for (int s = 0; s < m->source.lengths[b]; s++)
      LKS_TRY(lks_text_print(text, "\t%.4f", (double)weights[s]));
  }
  return LKS_OK;
}

/* A translation as it is answered. */
static lks_status add_written(const lks_translation *m, const said *words, lks_text *text) {
  lks_text tokenised = {0};
  if (!lks_config_bool(m->config, "predict", "detokenize"))
    return add_said(text, words);
  lks_status status = add_said(&tokenised, words);
  if (status == LKS_OK && tokenised.data)
    status = lks_detokenize(tokenised.data, text);
  lks_text_release(&tokenised);
  return status;
}

static lks_status answer_row(lks_translation *m, int b, const char *line, lks_text *text) {
  bool replaces = lks_config_bool(m->config, "predict", "replace_unknown");
  bool several = lks_config_integer(m->config, "predict", "n_best") > 1;
  for (int rank = 0; rank < lks_beam_count(m->beam, b); rank++) {
    lks_hypothesis found = lks_beam_result(m->beam, b, rank);
    said words = {.side = &m->target, .symbols = found.symbols, .count = found.length};
    if (replaces && line && m->source.tokens == LKS_TOKENS_WORDS) {
      words.aligned = found.aligned;
      words.line = line;
    }
    if (rank > 0)
      LKS_TRY(lks_text_add(text, "\n", 1));
    if (several)
      LKS_TRY(lks_text_print(text, "%.4f\t", found.score));
    LKS_TRY(add_written(m, &words, text));
    if (lks_config_bool(m->config, "predict", "weights"))
      LKS_TRY(add_weights(m, &found, b, text));
  }
  return LKS_OK;
}

lks_status lks_translation_answer(lks_task *task, const lks_task_call *call,
                                  const char *const *lines, lks_text *answers) {
  lks_translation *m = (lks_translation *)task;
  if (!m->beam)
    return LKS_FAIL(LKS_USAGE, "translations need [evaluate] translate = yes\n  hint: --set "
                               "evaluate.translate=yes");
  lks_translation_encode(m, call);
  lks_translation_search_rows(m, call);
  for (int b = 0; b < call->row_pass->rows; b++)
    LKS_TRY(answer_row(m, b, lines ? lines[b] : NULL, &answers[b]));
  return LKS_OK;
}
