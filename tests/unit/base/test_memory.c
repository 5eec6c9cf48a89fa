/* SPDX-License-Identifier: Apache-2.0 */
/* test_memory.c - the door to the heap. */
#include "base/memory.h"
#include "check.h"

#include <stdint.h>
#include <string.h>

static void blocks_are_zero_and_aligned(void) {
  for (size_t count = 0; count < 300; count += 7) {
    float *block = NULL;
    CHECK_OK(lks_allocate(&block, count, sizeof *block));
    CHECK_EQUAL((uintptr_t)block % 64, 0);
    size_t zeros = 0;
    for (size_t i = 0; i < count; i++)
      zeros += block[i] == 0;
    CHECK_EQUAL(zeros, count);
    lks_release(block);
  }
}

static void a_size_that_overflows_is_no_memory(void) {
  int here = 0;
  void *block = &here;
  CHECK_FAILS(lks_allocate(&block, SIZE_MAX / 4, 8), LKS_NO_MEMORY, "8 bytes");
  CHECK(block == NULL);
  CHECK_FAILS(lks_allocate(&block, SIZE_MAX, 1), LKS_NO_MEMORY, "more than memory can hold");
}

static void reallocation_keeps_the_items_and_zeroes_new_ones(void) {
  int *items = NULL;
  CHECK_OK(lks_reallocate(&items, 0, 5, sizeof *items));
  for (int i = 0; i < 5; i++)
    items[i] = i + 1;
  CHECK_OK(lks_reallocate(&items, 5, 100, sizeof *items));
  for (int i = 0; i < 100; i++)
    CHECK_EQUAL(items[i], i < 5 ? i + 1 : 0);
  CHECK_OK(lks_reallocate(&items, 100, 2, sizeof *items));
  CHECK_EQUAL(items[1], 2);
  lks_release(items);
}

static void the_chosen_allocation_fails_once(void) {
  int *first = NULL;
  int *second = NULL;
  int *third = NULL;
  lks_allocation_fail_at(2);
  CHECK_OK(lks_allocate(&first, 1, sizeof *first));
  CHECK_FAILS(lks_allocate(&second, 1, sizeof *second), LKS_NO_MEMORY, "no memory");
  CHECK_OK(lks_allocate(&third, 1, sizeof *third));
  lks_allocation_fail_at(0);
  lks_release(first);
  lks_release(third);
}

static void failed_reallocation_keeps_the_block(void) {
  int *items = NULL;
  CHECK_OK(lks_allocate(&items, 3, sizeof *items));
  items[2] = 7;
  lks_allocation_fail_at(1);
  CHECK_FAILS(lks_reallocate(&items, 3, 9, sizeof *items), LKS_NO_MEMORY, "no memory");
  lks_allocation_fail_at(0);
  CHECK_EQUAL(items[2], 7);
  lks_release(items);
}

static void allocations_are_counted(void) {
  size_t before = lks_allocation_count();
  char *copy = NULL;
  CHECK_OK(lks_copy_text(&copy, "gru"));
  CHECK_EQUAL(lks_allocation_count() - before, 1);
  CHECK_TEXT(copy, "gru");
  lks_release(copy);
  lks_release(NULL);
  CHECK_EQUAL(lks_allocation_count() - before, 1);
}

const lks_test memory_tests[] = {
    TEST(blocks_are_zero_and_aligned),
    TEST(a_size_that_overflows_is_no_memory),
    TEST(reallocation_keeps_the_items_and_zeroes_new_ones),
    TEST(the_chosen_allocation_fails_once),
    TEST(failed_reallocation_keeps_the_block),
    TEST(allocations_are_counted),
    TEST_END,
};
