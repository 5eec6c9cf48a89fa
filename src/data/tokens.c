/* SPDX-License-Identifier: Apache-2.0 */
/* tokens.c - the sequence is the split's values; only place -1 is made up. */
#include "data/tokens.h"

#include "base/fail.h"

#include <string.h>

static int32_t line_end_of(const lks_dataset *dataset) {
  bool words = strcmp(lks_dataset_unit(dataset), "word") == 0;
  const char *symbol = words ? LKS_LINE_END_SYMBOL : "\n";
  int number = lks_vocabulary_find(lks_dataset_vocabulary(dataset), symbol, strlen(symbol));
  return number >= 0 ? number : 0;
}

lks_status lks_tokens_of(lks_dataset *dataset, lks_split split, lks_tokens *tokens) {
  *tokens = (lks_tokens){.dataset = dataset,
                         .split = split,
                         .count = lks_dataset_count(dataset, split),
                         .before = line_end_of(dataset)};
  if (tokens->count == 0)
    return LKS_FAIL(
        LKS_DATA, "%s: there is no '%s' split\n  hint: prepare the dataset with a text for it",
        lks_dataset_path(dataset), lks_split_text(split));
  return LKS_OK;
}

lks_status lks_tokens_read(const lks_tokens *tokens, int64_t first, int64_t count,
                           int32_t *values) {
  if (first < 0 && count > 0) {
    LKS_ASSERT(first == -1);
    *values++ = tokens->before;
    first++;
    count--;
  }
  if (count > 0)
    LKS_TRY(lks_dataset_read(tokens->dataset, tokens->split, first, count, values));
  return LKS_OK;
}
