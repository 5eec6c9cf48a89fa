/* SPDX-License-Identifier: Apache-2.0 */
/* config_read.c - INI text through libinih (the only file with its header).
 *
 * The file is read whole and checked as bytes first: libinih stops at a zero
 * byte and knows nothing of encodings.  It is fed line by line from here, so
 * that this file knows the line of whatever it reports. */
#include "config/config.h"

#include "base/fail.h"
#include "base/memory.h"
#include "config/key_value.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_MAX_BYTES = 16384, SECTION_MAX_BYTES = 48, PIECE_BYTES = 4096 };

typedef struct {
  lks_config *config;
  const char *name;   /* the file, for messages */
  const char *folder; /* "" or with a slash at its end */
  const char *data;   /* rest of the text */
  size_t bytes;
  size_t line; /* of the last byte handed over, from 1 */
  bool at_line_start;
  lks_status status;
} reading;

/* Hands libinih the next line or a piece of it, as fgets does. */
static char *next_line(char *into, int size, void *stream) {
  reading *at = stream;
  if (at->bytes == 0 || size < 2)
    return NULL;
  size_t room = (size_t)size - 1;
  const char *end = memchr(at->data, '\n', at->bytes);
  size_t bytes = end ? (size_t)(end - at->data) + 1 : at->bytes;
  if (bytes > room)
    bytes = room;
  memcpy(into, at->data, bytes);
  into[bytes] = '\0';
  at->line += at->at_line_start;
  at->at_line_start = at->data[bytes - 1] == '\n';
  at->data += bytes;
  at->bytes -= bytes;
  return into;
}

static lks_status take_value(reading *at, const char *section, const char *key,
                             const char *value, const char *where) {
  if (section[0] == '\0')
    return LKS_FAIL(LKS_USAGE, "%s: key '%s' stands before any [section]", where, key);
  lks_key_value *entry = lks_key_value_find(at->config, section, key);
  if (!entry)
    return lks_key_value_unknown(at->config, section, key, where);
  if (entry->line)
    return LKS_FAIL(LKS_USAGE, "%s: [%s] %s is given twice, first on line %zu", where, section,
                    key, entry->line);
  LKS_TRY(lks_key_value_assign(entry, value, at->folder, where));
  entry->line = at->line;
  entry->given = true;
  return LKS_OK;
}

/* libinih's handler: nonzero goes on. */
static int on_value(void *user, const char *section, const char *key, const char *value) {
  reading *at = user;
  lks_text where = {0};
  at->status = lks_text_print(&where, "%s:%zu", at->name, at->line);
  if (at->status == LKS_OK)
    at->status = take_value(at, section, key, value, where.data);
  lks_text_release(&where);
  return at->status == LKS_OK;
}

static size_t line_of(const char *text, size_t offset) {
  size_t line = 1;
  for (size_t i = 0; i < offset; i++)
    line += text[i] == '\n';
  return line;
}

/* What libinih would misread in silence: bytes that are no text, and lines that
 * it would cut. */
static lks_status check_bytes(const char *text, size_t bytes, const char *name) {
  size_t valid = lks_text_check_utf8(text, bytes);
  const char *zero = memchr(text, '\0', valid);
  if (zero)
    return LKS_FAIL(LKS_USAGE, "%s:%zu: found a zero byte: this is no text file", name,
                    line_of(text, (size_t)(zero - text)));
  if (valid < bytes)
    return LKS_FAIL(LKS_USAGE,
                    "%s:%zu: expected UTF-8, found byte 0x%02x\n  hint: save the "
                    "file as UTF-8",
                    name, line_of(text, valid), (unsigned char)text[valid]);
  for (size_t at = 0; at < bytes;) {
    const char *end = memchr(text + at, '\n', bytes - at);
    size_t length = end ? (size_t)(end - text) - at : bytes - at;
    bool section = text[at] == '[' && !memchr(text + at, ']', length);
    const char *close = memchr(text + at, ']', length);
    bool too_long = length > LINE_MAX_BYTES - 4 ||
                    (text[at] == '[' && close && close - (text + at) > SECTION_MAX_BYTES);
    if (section || too_long)
      return LKS_FAIL(LKS_USAGE, "%s:%zu: expected %s", name, line_of(text, at),
                      section ? "']' at the end of the section's name" : "a shorter line");
    at += length + 1;
  }
  return LKS_OK;
}

/* Runs libinih over a text whose bytes are checked; `handler` gets `user`, whose
 * reading `at` is. */
static lks_status run_parser(reading *at, ini_handler handler, void *user) {
  LKS_TRY(check_bytes(at->data, at->bytes, at->name));
  /* libinih's settings are variables of that library: set before each use. */
  ini_allow_multiline = false;
  ini_stop_on_first_error = true;
  ini_use_stack = false;
  ini_allow_realloc = true;
  ini_max_line = LINE_MAX_BYTES;
  int code = ini_parse_stream(next_line, at, handler, user);
  if (at->status != LKS_OK)
    return at->status;
  if (code > 0)
    return LKS_FAIL(LKS_USAGE, "%s:%d: expected 'key = value', '[section]' or '# comment'",
                    at->name, code);
  if (code < 0)
    return LKS_FAIL(LKS_NO_MEMORY, "%s: no memory to read it", at->name);
  return LKS_OK;
}

static lks_status parse(lks_config *config, const char *text, size_t bytes, const char *name,
                        const char *folder) {
  for (size_t i = 0; i < config->count; i++)
    config->entry[i].line = 0;
  reading at = {config, name, folder, text, bytes, 0, true, LKS_OK};
  return run_parser(&at, on_value, &at);
}

/* A look for one key. */
typedef struct {
  reading at;
  const char *section;
  const char *key;
  char **value;
} peeking;

static int on_peek(void *user, const char *section, const char *key, const char *value) {
  peeking *p = user;
  if (strcmp(section, p->section) == 0 && strcmp(key, p->key) == 0 && !*p->value)
    p->at.status = lks_copy_text(p->value, value);
  return p->at.status == LKS_OK;
}

static lks_status peek(const char *text, size_t bytes, const char *name, peeking *p) {
  *p->value = NULL;
  p->at = (reading){NULL, name, "", text, bytes, 0, true, LKS_OK};
  return run_parser(&p->at, on_peek, p);
}

lks_status lks_config_peek_text(const char *text, const char *name, const char *section,
                                const char *key, char **value) {
  peeking p = {.section = section, .key = key, .value = value};
  return peek(text, strlen(text), name, &p);
}

lks_status lks_config_read_text(lks_config *config, const char *text, const char *name) {
  return parse(config, text, strlen(text), name, "");
}

static lks_status load(const char *path, lks_text *text) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return LKS_FAIL(LKS_USAGE, "%s: cannot open it: %s", path, strerror(errno));
  struct stat about;
  if (fstat(fileno(file), &about) == 0 && S_ISFIFO(about.st_mode)) {
    (void)fclose(file);
    return LKS_FAIL(LKS_USAGE,
                    "%s: expected a file, which can be read more than once, found a pipe\n  "
                    "hint: write it to a file first, or change keys with --set",
                    path);
  }
  char piece[PIECE_BYTES];
  size_t bytes = 0;
  lks_status status = lks_text_add(text, "", 0);
  while (status == LKS_OK && (bytes = fread(piece, 1, sizeof piece, file)) > 0)
    status = lks_text_add(text, piece, bytes);
  if (status == LKS_OK && ferror(file) && errno == EISDIR)
    status = LKS_FAIL(LKS_USAGE,
                      "%s: expected an INI file, found a folder\n  hint: lockstep train --run "
                      "RUN --resume goes on with a run",
                      path);
  else if (status == LKS_OK && ferror(file))
    status = LKS_FAIL(LKS_IO, "%s: cannot read it: %s", path, strerror(errno));
  (void)fclose(file);
  return status;
}

lks_status lks_config_read(lks_config *config, const char *path) {
  lks_text text = {0};
  lks_text folder = {0};
  lks_status status = LKS_OK;
  const char *slash = strrchr(path, '/');
  size_t folder_bytes = slash ? (size_t)(slash - path) + 1 : 0;
  LKS_TRY_OR(cleanup, status, lks_text_add(&folder, path, folder_bytes));
  LKS_TRY_OR(cleanup, status, load(path, &text));
  LKS_TRY_OR(cleanup, status, parse(config, text.data, text.bytes, path, folder.data));
cleanup:
  lks_text_release(&folder);
  lks_text_release(&text);
  return status;
}

lks_status lks_config_peek(const char *path, const char *section, const char *key,
                           char **value) {
  lks_text text = {0};
  peeking p = {.section = section, .key = key, .value = value};
  lks_status status = load(path, &text);
  if (status == LKS_OK)
    status = peek(text.data, text.bytes, path, &p);
  lks_text_release(&text);
  return status;
}
