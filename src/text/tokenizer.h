/* tokenizer.h - from a line to the symbols of a vocabulary, and back.
 *
 *   words            what ASCII white space separates
 *   words lowercase  the same in lower case: letters of Latin, Greek, Cyrillic and Armenian,
 *                    as Unicode's simple mapping has them
 *
 * Words that the vocabulary lacks are LKS_UNKNOWN_SYMBOL. */
#ifndef LOCKSTEP_TEXT_TOKENIZER_H
#define LOCKSTEP_TEXT_TOKENIZER_H

#include "base/text.h"
#include "text/vocabulary.h"

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

typedef struct lks_tokenizer lks_tokenizer;

/* `vocabulary` is borrowed and outlives the tokenizer.  Fails with LKS_DATA when there is no
 * tokenizer called `kind`. */
lks_status lks_tokenizer_create(lks_tokenizer **tokenizer, const char *kind,
                                const lks_vocabulary *vocabulary);
void lks_tokenizer_destroy(lks_tokenizer *tokenizer);

/* The symbols of a line: *symbols[*count] belong to the tokenizer, until the next call. */
lks_status lks_tokenizer_encode(lks_tokenizer *tokenizer, const char *line, size_t bytes,
                                const int32_t **symbols, int *count);

#endif
