/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_text_reader.c - any bytes at all are read, or refused, and nothing gets lost.
 *
 *   clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Isrc -Iinclude \
 *     tests/fuzz/fuzz_text_reader.c src/text/[a-z]*.c src/base/[a-z]*.c -lcrypto -lm \
 *     && ./a.out tests/fuzz/corpus/text_reader
 *
 * searches; ctest replays the corpus without a fuzzer (replay.c). */
#include "text/text_reader.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void require(bool holds) {
  if (!holds)
    abort();
}

typedef struct {
  lks_status status;
  int64_t line_ends;
} outcome;

/* Reads all; items of characters, or words, lie in the text one after another. */
static outcome read_all(const char *text, size_t bytes, lks_text_unit unit) {
  lks_text_reader *reader;
  lks_text_item item;
  bool found = true;
  bool marked = bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
  size_t place = marked ? 3 : 0;
  outcome o = {.line_ends = 0};
  require(lks_text_reader_open_memory(&reader, text, bytes, "fuzz", unit) == LKS_OK);
  while (found && o.status == LKS_OK) {
    o.status = lks_text_reader_next(reader, &item, &found);
    if (o.status != LKS_OK || !found)
      break;
    if (item.line_end) {
      o.line_ends++;
      continue;
    }
    require(item.bytes > 0 && item.bytes <= LKS_WORD_BYTES_MAX);
    while (unit == LKS_UNIT_WORD && strchr(" \t\n\v\f\r", text[place]) != NULL)
      require(++place < bytes);
    require(place + item.bytes <= bytes && memcmp(text + place, item.data, item.bytes) == 0);
    place += item.bytes;
  }
  if (o.status == LKS_OK) {
    require(unit == LKS_UNIT_WORD || place == bytes);
    require(lks_text_reader_bytes(reader) == (int64_t)(bytes - (marked ? 3 : 0)));
  }
  lks_text_reader_close(reader);
  return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  const char *text = (const char *)data;
  outcome characters = read_all(text, bytes, LKS_UNIT_CHARACTER);
  outcome words = read_all(text, bytes, LKS_UNIT_WORD);
  int64_t newlines = 0;
  for (size_t i = 0; i < bytes; i++)
    newlines += text[i] == '\n';
  if (words.status == LKS_OK) {
    require(characters.status == LKS_OK);
    require(words.line_ends == newlines || words.line_ends == newlines + 1);
  }
  if (bytes <= LKS_WORD_BYTES_MAX) /* no word is too long */
    require(words.status == characters.status);
  return 0;
}
