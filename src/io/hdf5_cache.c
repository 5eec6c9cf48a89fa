/* SPDX-License-Identifier: Apache-2.0 */
/* hdf5_cache.c - a few slots, looked through one by one. */
#include "io/hdf5_cache.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdint.h>

struct lks_hdf5_cache {
  size_t slots, bytes;
  size_t *chunk;   /* [slots] */
  uint64_t *found; /* [slots] when it was found last; 0: free */
  uint64_t now;
  size_t room; /* the slot that is being filled */
  char *data;  /* [slots, bytes] */
};

lks_status lks_hdf5_cache_create(lks_hdf5_cache **cache, size_t slots, size_t bytes) {
  lks_status status;
  LKS_TRY(lks_allocate(cache, 1, sizeof **cache));
  lks_hdf5_cache *c = *cache;
  c->slots = slots;
  c->bytes = bytes;
  LKS_TRY_OR(failed, status, lks_allocate(&c->chunk, slots, sizeof *c->chunk));
  LKS_TRY_OR(failed, status, lks_allocate(&c->found, slots, sizeof *c->found));
  LKS_TRY_OR(failed, status, lks_allocate(&c->data, slots, bytes));
  return LKS_OK;
failed:
  lks_hdf5_cache_destroy(c);
  *cache = NULL;
  return status;
}

void lks_hdf5_cache_destroy(lks_hdf5_cache *cache) {
  if (cache == NULL)
    return;
  lks_release(cache->data);
  lks_release(cache->found);
  lks_release(cache->chunk);
  lks_release(cache);
}

const char *lks_hdf5_cache_find(lks_hdf5_cache *cache, size_t chunk) {
  for (size_t i = 0; i < cache->slots; i++)
    if (cache->chunk[i] == chunk && cache->found[i] > 0) {
      cache->found[i] = ++cache->now;
      return cache->data + i * cache->bytes;
    }
  return NULL;
}

char *lks_hdf5_cache_room(lks_hdf5_cache *cache) {
  cache->room = 0;
  for (size_t i = 1; i < cache->slots; i++)
    if (cache->found[i] < cache->found[cache->room])
      cache->room = i;
  cache->found[cache->room] = 0;
  return cache->data + cache->room * cache->bytes;
}

void lks_hdf5_cache_keep(lks_hdf5_cache *cache, size_t chunk) {
  cache->chunk[cache->room] = chunk;
  cache->found[cache->room] = ++cache->now;
}
