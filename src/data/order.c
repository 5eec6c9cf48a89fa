/* SPDX-License-Identifier: Apache-2.0 */
/* order.c - blocks shuffled, then samples shuffled inside a window of blocks.
 *
 * Both shuffles are the one of Fisher and Yates (Knuth, TAOCP 2, algorithm P),
 * with draws that are a function of (seed, epoch, place): the order of the
 * blocks is kept, the samples of one window are made when a place in it is asked
 * for.  So memory is a number a block and a window of samples, and going through
 * an epoch shuffles each window once.
 *
 * The last block may be short.  It is in one window after the shuffle, so all
 * windows before that one start where full blocks would put them, and all behind
 * it start earlier by what the short block lacks. */
#include "data/order.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/random.h"

enum { BLOCKS_LAYER = 0, SAMPLES_LAYER = 1 };

struct lks_order {
  int64_t count;
  int64_t block;
  int64_t window; /* blocks */
  bool shuffled;
  lks_random_key key;
  int64_t epoch;
  int64_t block_count;
  int64_t *blocks;  /* [block_count] the shuffled blocks of this epoch */
  int64_t short_by; /* samples that the last block lacks */
  int64_t short_window;
  int64_t loaded;   /* window whose samples are there, -1: none */
  int64_t *samples; /* [window x block] */
};

lks_status lks_order_create(lks_order **order, int64_t count, int64_t block, int window,
                            uint64_t seed, bool shuffled) {
  LKS_ASSERT(count > 0 && block > 0 && window > 0);
  if (block > count)
    block = count;
  LKS_ASSERT(block <= INT32_MAX / window);
  LKS_TRY(lks_allocate(order, 1, sizeof **order));
  lks_order *o = *order;
  o->count = count;
  o->block = block;
  o->window = window;
  o->shuffled = shuffled;
  o->key = lks_random_key_of(seed);
  o->block_count = (count + block - 1) / block;
  o->short_by = o->block_count * block - count;
  if (shuffled) {
    int64_t most = o->block_count < window ? o->block_count : window;
    lks_status status = lks_allocate(&o->blocks, (size_t)o->block_count, sizeof *o->blocks);
    if (status == LKS_OK)
      status = lks_allocate(&o->samples, (size_t)(most * block), sizeof *o->samples);
    if (status != LKS_OK) {
      lks_order_destroy(o);
      *order = NULL;
      return status;
    }
  }
  lks_order_start(o, 0);
  return LKS_OK;
}

void lks_order_destroy(lks_order *order) {
  if (order == NULL)
    return;
  lks_release(order->samples);
  lks_release(order->blocks);
  lks_release(order);
}

/* Shuffles items[0..count): item i changes places with one of 0 .. i. */
static void shuffle(const lks_order *order, unsigned layer, uint32_t time, int64_t *items,
                    int64_t count) {
  for (int64_t i = count - 1; i > 0; i--) {
    uint32_t out[4];
    lks_philox(order->key,
               lks_random_counter_of(LKS_RANDOM_ORDER, layer, 0, (uint32_t)order->epoch,
                                     (uint32_t)i, time),
               out);
    int64_t j = (int64_t)lks_random_below(out[0], out[1], (uint64_t)i + 1);
    int64_t item = items[i];
    items[i] = items[j];
    items[j] = item;
  }
}

void lks_order_start(lks_order *order, int64_t epoch) {
  order->epoch = epoch;
  order->loaded = -1;
  if (!order->shuffled)
    return;
  for (int64_t b = 0; b < order->block_count; b++)
    order->blocks[b] = b;
  shuffle(order, BLOCKS_LAYER, 0, order->blocks, order->block_count);
  int64_t place = 0;
  while (order->blocks[place] != order->block_count - 1)
    place++;
  order->short_window = place / order->window;
}

/* The first place of window w. */
static int64_t window_start(const lks_order *order, int64_t w) {
  int64_t start = w * order->window * order->block;
  return w > order->short_window ? start - order->short_by : start;
}

static void load(lks_order *order, int64_t w) {
  int64_t count = 0;
  int64_t end = (w + 1) * order->window;
  for (int64_t b = w * order->window; b < end && b < order->block_count; b++) {
    int64_t first = order->blocks[b] * order->block;
    for (int64_t i = first; i < first + order->block && i < order->count; i++)
      order->samples[count++] = i;
  }
  shuffle(order, SAMPLES_LAYER, (uint32_t)w, order->samples, count);
  order->loaded = w;
}

int64_t lks_order_at(lks_order *order, int64_t i) {
  LKS_ASSERT(i >= 0 && i < order->count);
  if (!order->shuffled)
    return i;
  bool behind = i >= window_start(order, order->short_window + 1);
  int64_t w = (i + (behind ? order->short_by : 0)) / (order->window * order->block);
  if (order->loaded != w)
    load(order, w);
  return order->samples[i - window_start(order, w)];
}
