/* SPDX-License-Identifier: Apache-2.0 */
/* deal.c - rounds over the shards until every row has a sample. */
#include "data/deal.h"

/* Shard number i of a round. */
static int shard_of(int i, int shards) {
  int gray = i ^ (i >> 1), reversed = 0;
  for (int bit = 1; bit < shards; bit *= 2) {
    reversed = 2 * reversed + (gray & 1);
    gray >>= 1;
  }
  return reversed;
}

void lks_deal(const lks_shards *shards, int *row, int *filled) {
  int count = shards->shards, dealt = 0;
  for (int s = 0; s < count; s++)
    filled[s] = 0;
  for (int round = 0; dealt < shards->rows; round++)
    for (int i = 0; i < count && dealt < shards->rows; i++) {
      int s = shard_of(round % 2 == 0 ? i : count - 1 - i, count);
      int place = lks_shards_row(shards, s) + filled[s];
      if (place == lks_shards_row(shards, s + 1))
        continue;
      row[dealt++] = place;
      filled[s]++;
    }
}
