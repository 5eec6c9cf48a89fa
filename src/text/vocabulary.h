/* vocabulary.h - symbols and their numbers.
 *
 * Symbols are UTF-8 texts: words, or single characters.  Numbers go by falling
 * count, ties by bytes.  Word vocabularies have "<unk>" for what is left out and
 * "<eos>" at the end of a line. */
#ifndef LOCKSTEP_TEXT_VOCABULARY_H
#define LOCKSTEP_TEXT_VOCABULARY_H

#include "base/text.h"
#include "text/words.h"

/* The symbol for what a vocabulary leaves out, and the end of a line (words only). */
#define LKS_UNKNOWN_SYMBOL "<unk>"
#define LKS_LINE_END_SYMBOL "<eos>"

typedef struct lks_vocabulary lks_vocabulary;

lks_status lks_vocabulary_create(lks_vocabulary **vocabulary);
void lks_vocabulary_destroy(lks_vocabulary *vocabulary);

/* Counts one occurrence (adding the symbol when it is new). */
lks_status lks_vocabulary_count_symbol(lks_vocabulary *vocabulary, const char *symbol,
                                       size_t bytes);

/* Counts words[0..count), and tells the place of each among all that were counted or
 * kept, in the order in which they came first: numbers[i] is 0 for a word like the very
 * first. */
lks_status lks_vocabulary_count_words(lks_vocabulary *vocabulary, const lks_word *words,
                                      size_t count, int32_t *numbers);

/* Keeps a symbol whatever the limits of lks_vocabulary_finish; one that is new is added as
 * seen zero times. */
lks_status lks_vocabulary_keep(lks_vocabulary *vocabulary, const char *symbol, size_t bytes);

/* Whether lks_vocabulary_finish, given the same limits, leaves symbols out. */
bool lks_vocabulary_is_cut(const lks_vocabulary *vocabulary, size_t size, int64_t minimum,
                           const char *const *always, size_t always_count);

/* Numbers the symbols: those with at least `minimum` occurrences, at most `size` of them
 * (0: no limit), `always[0..always_count)` and those of lks_vocabulary_keep among them
 * whatever their counts.  Fails with LKS_USAGE when `size` has no room for these, or of the
 * others none is left. */
lks_status lks_vocabulary_finish(lks_vocabulary *vocabulary, size_t size, int64_t minimum,
                                 const char *const *always, size_t always_count);

/* After it: what has become of each symbol that was counted, in the order in which they
 * came first: its number, or `unknown` when it was left out.  Release with lks_release. */
lks_status lks_vocabulary_renumbered(const lks_vocabulary *vocabulary, int32_t unknown,
                                     int32_t **numbers);

/* Appends a symbol with the next number: for vocabularies that are read from a file.
 * Fails with LKS_DATA when it is there already, is empty or holds a zero byte. */
lks_status lks_vocabulary_append(lks_vocabulary *vocabulary, const char *symbol, size_t bytes);

int lks_vocabulary_size(const lks_vocabulary *vocabulary);

/* Number of a symbol, or -1.  Before lks_vocabulary_finish it only tells what was counted. */
int lks_vocabulary_find(const lks_vocabulary *vocabulary, const char *symbol, size_t bytes);

/* The same of words[0..count). */
void lks_vocabulary_find_words(const lks_vocabulary *vocabulary, const lks_word *words,
                               size_t count, int32_t *numbers);

/* Symbol of a number, zero-terminated. */
const char *lks_vocabulary_symbol(const lks_vocabulary *vocabulary, int number);

#endif
