/* SPDX-License-Identifier: Apache-2.0 */
/* test_text_reader.c - words, characters and their places; against a plain scan of the
 * whole text where blocks matter. */
#include "base/text.h"
#include "check.h"
#include "temporary_folder.h"
#include "text/text_reader.h"

#include <stdlib.h>
#include <string.h>

/* Reads everything; items are joined by '|' in *items. */
static lks_status read_items(lks_text_reader *reader, lks_text *items) {
  lks_text_item item;
  bool found = true;
  lks_text_clear(items);
  while (found) {
    lks_status status = lks_text_reader_next(reader, &item, &found);
    if (status != LKS_OK)
      return status;
    if (found) {
      CHECK_OK(lks_text_add(items, item.data, item.bytes));
      CHECK_OK(lks_text_add(items, "|", 1));
    }
  }
  return LKS_OK;
}

static lks_status read_memory(const char *text, size_t bytes, lks_text_unit unit,
                              lks_text *items) {
  lks_text_reader *reader = NULL;
  CHECK_OK(lks_text_reader_open_memory(&reader, text, bytes, "a.txt", unit));
  lks_status status = read_items(reader, items);
  if (status == LKS_OK && bytes > 0 && text[0] != '\xef')
    CHECK_EQUAL(lks_text_reader_bytes(reader), bytes);
  lks_text_reader_close(reader);
  return status;
}

static void check_items(const char *text, lks_text_unit unit, const char *expected) {
  lks_text items = {0};
  CHECK_OK(read_memory(text, strlen(text), unit, &items));
  CHECK_TEXT(items.data != NULL ? items.data : "", expected);
  lks_text_release(&items);
}

static void check_failure(const char *text, size_t bytes, lks_text_unit unit,
                          const char *message) {
  lks_text items = {0};
  CHECK_FAILS(read_memory(text, bytes, unit, &items), LKS_DATA, message);
  lks_text_release(&items);
}

static void words_end_at_white_space_and_lines_at_newlines(void) {
  check_items("the cat\nsat\n", LKS_UNIT_WORD, "the|cat|<eos>|sat|<eos>|");
  check_items(" the\t cat \r\n\v\f\n", LKS_UNIT_WORD, "the|cat|<eos>|<eos>|");
  check_items("\n\n", LKS_UNIT_WORD, "<eos>|<eos>|");
  check_items("\xc3\xa9t\xc3\xa9 \xe2\x82\xac\n", LKS_UNIT_WORD,
              "\xc3\xa9t\xc3\xa9|\xe2\x82\xac|<eos>|");
}

static void a_last_line_without_newline_ends_as_well(void) {
  check_items("a\nb", LKS_UNIT_WORD, "a|<eos>|b|<eos>|");
  check_items("a\nb ", LKS_UNIT_WORD, "a|<eos>|b|<eos>|");
  check_items("", LKS_UNIT_WORD, "");
  check_items("", LKS_UNIT_CHARACTER, "");
}

static void characters_come_as_they_are_written(void) {
  check_items("a \xc3\xa9\r\n\n", LKS_UNIT_CHARACTER, "a| |\xc3\xa9|\r|\n|\n|");
  check_items("\xf0\x9f\x98\x80", LKS_UNIT_CHARACTER, "\xf0\x9f\x98\x80|");
}

static void a_byte_order_mark_is_not_text(void) {
  check_items("\xef\xbb\xbf"
              "a\n",
              LKS_UNIT_WORD, "a|<eos>|");
  check_items("\xef\xbb\xbf"
              "a\xef\xbb\xbf",
              LKS_UNIT_CHARACTER, "a|\xef\xbb\xbf|");
  check_items("\xef\xbb\xbf", LKS_UNIT_WORD, "");
}

static void only_line_ends_are_marked_as_such(void) {
  lks_text_reader *reader = NULL;
  lks_text_item item;
  bool found;
  CHECK_OK(lks_text_reader_open_memory(&reader, "<eos>\n", 6, "a.txt", LKS_UNIT_WORD));
  CHECK_OK(lks_text_reader_next(reader, &item, &found));
  CHECK(found && !item.line_end);
  CHECK_OK(lks_text_reader_next(reader, &item, &found));
  CHECK(found && item.line_end);
  lks_text_reader_close(reader);
}

static void bytes_that_are_not_utf8_are_named_with_their_place(void) {
  check_failure("a\nb\xc3\xa9 \xff", 7, LKS_UNIT_WORD,
                "a.txt:2:4: expected UTF-8, found byte 0xff\n  hint: ");
  check_failure("a\nb\xc3\xa9 \xff", 7, LKS_UNIT_CHARACTER,
                "a.txt:2:4: expected UTF-8, found byte 0xff");
  check_failure("\xc3", 1, LKS_UNIT_CHARACTER, "a.txt:1:1: expected UTF-8, found byte 0xc3");
  check_failure("ab\xe2\x82", 4, LKS_UNIT_WORD, "a.txt:1:3: expected UTF-8, found byte 0xe2");
  check_failure("\xc0\x80", 2, LKS_UNIT_WORD, "a.txt:1:1: expected UTF-8, found byte 0xc0");
  check_failure("\xed\xa0\x80", 3, LKS_UNIT_WORD, "a.txt:1:1: expected UTF-8, found byte 0xed");
}

static void zero_bytes_are_refused(void) {
  check_failure("a\nb\0c", 5, LKS_UNIT_CHARACTER,
                "a.txt:2:2: expected text, found a zero byte\n  hint: if it is UTF-16");
  check_failure("a\nb\0c", 5, LKS_UNIT_WORD, "a.txt:2:2: expected text, found a zero byte");
}

static void words_up_to_the_limit_are_taken(void) {
  char text[LKS_WORD_BYTES_MAX + 8];
  lks_text items = {0};
  memset(text, 'x', sizeof text);
  text[0] = ' ';
  text[LKS_WORD_BYTES_MAX + 1] = '\n';
  CHECK_OK(read_memory(text, LKS_WORD_BYTES_MAX + 2, LKS_UNIT_WORD, &items));
  CHECK_EQUAL(items.bytes, LKS_WORD_BYTES_MAX + strlen("|<eos>|"));
  text[LKS_WORD_BYTES_MAX + 1] = 'x';
  text[LKS_WORD_BYTES_MAX + 2] = '\n';
  check_failure(text, LKS_WORD_BYTES_MAX + 3, LKS_UNIT_WORD,
                "a.txt:1:2: a word of more than 4096 bytes\n  hint: ");
  lks_text_release(&items);
}

/* A text of several blocks, with characters of all lengths and words of odd ones. */
static lks_text make_long_text(void) {
  static const char *const characters[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  lks_text text = {0};
  unsigned state = 1;
  while (text.bytes < 300000) {
    state = state * 1103515245U + 12345U;
    unsigned draw = (state >> 16) % 64;
    const char *character = draw == 0 ? "\n" : draw < 8 ? " " : characters[draw % 4];
    CHECK_OK(lks_text_add(&text, character, strlen(character)));
  }
  return text;
}

/* The same items by a scan that knows no blocks. */
static void scan(const lks_text *text, lks_text_unit unit, lks_text *items) {
  for (size_t i = 0; i < text->bytes;) {
    size_t bytes = lks_text_character(text->data + i, text->bytes - i, NULL);
    bool newline = text->data[i] == '\n', space = text->data[i] == ' ';
    if (unit == LKS_UNIT_WORD) {
      for (bytes = 0; i + bytes < text->bytes && strchr(" \n", text->data[i + bytes]) == NULL;)
        bytes++;
      if (bytes > 0) {
        CHECK_OK(lks_text_add(items, text->data + i, bytes));
        CHECK_OK(lks_text_add(items, "|", 1));
      } else if (newline) {
        CHECK_OK(lks_text_add(items, "<eos>|", 6));
      }
      i += bytes > 0 ? bytes : newline || space ? 1 : 0;
    } else {
      CHECK_OK(lks_text_add(items, text->data + i, bytes));
      CHECK_OK(lks_text_add(items, "|", 1));
      i += bytes;
    }
  }
  if (unit == LKS_UNIT_WORD && text->data[text->bytes - 1] != '\n')
    CHECK_OK(lks_text_add(items, "<eos>|", 6));
}

static void blocks_leave_no_trace(void) {
  lks_temporary_folder folder;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "long.txt");
  lks_text text = make_long_text();
  CHECK(lks_test_write_file(path, text.data, text.bytes));
  for (lks_text_unit unit = LKS_UNIT_WORD; unit <= LKS_UNIT_CHARACTER; unit++) {
    lks_text expected = {0}, from_memory = {0}, from_file = {0};
    lks_text_reader *reader = NULL;
    scan(&text, unit, &expected);
    CHECK_OK(read_memory(text.data, text.bytes, unit, &from_memory));
    CHECK_OK(lks_text_reader_open(&reader, path, unit));
    CHECK_OK(read_items(reader, &from_file));
    CHECK_EQUAL(lks_text_reader_bytes(reader), text.bytes);
    CHECK(strcmp(from_memory.data, expected.data) == 0);
    CHECK(strcmp(from_file.data, expected.data) == 0);
    lks_text_reader_close(reader);
    lks_text_release(&expected);
    lks_text_release(&from_memory);
    lks_text_release(&from_file);
  }
  lks_text_release(&text);
  lks_temporary_folder_destroy(&folder);
}

/* A damaged byte far behind the first block is still named by line and column. */
static void places_are_right_behind_the_first_block(void) {
  lks_text text = {0};
  for (int line = 1; line < 30000; line++)
    CHECK_OK(lks_text_add(&text, "\xc3\xa9 abc\n", 7));
  CHECK_OK(lks_text_add(&text, "\xc3\xa9 a\x80\n", 6));
  check_failure(text.data, text.bytes, LKS_UNIT_WORD, "a.txt:30000:4: expected UTF-8");
  check_failure(text.data, text.bytes, LKS_UNIT_CHARACTER, "a.txt:30000:4: expected UTF-8");
  lks_text_release(&text);
}

static void digest_is_that_of_the_file(void) {
  lks_text text = make_long_text();
  lks_text items = {0};
  lks_text_reader *reader = NULL;
  lks_digest_stream *stream = NULL;
  lks_digest found, expected;
  CHECK_OK(lks_digest_stream_create(&stream));
  CHECK_OK(lks_text_reader_open_memory(&reader, text.data, text.bytes, "a", LKS_UNIT_WORD));
  lks_text_reader_digest(reader, stream);
  CHECK_OK(read_items(reader, &items));
  CHECK_OK(lks_digest_stream_finish(stream, &found));
  CHECK_OK(lks_digest_of(text.data, text.bytes, &expected));
  CHECK_EQUAL(lks_digest_compare(&found, &expected), 0);
  lks_text_reader_close(reader);
  lks_digest_stream_destroy(stream);
  lks_text_release(&items);
  lks_text_release(&text);
}

static void missing_files_and_folders_are_refused(void) {
  lks_temporary_folder folder;
  lks_text_reader *reader = NULL;
  lks_temporary_folder_create(&folder);
  CHECK_FAILS(
      lks_text_reader_open(&reader, lks_temporary_path(&folder, "no.txt"), LKS_UNIT_WORD),
      LKS_DATA, "no.txt: cannot be read: No such file or directory\n  hint: ");
  CHECK(reader == NULL);
  CHECK_FAILS(lks_text_reader_open(&reader, folder.path, LKS_UNIT_WORD), LKS_DATA,
              ": expected a text file, found a folder\n  hint: ");
  CHECK(reader == NULL);
  lks_temporary_folder_destroy(&folder);
}

/* The first page of a process cannot be read: a file whose reading fails. */
static void a_failed_read_is_reported(void) {
  lks_text_reader *reader = NULL;
  lks_text_item item;
  bool found;
  CHECK_OK(lks_text_reader_open(&reader, "/proc/self/mem", LKS_UNIT_WORD));
  CHECK_FAILS(lks_text_reader_next(reader, &item, &found), LKS_IO,
              "/proc/self/mem:1: reading failed: Input/output error");
  lks_text_reader_close(reader);
}

const lks_test text_reader_tests[] = {TEST(words_end_at_white_space_and_lines_at_newlines),
                                      TEST(a_last_line_without_newline_ends_as_well),
                                      TEST(characters_come_as_they_are_written),
                                      TEST(a_byte_order_mark_is_not_text),
                                      TEST(only_line_ends_are_marked_as_such),
                                      TEST(bytes_that_are_not_utf8_are_named_with_their_place),
                                      TEST(zero_bytes_are_refused),
                                      TEST(words_up_to_the_limit_are_taken),
                                      TEST(blocks_leave_no_trace),
                                      TEST(places_are_right_behind_the_first_block),
                                      TEST(digest_is_that_of_the_file),
                                      TEST(missing_files_and_folders_are_refused),
                                      TEST(a_failed_read_is_reported),
                                      TEST_END};
