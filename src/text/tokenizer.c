/* SPDX-License-Identifier: Apache-2.0 */
/* tokenizer.c - words between white space, as they are or in lower case. */
#include "text/tokenizer.h"

#include "base/fail.h"
#include "base/memory.h"

/* Unicode's simple lower case of a letter of the scripts named in tokenizer.h. */
static uint32_t lower_of(uint32_t c) {
  if (c < 0x80)
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3AB && c != 0x3A2) ||
      (c >= 0x410 && c <= 0x42F))
    return c + 32;
  if (c >= 0x400 && c <= 0x40F)
    return c + 80;
  if (c >= 0x531 && c <= 0x556)
    return c + 48;
  if (c == 0x178)
    return 0xFF;
  if (c == 0x130)
    return 'i';
  if (c == 0x386)
    return 0x3AC;
  if (c >= 0x388 && c <= 0x38A)
    return c + 37;
  if (c == 0x38C || c == 0x38E || c == 0x38F)
    return c == 0x38C ? 0x3CC : c + 63;
  if (c == 0x1E9E)
    return 0xDF;
  bool odd_is_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  bool pairs = odd_is_upper || (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) ||
               (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) ||
               (c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1EFF);
  return pairs && c % 2 == (odd_is_upper ? 1 : 0) ? c + 1 : c;
}

static lks_status add_character(lks_text *text, uint32_t c) {
  char bytes[4];
  if (c < 0x80) {
    bytes[0] = (char)c;
    return lks_text_add(text, bytes, 1);
  }
  if (c < 0x800) {
    bytes[0] = (char)(0xC0 | c >> 6);
    bytes[1] = (char)(0x80 | (c & 63));
    return lks_text_add(text, bytes, 2);
  }
  bytes[0] = (char)(0xE0 | c >> 12);
  bytes[1] = (char)(0x80 | (c >> 6 & 63));
  bytes[2] = (char)(0x80 | (c & 63));
  return lks_text_add(text, bytes, 3);
}

lks_status lks_text_add_lower(lks_text *text, const char *data, size_t bytes) {
  for (size_t at = 0, length; at < bytes; at += length) {
    uint32_t code = 0;
    length = lks_text_character(data + at, bytes - at, &code);
    uint32_t lower = lower_of(code);
    if (length == 0)
      length = 1;
    if (lower == code)
      LKS_TRY(lks_text_add(text, data + at, length));
    else
      LKS_TRY(add_character(text, lower));
  }
  return LKS_OK;
}

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

lks_status lks_words_split(lks_words *words, const char *line, size_t bytes, bool lowercase) {
  words->count = 0;
  lks_text_clear(&words->lower);
  if (lowercase) {
    LKS_TRY(lks_text_add_lower(&words->lower, line, bytes));
    line = words->lower.data;
    bytes = words->lower.bytes;
  }
  for (size_t at = 0; at < bytes;) {
    while (at < bytes && is_blank(line[at]))
      at++;
    size_t first = at;
    while (at < bytes && !is_blank(line[at]))
      at++;
    if (at == first)
      break;
    if (words->count == words->capacity) {
      size_t wider = words->capacity > 0 ? 2 * words->capacity : 64;
      LKS_TRY(lks_reallocate(&words->word, words->capacity, wider, sizeof *words->word));
      words->capacity = wider;
    }
    words->word[words->count++] = (lks_word){line + first, at - first};
  }
  return LKS_OK;
}

void lks_words_release(lks_words *words) {
  lks_release(words->word);
  lks_text_release(&words->lower);
  *words = (lks_words){.count = 0};
}
