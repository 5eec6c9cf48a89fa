/* SPDX-License-Identifier: Apache-2.0 */
/* test_options.c - sorting words into flags, values and operands. */
#include "base/memory.h"
#include "check.h"
#include "cli/options.h"

#include <string.h>

typedef struct {
  bool loud;
  bool calm;
  const char *name;
  int64_t count;
  double share;
  lks_option_list sets;
} sample;

static const lks_option rows[] = {
    {"loud", LKS_OPTION_SWITCH, offsetof(sample, loud), NULL, 1, 0, "speaks up"},
    {"not-calm", LKS_OPTION_CLEAR, offsetof(sample, calm), NULL, 1, 0, "is restless"},
    {"name", LKS_OPTION_TEXT, offsetof(sample, name), "NAME", 1, 0, "what it is called"},
    {"count", LKS_OPTION_INTEGER, offsetof(sample, count), "N", -5, 5, "how many"},
    {"share", LKS_OPTION_REAL, offsetof(sample, share), "X", 1, 0, "how much"},
    {"set", LKS_OPTION_LIST, offsetof(sample, sets), "KEY=VALUE", 1, 0, "changes a key"},
};
static const lks_option_table table = {"sing", rows, sizeof rows / sizeof rows[0],
                                       1,      2,    "SONG"};

enum { WORDS_MAX = 16 };

/* Parses the words up to NULL; the caller releases. */
static lks_status parse(const char *const *words, sample *found, lks_option_list *operands) {
  static char copies[WORDS_MAX][32];
  char *argv[WORDS_MAX + 1] = {NULL};
  int argc = 0;
  for (; words[argc] != NULL; argc++) {
    strncpy(copies[argc], words[argc], sizeof copies[argc] - 1);
    argv[argc] = copies[argc];
  }
  *found = (sample){.calm = true, .count = 3};
  return lks_options_parse(&table, argc, argv, found, operands);
}

static void check_refused(const char *const *words, const char *message) {
  sample found;
  lks_option_list operands;
  CHECK_FAILS(parse(words, &found, &operands), LKS_USAGE, message);
  lks_options_release(&table, &found, &operands);
}

static void flags_and_operands_may_be_mixed(void) {
  static const char *const words[] = {"sing",       "first",  "--name",  "x",    "second",
                                      "--count=-4", "--loud", "--share", "0.25", NULL};
  sample found;
  lks_option_list operands;
  CHECK_OK(parse(words, &found, &operands));
  CHECK_EQUAL(operands.count, 2);
  CHECK_TEXT(operands.items[0], "first");
  CHECK_TEXT(operands.items[1], "second");
  CHECK_TEXT(found.name, "x");
  CHECK_EQUAL(found.count, -4);
  CHECK(found.loud && found.calm);
  CHECK(found.share == 0.25);
  CHECK_OK(lks_options_check_operands(&table, &operands));
  lks_options_release(&table, &found, &operands);
}

static void what_is_not_given_keeps_its_default(void) {
  static const char *const words[] = {"sing", "first", NULL};
  sample found;
  lks_option_list operands;
  CHECK_OK(parse(words, &found, &operands));
  CHECK(!found.loud && found.calm && found.name == NULL);
  CHECK_EQUAL(found.count, 3);
  CHECK_EQUAL(found.sets.count, 0);
  lks_options_release(&table, &found, &operands);
}

static void a_clearing_switch_clears(void) {
  static const char *const words[] = {"sing", "--not-calm", NULL};
  sample found;
  lks_option_list operands;
  CHECK_OK(parse(words, &found, &operands));
  CHECK(!found.calm);
  lks_options_release(&table, &found, &operands);
}

static void a_list_keeps_every_value_in_order(void) {
  static const char *const words[] = {"sing", "--set", "a=1", "song", "--set=b=2", NULL};
  sample found;
  lks_option_list operands;
  CHECK_OK(parse(words, &found, &operands));
  CHECK_EQUAL(found.sets.count, 2);
  CHECK_TEXT(found.sets.items[0], "a=1");
  CHECK_TEXT(found.sets.items[1], "b=2");
  lks_options_release(&table, &found, &operands);
}

static void two_dashes_end_the_flags(void) {
  static const char *const words[] = {"sing", "--", "--loud", NULL};
  sample found;
  lks_option_list operands;
  CHECK_OK(parse(words, &found, &operands));
  CHECK(!found.loud);
  CHECK_EQUAL(operands.count, 1);
  CHECK_TEXT(operands.items[0], "--loud");
  lks_options_release(&table, &found, &operands);
}

static void parsing_starts_afresh_every_time(void) {
  flags_and_operands_may_be_mixed();
  flags_and_operands_may_be_mixed();
}

static void wrong_words_are_refused_with_what_was_expected(void) {
  static const char *const unknown[] = {"sing", "--nmae", "x", NULL};
  static const char *const letter[] = {"sing", "-q", NULL};
  static const char *const no_value[] = {"sing", "song", "--name", NULL};
  static const char *const value[] = {"sing", "--loud=very", NULL};
  static const char *const text[] = {"sing", "--count", "3x", NULL};
  static const char *const range[] = {"sing", "--count", "6", NULL};
  static const char *const real[] = {"sing", "--share", "half", NULL};
  check_refused(unknown, "sing: unknown option '--nmae'; did you mean '--name'?");
  check_refused(letter, "sing: unknown option '-q'");
  check_refused(no_value, "sing: --name expects a value, NAME");
  check_refused(value, "sing: --loud takes no value, found '--loud=very'");
  check_refused(text, "--count expects a whole number from -5 to 5, found '3x'");
  check_refused(range, "--count expects a whole number from -5 to 5, found '6'");
  check_refused(real, "--share expects a number, found 'half'");
}

static void too_few_and_too_many_operands_are_refused(void) {
  const char *items[] = {"a", "b", "c"};
  lks_option_list none = {items, 0}, many = {items, 3};
  CHECK_FAILS(lks_options_check_operands(&table, &none), LKS_USAGE,
              "sing: expected SONG, found nothing");
  CHECK_FAILS(lks_options_check_operands(&table, &many), LKS_USAGE,
              "sing: 'c' is one operand too many; expected SONG");
}

static void the_help_has_a_line_for_every_flag(void) {
  lks_text text = {0};
  CHECK_OK(lks_options_describe(&table, &text));
  CHECK_CONTAINS(text.data, "  --loud                     speaks up\n");
  CHECK_CONTAINS(text.data, "  --set KEY=VALUE            changes a key\n");
  lks_text_release(&text);
}

static void running_out_of_memory_is_reported(void) {
  static const char *const words[] = {"sing", "song", NULL};
  for (size_t n = 1; n <= 3; n++) {
    sample found;
    lks_option_list operands;
    lks_allocation_fail_at(n);
    CHECK_EQUAL(parse(words, &found, &operands), LKS_NO_MEMORY);
    lks_allocation_fail_at(0);
    lks_options_release(&table, &found, &operands);
  }
}

const lks_test options_tests[] = {TEST(flags_and_operands_may_be_mixed),
                                  TEST(what_is_not_given_keeps_its_default),
                                  TEST(a_clearing_switch_clears),
                                  TEST(a_list_keeps_every_value_in_order),
                                  TEST(two_dashes_end_the_flags),
                                  TEST(parsing_starts_afresh_every_time),
                                  TEST(wrong_words_are_refused_with_what_was_expected),
                                  TEST(too_few_and_too_many_operands_are_refused),
                                  TEST(the_help_has_a_line_for_every_flag),
                                  TEST(running_out_of_memory_is_reported),
                                  TEST_END};
