/* SPDX-License-Identifier: Apache-2.0 */
/* shards.c - rows of shards, and ranges of shards as subtrees. */
#include "tensor/shards.h"

#include "base/arithmetic.h"
#include "base/fail.h"

#include <stdint.h>

enum { DEFAULT_MAX = 64, TERMS_PER_SEGMENT = 32 };

int lks_shards_default(int batch, double terms_per_row) {
  double room = (double)batch * terms_per_row / TERMS_PER_SEGMENT;
  int most = batch < DEFAULT_MAX ? batch : DEFAULT_MAX;
  if (room < most)
    most = (int)room;
  return lks_power_of_two_below(most > 1 ? most : 1);
}

int lks_shards_row(const lks_shards *shards, int s) {
  LKS_ASSERT(s >= 0 && s <= shards->shards);
  return (int)((int64_t)s * shards->rows / shards->shards);
}

bool lks_shards_is_empty(const lks_shards *shards, lks_subtree subtree) {
  int first = lks_shards_row(shards, subtree.first);
  int last = lks_shards_row(shards, subtree.first + subtree.count);
  return first >= (last < shards->present ? last : shards->present);
}

int lks_shards_decompose(int first, int last, lks_subtree subtrees[LKS_SUBTREES_MAX]) {
  int count = 0;
  while (first < last) {
    int size = 1;
    while (first % (2 * size) == 0 && first + 2 * size <= last)
      size *= 2;
    LKS_ASSERT(count < LKS_SUBTREES_MAX);
    subtrees[count++] = (lks_subtree){first, size};
    first += size;
  }
  return count;
}
