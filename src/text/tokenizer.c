/* SPDX-License-Identifier: Apache-2.0 */
/* tokenizer.c - words, characters and subwords, as they are or in lower case. */
#include "text/tokenizer.h"

#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

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

static const char *const texts[][2] = {
    [LKS_TOKENS_WORDS] = {"words", "words lowercase"},
    [LKS_TOKENS_CHARACTERS] = {"characters", "characters lowercase"},
    [LKS_TOKENS_SUBWORDS] = {"subwords", "subwords lowercase"},
};
enum { KINDS = sizeof texts / sizeof *texts };

lks_status lks_tokenizer_open(lks_tokenizer *t, const char *text, const void *model,
                              size_t bytes) {
  *t = (lks_tokenizer){.subwords = NULL};
  for (int kind = 0; kind < KINDS; kind++)
    for (int lower = 0; lower < 2; lower++)
      if (strcmp(texts[kind][lower], text) == 0) {
        t->kind = (lks_token_kind)kind;
        t->lowercase = lower == 1;
        return kind == LKS_TOKENS_SUBWORDS ? lks_subwords_open(&t->subwords, model, bytes)
                                           : LKS_OK;
      }
  return LKS_FAIL(LKS_DATA,
                  "tokenizer: expected words, characters or subwords, each with or without "
                  "' lowercase', found '%s'",
                  text);
}

void lks_tokenizer_close(lks_tokenizer *t) {
  lks_subwords_close(t->subwords);
  t->subwords = NULL;
}

const char *lks_tokenizer_text(const lks_tokenizer *t) {
  return texts[t->kind][t->lowercase];
}

lks_token_kind lks_tokenizer_kind(const char *text) {
  int kind = KINDS - 1;
  while (kind > 0 && strncmp(text, texts[kind][0], strlen(texts[kind][0])) != 0)
    kind--;
  return (lks_token_kind)kind;
}

lks_status lks_words_add(lks_words *words, const char *data, size_t bytes) {
  if (words->count == words->capacity) {
    size_t wider = words->capacity > 0 ? 2 * words->capacity : 64;
    LKS_TRY(lks_reallocate(&words->word, words->capacity, wider, sizeof *words->word));
    words->capacity = wider;
  }
  words->word[words->count++] = (lks_word){data, bytes};
  return LKS_OK;
}

void lks_words_clear(lks_words *words) {
  words->count = 0;
  lks_text_clear(&words->lower);
  lks_text_clear(&words->pieces);
}

lks_status lks_words_add_copy(lks_words *words, const char *data, size_t bytes) {
  LKS_TRY(lks_text_add(&words->pieces, data, bytes));
  return lks_words_add(words, NULL, bytes);
}

void lks_words_settle(lks_words *words) {
  size_t at = 0;
  for (size_t i = 0; i < words->count; i++) {
    words->word[i].data = words->pieces.data + at;
    at += words->word[i].bytes;
  }
}

/* Begins anew; the line, or what it is in lower case. */
static lks_status begin(lks_words *words, const char **line, size_t *bytes, bool lowercase) {
  lks_words_clear(words);
  if (!lowercase)
    return LKS_OK;
  LKS_TRY(lks_text_add_lower(&words->lower, *line, *bytes));
  *line = words->lower.data ? words->lower.data : "";
  *bytes = words->lower.bytes;
  return LKS_OK;
}

static lks_status split_words(lks_words *words, const char *line, size_t bytes) {
  for (size_t at = 0; at < bytes;) {
    while (at < bytes && is_blank(line[at]))
      at++;
    size_t first = at;
    while (at < bytes && !is_blank(line[at]))
      at++;
    if (at > first)
      LKS_TRY(lks_words_add(words, line + first, at - first));
  }
  return LKS_OK;
}

static lks_status split_characters(lks_words *words, const char *line, size_t bytes) {
  bool after_blank = false;
  for (size_t at = 0, length; at < bytes; at += length) {
    length = 1;
    if (is_blank(line[at])) {
      after_blank = words->count > 0;
      continue;
    }
    if (after_blank)
      LKS_TRY(lks_words_add(words, " ", 1));
    after_blank = false;
    length = lks_text_character(line + at, bytes - at, NULL);
    length = length > 0 ? length : 1;
    LKS_TRY(lks_words_add(words, line + at, length));
  }
  return LKS_OK;
}

static lks_status keep_piece(void *context, const char *piece, size_t bytes) {
  return lks_words_add_copy(context, piece, bytes);
}

static lks_status split_subwords(const lks_tokenizer *t, lks_words *words, const char *line,
                                 size_t bytes) {
  LKS_TRY(lks_subwords_cut(t->subwords, line, bytes, keep_piece, words));
  lks_words_settle(words);
  return LKS_OK;
}

lks_status lks_tokenizer_split(const lks_tokenizer *t, lks_words *words, const char *line,
                               size_t bytes) {
  LKS_TRY(begin(words, &line, &bytes, t->lowercase));
  switch (t->kind) {
  case LKS_TOKENS_CHARACTERS: return split_characters(words, line, bytes);
  case LKS_TOKENS_SUBWORDS: return split_subwords(t, words, line, bytes);
  case LKS_TOKENS_WORDS: break;
  }
  return split_words(words, line, bytes);
}

lks_status lks_words_split(lks_words *words, const char *line, size_t bytes, bool lowercase) {
  return lks_tokenizer_split(&(lks_tokenizer){.lowercase = lowercase}, words, line, bytes);
}

void lks_words_release(lks_words *words) {
  lks_release(words->word);
  lks_text_release(&words->lower);
  lks_text_release(&words->pieces);
  *words = (lks_words){.count = 0};
}

/* A piece: U+2581 is the space in front of a word. */
static lks_status join_piece(lks_text *text, size_t begin, const char *piece) {
  static const char space[] = LKS_SUBWORD_SPACE;
  for (const char *at = piece; *at;) {
    const char *next = strstr(at, space);
    size_t bytes = next ? (size_t)(next - at) : strlen(at);
    LKS_TRY(lks_text_add(text, at, bytes));
    at += bytes;
    if (!next)
      break;
    if (text->bytes > begin)
      LKS_TRY(lks_text_add(text, " ", 1));
    at += sizeof space - 1;
  }
  return LKS_OK;
}

lks_status lks_tokenizer_join(lks_token_kind kind, lks_text *text, size_t begin,
                              const char *symbol) {
  if (kind == LKS_TOKENS_SUBWORDS)
    return join_piece(text, begin, symbol);
  if (kind == LKS_TOKENS_WORDS && text->bytes > begin)
    LKS_TRY(lks_text_add(text, " ", 1));
  return lks_text_add(text, symbol, strlen(symbol));
}
