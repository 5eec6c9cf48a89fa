/* SPDX-License-Identifier: Apache-2.0 */
/* line_tokens.c - a line has few tokens, so the first equal one is looked for in turn. */
#include "metrics/line_tokens.h"

#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

static lks_status append(lks_line_tokens *tokens, const char *token, size_t bytes) {
  if (tokens->count == tokens->capacity) {
    size_t old = (size_t)tokens->capacity, room = old ? 2 * old : 64;
    LKS_TRY(lks_reallocate(&tokens->tokens, old, room, sizeof *tokens->tokens));
    LKS_TRY(lks_reallocate(&tokens->bytes, old, room, sizeof *tokens->bytes));
    LKS_TRY(lks_reallocate(&tokens->numbers, old, room, sizeof *tokens->numbers));
    tokens->capacity = (int)room;
  }
  int at = tokens->count++, same = 0;
  while (same < at &&
         (tokens->bytes[same] != bytes || memcmp(tokens->tokens[same], token, bytes) != 0))
    same++;
  tokens->tokens[at] = token;
  tokens->bytes[at] = bytes;
  tokens->numbers[at] = same;
  return LKS_OK;
}

lks_status lks_line_tokens_add_words(lks_line_tokens *tokens, const char *line) {
  static const char white[] = " \t\n\v\f\r";
  for (line += strspn(line, white); *line != '\0'; line += strspn(line, white)) {
    size_t bytes = strcspn(line, white);
    LKS_TRY(append(tokens, line, bytes));
    line += bytes;
  }
  return LKS_OK;
}

void lks_line_tokens_release(lks_line_tokens *tokens) {
  lks_release(tokens->numbers);
  lks_release(tokens->bytes);
  lks_release(tokens->tokens);
  *tokens = (lks_line_tokens){0};
}
