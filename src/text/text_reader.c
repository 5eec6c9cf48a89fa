/* SPDX-License-Identifier: Apache-2.0 */
/* text_reader.c - a buffer that slides over the text.
 *
 * An item always lies in the buffer as a whole: when fewer bytes are left than
 * the longest item can have, the rest moves to the front and a block is read
 * behind it.  So nothing is copied a word at a time, and the scanners below
 * need not know that the text comes in blocks. */
#include "text/text_reader.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "text/vocabulary.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The buffer holds a block, the longest word, and what shows that a word is too long:
 * one character more, of up to four bytes. */
enum { BLOCK_BYTES = 1 << 16, LOOK_AHEAD = LKS_WORD_BYTES_MAX + 4 };
enum { BUFFER_BYTES = BLOCK_BYTES + LOOK_AHEAD };

struct lks_text_reader {
  lks_text_unit unit;
  char *name;
  FILE *file;         /* NULL for a text in memory */
  const char *memory; /* what is left of a text in memory */
  size_t memory_bytes;
  lks_digest_stream *digest; /* borrowed, may be NULL */
  char *buffer;              /* [BUFFER_BYTES] */
  size_t first, end;         /* the unread part of the buffer */
  bool finished;             /* nothing comes behind the buffer */
  bool line_open;            /* the line has bytes, and its end was not given out */
  int64_t bytes;
  int64_t line, column; /* of buffer[first] */
};

const char *lks_text_unit_text(lks_text_unit unit) {
  return unit == LKS_UNIT_WORD ? "word" : "character";
}

static lks_status create(lks_text_reader **reader, const char *name, lks_text_unit unit) {
  LKS_TRY(lks_allocate(reader, 1, sizeof **reader));
  lks_text_reader *r = *reader;
  r->unit = unit;
  r->line = 1;
  r->column = 1;
  lks_status status = lks_copy_text(&r->name, name);
  if (status == LKS_OK)
    status = lks_allocate(&r->buffer, BUFFER_BYTES, 1);
  if (status != LKS_OK) {
    lks_text_reader_close(r);
    *reader = NULL;
  }
  return status;
}

lks_status lks_text_reader_open(lks_text_reader **reader, const char *path,
                                lks_text_unit unit) {
  *reader = NULL;
  struct stat state;
  if (stat(path, &state) != 0)
    return LKS_FAIL(LKS_DATA, "%s: cannot be read: %s\n  hint: check the path", path,
                    strerror(errno));
  if (S_ISDIR(state.st_mode))
    return LKS_FAIL(LKS_DATA, "%s: expected a text file, found a folder\n  hint: name the file",
                    path);
  LKS_TRY(create(reader, path, unit));
  (*reader)->file = fopen(path, "rb");
  if ((*reader)->file != NULL)
    return LKS_OK;
  lks_status status = LKS_FAIL(
      LKS_DATA, "%s: cannot be read: %s\n  hint: check its permissions", path, strerror(errno));
  lks_text_reader_close(*reader);
  *reader = NULL;
  return status;
}

lks_status lks_text_reader_open_memory(lks_text_reader **reader, const char *data, size_t bytes,
                                       const char *name, lks_text_unit unit) {
  LKS_TRY(create(reader, name, unit));
  (*reader)->memory = data;
  (*reader)->memory_bytes = bytes;
  return LKS_OK;
}

void lks_text_reader_close(lks_text_reader *reader) {
  if (reader == NULL)
    return;
  if (reader->file != NULL)
    (void)fclose(reader->file);
  lks_release(reader->buffer);
  lks_release(reader->name);
  lks_release(reader);
}

void lks_text_reader_digest(lks_text_reader *reader, lks_digest_stream *digest) {
  reader->digest = digest;
}

static lks_status read_block(lks_text_reader *r, char *block, size_t room, size_t *read) {
  if (r->file == NULL) {
    *read = r->memory_bytes < room ? r->memory_bytes : room;
    if (*read > 0) {
      memcpy(block, r->memory, *read);
      r->memory += *read;
      r->memory_bytes -= *read;
    }
    r->finished = r->memory_bytes == 0;
    return LKS_OK;
  }
  *read = fread(block, 1, room, r->file);
  if (ferror(r->file))
    return LKS_FAIL(LKS_IO, "%s:%lld: reading failed: %s", r->name, (long long)r->line,
                    strerror(errno));
  r->finished = *read < room;
  return LKS_OK;
}

/* Makes sure that the longest item, or all that is left, lies in the buffer. */
static lks_status fill(lks_text_reader *r) {
  if (r->finished || r->end - r->first >= LOOK_AHEAD)
    return LKS_OK;
  memmove(r->buffer, r->buffer + r->first, r->end - r->first);
  r->end -= r->first;
  r->first = 0;
  size_t read;
  LKS_TRY(read_block(r, r->buffer + r->end, BUFFER_BYTES - r->end, &read));
  if (r->digest != NULL)
    LKS_TRY(lks_digest_stream_add(r->digest, r->buffer + r->end, read));
  r->end += read;
  if (r->line == 1 && r->column == 1 && r->bytes == 0 && r->end >= 3 &&
      memcmp(r->buffer, "\xef\xbb\xbf", 3) == 0)
    r->first = 3;
  return LKS_OK;
}

/* Bytes of the character at `at`, which is before the end of the buffer. */
static lks_status measure_character(lks_text_reader *r, size_t at, size_t *bytes) {
  uint8_t byte = (uint8_t)r->buffer[at];
  *bytes = 1;
  if (byte > 0 && byte < 0x80)
    return LKS_OK;
  if (byte == 0)
    return LKS_FAIL(LKS_DATA,
                    "%s:%lld:%lld: expected text, found a zero byte"
                    "\n  hint: if it is UTF-16, convert it: iconv -f UTF-16 -t UTF-8",
                    r->name, (long long)r->line, (long long)r->column);
  *bytes = lks_text_character(r->buffer + at, r->end - at, NULL);
  if (*bytes == 0)
    return LKS_FAIL(LKS_DATA,
                    "%s:%lld:%lld: expected UTF-8, found byte 0x%02x"
                    "\n  hint: if it is Latin-1, convert it: iconv -f LATIN1 -t UTF-8",
                    r->name, (long long)r->line, (long long)r->column, byte);
  return LKS_OK;
}

/* Moves over a character of `bytes` bytes. */
static void advance(lks_text_reader *r, size_t bytes) {
  bool newline = r->buffer[r->first] == '\n';
  r->first += bytes;
  r->bytes += (int64_t)bytes;
  r->column = newline ? 1 : r->column + 1;
  r->line += newline ? 1 : 0;
  r->line_open = !newline;
}

static bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static lks_status next_character(lks_text_reader *r, lks_text_item *item, bool *found) {
  LKS_TRY(fill(r));
  *found = r->first < r->end;
  if (!*found)
    return LKS_OK;
  size_t bytes;
  LKS_TRY(measure_character(r, r->first, &bytes));
  *item = (lks_text_item){.data = r->buffer + r->first, .bytes = bytes};
  advance(r, bytes);
  return LKS_OK;
}

static void give_line_end(lks_text_item *item, bool *found) {
  *item = (lks_text_item){
      .data = LKS_LINE_END_SYMBOL, .bytes = strlen(LKS_LINE_END_SYMBOL), .line_end = true};
  *found = true;
}

/* Moves over white space up to a word, a newline or the end of the text. */
static lks_status skip_space(lks_text_reader *r) {
  for (;;) {
    LKS_TRY(fill(r));
    if (r->first == r->end || !is_space(r->buffer[r->first]) || r->buffer[r->first] == '\n')
      return LKS_OK;
    advance(r, 1);
  }
}

static lks_status next_word(lks_text_reader *r, lks_text_item *item, bool *found) {
  LKS_TRY(skip_space(r));
  *found = false;
  if (r->first == r->end) {
    if (r->line_open)
      give_line_end(item, found);
    r->line_open = false;
    return LKS_OK;
  }
  if (r->buffer[r->first] == '\n') {
    advance(r, 1);
    give_line_end(item, found);
    return LKS_OK;
  }
  size_t word = r->first;
  int64_t column = r->column;
  while (r->first < r->end && !is_space(r->buffer[r->first])) {
    size_t bytes;
    LKS_TRY(measure_character(r, r->first, &bytes));
    if (r->first + bytes - word > LKS_WORD_BYTES_MAX)
      return LKS_FAIL(LKS_DATA,
                      "%s:%lld:%lld: a word of more than %d bytes"
                      "\n  hint: a text without spaces can be read as characters",
                      r->name, (long long)r->line, (long long)column, LKS_WORD_BYTES_MAX);
    advance(r, bytes);
  }
  *item = (lks_text_item){.data = r->buffer + word, .bytes = r->first - word};
  *found = true;
  return LKS_OK;
}

lks_status lks_text_reader_next(lks_text_reader *reader, lks_text_item *item, bool *found) {
  if (reader->unit == LKS_UNIT_CHARACTER)
    return next_character(reader, item, found);
  return next_word(reader, item, found);
}

int64_t lks_text_reader_bytes(const lks_text_reader *reader) {
  return reader->bytes;
}
