/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - strings that grow by doubling, and numbers out of texts. */
#include "base/text.h"

#include "base/fail.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lks_text_release(lks_text *text) {
  lks_release(text->data);
  *text = (lks_text){0};
}

void lks_text_clear(lks_text *text) {
  text->bytes = 0;
  if (text->data)
    text->data[0] = '\0';
}

/* Room for `more` bytes and the final zero byte. */
static lks_status make_room(lks_text *text, size_t more) {
  if (more >= SIZE_MAX / 4 - text->bytes)
    return LKS_FAIL(LKS_NO_MEMORY, "a text of %zu and %zu bytes is too long", text->bytes,
                    more);
  size_t needed = text->bytes + more + 1;
  if (needed <= text->capacity)
    return LKS_OK;
  size_t capacity = text->capacity ? 2 * text->capacity : 64;
  if (capacity < needed)
    capacity = needed;
  LKS_TRY(lks_reallocate(&text->data, text->capacity, capacity, 1));
  text->capacity = capacity;
  return LKS_OK;
}

lks_status lks_text_add(lks_text *text, const char *data, size_t bytes) {
  LKS_TRY(make_room(text, bytes));
  if (bytes)
    memcpy(text->data + text->bytes, data, bytes);
  text->bytes += bytes;
  text->data[text->bytes] = '\0';
  return LKS_OK;
}

lks_status lks_text_print(lks_text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0)
    return LKS_FAIL(LKS_DATA, "cannot format '%s'", format);
  LKS_TRY(make_room(text, (size_t)length));
  va_start(arguments, format);
  (void)vsnprintf(text->data + text->bytes, (size_t)length + 1, format, arguments);
  va_end(arguments);
  text->bytes += (size_t)length;
  return LKS_OK;
}

bool lks_text_to_integer(const char *text, int64_t *value) {
  size_t sign = text[0] == '-' || text[0] == '+';
  size_t digits = strspn(text + sign, "0123456789");
  if (digits == 0 || text[sign + digits] != '\0')
    return false;
  errno = 0;
  long long parsed = strtoll(text, NULL, 10);
  if (errno == ERANGE)
    return false;
  *value = parsed;
  return true;
}

bool lks_text_to_real(const char *text, double *value) {
  /* strtod alone would take "inf", "nan" and hexadecimal as well. */
  if (text[0] == '\0' || text[strspn(text, "+-.0123456789eE")] != '\0')
    return false;
  char *end = NULL;
  double parsed = strtod(text, &end);
  if (end == text || *end != '\0' || !isfinite(parsed))
    return false;
  *value = parsed;
  return true;
}
