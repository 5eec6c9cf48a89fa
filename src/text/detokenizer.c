/* SPDX-License-Identifier: Apache-2.0 */
/* detokenizer.c - word by word, with what is known of the one before. */
#include "text/detokenizer.h"

#include "base/fail.h"

#include <string.h>

static const char *const closing[] = {".", ",", ";", ":", "!", "?",   "%",  ")",  "]",
                                      "}", "…", "»", "”", "’", "...", "..", "-@", "/@"};
static const char *const opening[] = {"(", "[", "{", "¿", "¡", "«",  "„",
                                      "“", "$", "£", "€", "#", "@-", "@/"};
static const char *const joining[] = {"@-@", "@/@"};
static const char *const quotes[] = {"\"", "'"};
static const char *const endings[] = {"n't"};
enum { QUOTES = sizeof quotes / sizeof *quotes };

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

typedef struct {
  const char *escape;
  char character;
} escaped;

static const escaped escapes[] = {{"&apos;", '\''}, {"&quot;", '"'}, {"&lt;", '<'},
                                  {"&gt;", '>'},    {"&#91;", '['},  {"&#93;", ']'},
                                  {"&#124;", '|'},  {"&amp;", '&'}};

/* Appends a word with its escapes read. */
static lks_status add_plain(lks_text *text, const char *word, size_t bytes) {
  for (size_t at = 0; at < bytes;) {
    size_t length = 1;
    const char *plain = word + at;
    for (size_t i = 0; i < COUNT_OF(escapes) && word[at] == '&'; i++) {
      size_t taken = strlen(escapes[i].escape);
      if (taken <= bytes - at && memcmp(word + at, escapes[i].escape, taken) == 0) {
        plain = &escapes[i].character;
        length = taken;
        break;
      }
    }
    LKS_TRY(lks_text_add(text, plain, 1));
    at += length;
  }
  return LKS_OK;
}

static int place_of(const char *word, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(word, list[i]) == 0)
      return (int)i;
  return -1;
}

/* Whether a word is the rest of the one before: 's, 't, 'll, n't. */
static bool is_ending(const char *word) {
  bool after_apostrophe = word[0] == '\'' && ((word[1] | 32) >= 'a' && (word[1] | 32) <= 'z');
  return after_apostrophe || place_of(word, endings, COUNT_OF(endings)) >= 0;
}

/* How a word stands to its neighbours. */
typedef struct {
  bool joins_left, joins_right;
  bool is_mark; /* of a joint: between the two it is without its @ */
} standing;

static standing stand(const char *word, bool is_open[QUOTES]) {
  standing s = {.joins_left =
                    place_of(word, closing, COUNT_OF(closing)) >= 0 || is_ending(word),
                .joins_right = place_of(word, opening, COUNT_OF(opening)) >= 0};
  int quote = place_of(word, quotes, QUOTES);
  if (quote >= 0) {
    s.joins_left = is_open[quote];
    s.joins_right = !is_open[quote];
    is_open[quote] = !is_open[quote];
  }
  s.is_mark = place_of(word, joining, COUNT_OF(joining)) >= 0;
  s.joins_left = s.joins_left || s.is_mark;
  s.joins_right = s.joins_right || s.is_mark;
  return s;
}

lks_status lks_detokenize(const char *line, lks_text *text) {
  static const char white[] = " \t\n\v\f\r";
  lks_status status = LKS_OK;
  lks_text word = {0};
  bool is_open[QUOTES] = {false}, joined = true;
  for (const char *at = line + strspn(line, white); *at && status == LKS_OK;) {
    size_t bytes = strcspn(at, white);
    lks_text_clear(&word);
    LKS_TRY_OR(cleanup, status, add_plain(&word, at, bytes));
    standing s = stand(word.data, is_open);
    if (!joined && !s.joins_left)
      LKS_TRY_OR(cleanup, status, lks_text_add(text, " ", 1));
    LKS_TRY_OR(cleanup, status,
               s.is_mark ? lks_text_add(text, word.data + 1, 1)
                         : lks_text_add(text, word.data, word.bytes));
    joined = s.joins_right;
    at += bytes;
    at += strspn(at, white);
  }
cleanup:
  lks_text_release(&word);
  return status;
}
