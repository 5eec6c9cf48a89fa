/* tokens.h - a split as a sequence of tokens to predict, each from the one before it.
 *
 * Place -1 is what the first token is predicted from: the end of a line, or symbol 0
 * where the vocabulary has no line end. */
#ifndef LOCKSTEP_DATA_TOKENS_H
#define LOCKSTEP_DATA_TOKENS_H

#include "data/dataset.h"

typedef struct {
  lks_dataset *dataset; /* borrowed; outlives this */
  lks_split split;
  int64_t count;  /* N */
  int32_t before; /* the token at place -1 */
} lks_tokens;

/* Fails with LKS_DATA when the split is empty. */
lks_status lks_tokens_of(lks_dataset *dataset, lks_split split, lks_tokens *tokens);

/* Tokens first .. first+count-1, -1 <= first.  Only from a job of the I/O thread. */
lks_status lks_tokens_read(const lks_tokens *tokens, int64_t first, int64_t count,
                           int32_t *values);

#endif
