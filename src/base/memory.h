/* memory.h - the one door to the heap: aligned, zeroed, counted. */
#ifndef LOCKSTEP_BASE_MEMORY_H
#define LOCKSTEP_BASE_MEMORY_H

#include <lockstep/status.h>

#include <stddef.h>

/* Stores a zeroed, 64-byte aligned block of count x bytes_each in *pointer,
 * where `pointer` is the address of any object pointer:
 *
 *   float *hidden;
 *   LKS_TRY(lks_allocate(&hidden, rows * units, sizeof *hidden));
 *
 * A count of 0 gives a valid block.  Fails with LKS_NO_MEMORY (a product that
 * overflows included); *pointer is then NULL.  Free with lks_release. */
lks_status lks_allocate(void *pointer, size_t count, size_t bytes_each);

/* Grows or shrinks *pointer, keeping the first old_count items; new ones are zero. */
lks_status lks_reallocate(void *pointer, size_t old_count, size_t new_count, size_t bytes_each);

/* A copy of `text`; free with lks_release. */
lks_status lks_copy_text(char **copy, const char *text);

/* Frees a block; NULL is fine. */
void lks_release(void *block);

/* Number of allocations so far: a test holds it flat over training steps. */
size_t lks_allocation_count(void);

/* Makes the n-th allocation from now fail once (1 is the next); 0 switches off. */
void lks_allocation_fail_at(size_t n);

#endif
