/* SPDX-License-Identifier: Apache-2.0 */
/* vocabulary.c - an array of symbols and a hash table of their numbers.
 *
 * The bytes of all symbols lie in one growing string, so an entry holds offsets.
 * The table is open addressing with linear probing and a load of at most one
 * half: symbols are only added, never removed, which is the case where this
 * simplest scheme is also a fast one. */
#include "text/vocabulary.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024, FIRST_ENTRIES = 256 };

typedef struct {
  size_t first; /* offset of the symbol in the pool, where a zero byte ends it */
  size_t bytes;
  uint64_t hash;
  int64_t count;
  const char *symbol; /* first byte; only while finish sorts */
  bool always;
} entry;

struct lks_vocabulary {
  lks_text pool;
  entry *entries;
  size_t count;
  size_t capacity;
  int32_t *slots; /* [slot_count] number + 1 of an entry, 0: free */
  size_t slot_count;
};

lks_status lks_vocabulary_create(lks_vocabulary **vocabulary) {
  LKS_TRY(lks_allocate(vocabulary, 1, sizeof **vocabulary));
  lks_vocabulary *v = *vocabulary;
  lks_status status = lks_allocate(&v->entries, FIRST_ENTRIES, sizeof *v->entries);
  if (status == LKS_OK)
    status = lks_allocate(&v->slots, FIRST_SLOTS, sizeof *v->slots);
  if (status != LKS_OK) {
    lks_vocabulary_destroy(v);
    *vocabulary = NULL;
    return status;
  }
  v->capacity = FIRST_ENTRIES;
  v->slot_count = FIRST_SLOTS;
  return LKS_OK;
}

void lks_vocabulary_destroy(lks_vocabulary *vocabulary) {
  if (vocabulary == NULL)
    return;
  lks_release(vocabulary->slots);
  lks_release(vocabulary->entries);
  lks_text_release(&vocabulary->pool);
  lks_release(vocabulary);
}

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_of(const char *symbol, size_t bytes) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < bytes; i++)
    hash = (hash ^ (uint8_t)symbol[i]) * UINT64_C(0x100000001b3);
  return hash ^ (hash >> 32);
}

/* The slot that holds the symbol, or the free one where it belongs. */
static size_t slot_of(const lks_vocabulary *v, const char *symbol, size_t bytes,
                      uint64_t hash) {
  size_t mask = v->slot_count - 1;
  size_t slot = (size_t)hash & mask;
  while (v->slots[slot] != 0) {
    const entry *e = &v->entries[v->slots[slot] - 1];
    if (e->hash == hash && e->bytes == bytes &&
        memcmp(v->pool.data + e->first, symbol, bytes) == 0)
      break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

/* Enters all entries into the table, which is large enough and holds nothing. */
static void fill_slots(lks_vocabulary *v) {
  size_t mask = v->slot_count - 1;
  for (size_t i = 0; i < v->count; i++) {
    size_t slot = (size_t)v->entries[i].hash & mask;
    while (v->slots[slot] != 0)
      slot = (slot + 1) & mask;
    v->slots[slot] = (int32_t)i + 1;
  }
}

/* Makes room for one more entry. */
static lks_status grow(lks_vocabulary *v) {
  if (v->count == INT32_MAX / 2)
    return LKS_FAIL(LKS_DATA, "more than %zu different symbols\n  hint: is this really text?",
                    v->count);
  if (v->count == v->capacity) {
    LKS_TRY(lks_reallocate(&v->entries, v->capacity, 2 * v->capacity, sizeof *v->entries));
    v->capacity *= 2;
  }
  if (2 * (v->count + 1) > v->slot_count) {
    int32_t *slots;
    LKS_TRY(lks_allocate(&slots, 2 * v->slot_count, sizeof *slots));
    lks_release(v->slots);
    v->slots = slots;
    v->slot_count *= 2;
    fill_slots(v);
  }
  return LKS_OK;
}

/* Adds `count` occurrences; *added tells whether the symbol is new. */
static lks_status add(lks_vocabulary *v, const char *symbol, size_t bytes, int64_t count,
                      bool *added) {
  uint64_t hash = hash_of(symbol, bytes);
  size_t slot = slot_of(v, symbol, bytes, hash);
  *added = v->slots[slot] == 0;
  if (!*added) {
    v->entries[v->slots[slot] - 1].count += count;
    return LKS_OK;
  }
  LKS_TRY(grow(v));
  size_t first = v->pool.bytes;
  LKS_TRY(lks_text_add(&v->pool, symbol, bytes));
  LKS_TRY(lks_text_add(&v->pool, "", 1));
  v->entries[v->count] = (entry){.first = first, .bytes = bytes, .hash = hash, .count = count};
  v->count++;
  slot = slot_of(v, symbol, bytes, hash); /* the table may have grown */
  v->slots[slot] = (int32_t)v->count;
  return LKS_OK;
}

lks_status lks_vocabulary_count_symbol(lks_vocabulary *vocabulary, const char *symbol,
                                       size_t bytes) {
  bool added;
  return add(vocabulary, symbol, bytes, 1, &added);
}

static bool is_one_of(const lks_vocabulary *v, const entry *e, const char *const *symbols,
                      size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(v->pool.data + e->first, symbols[i]) == 0)
      return true;
  return false;
}

bool lks_vocabulary_is_cut(const lks_vocabulary *vocabulary, size_t size, int64_t minimum,
                           const char *const *always, size_t always_count) {
  size_t kept = always_count;
  for (size_t i = 0; i < vocabulary->count; i++) {
    const entry *e = &vocabulary->entries[i];
    if (is_one_of(vocabulary, e, always, always_count))
      continue;
    kept++;
    if (e->count < minimum)
      return true;
  }
  return size > 0 && kept > size;
}

/* Falling count, then rising bytes: a total order, since symbols differ. */
static int compare(const void *left, const void *right) {
  const entry *a = left, *b = right;
  if (a->count != b->count)
    return a->count > b->count ? -1 : 1;
  int order = memcmp(a->symbol, b->symbol, a->bytes < b->bytes ? a->bytes : b->bytes);
  if (order != 0)
    return order;
  return a->bytes < b->bytes ? -1 : 1;
}

lks_status lks_vocabulary_finish(lks_vocabulary *vocabulary, size_t size, int64_t minimum,
                                 const char *const *always, size_t always_count) {
  lks_vocabulary *v = vocabulary;
  if (size > 0 && size < always_count)
    return LKS_FAIL(LKS_USAGE,
                    "a vocabulary of %zu symbols has no room for the %zu that must be in it"
                    "\n  hint: give a larger size",
                    size, always_count);
  for (size_t i = 0; i < always_count; i++) {
    bool added;
    size_t bytes = strlen(always[i]);
    LKS_TRY(add(v, always[i], bytes, 0, &added));
    size_t slot = slot_of(v, always[i], bytes, hash_of(always[i], bytes));
    v->entries[v->slots[slot] - 1].always = true;
  }
  for (size_t i = 0; i < v->count; i++)
    v->entries[i].symbol = v->pool.data + v->entries[i].first;
  qsort(v->entries, v->count, sizeof *v->entries, compare);
  size_t room = size > 0 ? size - always_count : v->count;
  size_t kept = 0;
  for (size_t i = 0; i < v->count; i++) {
    entry *e = &v->entries[i];
    bool keep = e->always || (e->count >= minimum && room > 0);
    if (keep && !e->always)
      room--;
    if (keep)
      v->entries[kept++] = *e;
  }
  v->count = kept;
  memset(v->slots, 0, v->slot_count * sizeof *v->slots);
  fill_slots(v);
  return LKS_OK;
}

lks_status lks_vocabulary_append(lks_vocabulary *vocabulary, const char *symbol, size_t bytes) {
  if (bytes == 0)
    return LKS_FAIL(LKS_DATA, "symbol %zu of the vocabulary is empty", vocabulary->count);
  if (memchr(symbol, 0, bytes) != NULL)
    return LKS_FAIL(LKS_DATA, "symbol %zu of the vocabulary holds a zero byte",
                    vocabulary->count);
  bool added;
  LKS_TRY(add(vocabulary, symbol, bytes, 0, &added));
  if (!added)
    return LKS_FAIL(LKS_DATA,
                    "the vocabulary holds '%.*s' twice, the second time as symbol %zu",
                    bytes < 64 ? (int)bytes : 64, symbol, vocabulary->count);
  return LKS_OK;
}

int lks_vocabulary_size(const lks_vocabulary *vocabulary) {
  return (int)vocabulary->count;
}

int lks_vocabulary_find(const lks_vocabulary *vocabulary, const char *symbol, size_t bytes) {
  return vocabulary->slots[slot_of(vocabulary, symbol, bytes, hash_of(symbol, bytes))] - 1;
}

const char *lks_vocabulary_symbol(const lks_vocabulary *vocabulary, int number) {
  LKS_ASSERT(number >= 0 && (size_t)number < vocabulary->count);
  return vocabulary->pool.data + vocabulary->entries[number].first;
}
