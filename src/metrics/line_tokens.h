/* SPDX-License-Identifier: Apache-2.0 */
/* line_tokens.h - the tokens of a few lines as numbers: equal tokens have equal numbers. */
#ifndef LOCKSTEP_METRICS_LINE_TOKENS_H
#define LOCKSTEP_METRICS_LINE_TOKENS_H

#include <lockstep/status.h>

#include <stddef.h>
#include <stdint.h>

/* Start with {0}; release with lks_line_tokens_release. */
typedef struct {
  const char **tokens; /* borrowed from the lines */
  size_t *bytes;
  int32_t *numbers; /* [count] the first place that has the same token */
  int count;
  int capacity;
} lks_line_tokens;

/* Appends what ASCII white space separates.  `line` must outlive the tokens. */
lks_status lks_line_tokens_add_words(lks_line_tokens *tokens, const char *line);

void lks_line_tokens_release(lks_line_tokens *tokens);

#endif
