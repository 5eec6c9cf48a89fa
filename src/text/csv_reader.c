/* SPDX-License-Identifier: Apache-2.0 */
/* csv_reader.c - libcsv takes rows apart; lines are counted here, since it counts none.
 *
 * It is fed line by line, so that a row that it completes is complete when the call
 * returns, and the number of the line on which a row begins is known.  Its strict mode
 * tells stray quotes. */
#include "text/csv_reader.h"

#include "base/fail.h"
#include "base/memory.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 16, FIELDS_FIRST = 64, TEXT_FIRST = 4096, FIELD_GROWTH = 1 << 16 };

struct lks_csv_reader {
  char *path;
  int descriptor;
  int64_t done, total;       /* bytes */
  lks_digest_stream *digest; /* borrowed; may be NULL */
  struct csv_parser parser;
  bool has_parser;
  char *block;      /* [BLOCK_BYTES] */
  size_t next, end; /* of what is left in it */
  bool at_end;
  bool after_return; /* the last byte was \r: a \n after it is the same line's end */
  int64_t line;      /* lines that have ended */
  lks_csv_row row;
  bool row_is_whole;
  int64_t row_done; /* `done` when the row began */
  char *text;       /* the row's fields, each with a zero byte */
  size_t text_bytes, text_capacity;
  size_t *bytes, fields_capacity;
  lks_status status; /* of a callback */
};

/* ---- opening ---- */

static lks_status fail_read(const lks_csv_reader *reader, lks_status status) {
  return LKS_FAIL(status, "%s: cannot be read: %s\n  hint: is the path right?", reader->path,
                  strerror(errno));
}

static lks_status fail_empty(const lks_csv_reader *reader) {
  return LKS_FAIL(LKS_DATA, "%s: the file is empty", reader->path);
}

static lks_status open_file(lks_csv_reader *reader, const char *path) {
  struct stat state;
  LKS_TRY(lks_copy_text(&reader->path, path));
  reader->descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (reader->descriptor < 0 || fstat(reader->descriptor, &state) != 0)
    return fail_read(reader, LKS_DATA);
  if (!S_ISREG(state.st_mode))
    return LKS_FAIL(LKS_DATA,
                    "%s: expected a file, found %s\n  hint: it is read more than once: save it "
                    "as a file",
                    path, S_ISDIR(state.st_mode) ? "a folder" : "something else");
  if (state.st_size == 0)
    return fail_empty(reader);
  reader->total = state.st_size;
  return LKS_OK;
}

static lks_status open_stream(lks_csv_reader *reader, const char *path) {
  bool is_input = strcmp(path, "-") == 0;
  LKS_TRY(lks_copy_text(&reader->path, is_input ? "standard input" : path));
  reader->descriptor = is_input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
  return reader->descriptor < 0 ? fail_read(reader, LKS_DATA) : LKS_OK;
}

/* Reads the next block, whole but at the end: a pipe gives less at a time. */
static lks_status refill(lks_csv_reader *reader) {
  size_t bytes = 0;
  ssize_t got = 1;
  while (bytes < BLOCK_BYTES && got > 0) {
    got = read(reader->descriptor, reader->block + bytes, BLOCK_BYTES - bytes);
    if (got > 0)
      bytes += (size_t)got;
    else if (got < 0 && errno == EINTR)
      got = 1;
  }
  if (got < 0)
    return fail_read(reader, LKS_IO);
  reader->next = 0;
  reader->end = bytes;
  reader->at_end = bytes == 0;
  reader->done += (int64_t)bytes;
  if (reader->digest != NULL)
    LKS_TRY(lks_digest_stream_add(reader->digest, reader->block, bytes));
  return LKS_OK;
}

/* What the first bytes tell; a mark of UTF-8 is skipped. */
static lks_status check_start(lks_csv_reader *reader) {
  const char *start = reader->block;
  size_t bytes = reader->end;
  if (bytes >= 2 && (memcmp(start, "\xff\xfe", 2) == 0 || memcmp(start, "\xfe\xff", 2) == 0))
    return LKS_FAIL(LKS_DATA,
                    "%s:1: expected UTF-8, found a mark of UTF-16\n"
                    "  hint: iconv -f UTF-16 -t UTF-8 %s > utf8.csv",
                    reader->path, reader->path);
  if (bytes >= 2 && memcmp(start, "\x1f\x8b", 2) == 0)
    return LKS_FAIL(LKS_DATA, "%s: expected text, found a compressed file\n  hint: gunzip it",
                    reader->path);
  if (bytes >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0)
    reader->next = 3;
  return LKS_OK;
}

static lks_status start(lks_csv_reader *reader, char separator) {
  reader->has_parser =
      csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) == 0;
  if (!reader->has_parser)
    return LKS_FAIL(LKS_NO_MEMORY, "%s: no memory to read it", reader->path);
  csv_set_delim(&reader->parser, (unsigned char)separator);
  csv_set_blk_size(&reader->parser, FIELD_GROWTH);
  reader->text_capacity = TEXT_FIRST;
  reader->fields_capacity = FIELDS_FIRST;
  LKS_TRY(lks_allocate(&reader->block, BLOCK_BYTES, 1));
  LKS_TRY(lks_allocate(&reader->text, TEXT_FIRST, 1));
  LKS_TRY(lks_allocate(&reader->bytes, FIELDS_FIRST, sizeof *reader->bytes));
  LKS_TRY(lks_allocate(&reader->row.field, FIELDS_FIRST, sizeof *reader->row.field));
  return LKS_OK;
}

lks_status lks_csv_open(lks_csv_reader **reader, const char *path, char separator) {
  lks_status status;
  LKS_TRY(lks_allocate(reader, 1, sizeof **reader));
  (*reader)->descriptor = -1;
  LKS_TRY_OR(fail, status, open_file(*reader, path));
  LKS_TRY_OR(fail, status, start(*reader, separator));
  return LKS_OK;
fail:
  lks_csv_close(*reader);
  *reader = NULL;
  return status;
}

void lks_csv_close(lks_csv_reader *reader) {
  if (reader == NULL)
    return;
  if (reader->has_parser)
    csv_free(&reader->parser);
  if (reader->descriptor >= 0)
    (void)close(reader->descriptor);
  lks_release(reader->row.field);
  lks_release(reader->bytes);
  lks_release(reader->text);
  lks_release(reader->block);
  lks_release(reader->path);
  lks_release(reader);
}

void lks_csv_digest(lks_csv_reader *reader, lks_digest_stream *digest) {
  LKS_ASSERT(reader->done == 0);
  reader->digest = digest;
}

const char *lks_csv_name(const lks_csv_reader *reader) {
  return reader->path;
}

int64_t lks_csv_done(const lks_csv_reader *reader) {
  return reader->done;
}

int64_t lks_csv_total(const lks_csv_reader *reader) {
  return reader->total;
}

/* ---- rows ---- */

static lks_status make_room(lks_csv_reader *reader, size_t bytes) {
  size_t capacity = reader->text_capacity, fields = reader->fields_capacity;
  while (capacity < reader->text_bytes + bytes)
    capacity *= 2;
  if (capacity > reader->text_capacity)
    LKS_TRY(lks_reallocate(&reader->text, reader->text_capacity, capacity, 1));
  reader->text_capacity = capacity;
  if (reader->row.count < fields)
    return LKS_OK;
  LKS_TRY(lks_reallocate(&reader->bytes, fields, 2 * fields, sizeof *reader->bytes));
  LKS_TRY(lks_reallocate(&reader->row.field, fields, 2 * fields, sizeof *reader->row.field));
  reader->fields_capacity = 2 * fields;
  return LKS_OK;
}

/* libcsv's buffer is used again for the next field: it is copied. */
static void take_field(void *data, size_t bytes, void *context) {
  lks_csv_reader *reader = context;
  if (reader->status == LKS_OK)
    reader->status = make_room(reader, bytes + 1);
  if (reader->status != LKS_OK)
    return;
  if (bytes > 0)
    memcpy(reader->text + reader->text_bytes, data, bytes);
  reader->text[reader->text_bytes + bytes] = '\0';
  reader->bytes[reader->row.count++] = bytes;
  reader->text_bytes += bytes + 1;
}

static void end_row(int end, void *context) {
  lks_csv_reader *reader = context;
  (void)end;
  reader->row_is_whole = true;
}

static lks_status fail_quote(lks_csv_reader *reader) {
  if (csv_error(&reader->parser) == CSV_ENOMEM)
    return LKS_FAIL(LKS_NO_MEMORY, "%s:%lld: no memory for the row", reader->path,
                    (long long)reader->row.line);
  return LKS_FAIL(LKS_DATA,
                  "%s:%lld: a quote stands within a field\n"
                  "  hint: expected quotes around a whole field, and \"\" for one inside it",
                  reader->path, (long long)reader->line + 1);
}

static lks_status fail_open_quote(const lks_csv_reader *reader) {
  return LKS_FAIL(LKS_DATA,
                  "%s:%lld: the row that begins here does not end\n  hint: is a quote missing?",
                  reader->path, (long long)reader->row.line);
}

/* Bytes from `next` up to the end of the line, that end included, or to the block's. */
static size_t line_bytes(const lks_csv_reader *reader) {
  const char *from = reader->block + reader->next;
  size_t left = reader->end - reader->next;
  const char *newline = memchr(from, '\n', left);
  size_t bytes = newline != NULL ? (size_t)(newline - from) + 1 : left;
  const char *carriage = memchr(from, '\r', bytes);
  return carriage != NULL ? (size_t)(carriage - from) + 1 : bytes;
}

/* Feeds libcsv with the rest of a line, or of the block. */
static lks_status feed(lks_csv_reader *reader) {
  const char *from = reader->block + reader->next;
  size_t bytes = line_bytes(reader);
  char last = from[bytes - 1];
  if (reader->row.count == 0 && reader->parser.pstate == 0) {
    reader->row.line = reader->line + 1;
    reader->row_done = reader->done - (int64_t)(reader->end - reader->next);
  }
  if (csv_parse(&reader->parser, from, bytes, take_field, end_row, reader) != bytes)
    return fail_quote(reader);
  LKS_TRY(reader->status);
  reader->next += bytes;
  if (last == '\r' || (last == '\n' && !(reader->after_return && bytes == 1)))
    reader->line++;
  reader->after_return = last == '\r';
  if (reader->done - (int64_t)(reader->end - reader->next) - reader->row_done >
      LKS_CSV_ROW_BYTES_MAX)
    return fail_open_quote(reader);
  return LKS_OK;
}

/* The last row may lack its line end. */
static lks_status finish(lks_csv_reader *reader) {
  if (csv_fini(&reader->parser, take_field, end_row, reader) != 0)
    return fail_open_quote(reader);
  return reader->status;
}

lks_status lks_csv_next(lks_csv_reader *reader, const lks_csv_row **row) {
  *row = NULL;
  reader->row.count = 0;
  reader->text_bytes = 0;
  reader->row_is_whole = false;
  while (!reader->row_is_whole && !reader->at_end) {
    bool first = reader->done == 0;
    if (reader->next == reader->end)
      LKS_TRY(refill(reader));
    if (first)
      LKS_TRY(check_start(reader));
    if (reader->at_end)
      LKS_TRY(finish(reader));
    else if (reader->next < reader->end)
      LKS_TRY(feed(reader));
  }
  if (!reader->row_is_whole)
    return LKS_OK;
  char *text = reader->text;
  for (size_t i = 0; i < reader->row.count; i++) {
    reader->row.field[i] = text;
    text += reader->bytes[i] + 1;
  }
  reader->row.bytes = reader->bytes;
  *row = &reader->row;
  return LKS_OK;
}

/* ---- the separator ---- */

enum { CANDIDATES = 4, LINES_MAX = 20 };

static const char candidates[CANDIDATES] = {'\t', ';', '|', ','};

/* How often each candidate stands in each of the first lines. */
typedef struct {
  int count[LINES_MAX][CANDIDATES];
  int lines;
} separator_counts;

static void count_candidates(const char *text, size_t bytes, separator_counts *counts) {
  bool quoted = false, empty = true;
  for (size_t i = 0; i < bytes && counts->lines < LINES_MAX; i++) {
    bool ends = !quoted && (text[i] == '\n' || text[i] == '\r');
    quoted ^= text[i] == '"';
    if (ends) {
      counts->lines += !empty;
      empty = true;
      continue;
    }
    empty = false;
    for (int c = 0; c < CANDIDATES; c++)
      counts->count[counts->lines][c] += !quoted && text[i] == candidates[c];
  }
}

static bool is_steady(const separator_counts *counts, int candidate) {
  for (int line = 1; line < counts->lines; line++)
    if (counts->count[line][candidate] != counts->count[0][candidate])
      return false;
  return counts->count[0][candidate] > 0;
}

/* From the block that was read first. */
static char find_separator(const lks_csv_reader *reader) {
  separator_counts counts = {.lines = 0};
  int best = CANDIDATES - 1;
  count_candidates(reader->block + reader->next, reader->end - reader->next, &counts);
  for (int c = 0; c < CANDIDATES; c++)
    if (counts.count[0][c] > counts.count[0][best])
      best = c;
  for (int c = CANDIDATES - 1; c >= 0; c--)
    if (is_steady(&counts, c))
      best = c;
  return candidates[best];
}

lks_status lks_csv_find_separator(const char *path, char *separator) {
  lks_csv_reader *reader;
  lks_status status;
  LKS_TRY(lks_csv_open(&reader, path, ','));
  LKS_TRY_OR(cleanup, status, refill(reader));
  LKS_TRY_OR(cleanup, status, check_start(reader));
  *separator = find_separator(reader);
cleanup:
  lks_csv_close(reader);
  return status;
}

lks_status lks_csv_open_stream(lks_csv_reader **reader, const char *path, char separator) {
  lks_status status;
  LKS_TRY(lks_allocate(reader, 1, sizeof **reader));
  lks_csv_reader *r = *reader;
  r->descriptor = -1;
  LKS_TRY_OR(fail, status, open_stream(r, path));
  LKS_TRY_OR(fail, status, start(r, separator));
  LKS_TRY_OR(fail, status, refill(r));
  if (r->at_end)
    LKS_TRY_OR(fail, status, fail_empty(r));
  LKS_TRY_OR(fail, status, check_start(r));
  if (separator == '\0')
    csv_set_delim(&r->parser, (unsigned char)find_separator(r));
  return LKS_OK;
fail:
  lks_csv_close(r);
  *reader = NULL;
  return status;
}
