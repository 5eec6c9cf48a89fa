/* SPDX-License-Identifier: Apache-2.0 */
/* test_text.c - growing strings, closest matches, UTF-8, numbers. */
#include "base/memory.h"
#include "base/text.h"
#include "check.h"

#include <stdint.h>
#include <string.h>

static void a_text_grows_and_keeps_its_bytes(void) {
  lks_text text = {0};
  for (int i = 0; i < 1000; i++)
    CHECK_OK(lks_text_print(&text, "%d,", i % 10));
  CHECK_EQUAL(text.bytes, 2000);
  CHECK_EQUAL(strlen(text.data), 2000);
  CHECK_EQUAL(text.data[2 * 777], '7');
  lks_text_clear(&text);
  CHECK_TEXT(text.data, "");
  CHECK_OK(lks_text_add(&text, "a\0b", 3));
  CHECK_EQUAL(text.bytes, 3);
  lks_text_release(&text);
  CHECK(text.data == NULL && text.bytes == 0);
}

static void a_text_that_cannot_grow_keeps_what_it_has(void) {
  lks_text text = {0};
  CHECK_OK(lks_text_print(&text, "kept"));
  lks_allocation_fail_at(1);
  CHECK_FAILS(lks_text_print(&text, "%200d", 1), LKS_NO_MEMORY, "no memory");
  lks_allocation_fail_at(0);
  CHECK_TEXT(text.data, "kept");
  CHECK_FAILS(lks_text_add(&text, "", SIZE_MAX - 2), LKS_NO_MEMORY, "too long");
  lks_text_release(&text);
}

static const char *const cells[] = {"rnn", "lstm", "gru"};

static void slips_find_the_name_that_was_meant(void) {
  const char *const keys[] = {"hidden", "layers", "cell", "dropout", "learning_rate"};
  CHECK_TEXT(lks_text_closest("ltsm", cells, 3), "lstm");
  CHECK_TEXT(lks_text_closest("LSTM", cells, 3) ? "found" : "none", "none");
  CHECK_TEXT(lks_text_closest("hiden", keys, 5), "hidden");
  CHECK_TEXT(lks_text_closest("dropuot", keys, 5), "dropout");
  CHECK_TEXT(lks_text_closest("learning-rate", keys, 5), "learning_rate");
  CHECK(lks_text_closest("transformer", keys, 5) == NULL);
  CHECK(lks_text_closest("", cells, 3) == NULL);
  CHECK(lks_text_closest("xyz", NULL, 0) == NULL);
}

static void suggestions_list_what_is_known(void) {
  char text[100];
  lks_text_suggest("ltsm", cells, 3, text, sizeof text);
  CHECK_TEXT(text, "; did you mean 'lstm'? known: rnn, lstm, gru");
  lks_text_suggest("transformer", cells, 3, text, sizeof text);
  CHECK_TEXT(text, "; known: rnn, lstm, gru");
  char small[16];
  lks_text_suggest("transformer", cells, 3, small, sizeof small);
  CHECK_TEXT(small, "; known: rnn, l");
}

/* Independent encoder, straight from the table in RFC 3629, section 3. */
static size_t encode(uint32_t code, char out[4]) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, code >>= 6)
    out[i] = (char)(0x80 | (code & 0x3F));
  out[0] = (char)((0xF00 >> length & 0xF0) | code);
  return length;
}

static void every_code_point_is_read_back(void) {
  size_t wrong = 0;
  for (uint32_t code = 0; code < 0x110000; code++) {
    char bytes[4];
    uint32_t found = 0xFFFFFFFFu;
    size_t length = encode(code, bytes);
    bool surrogate = code >= 0xD800 && code < 0xE000;
    size_t read = lks_text_character(bytes, length, &found);
    wrong += surrogate ? read != 0 : read != length || found != code;
    wrong += length > 1 && lks_text_character(bytes, length - 1, NULL) != 0;
  }
  CHECK_EQUAL(wrong, 0);
}

static void bytes_that_are_no_utf8_are_found(void) {
  const struct {
    const char *bytes;
    size_t count;
    size_t first_bad;
  } cases[] = {
      {"", 0, 0},
      {"abc", 3, 3},
      {"na\xC3\xAFve", 6, 6},
      {"ab\xFF", 3, 2},
      {"ab\x80", 3, 2},
      {"\xC0\x80", 2, 0},         /* longer than needed */
      {"x\xE0\x80\xAF", 4, 1},    /* longer than needed */
      {"\xED\xA0\x80", 3, 0},     /* a surrogate */
      {"\xF4\x90\x80\x80", 4, 0}, /* above U+10FFFF */
      {"\xF5\x80\x80\x80", 4, 0},
      {"ab\xE2\x82", 4, 2}, /* cut */
      {"\xE2(\xA1", 3, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK_EQUAL(lks_text_check_utf8(cases[i].bytes, cases[i].count), cases[i].first_bad);
}

static void only_whole_texts_are_integers(void) {
  int64_t value = 0;
  CHECK(lks_text_to_integer("-42", &value) && value == -42);
  CHECK(lks_text_to_integer("+7", &value) && value == 7);
  CHECK(lks_text_to_integer("9223372036854775807", &value) && value == INT64_MAX);
  const char *const wrong[] = {"",   "-", " 1", "1 ", "1.0", "0x10", "9223372036854775808",
                               "one"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    CHECK(!lks_text_to_integer(wrong[i], &value));
}

static void only_whole_finite_texts_are_reals(void) {
  double value = 0;
  CHECK(lks_text_to_real("-1.5e-3", &value) && value == -1.5e-3);
  CHECK(lks_text_to_real(".5", &value) && value == 0.5);
  CHECK(lks_text_to_real("3", &value) && value == 3);
  const char *const wrong[] = {"",    "e",   "1e",    " 1",    "1 ",
                               "inf", "nan", "0x1p3", "1e999", "1,5"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    CHECK(!lks_text_to_real(wrong[i], &value));
}

const lks_test text_tests[] = {
    TEST(a_text_grows_and_keeps_its_bytes),
    TEST(a_text_that_cannot_grow_keeps_what_it_has),
    TEST(slips_find_the_name_that_was_meant),
    TEST(suggestions_list_what_is_known),
    TEST(every_code_point_is_read_back),
    TEST(bytes_that_are_no_utf8_are_found),
    TEST(only_whole_texts_are_integers),
    TEST(only_whole_finite_texts_are_reals),
    TEST_END,
};
