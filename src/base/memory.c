/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c - blocks of 64-byte lines, so that vectors never straddle one and
 * two owners never share one. */
#include "base/memory.h"

#include "base/arithmetic.h"
#include "base/fail.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static struct {
  atomic_size_t made;    /* allocations so far */
  atomic_size_t fail_at; /* value of `made` that fails; 0: none */
} allocations;

/* `pointer` is the address of a pointer of unknown type: only its bytes are touched. */
static void store_pointer(void *pointer, void *block) {
  memcpy(pointer, &block, sizeof block);
}

lks_status lks_allocate(void *pointer, size_t count, size_t bytes_each) {
  store_pointer(pointer, NULL);
  size_t number = atomic_fetch_add(&allocations.made, 1) + 1;
  size_t bytes = 0;
  if (!lks_size_multiply(count, bytes_each, &bytes) || bytes > SIZE_MAX / 2)
    return LKS_FAIL(LKS_NO_MEMORY, "%zu items of %zu bytes are more than memory can hold",
                    count, bytes_each);
  size_t rounded = lks_round_up(bytes ? bytes : 1, ALIGNMENT);
  void *block = NULL;
  if (number != atomic_load(&allocations.fail_at))
    block = aligned_alloc(ALIGNMENT, rounded);
  if (!block)
    return LKS_FAIL(LKS_NO_MEMORY,
                    "no memory for %zu bytes\n  hint: use fewer ranks on this host, a smaller "
                    "batch, window or model, or [train] accumulate",
                    rounded);
  memset(block, 0, rounded);
  store_pointer(pointer, block);
  return LKS_OK;
}

lks_status lks_reallocate(void *pointer, size_t old_count, size_t new_count,
                          size_t bytes_each) {
  void *old = NULL;
  void *block = NULL;
  memcpy(&old, pointer, sizeof old);
  LKS_TRY(lks_allocate(&block, new_count, bytes_each));
  size_t kept = old_count < new_count ? old_count : new_count;
  if (old && kept)
    memcpy(block, old, kept * bytes_each);
  lks_release(old);
  store_pointer(pointer, block);
  return LKS_OK;
}

lks_status lks_copy_text(char **copy, const char *text) {
  size_t bytes = strlen(text) + 1;
  LKS_TRY(lks_allocate(copy, bytes, 1));
  memcpy(*copy, text, bytes);
  return LKS_OK;
}

void lks_release(void *block) {
  free(block);
}

size_t lks_allocation_count(void) {
  return atomic_load(&allocations.made);
}

void lks_allocation_fail_at(size_t n) {
  atomic_store(&allocations.fail_at, n ? atomic_load(&allocations.made) + n : 0);
}
