/* SPDX-License-Identifier: Apache-2.0 */
/* tagger_words.c - words and their letters: two raggeds of one call, and the way from one
 * to the other. */
#include "task/tagger_parts.h"
#include "task/word_dropout.h"

#include <string.h>

/* Where the letters of every word are, and how many; a word that the field does not have
 * is one without letters. */
static int cut_words(lks_tagger *g, const lks_task_call *call) {
  const lks_batch_field *words = &call->fields[g->setup.word_field];
  const lks_batch_field *letters = &call->fields[g->setup.letter_field];
  int count = 0;
  for (int row = 0; row < call->row_pass->rows; row++) {
    int32_t at = letters->offsets[row], end = letters->offsets[row + 1];
    for (int32_t word = words->offsets[row]; word < words->offsets[row + 1]; word++) {
      int length = 0;
      g->letter_offsets[count] = at;
      for (; at < end && letters->values[at] != g->setup.space; at++)
        length++;
      at += at < end;
      g->letter_lengths[count] =
          length < g->setup.letters_most ? length : g->setup.letters_most;
      g->letter_owners[count++] = row;
    }
  }
  g->letter_offsets[count] = letters->offsets[call->row_pass->rows];
  return count;
}

void lks_tagger_order(lks_tagger *g, const lks_task_call *call) {
  const lks_batch_field *words = &call->fields[g->setup.word_field];
  int rows = call->row_pass->rows;
  for (int row = 0; row < rows; row++)
    g->lengths[row] = words->offsets[row + 1] - words->offsets[row];
  lks_ragged_fill(g->sentences, call->row_pass, rows, g->lengths, NULL);
  lks_ragged_symbols(g->sentences, words->values, words->offsets, g->word_symbols);
  lks_word_dropout_apply(&g->sentences->pass, g->setup.word_drop, g->setup.unknown,
                         g->word_symbols);
  if (call->losses || call->sums) {
    const lks_batch_field *tags = &call->fields[g->setup.tag_field];
    lks_ragged_symbols(g->sentences, tags->values, tags->offsets, g->tag_symbols);
  }
  if (!g->speller)
    return;
  int count = cut_words(g, call);
  const lks_batch_field *letters = &call->fields[g->setup.letter_field];
  lks_ragged_fill(g->letters, call->row_pass, count, g->letter_lengths, g->letter_owners);
  lks_ragged_symbols(g->letters, letters->values, g->letter_offsets, g->letter_symbols);
}

/* Visits the words of a slice of the rows: item of the sentences, position of the letters. */
typedef struct {
  lks_tagger *tagger;
  void (*visit)(lks_tagger *tagger, size_t item, size_t position);
} walk;

static void walk_body(void *context, int part, int parts) {
  const walk *w = context;
  lks_tagger *g = w->tagger;
  int first, last, word = 0;
  lks_parallel_slice(g->sentences->count, 1, part, parts, &first, &last);
  for (int row = 0; row < last; row++) {
    if (row >= first)
      for (int t = 0; t < g->lengths[row]; t++)
        w->visit(g, lks_ragged_item(g->sentences, row, t),
                 g->speller ? (size_t)g->letters->position[word + t] : 0);
    word += g->lengths[row];
  }
}

static void join_word(lks_tagger *g, size_t item, size_t position) {
  size_t units = (size_t)g->setup.units, hidden = (size_t)g->setup.letter_hidden;
  float *to = g->joined + item * (size_t)g->joined_units;
  memcpy(to, g->word_input + item * units, units * sizeof *to);
  for (size_t d = 0; d < 2 && hidden > 0; d++)
    memcpy(to + units + d * hidden, g->spelt[d].hidden + position * hidden,
           hidden * sizeof *to);
}

static void part_word(lks_tagger *g, size_t item, size_t position) {
  size_t units = (size_t)g->setup.units, hidden = (size_t)g->setup.letter_hidden;
  const float *from = g->d_joined + item * (size_t)g->joined_units;
  memcpy(g->word_input + item * units, from, units * sizeof *from);
  for (size_t d = 0; d < 2 && hidden > 0; d++) {
    memcpy(g->d_spelt[d].hidden + position * hidden, from + units + d * hidden,
           hidden * sizeof *from);
    memset(g->d_spelt[d].cell + position * hidden, 0, hidden * sizeof *from);
  }
}

void lks_tagger_join(lks_tagger *g, const lks_pass *pass) {
  lks_parallel(pass->threads, walk_body, &(walk){.tagger = g, .visit = join_word});
}

void lks_tagger_part(lks_tagger *g, const lks_pass *pass) {
  lks_parallel(pass->threads, walk_body, &(walk){.tagger = g, .visit = part_word});
}
