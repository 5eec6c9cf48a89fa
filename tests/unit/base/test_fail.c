/* SPDX-License-Identifier: Apache-2.0 */
/* test_fail.c - messages, trails, statuses. */
#include "base/fail.h"
#include "check.h"

#include <pthread.h>
#include <string.h>

static lks_status open_door(int number) {
  if (number == 13)
    return LKS_FAIL(LKS_DATA, "door %d: expected an even number\n  hint: take the next",
                    number);
  return LKS_OK;
}

static lks_status walk_through(int number) {
  LKS_TRY(open_door(number));
  return LKS_OK;
}

static lks_status walk_and_clean_up(int number, int *cleaned) {
  lks_status status = LKS_OK;
  LKS_TRY_OR(cleanup, status, walk_through(number));
cleanup:
  ++*cleaned;
  return status;
}

static void a_failure_carries_its_message_and_its_trail(void) {
  int cleaned = 0;
  CHECK_EQUAL(walk_and_clean_up(13, &cleaned), LKS_DATA);
  CHECK_EQUAL(cleaned, 1);
  CHECK_TEXT(lks_error_message(), "door 13: expected an even number\n  hint: take the next");
  const char *opened = strstr(lks_error_trail(), "open_door");
  const char *through = strstr(lks_error_trail(), "walk_through");
  const char *cleanup = strstr(lks_error_trail(), "walk_and_clean_up");
  CHECK(opened && through && cleanup && opened < through && through < cleanup);
  CHECK_OK(walk_and_clean_up(12, &cleaned));
}

static void a_new_failure_replaces_the_old_one(void) {
  (void)walk_through(13);
  (void)LKS_FAIL(LKS_IO, "disk: %s", lks_error_message());
  CHECK_CONTAINS(lks_error_message(), "disk: door 13");
  CHECK(strstr(lks_error_trail(), "walk_through") == NULL);
}

static void an_adopted_message_keeps_the_trail(void) {
  (void)walk_through(13);
  lks_fail_adopt("[rank 3] the disk is full");
  CHECK_TEXT(lks_error_message(), "[rank 3] the disk is full");
  CHECK_CONTAINS(lks_error_trail(), "walk_through");
  lks_fail_adopt(lks_error_message());
  CHECK_TEXT(lks_error_message(), "[rank 3] the disk is full");
}

static void long_messages_and_trails_are_cut(void) {
  char text[3000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  (void)LKS_FAIL(LKS_DATA, "%s", text);
  CHECK_EQUAL(strlen(lks_error_message()), 1023);
  for (int i = 0; i < 500; i++)
    (void)lks_fail_trail(LKS_DATA, __FILE__, __LINE__, __func__);
  CHECK_EQUAL(strlen(lks_error_trail()), 2047);
}

static void *fail_elsewhere(void *unused) {
  (void)LKS_FAIL(LKS_IO, "elsewhere");
  return unused;
}

static void a_message_belongs_to_its_thread(void) {
  pthread_t thread;
  (void)LKS_FAIL(LKS_IO, "here");
  CHECK_EQUAL(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
  CHECK_EQUAL(pthread_join(thread, NULL), 0);
  CHECK_TEXT(lks_error_message(), "here");
}

static void every_status_has_words_and_an_exit_code(void) {
  CHECK_EQUAL(lks_status_exit_code(LKS_OK), 0);
  CHECK_EQUAL(lks_status_exit_code(LKS_USAGE), 2);
  CHECK_EQUAL(lks_status_exit_code(LKS_SHAPE), 3);
  CHECK_EQUAL(lks_status_exit_code(LKS_DATA), 3);
  CHECK_EQUAL(lks_status_exit_code(LKS_IO), 1);
  CHECK_EQUAL(lks_status_exit_code((lks_status)99), 1);
  CHECK_TEXT(lks_status_text(LKS_DATA), "bad data");
  CHECK_TEXT(lks_status_text((lks_status)99), "unknown status");
  for (lks_status status = LKS_OK; status <= LKS_PEER; status++)
    CHECK(strlen(lks_status_text(status)) > 3);
}

const lks_test fail_tests[] = {
    TEST(a_failure_carries_its_message_and_its_trail),
    TEST(a_new_failure_replaces_the_old_one),
    TEST(an_adopted_message_keeps_the_trail),
    TEST(long_messages_and_trails_are_cut),
    TEST(a_message_belongs_to_its_thread),
    TEST(every_status_has_words_and_an_exit_code),
    TEST_END,
};
