/* csv_reader.h - a CSV file as a sequence of rows of fields.
 *
 * Fields may stand in double quotes, in which a doubled quote is one and separators and
 * line ends are text; outside of them blanks around a field are not part of it.  Lines
 * end in \n, \r\n or \r; empty ones are passed over.  A byte order mark at the start is
 * not part of the text.
 *
 * The file is read by blocks: memory depends on the longest row, which has a limit, so
 * that a quote that is never closed does not swallow the file.
 *
 * Life cycle: open -> next ... -> close. */
#ifndef LOCKSTEP_TEXT_CSV_READER_H
#define LOCKSTEP_TEXT_CSV_READER_H

#include "base/digest.h"

#include <lockstep/status.h>

#include <stddef.h>
#include <stdint.h>

/* The most bytes of a row. */
enum { LKS_CSV_ROW_BYTES_MAX = 1 << 22 };

/* A row; belongs to the reader, until its next call. */
typedef struct {
  int64_t line;        /* of the file, from 1, on which it begins */
  size_t count;        /* fields */
  char **field;        /* [count] with a zero byte behind each */
  const size_t *bytes; /* [count] without that byte */
} lks_csv_row;

typedef struct lks_csv_reader lks_csv_reader;

/* Fails with LKS_DATA when `path` is not there, is a folder, is empty, or is UTF-16 or
 * compressed. */
lks_status lks_csv_open(lks_csv_reader **reader, const char *path, char separator);

/* The same of what can be read only once, like a pipe, and of "-", the standard input;
 * separator '\0': it is found, as by lks_csv_find_separator.  Its total is 0. */
lks_status lks_csv_open_stream(lks_csv_reader **reader, const char *path, char separator);
void lks_csv_close(lks_csv_reader *reader);

/* What it is called in messages: the path, or "standard input". */
const char *lks_csv_name(const lks_csv_reader *reader);

/* Adds every byte of the file to `digest` (borrowed; outlives the reader): called before
 * the first row. */
void lks_csv_digest(lks_csv_reader *reader, lks_digest_stream *digest);

/* The next row, or NULL at the end.  Fails with LKS_DATA, naming file and line, for a
 * stray quote and for a row that is too long, and with LKS_IO when the file cannot be read
 * on. */
lks_status lks_csv_next(lks_csv_reader *reader, const lks_csv_row **row);

/* Bytes read so far, and of the whole file. */
int64_t lks_csv_done(const lks_csv_reader *reader);
int64_t lks_csv_total(const lks_csv_reader *reader);

/* The separator of the file: of tab, semicolon, | and comma the first one that stands as
 * often in each of the first lines (outside quotes), else the one that is most frequent in
 * the first line; the comma when there is none.  Fails as lks_csv_open does. */
lks_status lks_csv_find_separator(const char *path, char *separator);

#endif
