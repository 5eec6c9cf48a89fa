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

/* Small, since looking up a word is waiting for memory. */
typedef struct {
  uint64_t key; /* of the symbol: key_of */
  int64_t count;
  union {
    size_t first;       /* offset of the symbol in the pool, where a zero byte ends it */
    const char *symbol; /* its first byte, while finish sorts */
  };
  uint32_t bytes : 31;
  uint32_t always : 1;
  int32_t came; /* its place among all that were counted */
} entry;

struct lks_vocabulary {
  lks_text pool;
  entry *entries;
  size_t count;
  size_t counted; /* before finish left symbols out */
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

static uint64_t fold(uint64_t hash, uint64_t bytes) {
  hash = (hash ^ bytes) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio */
  return hash ^ hash >> 32;
}

enum { SHORT_BYTES = 8 };

/* The bytes themselves of a short symbol, as most words are: equal keys are then equal
 * symbols.  Of a long one a hash of them all. */
static uint64_t key_of(const char *symbol, size_t bytes) {
  uint64_t key = 0, eight = 0;
  size_t at = 0;
  for (; bytes - at > sizeof eight; at += sizeof eight) {
    memcpy(&eight, symbol + at, sizeof eight);
    key = fold(key, eight);
  }
  for (eight = 0; at < bytes; at++)
    eight = eight << 8 | (uint8_t)symbol[at];
  return bytes > SHORT_BYTES ? fold(key, eight) : eight;
}

/* Where to look first. */
static size_t first_slot(const lks_vocabulary *v, uint64_t key, size_t bytes) {
  return (size_t)fold(bytes, key) & (v->slot_count - 1);
}

/* The slot that holds the symbol, or the free one where it belongs. */
static size_t slot_of(const lks_vocabulary *v, const char *symbol, size_t bytes, uint64_t key) {
  size_t mask = v->slot_count - 1;
  size_t slot = first_slot(v, key, bytes);
  while (v->slots[slot] != 0) {
    const entry *e = &v->entries[v->slots[slot] - 1];
    if (e->key == key && e->bytes == bytes &&
        (bytes <= SHORT_BYTES || memcmp(v->pool.data + e->first, symbol, bytes) == 0))
      break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

/* Enters all entries into the table, which is large enough and holds nothing. */
static void fill_slots(lks_vocabulary *v) {
  size_t mask = v->slot_count - 1;
  for (size_t i = 0; i < v->count; i++) {
    size_t slot = first_slot(v, v->entries[i].key, v->entries[i].bytes);
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

/* Adds `count` occurrences of a symbol; *number is its entry, *added tells whether it is
 * new. */
static lks_status add(lks_vocabulary *v, const char *symbol, size_t bytes, uint64_t key,
                      int64_t count, int32_t *number, bool *added) {
  size_t slot = slot_of(v, symbol, bytes, key);
  *added = v->slots[slot] == 0;
  if (!*added) {
    *number = v->slots[slot] - 1;
    v->entries[*number].count += count;
    return LKS_OK;
  }
  if (bytes > INT32_MAX)
    return LKS_FAIL(LKS_DATA, "a symbol of %zu bytes\n  hint: is this really text?", bytes);
  LKS_TRY(grow(v));
  size_t first = v->pool.bytes;
  LKS_TRY(lks_text_add(&v->pool, symbol, bytes));
  LKS_TRY(lks_text_add(&v->pool, "", 1));
  *number = (int32_t)v->count;
  v->entries[v->count++] = (entry){.first = first,
                                   .bytes = (uint32_t)bytes & INT32_MAX,
                                   .key = key,
                                   .count = count,
                                   .came = *number};
  slot = slot_of(v, symbol, bytes, key); /* the table may have grown */
  v->slots[slot] = *number + 1;
  return LKS_OK;
}

lks_status lks_vocabulary_count_symbol(lks_vocabulary *vocabulary, const char *symbol,
                                       size_t bytes) {
  int32_t number;
  bool added;
  return add(vocabulary, symbol, bytes, key_of(symbol, bytes), 1, &number, &added);
}

/* A few words that are looked up together, so that memory is asked for all of them before
 * any is waited for: slots, then entries. */
enum { TOGETHER = 32 };

static void make_keys(const lks_vocabulary *v, const lks_word *words, size_t count,
                      uint64_t key[TOGETHER]) {
  size_t slot[TOGETHER];
  for (size_t i = 0; i < count; i++) {
    key[i] = key_of(words[i].data, words[i].bytes);
    slot[i] = first_slot(v, key[i], words[i].bytes);
    __builtin_prefetch(&v->slots[slot[i]]);
  }
  for (size_t i = 0; i < count; i++)
    if (v->slots[slot[i]] != 0)
      __builtin_prefetch(&v->entries[v->slots[slot[i]] - 1], 1);
}

lks_status lks_vocabulary_count_words(lks_vocabulary *vocabulary, const lks_word *words,
                                      size_t count, int32_t *numbers) {
  uint64_t key[TOGETHER];
  bool added;
  for (size_t first = 0; first < count; first += TOGETHER) {
    size_t some = count - first < TOGETHER ? count - first : TOGETHER;
    make_keys(vocabulary, words + first, some, key);
    for (size_t i = 0; i < some; i++)
      LKS_TRY(add(vocabulary, words[first + i].data, words[first + i].bytes, key[i], 1,
                  &numbers[first + i], &added));
  }
  return LKS_OK;
}

lks_status lks_vocabulary_keep(lks_vocabulary *vocabulary, const char *symbol, size_t bytes) {
  int32_t number;
  bool added;
  LKS_TRY(add(vocabulary, symbol, bytes, key_of(symbol, bytes), 0, &number, &added));
  vocabulary->entries[number].always = true;
  return LKS_OK;
}

/* How many are kept whatever the limits. */
static size_t count_always(const lks_vocabulary *v) {
  size_t count = 0;
  for (size_t i = 0; i < v->count; i++)
    count += v->entries[i].always;
  return count;
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
    if (e->count < minimum && !e->always)
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
  for (size_t i = 0; i < always_count; i++)
    LKS_TRY(lks_vocabulary_keep(v, always[i], strlen(always[i])));
  size_t fixed = count_always(v);
  if (size > 0 && size < fixed)
    return LKS_FAIL(LKS_USAGE,
                    "a vocabulary of %zu symbols has no room for the %zu that must be in it"
                    "\n  hint: give a larger size",
                    size, fixed);
  v->counted = v->count;
  for (size_t i = 0; i < v->count; i++)
    v->entries[i].symbol = v->pool.data + v->entries[i].first;
  qsort(v->entries, v->count, sizeof *v->entries, compare);
  size_t room = size > 0 ? size - fixed : v->count;
  size_t kept = 0;
  for (size_t i = 0; i < v->count; i++) {
    entry *e = &v->entries[i];
    bool keep = e->always || (e->count >= minimum && room > 0);
    if (keep && !e->always)
      room--;
    if (keep)
      v->entries[kept++] = *e;
  }
  if (kept == always_count && v->count > kept)
    return LKS_FAIL(
        LKS_USAGE,
        "no symbol is left of %zu: none is seen %lld times in training, or the "
        "vocabulary has no room for one\n  hint: give a smaller --vocab-count, or a "
        "larger --vocab-size",
        v->count - kept, (long long)minimum);
  v->count = kept;
  for (size_t i = 0; i < v->count; i++)
    v->entries[i].first = (size_t)(v->entries[i].symbol - v->pool.data);
  memset(v->slots, 0, v->slot_count * sizeof *v->slots);
  fill_slots(v);
  return LKS_OK;
}

lks_status lks_vocabulary_renumbered(const lks_vocabulary *vocabulary, int32_t unknown,
                                     int32_t **numbers) {
  LKS_TRY(lks_allocate(numbers, vocabulary->counted, sizeof **numbers));
  for (size_t i = 0; i < vocabulary->counted; i++)
    (*numbers)[i] = unknown;
  for (size_t i = 0; i < vocabulary->count; i++)
    (*numbers)[vocabulary->entries[i].came] = (int32_t)i;
  return LKS_OK;
}

lks_status lks_vocabulary_append(lks_vocabulary *vocabulary, const char *symbol, size_t bytes) {
  if (bytes == 0)
    return LKS_FAIL(LKS_DATA, "symbol %zu of the vocabulary is empty", vocabulary->count);
  if (memchr(symbol, 0, bytes) != NULL)
    return LKS_FAIL(LKS_DATA, "symbol %zu of the vocabulary holds a zero byte",
                    vocabulary->count);
  bool added;
  int32_t number;
  LKS_TRY(add(vocabulary, symbol, bytes, key_of(symbol, bytes), 0, &number, &added));
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
  return vocabulary->slots[slot_of(vocabulary, symbol, bytes, key_of(symbol, bytes))] - 1;
}

void lks_vocabulary_find_words(const lks_vocabulary *vocabulary, const lks_word *words,
                               size_t count, int32_t *numbers) {
  uint64_t key[TOGETHER];
  for (size_t first = 0; first < count; first += TOGETHER) {
    size_t some = count - first < TOGETHER ? count - first : TOGETHER;
    make_keys(vocabulary, words + first, some, key);
    for (size_t i = 0; i < some; i++) {
      const lks_word *word = &words[first + i];
      numbers[first + i] =
          vocabulary->slots[slot_of(vocabulary, word->data, word->bytes, key[i])] - 1;
    }
  }
}

const char *lks_vocabulary_symbol(const lks_vocabulary *vocabulary, int number) {
  LKS_ASSERT(number >= 0 && (size_t)number < vocabulary->count);
  return vocabulary->pool.data + vocabulary->entries[number].first;
}
