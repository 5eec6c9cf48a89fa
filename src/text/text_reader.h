/* text_reader.h - a text as a sequence of words or of characters.
 *
 * Words are what ASCII white space separates; the end of a line, which the last
 * line of a text has even when its newline is missing, is an item of its own.
 * Characters are code points as they are written, newlines and carriage returns
 * among them.  A byte order mark at the start of a text is not part of it.
 *
 * The text is read by blocks: memory does not depend on its length.  It has to
 * be UTF-8; failures name file, line and column, both counted from 1, columns
 * in characters.
 *
 * Life cycle: open -> next … -> close. */
#ifndef LOCKSTEP_TEXT_TEXT_READER_H
#define LOCKSTEP_TEXT_TEXT_READER_H

#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { LKS_UNIT_WORD, LKS_UNIT_CHARACTER } lks_text_unit;

/* "word", "character". */
const char *lks_text_unit_text(lks_text_unit unit);

/* The longest word that is taken for one; a longer one is an error. */
enum { LKS_WORD_BYTES_MAX = 4096 };

/* A word or character; the end of a line is LKS_LINE_END_SYMBOL with `line_end` set. */
typedef struct {
  const char *data; /* belongs to the reader, until the next call; no final zero byte */
  size_t bytes;
  bool line_end; /* words only */
} lks_text_item;

typedef struct lks_text_reader lks_text_reader;

/* Fails with LKS_DATA when `path` is not there, is a folder or cannot be read. */
lks_status lks_text_reader_open(lks_text_reader **reader, const char *path, lks_text_unit unit);

/* A text in memory (borrowed; outlives the reader); `name` stands for the path. */
lks_status lks_text_reader_open_memory(lks_text_reader **reader, const char *data, size_t bytes,
                                       const char *name, lks_text_unit unit);
void lks_text_reader_close(lks_text_reader *reader);

/* Adds every byte that is read from now on to `digest` (borrowed; outlives the reader). */
void lks_text_reader_digest(lks_text_reader *reader, lks_digest_stream *digest);

/* The next item; *found is false at the end.  Fails with LKS_DATA for text that is not
 * UTF-8, holds a zero byte, or has a word of more than LKS_WORD_BYTES_MAX bytes, and with
 * LKS_IO when the file cannot be read on. */
lks_status lks_text_reader_next(lks_text_reader *reader, lks_text_item *item, bool *found);

/* Bytes of the items so far, with all white space and line ends before and among them. */
int64_t lks_text_reader_bytes(const lks_text_reader *reader);

#endif
