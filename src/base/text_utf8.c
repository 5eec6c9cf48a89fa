/* SPDX-License-Identifier: Apache-2.0 */
/* text_utf8.c - UTF-8 as RFC 3629 has it: shortest forms only, no surrogates,
 * nothing above U+10FFFF. */
#include "base/text.h"

#include <string.h>

/* Bytes of a character that begins with `lead`, 0 for a byte that begins none;
 * *code gets the bits that the lead carries. */
static size_t lead_length(unsigned char lead, uint32_t *code) {
  if (lead < 0x80) {
    *code = lead;
    return 1;
  }
  if (lead >= 0xC2 && lead < 0xE0) {
    *code = lead & 0x1Fu;
    return 2;
  }
  if (lead >= 0xE0 && lead < 0xF0) {
    *code = lead & 0x0Fu;
    return 3;
  }
  if (lead >= 0xF0 && lead < 0xF5) {
    *code = lead & 0x07u;
    return 4;
  }
  return 0;
}

size_t lks_text_character(const char *data, size_t bytes, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length */
  uint32_t found = 0;
  size_t length = bytes ? lead_length((unsigned char)data[0], &found) : 0;
  if (length == 0 || length > bytes)
    return 0;
  for (size_t i = 1; i < length; i++) {
    unsigned char next = (unsigned char)data[i];
    if ((next & 0xC0) != 0x80)
      return 0;
    found = found << 6 | (next & 0x3Fu);
  }
  bool surrogate = found >= 0xD800 && found < 0xE000;
  if (found < least[length] || found > 0x10FFFF || surrogate)
    return 0;
  if (code)
    *code = found;
  return length;
}

/* The first byte at or behind `at` that is no part of eight characters of ASCII. */
static size_t skip_ascii(const char *data, size_t bytes, size_t at) {
  uint64_t eight;
  while (bytes - at >= sizeof eight) {
    memcpy(&eight, data + at, sizeof eight);
    if (eight & UINT64_C(0x8080808080808080))
      break;
    at += sizeof eight;
  }
  return at;
}

size_t lks_text_check_utf8(const char *data, size_t bytes) {
  size_t at = skip_ascii(data, bytes, 0);
  while (at < bytes) {
    size_t length = lks_text_character(data + at, bytes - at, NULL);
    if (length == 0)
      return at;
    at += length;
    if (length > 1)
      at = skip_ascii(data, bytes, at);
  }
  return bytes;
}

bool lks_text_is_white(uint32_t code) {
  return (code >= 9 && code <= 13) || (code >= 28 && code <= 32) || code == 0x85 ||
         code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) ||
         code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}
