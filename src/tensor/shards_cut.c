/* SPDX-License-Identifier: Apache-2.0 */
/* shards_cut.c - which rank owns which shards.
 *
 * First the least number of rows that the fullest rank must bear (a binary
 * search over a greedy cut), then, among the cuts that keep to it, the fewest
 * subtrees (dynamic programming from the end), then the one that lies first. */
#include "tensor/shards.h"

#include "base/fail.h"
#include "base/memory.h"

#include <limits.h>

enum { UNREACHABLE = INT_MAX };

static int rows_between(const lks_shards *shards, int first, int last) {
  return lks_shards_row(shards, last) - lks_shards_row(shards, first);
}

/* Whether `ranks` ranges of at most `most` rows hold all shards.  Ranges can
 * always be split further, so few enough are enough. */
static bool is_enough(const lks_shards *shards, int ranks, int most) {
  int used = 1;
  int first = 0;
  for (int s = 0; s < shards->shards; s++) {
    if (rows_between(shards, s, s + 1) > most)
      return false;
    if (rows_between(shards, first, s + 1) > most) {
      first = s;
      used++;
    }
  }
  return used <= ranks;
}

static int least_load(const lks_shards *shards, int ranks) {
  int low = 0;
  int high = shards->rows;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (is_enough(shards, ranks, middle))
      high = middle;
    else
      low = middle + 1;
  }
  return high;
}

/* fewest[left x (V + 1) + u] = subtrees of the best cut of shards u .. V-1 into
 * `left` ranges of at most `most` rows, none without a shard. */
static void count_subtrees(const lks_shards *shards, int ranks, int most, int *fewest) {
  int width = shards->shards + 1;
  lks_subtree unused[LKS_SUBTREES_MAX];
  for (int i = 0; i < (ranks + 1) * width; i++)
    fewest[i] = UNREACHABLE;
  fewest[shards->shards] = 0;
  for (int u = shards->shards - 1; u >= 0; u--) {
    for (int v = u + 1; v <= shards->shards && rows_between(shards, u, v) <= most; v++) {
      int own = lks_shards_decompose(u, v, unused);
      for (int left = 1; left <= ranks; left++) {
        int after = fewest[(left - 1) * width + v];
        int *best = &fewest[left * width + u];
        if (after != UNREACHABLE && own + after < *best)
          *best = own + after;
      }
    }
  }
}

/* Follows the table from the start, taking the first border that keeps the optimum. */
static void choose_cuts(const lks_shards *shards, int ranks, int most, const int *fewest,
                        int *cuts) {
  int width = shards->shards + 1;
  lks_subtree unused[LKS_SUBTREES_MAX];
  cuts[0] = 0;
  for (int rank = 0; rank < ranks; rank++) {
    int u = cuts[rank];
    int left = ranks - rank;
    int v = u + 1;
    for (; v < shards->shards; v++) {
      int after = fewest[(left - 1) * width + v];
      bool optimal = after != UNREACHABLE && rows_between(shards, u, v) <= most &&
                     lks_shards_decompose(u, v, unused) + after == fewest[left * width + u];
      if (optimal)
        break;
    }
    cuts[rank + 1] = v;
  }
}

lks_status lks_shards_cut(const lks_shards *shards, int ranks, int *cuts) {
  if (ranks > shards->shards)
    return LKS_FAIL(LKS_USAGE,
                    "%d ranks cannot share %d shards: every rank needs one\n"
                    "  hint: start at most %d ranks, or set [distributed] shards to a power of "
                    "two that is at least %d (another value trains another model)",
                    ranks, shards->shards, shards->shards, ranks);
  int *fewest = NULL;
  size_t entries = ((size_t)ranks + 1) * ((size_t)shards->shards + 1);
  LKS_TRY(lks_allocate(&fewest, entries, sizeof *fewest));
  int most = least_load(shards, ranks);
  count_subtrees(shards, ranks, most, fewest);
  choose_cuts(shards, ranks, most, fewest, cuts);
  lks_release(fewest);
  return LKS_OK;
}
