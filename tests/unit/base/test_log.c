/* SPDX-License-Identifier: Apache-2.0 */
/* test_log.c - who speaks, and how. */
#include "base/fail.h"
#include "base/log.h"
#include "check.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_BYTES = 8192 };

static char written[TEXT_BYTES];

/* What `speak` writes to the log's file; the terminal stays quiet meanwhile. */
static const char *text_of(void (*speak)(void)) {
  FILE *file = tmpfile();
  int terminal = dup(STDERR_FILENO);
  CHECK(file && terminal >= 0 && freopen("/dev/null", "w", stderr));
  lks_log_to(file);
  speak();
  lks_log_to(NULL);
  (void)fflush(stderr);
  (void)dup2(terminal, STDERR_FILENO);
  (void)close(terminal);
  rewind(file);
  size_t bytes = fread(written, 1, sizeof written - 1, file);
  written[bytes] = '\0';
  (void)fclose(file);
  return written;
}

static void say_everything(void) {
  lks_log(LKS_LOG_ERROR, "an %s", "error");
  lks_log(LKS_LOG_WARNING, "a warning");
  lks_log(LKS_LOG_INFO, "news");
  lks_log(LKS_LOG_DETAIL, "a detail");
}

static void the_first_rank_says_what_the_level_allows(void) {
  lks_log_configure(LKS_LOG_DETAIL, 0, 1);
  CHECK_TEXT(text_of(say_everything),
             "lockstep: error: an error\nlockstep: warning: a warning\nnews\na detail\n");
  lks_log_configure(LKS_LOG_WARNING, 0, 1);
  CHECK_TEXT(text_of(say_everything),
             "lockstep: error: an error\nlockstep: warning: a warning\nnews\n");
  lks_log_configure(LKS_LOG_INFO, 0, 1);
}

static void another_rank_speaks_only_of_errors(void) {
  lks_log_configure(LKS_LOG_DETAIL, 3, 4);
  CHECK_TEXT(text_of(say_everything), "lockstep: error: [rank 3] an error\n");
  lks_log_configure(LKS_LOG_INFO, 0, 1);
}

static void fail_and_say(void) {
  (void)LKS_FAIL(LKS_DATA, "x.csv:3: expected 2 columns, found 1");
  lks_log_failure();
}

static void a_failure_is_printed_with_its_trail_only_in_detail(void) {
  CHECK_TEXT(text_of(fail_and_say), "lockstep: error: x.csv:3: expected 2 columns, found 1\n");
  lks_log_configure(LKS_LOG_DETAIL, 0, 1);
  CHECK_CONTAINS(text_of(fail_and_say), "fail_and_say");
  lks_log_configure(LKS_LOG_INFO, 0, 1);
}

static void say_too_much(void) {
  char text[2 * TEXT_BYTES];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  lks_log(LKS_LOG_INFO, "%s", text);
}

static void a_line_that_is_too_long_is_cut_and_ended(void) {
  const char *text = text_of(say_too_much);
  size_t bytes = strlen(text);
  CHECK(bytes > 4000 && bytes < 4097);
  CHECK_EQUAL(text[bytes - 1], '\n');
}

static void a_broken_assertion_aborts(void) {
  (void)fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGABRT, SIG_DFL);
    if (!freopen("/dev/null", "w", stderr))
      _exit(1);
    LKS_ASSERT(child > 0);
    _exit(0);
  }
  int state = 0;
  CHECK(waitpid(child, &state, 0) == child);
  CHECK(WIFSIGNALED(state) && WTERMSIG(state) == SIGABRT);
}

const lks_test log_tests[] = {
    TEST(the_first_rank_says_what_the_level_allows),
    TEST(another_rank_speaks_only_of_errors),
    TEST(a_failure_is_printed_with_its_trail_only_in_detail),
    TEST(a_line_that_is_too_long_is_cut_and_ended),
    TEST(a_broken_assertion_aborts),
    TEST_END,
};
