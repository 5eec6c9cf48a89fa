/* text.h - growing strings, closest matches, UTF-8. */
#ifndef LOCKSTEP_BASE_TEXT_H
#define LOCKSTEP_BASE_TEXT_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A string that grows.  Start with {0}; `bytes` excludes the final zero byte;
 * data is NULL while nothing was added.  Release with lks_text_release. */
typedef struct {
  char *data;
  size_t bytes;
  size_t capacity;
} lks_text;

void lks_text_release(lks_text *text);
void lks_text_clear(lks_text *text);
lks_status lks_text_add(lks_text *text, const char *data, size_t bytes);
lks_status lks_text_print(lks_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The name among names[count] nearest to `wanted` by edit distance, or NULL
 * when none is near enough to be meant. */
const char *lks_text_closest(const char *wanted, const char *const *names, size_t count);

/* Writes "; did you mean 'lstm'? known: rnn, lstm, gru" (the first part only
 * with a near match) to text. */
void lks_text_suggest(const char *wanted, const char *const *names, size_t count, char *text,
                      size_t bytes);

/* Bytes of the UTF-8 character at data (1 to 4), or 0 when data[0..bytes) does
 * not begin with a valid one; *code gets the code point and may be NULL. */
size_t lks_text_character(const char *data, size_t bytes, uint32_t *code);

/* Whether a code point is white space: Unicode's White_Space and the four separators
 * U+001C to U+001F, which Python counts among it. */
bool lks_text_is_white(uint32_t code);

/* Offset of the first byte that is not valid UTF-8, or `bytes`. */
size_t lks_text_check_utf8(const char *data, size_t bytes);

/* Whole text as a number; false when it is not one, or out of range. */
bool lks_text_to_integer(const char *text, int64_t *value);
bool lks_text_to_real(const char *text, double *value);

#endif
