/* SPDX-License-Identifier: Apache-2.0 */
/* test_progress_bar.c - progress as text, and what is written where. */
#include "check.h"
#include "cli/progress_bar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lks_progress_state state_at(int64_t done, int64_t total) {
  return (lks_progress_state){.phase = "train",
                              .done = done,
                              .total = total,
                              .epoch = 1.5,
                              .epochs = 3,
                              .text = "loss 5.21",
                              .items_per_second = 12345,
                              .item = "tokens"};
}

static void a_plain_line_says_it_all(void) {
  lks_progress_state state = state_at(50, 100);
  char text[256];
  lks_progress_describe(&state, 65, 0, text, sizeof text);
  CHECK_TEXT(text, "train  50/100  1 min 05 s left  12.3k tokens/s  epoch 1.50/3  loss 5.21");
}

static void a_terminal_gets_a_bar(void) {
  lks_progress_state state = state_at(50, 100);
  char text[256];
  lks_progress_describe(&state, 4.2, 120, text, sizeof text);
  CHECK_TEXT(text, "train  [############............]  50%  50/100  4.2 s left  12.3k tokens/s"
                   "  epoch 1.50/3  loss 5.21");
}

static void what_is_unknown_is_left_out(void) {
  lks_progress_state state = {.phase = "test", .done = 0, .total = 7, .epoch = -1};
  char text[256];
  lks_progress_describe(&state, -1, 0, text, sizeof text);
  CHECK_TEXT(text, "test  0/7");
}

static void a_bar_is_never_wider_than_the_terminal(void) {
  lks_progress_state state = state_at(100, 100);
  char text[256];
  for (int columns = 1; columns <= 100; columns++) {
    lks_progress_describe(&state, 0, columns, text, sizeof text);
    CHECK(strlen(text) <= (size_t)columns);
  }
}

static void a_bar_is_full_only_at_the_end(void) {
  lks_progress_state almost = state_at(999, 1000), done = state_at(1000, 1000);
  char text[256];
  lks_progress_describe(&almost, 0, 200, text, sizeof text);
  CHECK_CONTAINS(text, "[#######################.]  99%");
  lks_progress_describe(&done, 0, 200, text, sizeof text);
  CHECK_CONTAINS(text, "[########################] 100%");
}

static void odd_totals_do_no_harm(void) {
  lks_progress_state none = state_at(5, 0), beyond = state_at(9, 7);
  char text[256];
  lks_progress_describe(&none, -1, 200, text, sizeof text);
  CHECK_CONTAINS(text, "]   0%  5/0");
  lks_progress_describe(&beyond, -1, 200, text, sizeof text);
  CHECK_CONTAINS(text, "] 100%  9/7");
}

static void rates_have_three_or_four_digits(void) {
  static const struct {
    double rate;
    const char *text;
  } cases[] = {{3, "  3 tokens/s"},          {999.4, "  999 tokens/s"},
               {999.6, "  1.0k tokens/s"},   {54321, "  54.3k tokens/s"},
               {999600, "  1.00M tokens/s"}, {1234567, "  1.23M tokens/s"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    lks_progress_state state = state_at(1, 2);
    char text[256];
    state.items_per_second = cases[i].rate;
    lks_progress_describe(&state, -1, 0, text, sizeof text);
    CHECK_CONTAINS(text, cases[i].text);
  }
}

static void a_small_buffer_is_not_overrun(void) {
  lks_progress_state state = state_at(50, 100);
  char text[20] = {0};
  lks_progress_describe(&state, 65, 0, text, 8);
  CHECK_TEXT(text, "train  ");
  CHECK_EQUAL(text[9], 0);
}

static void time_left_goes_by_what_this_process_did(void) {
  lks_progress_state state = state_at(60, 100);
  /* A resumed run began at 50: 10 steps took 5 seconds, 40 are left. */
  CHECK(lks_progress_seconds_left(&state, 50, 5) == 20);
  CHECK(lks_progress_seconds_left(&state, 60, 5) < 0);
  CHECK(lks_progress_seconds_left(&state, 50, 0) < 0);
}

static void a_file_gets_plain_lines_only(void) {
  char text[256] = {0};
  FILE *file = tmpfile();
  if (!CHECK(file != NULL))
    return;
  unsetenv("LOCKSTEP_PROGRESS");
  lks_progress_bar bar;
  lks_progress_state state = state_at(1, 100);
  lks_progress_bar_open(&bar, file);
  bar.next = 0; /* past the silent seconds at the beginning */
  bar.progress.update(bar.progress.context, &state);
  bar.progress.update(bar.progress.context, &state); /* within the interval: silent */
  bar.progress.line(bar.progress.context, "epoch 1  valid perplexity 9");
  lks_progress_bar_close(&bar);
  rewind(file);
  CHECK(fread(text, 1, sizeof text - 1, file) > 0);
  CHECK_TEXT(text, "train  1/100  12.3k tokens/s  epoch 1.50/3  loss 5.21\n"
                   "epoch 1  valid perplexity 9\n");
  fclose(file);
}

static void the_first_seconds_are_silent(void) {
  FILE *file = tmpfile();
  if (!CHECK(file != NULL))
    return;
  lks_progress_bar bar;
  lks_progress_state state = state_at(1, 100);
  lks_progress_bar_open(&bar, file);
  bar.progress.update(bar.progress.context, &state);
  lks_progress_bar_close(&bar);
  CHECK_EQUAL(ftell(file), 0);
  fclose(file);
}

static void a_bar_may_be_asked_for_behind_a_pipe(void) {
  char text[512] = {0};
  FILE *file = tmpfile();
  if (!CHECK(file != NULL))
    return;
  setenv("LOCKSTEP_PROGRESS", "bar", 1);
  setenv("COLUMNS", "43", 1);
  lks_progress_bar bar;
  lks_progress_state state = state_at(25, 100);
  lks_progress_bar_open(&bar, file);
  bar.next = 0;
  bar.progress.update(bar.progress.context, &state);
  lks_progress_bar_close(&bar);
  unsetenv("LOCKSTEP_PROGRESS");
  unsetenv("COLUMNS");
  rewind(file);
  CHECK(fread(text, 1, sizeof text - 1, file) > 0);
  CHECK_TEXT(text, "train  [######..................]  25%  25\r\033[K");
  fclose(file);
}

const lks_test progress_bar_tests[] = {TEST(a_plain_line_says_it_all),
                                       TEST(a_terminal_gets_a_bar),
                                       TEST(what_is_unknown_is_left_out),
                                       TEST(a_bar_is_never_wider_than_the_terminal),
                                       TEST(a_bar_is_full_only_at_the_end),
                                       TEST(odd_totals_do_no_harm),
                                       TEST(rates_have_three_or_four_digits),
                                       TEST(a_small_buffer_is_not_overrun),
                                       TEST(time_left_goes_by_what_this_process_did),
                                       TEST(a_file_gets_plain_lines_only),
                                       TEST(a_bar_may_be_asked_for_behind_a_pipe),
                                       TEST(the_first_seconds_are_silent),
                                       TEST_END};
