/* words.h - a word, or another symbol, of a line. */
#ifndef LOCKSTEP_TEXT_WORDS_H
#define LOCKSTEP_TEXT_WORDS_H

#include <stddef.h>

typedef struct {
  const char *data; /* no final zero byte */
  size_t bytes;
} lks_word;

#endif
