/* SPDX-License-Identifier: Apache-2.0 */
/* line_reader.c - a buffer that holds the line under way and what was read behind it. */
#include "text/line_reader.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 16 };

struct lks_line_reader {
  char *path;
  int file;
  bool ended;
  int64_t number;
  lks_digest_stream *digest; /* borrowed; may be NULL */
  char *buffer;              /* [capacity] */
  size_t capacity;
  size_t first, end; /* what was read and not handed out */
};

lks_status lks_line_reader_open(lks_line_reader **reader, const char *path) {
  struct stat state;
  bool standard = strcmp(path, "-") == 0;
  *reader = NULL;
  if (!standard && stat(path, &state) != 0)
    return LKS_FAIL(LKS_DATA, "%s: cannot be read: %s", path, strerror(errno));
  if (!standard && S_ISDIR(state.st_mode))
    return LKS_FAIL(LKS_DATA, "%s: expected a text file, found a folder", path);
  int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return LKS_FAIL(LKS_DATA, "%s: cannot be read: %s", path, strerror(errno));
  lks_line_reader *r = NULL;
  lks_status status = lks_allocate(&r, 1, sizeof *r);
  if (status == LKS_OK) {
    r->file = file;
    r->capacity = 2 * READ_BYTES;
    status = lks_copy_text(&r->path, standard ? "standard input" : path);
  } else if (!standard)
    (void)close(file);
  if (status == LKS_OK)
    status = lks_allocate(&r->buffer, r->capacity, 1);
  if (status != LKS_OK) {
    lks_line_reader_close(r);
    return status;
  }
  *reader = r;
  return LKS_OK;
}

void lks_line_reader_close(lks_line_reader *reader) {
  if (reader == NULL)
    return;
  if (reader->file != STDIN_FILENO)
    (void)close(reader->file);
  lks_release(reader->buffer);
  lks_release(reader->path);
  lks_release(reader);
}

const char *lks_line_reader_path(const lks_line_reader *reader) {
  return reader->path;
}

void lks_line_reader_digest(lks_line_reader *reader, lks_digest_stream *digest) {
  reader->digest = digest;
}

/* Reads on behind what is there. */
static lks_status read_more(lks_line_reader *r) {
  if (r->first > 0) {
    memmove(r->buffer, r->buffer + r->first, r->end - r->first);
    r->end -= r->first;
    r->first = 0;
  }
  if (r->capacity - r->end < READ_BYTES + 1) {
    LKS_TRY(lks_reallocate(&r->buffer, r->capacity, 2 * r->capacity, 1));
    r->capacity *= 2;
  }
  ssize_t bytes;
  do
    bytes = read(r->file, r->buffer + r->end, READ_BYTES);
  while (bytes < 0 && errno == EINTR);
  if (bytes < 0)
    return LKS_FAIL(LKS_IO, "%s: cannot be read: %s", r->path, strerror(errno));
  if (bytes == 0)
    r->ended = true;
  else if (r->digest != NULL)
    LKS_TRY(lks_digest_stream_add(r->digest, r->buffer + r->end, (size_t)bytes));
  r->end += (size_t)bytes;
  return LKS_OK;
}

/* Hands out buffer[first, first + bytes), whose end is `taken` bytes long. */
static void hand_out(lks_line_reader *r, size_t bytes, size_t taken, lks_line *line) {
  char *text = r->buffer + r->first;
  r->first += bytes + taken;
  if (bytes > 0 && text[bytes - 1] == '\r')
    bytes--;
  if (r->number == 0 && bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    text += 3;
    bytes -= 3;
  }
  text[bytes] = '\0';
  const char *zero = memchr(text, 0, bytes);
  size_t bad = lks_text_check_utf8(text, bytes);
  if (zero != NULL && (size_t)(zero - text) < bad)
    bad = (size_t)(zero - text);
  *line = (lks_line){.text = text, .bytes = bytes, .number = ++r->number, .bad = bad};
}

lks_status lks_line_reader_next(lks_line_reader *r, lks_line *line, bool *found) {
  size_t seen = 0;
  *found = true;
  for (;;) {
    size_t bytes = r->end - r->first;
    char *newline =
        bytes > seen ? memchr(r->buffer + r->first + seen, '\n', bytes - seen) : NULL;
    if (newline != NULL) {
      hand_out(r, (size_t)(newline - r->buffer) - r->first, 1, line);
      return LKS_OK;
    }
    if (bytes > LKS_LINE_BYTES_MAX)
      return LKS_FAIL(LKS_DATA, "%s:%lld: the line has more than %d bytes", r->path,
                      (long long)r->number + 1, LKS_LINE_BYTES_MAX);
    if (r->ended) {
      *found = bytes > 0;
      if (*found)
        hand_out(r, bytes, 0, line);
      return LKS_OK;
    }
    seen = bytes;
    LKS_TRY(read_more(r));
  }
}

bool lks_line_reader_would_wait(const lks_line_reader *r) {
  struct pollfd poller = {.fd = r->file, .events = POLLIN};
  if (r->ended ||
      (r->end > r->first && memchr(r->buffer + r->first, '\n', r->end - r->first) != NULL))
    return false;
  return poll(&poller, 1, 0) == 0;
}
