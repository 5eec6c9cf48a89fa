/* SPDX-License-Identifier: Apache-2.0 */
/* test_io_thread.c - order, failures and waiting. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "check.h"
#include "io/io_thread.h"

#include <pthread.h>
#include <stdio.h>

enum { JOBS = 200 };

typedef struct {
  int number;
  int *order; /* shared: what ran, in order */
  int *ran;
} task;

static lks_status note(void *context) {
  task *of = context;
  of->order[(*of->ran)++] = of->number;
  if (of->number % 7 == 3)
    return LKS_FAIL(LKS_DATA, "task %d: expected luck, found none", of->number);
  return LKS_OK;
}

static void jobs_run_in_order_and_failures_reach_their_waiter(void) {
  static lks_io_job jobs[JOBS];
  static task tasks[JOBS];
  static int order[2 * JOBS];
  int ran = 0;
  char message[64];
  lks_io_thread *thread = NULL;
  CHECK_OK(lks_io_thread_create(&thread));
  size_t before = lks_allocation_count();
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < JOBS; i++) {
      tasks[i] = (task){i, order, &ran};
      jobs[i].run = note;
      jobs[i].context = &tasks[i];
      lks_io_submit(thread, &jobs[i]);
    }
    for (int i = JOBS - 1; i >= 0; i--) {
      (void)snprintf(message, sizeof message, "task %d: expected luck", i);
      if (i % 7 == 3)
        CHECK_FAILS(lks_io_wait(thread, &jobs[i]), LKS_DATA, message);
      else
        CHECK_OK(lks_io_wait(thread, &jobs[i]));
      CHECK(lks_io_is_done(thread, &jobs[i]));
    }
  }
  CHECK_EQUAL(lks_allocation_count(), before);
  CHECK_EQUAL(ran, 2 * JOBS);
  for (int i = 0; i < 2 * JOBS; i++)
    CHECK_EQUAL(order[i], i % JOBS);
  lks_io_thread_destroy(thread);
}

static lks_status doze(void *context) {
  lks_clock_sleep(0.01);
  *(int *)context += 1;
  return LKS_OK;
}

static void destroy_finishes_the_queue(void) {
  lks_io_job jobs[5] = {{.run = NULL}};
  int done = 0;
  lks_io_thread *thread = NULL;
  CHECK_OK(lks_io_thread_create(&thread));
  for (int i = 0; i < 5; i++) {
    jobs[i].run = doze;
    jobs[i].context = &done;
    lks_io_submit(thread, &jobs[i]);
  }
  CHECK(!lks_io_is_done(thread, &jobs[4]));
  lks_io_thread_destroy(thread);
  CHECK_EQUAL(done, 5);
  lks_io_thread_destroy(NULL);
}

static lks_status tell_thread(void *context) {
  *(pthread_t *)context = pthread_self();
  return LKS_OK;
}

static void run_waits_and_works_elsewhere(void) {
  pthread_t worker = pthread_self();
  int done = 0;
  lks_io_thread *thread = NULL;
  CHECK_OK(lks_io_thread_create(&thread));
  CHECK_OK(lks_io_run(thread, doze, &done));
  CHECK_EQUAL(done, 1);
  CHECK_OK(lks_io_run(thread, tell_thread, &worker));
  CHECK(!pthread_equal(worker, pthread_self()));
  lks_io_thread_destroy(thread);
}

static void creation_without_memory_fails(void) {
  lks_io_thread *thread = NULL;
  lks_allocation_fail_at(1);
  CHECK_FAILS(lks_io_thread_create(&thread), LKS_NO_MEMORY, "memory");
  lks_allocation_fail_at(0);
  CHECK(thread == NULL);
}

const lks_test io_thread_tests[] = {
    TEST(jobs_run_in_order_and_failures_reach_their_waiter),
    TEST(destroy_finishes_the_queue),
    TEST(run_waits_and_works_elsewhere),
    TEST(creation_without_memory_fails),
    TEST_END,
};
