/* tokenizer.h - from a line to its words: what the attribute `tokenizer` of a dataset means.
 *
 *   words            what ASCII white space separates
 *   words lowercase  the same in lower case: letters of Latin, Greek, Cyrillic and Armenian,
 *                    as Unicode's simple mapping has them */
#ifndef LOCKSTEP_TEXT_TOKENIZER_H
#define LOCKSTEP_TEXT_TOKENIZER_H

#include "base/text.h"

/* A word of a line. */
typedef struct {
  const char *data; /* no final zero byte */
  size_t bytes;
} lks_word;

/* The words of a line, one after another: start with {0}; release with lks_words_release. */
typedef struct {
  lks_word *word; /* [count]; into the line, or into `lower` */
  size_t count, capacity;
  lks_text lower;
} lks_words;

/* Splits a line, which outlives the words where `lowercase` is false. */
lks_status lks_words_split(lks_words *words, const char *line, size_t bytes, bool lowercase);
void lks_words_release(lks_words *words);

/* Appends a text in lower case. */
lks_status lks_text_add_lower(lks_text *text, const char *data, size_t bytes);

#endif
