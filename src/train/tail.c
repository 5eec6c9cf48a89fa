/* SPDX-License-Identifier: Apache-2.0 */
/* tail.c - slots of the tail: terms of the loss in two limbs, the stop flag, losses. */
#include "train/tail.h"

#include "base/fail.h"

#include <string.h>

enum {
  SLOT_TERMS_LOW, /* sums of terms mod LIMB stay exact for up to 4,096 shards */
  SLOT_TERMS_HIGH,
  SLOT_STOP,
  SLOT_LOSSES = 16, /* two a shard */
  LIMB = 4096
};

_Static_assert(SLOT_LOSSES + 2 * LKS_SHARDS_MAX <= LKS_TAIL_FLOATS,
               "the tail holds all losses");

void lks_tail_clear(float *tail) {
  memset(tail, 0, LKS_TAIL_FLOATS * sizeof *tail);
}

void lks_tail_add_shard(float *tail, int shard, int64_t terms, double loss) {
  float high = (float)loss;
  int64_t limbs = terms / LIMB;
  tail[SLOT_TERMS_LOW] += (float)(terms % LIMB);
  tail[SLOT_TERMS_HIGH] += (float)limbs;
  tail[SLOT_LOSSES + 2 * shard] = high;
  tail[SLOT_LOSSES + 2 * shard + 1] = (float)(loss - (double)high);
}

void lks_tail_ask_stop(float *tail) {
  tail[SLOT_STOP] = 1;
}

lks_tail lks_tail_read(const float *tail) {
  return (lks_tail){
      .terms = (int64_t)tail[SLOT_TERMS_LOW] + LIMB * (int64_t)tail[SLOT_TERMS_HIGH],
      .stop = tail[SLOT_STOP] > 0,
  };
}

lks_status lks_tail_check(const lks_tail *tail, int64_t expected, int64_t number) {
  if (tail->terms == expected)
    return LKS_OK;
  return LKS_FAIL(
      LKS_COMM,
      "step %lld: expected %lld terms of the loss from all ranks, found %lld\n  hint: ranks do "
      "not work on the same plan; check that all run the same program and files",
      (long long)number, (long long)expected, (long long)tail->terms);
}

static double subtree_loss(const float *tail, const lks_shards *shards, lks_subtree node) {
  if (node.count == 1) {
    const float *slot = tail + SLOT_LOSSES + 2 * node.first;
    return (double)slot[0] + (double)slot[1];
  }
  lks_subtree left = {node.first, node.count / 2};
  lks_subtree right = {node.first + node.count / 2, node.count / 2};
  if (lks_shards_is_empty(shards, left))
    return lks_shards_is_empty(shards, right) ? 0.0 : subtree_loss(tail, shards, right);
  double sum = subtree_loss(tail, shards, left);
  return lks_shards_is_empty(shards, right) ? sum : sum + subtree_loss(tail, shards, right);
}

double lks_tail_loss(const float *tail, const lks_shards *shards) {
  return subtree_loss(tail, shards, (lks_subtree){0, shards->shards});
}
