/* SPDX-License-Identifier: Apache-2.0 */
/* word_vectors.h - vectors of words that somebody trained before, from a text file.
 *
 * A line is a word and its numbers, separated by spaces (as GloVe writes them); a first
 * line of two whole numbers, words and width, is passed over (as word2vec writes it). */
#ifndef LOCKSTEP_TASK_WORD_VECTORS_H
#define LOCKSTEP_TASK_WORD_VECTORS_H

#include "text/vocabulary.h"

typedef struct {
  float *values; /* [words, units]; rows that were not in the file are zero */
  bool *is_there;
  int words, units;
  int found;
} lks_word_vectors;

/* Reads the vectors of the vocabulary's words.  Fails with LKS_DATA, naming file and line,
 * for a line that has not `units` numbers, a number that is none, a second vector of a
 * word of the vocabulary, or text that is not UTF-8. */
lks_status lks_word_vectors_read(lks_word_vectors *vectors, const char *path,
                                 const lks_vocabulary *vocabulary, int units);
void lks_word_vectors_release(lks_word_vectors *vectors);

/* Puts them into table [words, units]; other rows stay. */
void lks_word_vectors_apply(const lks_word_vectors *vectors, float *table);

#endif
