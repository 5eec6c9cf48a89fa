/* keep_words.h - words that a vocabulary has besides those of its training text.
 *
 * A model that starts from another one ([model] init_from) or from word vectors knows words
 * then that its own training text lacks. */
#ifndef LOCKSTEP_PREPARE_KEEP_WORDS_H
#define LOCKSTEP_PREPARE_KEEP_WORDS_H

#include "text/vocabulary.h"

/* Keeps the words of `path` in `vocabulary`, whatever their counts: of a dataset those of
 * its vocabulary of words; of any other file the first word of each line, which of a file of
 * word vectors is all of them.  In lower case when `lowers`.  Fails with LKS_DATA, naming
 * file and line, when the file is not there, has no words or is not UTF-8, and with
 * LKS_IO when it cannot be read on. */
lks_status lks_keep_words(lks_vocabulary *vocabulary, const char *path, bool lowers);

#endif
