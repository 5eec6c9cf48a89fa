/* line_reader.h - a text file line by line.
 *
 * Lines end in \n or \r\n; the last one may lack its end.  A byte order mark at the start is
 * not part of the text.  Memory depends on the longest line, which has a limit.
 *
 * Life cycle: open -> next … -> close. */
#ifndef LOCKSTEP_TEXT_LINE_READER_H
#define LOCKSTEP_TEXT_LINE_READER_H

#include "base/digest.h"

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LKS_LINE_BYTES_MAX = 1 << 20 };

typedef struct {
  const char *text; /* zero-terminated; belongs to the reader, until the next call */
  size_t bytes;     /* without the end */
  int64_t number;   /* from 1 */
  size_t bad;       /* offset of the first byte that is not UTF-8, or is zero; or `bytes` */
} lks_line;

typedef struct lks_line_reader lks_line_reader;

/* Opens `path`, or standard input for "-".  Fails with LKS_DATA when it is not there or is
 * a folder. */
lks_status lks_line_reader_open(lks_line_reader **reader, const char *path);
void lks_line_reader_close(lks_line_reader *reader);

const char *lks_line_reader_path(const lks_line_reader *reader);

/* Adds every byte that is read from now on to `digest` (borrowed; outlives the reader). */
void lks_line_reader_digest(lks_line_reader *reader, lks_digest_stream *digest);

/* The next line; *found is false at the end.  Fails with LKS_DATA for a line of more than
 * LKS_LINE_BYTES_MAX bytes, and with LKS_IO when the file cannot be read on. */
lks_status lks_line_reader_next(lks_line_reader *reader, lks_line *line, bool *found);

/* Whether a call of next would wait: nothing is buffered, and nothing is there to read. */
bool lks_line_reader_would_wait(const lks_line_reader *reader);

#endif
