/* SPDX-License-Identifier: Apache-2.0 */
/* test_vocabulary.c - numbers go by falling count, limits are kept, nothing is lost. */
#include "base/memory.h"
#include "check.h"
#include "text/vocabulary.h"

#include <stdio.h>
#include <string.h>

static const char *const always[] = {"<eos>", "<unk>"};

/* Counts the words of `text`, which a single space separates. */
static lks_vocabulary *count_words(const char *text) {
  lks_vocabulary *vocabulary = NULL;
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  while (*text != 0) {
    size_t bytes = strcspn(text, " ");
    CHECK_OK(lks_vocabulary_count_symbol(vocabulary, text, bytes));
    text += bytes + (text[bytes] == ' ');
  }
  return vocabulary;
}

/* All symbols in order, with a space behind each, are `expected`, and each is found. */
static void check_symbols(const lks_vocabulary *vocabulary, const char *expected) {
  char found[256] = "";
  for (int i = 0; i < lks_vocabulary_size(vocabulary); i++) {
    const char *symbol = lks_vocabulary_symbol(vocabulary, i);
    strncat(found, symbol, sizeof found - strlen(found) - 2);
    strcat(found, " ");
    CHECK_EQUAL(lks_vocabulary_find(vocabulary, symbol, strlen(symbol)), i);
  }
  CHECK_TEXT(found, expected);
}

static void numbers_go_by_falling_count_then_by_bytes(void) {
  lks_vocabulary *vocabulary = count_words("b a c a b \xc3\xa9 a ab z");
  CHECK_OK(lks_vocabulary_finish(vocabulary, 0, 0, NULL, 0));
  check_symbols(vocabulary, "a b ab c z \xc3\xa9 ");
  CHECK_EQUAL(lks_vocabulary_find(vocabulary, "abc", 3), -1);
  CHECK_EQUAL(lks_vocabulary_find(vocabulary, "abc", 1), 0);
  lks_vocabulary_destroy(vocabulary);
}

static void size_keeps_the_most_frequent_and_what_must_be_there(void) {
  lks_vocabulary *vocabulary = count_words("a a a b b c c d");
  CHECK_OK(lks_vocabulary_finish(vocabulary, 4, 0, always, 2));
  check_symbols(vocabulary, "a b <eos> <unk> ");
  CHECK_EQUAL(lks_vocabulary_find(vocabulary, "c", 1), -1);
  lks_vocabulary_destroy(vocabulary);
}

static void minimum_drops_rare_symbols(void) {
  lks_vocabulary *vocabulary = count_words("a a a b b c c d <unk>");
  CHECK_OK(lks_vocabulary_finish(vocabulary, 0, 2, always, 2));
  check_symbols(vocabulary, "a b c <unk> <eos> ");
  lks_vocabulary_destroy(vocabulary);
}

static void cut_tells_what_finish_would_do(void) {
  lks_vocabulary *vocabulary = count_words("a a b b c <eos>");
  CHECK(!lks_vocabulary_is_cut(vocabulary, 0, 0, always, 1));
  CHECK(!lks_vocabulary_is_cut(vocabulary, 4, 1, always, 1));
  CHECK(lks_vocabulary_is_cut(vocabulary, 3, 1, always, 1));
  CHECK(lks_vocabulary_is_cut(vocabulary, 4, 1, always, 2)); /* <unk> takes a place */
  CHECK(lks_vocabulary_is_cut(vocabulary, 0, 2, always, 1));
  lks_vocabulary_destroy(vocabulary);
  vocabulary = count_words("a a <eos>"); /* rare, but it stays whatever its count */
  CHECK(!lks_vocabulary_is_cut(vocabulary, 0, 2, always, 1));
  lks_vocabulary_destroy(vocabulary);
}

static void symbols_to_keep_are_kept_whatever_their_counts(void) {
  lks_vocabulary *vocabulary = count_words("a a a b b c");
  CHECK_OK(lks_vocabulary_keep(vocabulary, "c", 1));
  CHECK_OK(lks_vocabulary_keep(vocabulary, "new", 3));
  CHECK_OK(lks_vocabulary_keep(vocabulary, "new", 3));
  CHECK_OK(lks_vocabulary_keep(vocabulary, "<unk>", 5));
  CHECK(lks_vocabulary_is_cut(vocabulary, 0, 3, always, 2));
  CHECK(!lks_vocabulary_is_cut(vocabulary, 0, 2, always, 2));
  CHECK_OK(lks_vocabulary_finish(vocabulary, 5, 0, always, 2));
  check_symbols(vocabulary, "a c <eos> <unk> new ");
  lks_vocabulary_destroy(vocabulary);
  vocabulary = count_words("a a b");
  CHECK_OK(lks_vocabulary_keep(vocabulary, "x", 1));
  CHECK_OK(lks_vocabulary_keep(vocabulary, "y", 1));
  CHECK_FAILS(lks_vocabulary_finish(vocabulary, 3, 0, always, 2), LKS_USAGE,
              "a vocabulary of 3 symbols has no room for the 4 that must be in it");
  lks_vocabulary_destroy(vocabulary);
}

static void size_without_room_is_refused(void) {
  lks_vocabulary *vocabulary = count_words("a b");
  CHECK_FAILS(lks_vocabulary_finish(vocabulary, 1, 0, always, 2), LKS_USAGE,
              "a vocabulary of 1 symbols has no room for the 2 that must be in it\n  hint: ");
  lks_vocabulary_destroy(vocabulary);
  vocabulary = count_words("a b a");
  CHECK_FAILS(lks_vocabulary_finish(vocabulary, 0, 3, always, 2), LKS_USAGE,
              "no symbol is left of 2: none is seen 3 times in training, or the vocabulary has "
              "no room for one\n  hint: ");
  lks_vocabulary_destroy(vocabulary);
}

static void append_numbers_in_order_and_refuses_what_cannot_be(void) {
  lks_vocabulary *vocabulary = NULL;
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  CHECK_OK(lks_vocabulary_append(vocabulary, "z", 1));
  CHECK_OK(lks_vocabulary_append(vocabulary, "\n", 1));
  CHECK_OK(lks_vocabulary_append(vocabulary, "abc", 2));
  check_symbols(vocabulary, "z \n ab ");
  CHECK_FAILS(lks_vocabulary_append(vocabulary, "abc", 2), LKS_DATA,
              "the vocabulary holds 'ab' twice, the second time as symbol 3");
  CHECK_FAILS(lks_vocabulary_append(vocabulary, "", 0), LKS_DATA,
              "symbol 3 of the vocabulary is empty");
  CHECK_FAILS(lks_vocabulary_append(vocabulary, "a\0b", 3), LKS_DATA,
              "symbol 3 of the vocabulary holds a zero byte");
  lks_vocabulary_destroy(vocabulary);
}

/* Enough to make table, entries and pool grow several times. */
static void twenty_thousand_symbols_keep_their_counts(void) {
  enum { SYMBOLS = 20000 };
  lks_vocabulary *vocabulary = NULL;
  char symbol[16];
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  for (int round = 0; round < 3; round++)
    for (int i = 0; i < SYMBOLS; i += 1 + round) { /* multiples of 6 are counted 3 times */
      int bytes = snprintf(symbol, sizeof symbol, "w%05d", i);
      CHECK_OK(lks_vocabulary_count_symbol(vocabulary, symbol, (size_t)bytes));
    }
  CHECK_OK(lks_vocabulary_finish(vocabulary, 0, 3, NULL, 0));
  CHECK_EQUAL(lks_vocabulary_size(vocabulary), (SYMBOLS + 5) / 6);
  bool in_order = true;
  for (int i = 0; i < lks_vocabulary_size(vocabulary); i++) {
    (void)snprintf(symbol, sizeof symbol, "w%05d", 6 * i);
    in_order = in_order && strcmp(lks_vocabulary_symbol(vocabulary, i), symbol) == 0 &&
               lks_vocabulary_find(vocabulary, symbol, 6) == i;
  }
  CHECK(in_order);
  lks_vocabulary_destroy(vocabulary);
}

/* Words of 1 to 20 bytes that differ in one of them, more than are looked up together. */
static void words_that_are_counted_together_are_numbered(void) {
  enum { WORDS = 60, LONGEST = 20 };
  static char text[WORDS][LONGEST];
  lks_word words[WORDS + 1];
  int32_t came[WORDS + 1], again[WORDS + 1], *numbers = NULL;
  lks_vocabulary *vocabulary = NULL;
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  for (int i = 0; i < WORDS; i++) {
    memset(text[i], 'x', LONGEST);
    int bytes = i / 3 + 1;
    text[i][i % 2 == 0 ? 0 : bytes - 1] = (char)('a' + i % 3);
    words[i] = (lks_word){text[i], (size_t)bytes};
  }
  words[WORDS] = words[0];
  CHECK_OK(lks_vocabulary_count_words(vocabulary, words, WORDS + 1, came));
  for (int i = 0; i < WORDS; i++)
    CHECK_EQUAL(came[i], i);
  CHECK_EQUAL(came[WORDS], 0);
  CHECK_OK(lks_vocabulary_count_words(vocabulary, words, WORDS / 2, again));
  CHECK(memcmp(again, came, WORDS / 2 * sizeof *came) == 0);
  CHECK_OK(lks_vocabulary_finish(vocabulary, 0, 2, always, 1));
  CHECK_EQUAL(lks_vocabulary_size(vocabulary), WORDS / 2 + 1);
  CHECK_OK(lks_vocabulary_renumbered(vocabulary, 77, &numbers));
  lks_vocabulary_find_words(vocabulary, words, WORDS + 1, again);
  for (int i = 0; i < WORDS; i++) {
    int found = lks_vocabulary_find(vocabulary, words[i].data, words[i].bytes);
    CHECK(i < WORDS / 2 ? found >= 0 && numbers[i] == found : found < 0 && numbers[i] == 77);
    CHECK_EQUAL(again[i], found);
  }
  CHECK_EQUAL(numbers[0], 0); /* the most frequent */
  CHECK_EQUAL(again[WORDS], 0);
  lks_release(numbers);
  lks_vocabulary_destroy(vocabulary);
}

static void memory_that_runs_out_is_reported_and_leaks_nothing(void) {
  lks_status status = LKS_NO_MEMORY;
  int failures = 0;
  for (size_t n = 1; status != LKS_OK; n++) {
    lks_vocabulary *vocabulary = NULL;
    char symbol[16];
    lks_allocation_fail_at(n);
    status = lks_vocabulary_create(&vocabulary);
    for (int i = 0; i < 600 && status == LKS_OK; i++)
      status = lks_vocabulary_count_symbol(vocabulary, symbol,
                                           (size_t)snprintf(symbol, sizeof symbol, "%d", i));
    lks_allocation_fail_at(0);
    if (status != LKS_OK)
      CHECK_EQUAL(status, LKS_NO_MEMORY);
    failures += status != LKS_OK;
    lks_vocabulary_destroy(vocabulary);
  }
  CHECK(failures >= 6); /* create three times, the pool, entries and slots */
}

const lks_test vocabulary_tests[] = {TEST(words_that_are_counted_together_are_numbered),
                                     TEST(numbers_go_by_falling_count_then_by_bytes),
                                     TEST(size_keeps_the_most_frequent_and_what_must_be_there),
                                     TEST(minimum_drops_rare_symbols),
                                     TEST(cut_tells_what_finish_would_do),
                                     TEST(symbols_to_keep_are_kept_whatever_their_counts),
                                     TEST(size_without_room_is_refused),
                                     TEST(append_numbers_in_order_and_refuses_what_cannot_be),
                                     TEST(twenty_thousand_symbols_keep_their_counts),
                                     TEST(memory_that_runs_out_is_reported_and_leaks_nothing),
                                     TEST_END};
