/* SPDX-License-Identifier: Apache-2.0 */
/* sequence_plan.c - a list of samples, sorted in pools, and where to cut it.
 *
 * Fixed plans keep the whole list and its cuts; the others make one pool at a time, the
 * one that the asked batch is in. */
#include "data/sequence_plan.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/order.h"
#include "data/samples.h"

#include <stdlib.h>
#include <string.h>

enum { TOKENS_BUCKET = 64 };

/* Sets the order of batches apart from that of samples. */
static const uint64_t BATCH_ORDER = 0x6261746368ull;

/* A sample to be sorted: longest first, ties as they were. */
typedef struct {
  int64_t cost;
  uint32_t place;
  uint32_t sample;
} sorted_sample;

struct lks_sequence_plan {
  lks_sequence_batches_setup setup;
  const lks_sequence_table *table;
  int64_t count;   /* samples */
  int64_t batches; /* of an epoch */
  int most;        /* samples of the largest batch */
  lks_order *samples;
  lks_order *order; /* of the batches; NULL: as they are */
  int64_t epoch;    /* which the orders are set to */

  uint32_t *list;  /* fixed: [count]; else [pool_samples] of the pool that is there */
  int64_t *first;  /* by tokens: [batches + 1] in list */
  int64_t pool;    /* number of the pool that is there, or -1 */
  int pool_length; /* samples of a pool */
  sorted_sample *sorted;
};

bool lks_sequence_plan_is_fixed(const lks_sequence_plan *p) {
  return p->setup.streams || p->setup.tokens > 0;
}

int64_t lks_sequence_plan_count(const lks_sequence_plan *p) {
  return p->batches;
}

int lks_sequence_plan_most(const lks_sequence_plan *p) {
  return p->most;
}

static int64_t cost_of(const lks_sequence_plan *p, int64_t sample) {
  int64_t cost = 0;
  for (int f = 0; f < p->table->count; f++)
    cost += lks_sequence_length(p->table, p->setup.split, f, sample);
  return cost;
}

static int is_longer(const void *a, const void *b) {
  const sorted_sample *x = a, *y = b;
  if (x->cost != y->cost)
    return x->cost > y->cost ? -1 : 1;
  return x->place < y->place ? -1 : 1;
}

static void sort(lks_sequence_plan *p, uint32_t *samples, int64_t count) {
  for (int64_t i = 0; i < count; i++)
    p->sorted[i] = (sorted_sample){cost_of(p, samples[i]), (uint32_t)i, samples[i]};
  qsort(p->sorted, (size_t)count, sizeof *p->sorted, is_longer);
  for (int64_t i = 0; i < count; i++)
    samples[i] = p->sorted[i].sample;
}

/* The longest sequence of a sample that `tokens` counts. */
static int longest_of(const lks_sequence_plan *p, int64_t sample) {
  int longest = 0;
  for (int f = 0; f < p->table->count; f++) {
    int length = lks_sequence_length(p->table, p->setup.split, f, sample);
    if (strcmp(p->table->field[f].name, "characters") != 0 && length > longest)
      longest = length;
  }
  return longest;
}

/* Cuts list[from, to), sorted, into batches within `tokens`. */
static lks_status cut_pool(lks_sequence_plan *p, const char *path, int64_t from, int64_t to) {
  int64_t longest = 0, start = from;
  for (int64_t i = from; i < to; i++) {
    int length = longest_of(p, p->list[i]);
    if (length > p->setup.tokens)
      return LKS_FAIL(LKS_DATA,
                      "%s: sample %lld of split '%s' has %d symbols, [train] batch_tokens is "
                      "%lld\n  hint: set a larger batch_tokens, or prepare with a shorter "
                      "--max-length",
                      path, (long long)p->list[i], lks_split_text(p->setup.split), length,
                      (long long)p->setup.tokens);
    longest = length > longest ? length : longest;
    if ((i + 1 - start) * longest > p->setup.tokens) {
      p->first[++p->batches] = i;
      start = i;
      longest = length;
    }
    p->most = (int)(i + 1 - start) > p->most ? (int)(i + 1 - start) : p->most;
  }
  p->first[++p->batches] = to;
  return LKS_OK;
}

/* Samples of a pool by tokens: about `bucket` batches. */
static int64_t tokens_pool(const lks_sequence_plan *p) {
  int64_t bucket = p->setup.bucket > 0 ? p->setup.bucket : TOKENS_BUCKET, total = 0;
  for (int64_t i = 0; i < p->count; i++)
    total += longest_of(p, i);
  double pool = (double)bucket * (double)p->setup.tokens * (double)p->count /
                (double)(total > 0 ? total : 1);
  return pool < 1 ? 1 : pool > (double)p->count ? p->count : (int64_t)pool;
}

static lks_status plan_tokens(lks_sequence_plan *p, const char *path) {
  int64_t pool = tokens_pool(p);
  LKS_TRY(lks_allocate(&p->sorted, (size_t)pool, sizeof *p->sorted));
  LKS_TRY(lks_allocate(&p->first, (size_t)p->count + 1, sizeof *p->first));
  for (int64_t i = 0; i < p->count; i++)
    p->list[i] = (uint32_t)lks_order_at(p->samples, i);
  for (int64_t from = 0; from < p->count; from += pool) {
    int64_t to = from + pool < p->count ? from + pool : p->count;
    sort(p, p->list + from, to - from);
    LKS_TRY(cut_pool(p, path, from, to));
  }
  return lks_order_create(&p->order, p->batches, p->batches, 1, p->setup.seed ^ BATCH_ORDER,
                          p->setup.shuffled);
}

static lks_status plan_streams(lks_sequence_plan *p) {
  LKS_TRY(lks_allocate(&p->sorted, (size_t)p->count, sizeof *p->sorted));
  for (int64_t i = 0; i < p->count; i++)
    p->list[i] = (uint32_t)i;
  sort(p, p->list, p->count);
  return LKS_OK;
}

/* By rows: the batches that are full change places inside their pools, the last one stays. */
static lks_status plan_rows(lks_sequence_plan *p) {
  int64_t full = p->count / p->setup.rows, bucket = p->setup.bucket;
  if (bucket == 0 || full == 0)
    return LKS_OK;
  return lks_order_create(&p->order, full, bucket, 1, p->setup.seed ^ BATCH_ORDER,
                          p->setup.shuffled);
}

static lks_status create(lks_sequence_plan *p, const char *path) {
  bool by_tokens = !p->setup.streams && p->setup.tokens > 0;
  if (p->setup.streams && p->setup.rows > p->count)
    p->setup.rows = (int)p->count;
  int64_t rows = p->setup.rows;
  int64_t pool = (p->setup.bucket > 0 ? p->setup.bucket : 1) * rows;
  p->pool_length = (int)(pool < p->count ? pool : p->count);
  size_t kept = (size_t)(lks_sequence_plan_is_fixed(p) ? p->count : p->pool_length);
  LKS_TRY(lks_allocate(&p->list, kept, sizeof *p->list));
  if (!p->setup.streams)
    LKS_TRY(lks_order_create(&p->samples, p->count, rows > 0 ? 64 * rows : 4096,
                             LKS_SAMPLES_ORDER_WINDOW, p->setup.seed, p->setup.shuffled));
  if (by_tokens)
    return plan_tokens(p, path);
  p->batches = (p->count + rows - 1) / rows;
  p->most = (int)(rows < p->count ? rows : p->count);
  if (p->setup.streams)
    return plan_streams(p);
  LKS_TRY(lks_allocate(&p->sorted, (size_t)p->pool_length, sizeof *p->sorted));
  return plan_rows(p);
}

lks_status lks_sequence_plan_create(lks_sequence_plan **plan, const lks_dataset *dataset,
                                    const lks_sequence_batches_setup *setup) {
  const lks_sequence_table *table = lks_dataset_sequences(dataset);
  int64_t count = table->samples[setup->split];
  *plan = NULL;
  if (count == 0)
    return LKS_FAIL(
        LKS_DATA, "%s: there is no '%s' split\n  hint: prepare the dataset with a file for it",
        lks_dataset_path(dataset), lks_split_text(setup->split));
  if (count > UINT32_MAX)
    return LKS_FAIL(LKS_DATA, "%s: split '%s' has %lld samples, the most is %lld",
                    lks_dataset_path(dataset), lks_split_text(setup->split), (long long)count,
                    (long long)UINT32_MAX);
  lks_sequence_plan *p;
  LKS_TRY(lks_allocate(&p, 1, sizeof *p));
  p->setup = *setup;
  p->table = table;
  p->count = count;
  p->pool = -1;
  lks_status status = create(p, lks_dataset_path(dataset));
  if (status != LKS_OK) {
    lks_sequence_plan_destroy(p);
    return status;
  }
  *plan = p;
  return LKS_OK;
}

void lks_sequence_plan_destroy(lks_sequence_plan *p) {
  if (p == NULL)
    return;
  lks_release(p->sorted);
  lks_release(p->first);
  lks_release(p->list);
  lks_order_destroy(p->order);
  lks_order_destroy(p->samples);
  lks_release(p);
}

static void start_epoch(lks_sequence_plan *p, int64_t epoch) {
  if (epoch < 0 || epoch == p->epoch)
    return;
  p->epoch = epoch;
  p->pool = -1;
  if (p->order != NULL)
    lks_order_start(p->order, epoch);
  if (p->samples != NULL && !lks_sequence_plan_is_fixed(p))
    lks_order_start(p->samples, epoch);
}

/* Makes the pool that starts at place `from` of the epoch. */
static void load_pool(lks_sequence_plan *p, int64_t pool) {
  int64_t from = pool * p->pool_length, to = from + p->pool_length;
  if (p->pool == pool)
    return;
  to = to < p->count ? to : p->count;
  for (int64_t i = from; i < to; i++)
    p->list[i - from] = (uint32_t)lks_order_at(p->samples, i);
  sort(p, p->list, to - from);
  p->pool = pool;
}

int lks_sequence_plan_list(lks_sequence_plan *p, int64_t epoch, int64_t index,
                           const uint32_t **samples) {
  int64_t rows = p->setup.rows;
  LKS_ASSERT(index >= 0 && index < p->batches);
  start_epoch(p, epoch);
  if (p->order != NULL && epoch >= 0 && (p->first != NULL || index < p->count / rows))
    index = lks_order_at(p->order, index);
  if (p->first != NULL) {
    *samples = p->list + p->first[index];
    return (int)(p->first[index + 1] - p->first[index]);
  }
  int64_t from = index * rows;
  int64_t count = from + rows < p->count ? rows : p->count - from;
  if (!p->setup.streams) {
    load_pool(p, from / p->pool_length);
    from %= p->pool_length;
  }
  *samples = p->list + from;
  return (int)count;
}
