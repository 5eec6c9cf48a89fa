/* SPDX-License-Identifier: Apache-2.0 */
/* test_parallel.c - slices and meetings of the threads of a region. */
#include "kernels/parallel.h"

#include "check.h"

enum { THREADS = 4, ROUNDS = 300 };

/* Each thread writes a number a round and looks at those of all others. */
typedef struct {
  lks_barrier barrier;
  int number[THREADS];
  int wrong[THREADS];
} round_table;

static void meet(void *context, int part, int parts) {
  round_table *table = context;
  for (int round = 1; round <= ROUNDS; round++) {
    table->number[part] = round;
    lks_barrier_wait(&table->barrier, parts);
    for (int i = 0; i < parts; i++)
      table->wrong[part] += table->number[i] != round;
    lks_barrier_wait(&table->barrier, parts);
  }
}

static void threads_that_met_see_what_the_others_wrote(void) {
  static round_table table;
  lks_parallel(THREADS, meet, &table);
  for (int i = 0; i < THREADS; i++)
    CHECK_EQUAL(table.wrong[i], 0);
  CHECK_EQUAL(table.number[0], ROUNDS);
}

static void slices_follow_each_other_without_gap(void) {
  for (int count = 0; count <= 70; count += 7)
    for (int parts = 1; parts <= 5; parts++) {
      int end = 0;
      for (int part = 0; part < parts; part++) {
        int first, last;
        lks_parallel_slice(count, 16, part, parts, &first, &last);
        CHECK_EQUAL(first, end);
        CHECK(last == count || last % 16 == 0);
        end = last;
      }
      CHECK_EQUAL(end, count);
    }
}

const lks_test parallel_tests[] = {
    TEST(threads_that_met_see_what_the_others_wrote),
    TEST(slices_follow_each_other_without_gap),
    TEST_END,
};
