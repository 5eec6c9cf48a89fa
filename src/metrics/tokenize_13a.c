/* SPDX-License-Identifier: Apache-2.0 */
/* tokenize_13a.c - the tokens of mteval-v13a (NIST), as sacreBLEU 2 cuts them: entities
 * become characters, then four substitutions, each from left to right over the result of
 * the one before:
 *
 *   1  every ASCII symbol but ' , - . gets spaces around it
 *   2  a . or , behind anything but a digit gets spaces around it
 *   3  a . or , before anything but a digit gets spaces around it
 *   4  a - behind a digit gets spaces around it
 *
 * Bytes of a character beyond ASCII are none of these, so bytes may be looked at alone. */
#include "metrics/bleu.h"

#include "base/fail.h"

#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_point(char c) {
  return c == '.' || c == ',';
}

static bool is_symbol(char c) {
  return (c >= ' ' && c <= '/' && !strchr("',-.", c)) || (c >= ':' && c <= '@') ||
         (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/* Removes "<skipped>" and turns entities into their characters, one kind after the other:
 * "&amp;lt;" becomes "<". */
static lks_status replace(lks_text *text, const char *from, const char *to) {
  lks_text changed = {0};
  lks_status status = LKS_OK;
  const char *at = text->data ? text->data : "", *found;
  for (; (found = strstr(at, from)) != NULL; at = found + strlen(from)) {
    LKS_TRY_OR(cleanup, status, lks_text_add(&changed, at, (size_t)(found - at)));
    LKS_TRY_OR(cleanup, status, lks_text_add(&changed, to, strlen(to)));
  }
  LKS_TRY_OR(cleanup, status, lks_text_add(&changed, at, strlen(at)));
  lks_text_clear(text);
  LKS_TRY_OR(cleanup, status, lks_text_add(text, changed.data, changed.bytes));
cleanup:
  lks_text_release(&changed);
  return status;
}

/* Whether substitution `rule` matches at `at`, and how many bytes it takes. */
static int match(int rule, const char *at) {
  switch (rule) {
  case 1: return is_symbol(at[0]) ? 1 : 0;
  case 2: return !is_digit(at[0]) && is_point(at[1]) ? 2 : 0;
  case 3: return is_point(at[0]) && at[1] != '\0' && !is_digit(at[1]) ? 2 : 0;
  default: return is_digit(at[0]) && at[1] == '-' ? 2 : 0;
  }
}

/* What stands for the match. */
static lks_status substitute(int rule, const char *at, lks_text *out) {
  switch (rule) {
  case 1: return lks_text_print(out, " %c ", at[0]);
  case 3: return lks_text_print(out, " %c %c", at[0], at[1]);
  default: return lks_text_print(out, "%c %c ", at[0], at[1]);
  }
}

static lks_status apply(int rule, lks_text *text) {
  lks_text out = {0};
  lks_status status = LKS_OK;
  const char *at = text->data;
  while (*at != '\0') {
    int taken = match(rule, at);
    if (taken)
      LKS_TRY_OR(cleanup, status, substitute(rule, at, &out));
    else
      LKS_TRY_OR(cleanup, status, lks_text_add(&out, at, 1));
    at += taken ? taken : 1;
  }
  lks_text_clear(text);
  LKS_TRY_OR(cleanup, status, lks_text_add(text, out.data, out.bytes));
cleanup:
  lks_text_release(&out);
  return status;
}

/* Bytes of the white space at `at`; 0: none. */
static size_t white_bytes(const char *at) {
  uint32_t code;
  size_t bytes = lks_text_character(at, strlen(at), &code);
  return bytes > 0 && lks_text_is_white(code) ? bytes : 0;
}

/* The words of `text`, a space between two. */
static lks_status join_words(const char *text, lks_text *tokens) {
  bool due = false, any = false;
  while (*text != '\0') {
    size_t white = white_bytes(text);
    if (white == 0) {
      if (due && any)
        LKS_TRY(lks_text_add(tokens, " ", 1));
      LKS_TRY(lks_text_add(tokens, text, 1));
      any = true;
    }
    due = white > 0;
    text += white ? white : 1;
  }
  return LKS_OK;
}

lks_status lks_bleu_tokenize_13a(const char *line, lks_text *tokens) {
  static const char *const entities[][2] = {
      {"<skipped>", ""}, {"&quot;", "\""}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}};
  lks_status status;
  lks_text text = {0};
  LKS_TRY_OR(cleanup, status, lks_text_print(&text, " %s ", line));
  for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
    LKS_TRY_OR(cleanup, status, replace(&text, entities[i][0], entities[i][1]));
  for (int rule = 1; rule <= 4; rule++)
    LKS_TRY_OR(cleanup, status, apply(rule, &text));
  LKS_TRY_OR(cleanup, status, join_words(text.data, tokens));
cleanup:
  lks_text_release(&text);
  return status;
}
