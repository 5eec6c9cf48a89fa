/* tokenizer.h - from a line to its symbols, and back: what the attribute `tokenizer` of a
 * dataset means.
 *
 *   words       what ASCII white space separates
 *   characters  every character, with one space for white space between others
 *   subwords    pieces of words, of a model that belongs to the dataset (subwords.h)
 *
 * and each with " lowercase" behind it: the same in lower case, letters of Latin, Greek,
 * Cyrillic and Armenian, as Unicode's simple mapping has them. */
#ifndef LOCKSTEP_TEXT_TOKENIZER_H
#define LOCKSTEP_TEXT_TOKENIZER_H

#include "base/text.h"
#include "text/subwords.h"
#include "text/words.h"

typedef enum { LKS_TOKENS_WORDS, LKS_TOKENS_CHARACTERS, LKS_TOKENS_SUBWORDS } lks_token_kind;

/* Starts as {0}, words as they are; close it when it was opened. */
typedef struct {
  lks_token_kind kind;
  bool lowercase;
  lks_subwords *subwords; /* of subwords; owned */
} lks_tokenizer;

/* The symbols of a line, one after another: start with {0}; release with
 * lks_words_release. */
typedef struct {
  lks_word *word; /* [count]; into the line, or into one of the texts */
  size_t count, capacity;
  lks_text lower;
  lks_text pieces;
} lks_words;

/* What a dataset's attribute says, with its model of `bytes` bytes.  Fails with LKS_DATA when
 * there is no such tokenizer, or the model is none. */
lks_status lks_tokenizer_open(lks_tokenizer *tokenizer, const char *text, const void *model,
                              size_t bytes);
void lks_tokenizer_close(lks_tokenizer *tokenizer);

/* The attribute. */
const char *lks_tokenizer_text(const lks_tokenizer *tokenizer);

/* The kind that an attribute says, without its model; of words when it says none. */
lks_token_kind lks_tokenizer_kind(const char *text);

/* Splits a line, which outlives the symbols. */
lks_status lks_tokenizer_split(const lks_tokenizer *tokenizer, lks_words *words,
                               const char *line, size_t bytes);

/* The words between white space, whatever the kind. */
lks_status lks_words_split(lks_words *words, const char *line, size_t bytes, bool lowercase);
void lks_words_release(lks_words *words);

/* Symbols from elsewhere: begin anew, add each, and settle when copies were added, which
 * have no place before. */
void lks_words_clear(lks_words *words);
lks_status lks_words_add(lks_words *words, const char *data, size_t bytes);
lks_status lks_words_add_copy(lks_words *words, const char *data, size_t bytes);
void lks_words_settle(lks_words *words);

/* Appends a symbol to the symbols that stand behind `begin` of the text. */
lks_status lks_tokenizer_join(lks_token_kind kind, lks_text *text, size_t begin,
                              const char *symbol);

/* Appends a text in lower case. */
lks_status lks_text_add_lower(lks_text *text, const char *data, size_t bytes);

#endif
