/* SPDX-License-Identifier: Apache-2.0 */
/* test_csv_reader.c - rows and the lines on which they begin, whatever the line ends. */
#include "base/text.h"
#include "check.h"
#include "text/csv_reader.h"
#include "temporary_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static lks_temporary_folder folder;

static const char *write_csv(const char *text, size_t bytes) {
  const char *path = lks_temporary_path(&folder, "a.csv");
  CHECK(lks_test_write_file(path, text, bytes));
  return path;
}

/* Rows as "LINE:field|field|" one after another; the failure, if any, is returned. */
static lks_status read_rows(const char *path, char separator, lks_text *found) {
  lks_csv_reader *reader;
  const lks_csv_row *row;
  lks_status status = lks_csv_open(&reader, path, separator);
  lks_text_clear(found);
  CHECK_OK(lks_text_add(found, "", 0));
  while (status == LKS_OK && (status = lks_csv_next(reader, &row)) == LKS_OK && row != NULL) {
    CHECK_OK(lks_text_print(found, "%lld:", (long long)row->line));
    for (size_t i = 0; i < row->count; i++) {
      CHECK_EQUAL(strlen(row->field[i]), row->bytes[i]);
      CHECK_OK(lks_text_print(found, "%s|", row->field[i]));
    }
  }
  lks_csv_close(reader);
  return status;
}

static void check_rows(const char *text, char separator, const char *expected) {
  lks_text found = {0};
  CHECK_OK(read_rows(write_csv(text, strlen(text)), separator, &found));
  CHECK_TEXT(found.data, expected);
  lks_text_release(&found);
}

static void check_refusal(const char *text, size_t bytes, const char *message) {
  lks_text found = {0};
  CHECK_FAILS(read_rows(write_csv(text, bytes), ',', &found), LKS_DATA, message);
  lks_text_release(&found);
}

static void lines_end_as_on_any_system(void) {
  lks_temporary_folder_create(&folder);
  check_rows("a,b\n1,2\n", ',', "1:a|b|2:1|2|");
  check_rows("a,b\r\n1,2\r\n", ',', "1:a|b|2:1|2|");
  check_rows("a,b\r1,2\r3,4", ',', "1:a|b|2:1|2|3:3|4|");
  check_rows("a,b\n1,2", ',', "1:a|b|2:1|2|");
  check_rows("\n\r\na,b\n\n\n1,2\n\n", ',', "3:a|b|6:1|2|");
  check_rows("\xef\xbb\xbf"
             "a,b\n",
             ',', "1:a|b|");
  lks_temporary_folder_destroy(&folder);
}

static void fields_may_be_empty_blank_or_quoted(void) {
  lks_temporary_folder_create(&folder);
  check_rows(" a , \"b\" ,\n,,\n", ',', "1:a|b||2:|||");
  check_rows("a\t\tb c\n\t\t\n", '\t', "1:a||b c|2:|||");
  check_rows("\"a,\"\"b\"\"\",2\n", ',', "1:a,\"b\"|2|");
  check_rows("\"a\nb\r\nc\",2\n3,4\n", ',', "1:a\nb\r\nc|2|4:3|4|");
  check_rows("a;b,c\n", ';', "1:a|b,c|");
  lks_temporary_folder_destroy(&folder);
}

/* 400,000 rows are several blocks of the reader; a line may be cut anywhere. */
static void long_files_are_read_by_blocks(void) {
  enum { ROWS = 400000 };
  lks_temporary_folder_create(&folder);
  lks_text text = {0};
  lks_csv_reader *reader;
  const lks_csv_row *row;
  int64_t wrong = 0;
  for (int i = 0; i < ROWS; i++)
    CHECK_OK(lks_text_print(&text, "%d,%d%s", i, i * 7 % 1000, i % 3 == 0 ? "\r\n" : "\n"));
  CHECK_OK(lks_csv_open(&reader, write_csv(text.data, text.bytes), ','));
  CHECK_EQUAL(lks_csv_total(reader), text.bytes);
  for (int i = 0; i < ROWS; i++) {
    CHECK_OK(lks_csv_next(reader, &row));
    wrong += row == NULL || row->line != i + 1 || row->count != 2 || atoi(row->field[0]) != i ||
             atoi(row->field[1]) != i * 7 % 1000;
  }
  CHECK_EQUAL(wrong, 0);
  CHECK_OK(lks_csv_next(reader, &row));
  CHECK(row == NULL);
  CHECK_EQUAL(lks_csv_done(reader), text.bytes);
  lks_csv_close(reader);
  lks_text_release(&text);
  lks_temporary_folder_destroy(&folder);
}

static void wide_rows_and_long_fields_have_room(void) {
  enum { FIELDS = 3000, LETTERS = 100000 };
  lks_temporary_folder_create(&folder);
  lks_text text = {0};
  lks_csv_reader *reader;
  const lks_csv_row *row;
  for (int i = 0; i < LETTERS; i++)
    CHECK_OK(lks_text_add(&text, "x", 1));
  for (int i = 0; i < FIELDS; i++)
    CHECK_OK(lks_text_print(&text, ",%d", i));
  CHECK_OK(lks_csv_open(&reader, write_csv(text.data, text.bytes), ','));
  CHECK_OK(lks_csv_next(reader, &row));
  CHECK_EQUAL(row->count, FIELDS + 1);
  CHECK_EQUAL(row->bytes[0], LETTERS);
  CHECK_TEXT(row->field[FIELDS], "2999");
  lks_csv_close(reader);
  lks_text_release(&text);
  lks_temporary_folder_destroy(&folder);
}

static void stray_quotes_are_refused_by_line(void) {
  lks_temporary_folder_create(&folder);
  check_refusal("a,b\n1,2\"\n", 9, "a.csv:2: a quote stands within a field\n  hint: ");
  check_refusal("a,b\r\n\"1\"2,2\r\n", 14, "a.csv:2: a quote stands within a field");
  check_refusal("a,b\n\"1,2\n3,4\n", 13,
                "a.csv:2: the row that begins here does not end\n  hint: is a quote missing?");
  size_t bytes = LKS_CSV_ROW_BYTES_MAX + 100; /* a quote does not swallow a large file */
  char *text = malloc(bytes);
  memset(text, '\n', bytes);
  text[2] = '"';
  check_refusal(text, bytes, "a.csv:3: the row that begins here does not end");
  free(text);
  lks_temporary_folder_destroy(&folder);
}

static void files_that_are_no_text_are_refused(void) {
  lks_temporary_folder_create(&folder);
  lks_text found = {0};
  check_refusal("", 0, "a.csv: the file is empty");
  check_refusal("\xff\xfe"
                "a\0\n\0",
                6, "a.csv:1: expected UTF-8, found a mark of UTF-16\n  hint: iconv");
  check_refusal("\x1f\x8b\x08", 3, "a.csv: expected text, found a compressed file\n  hint: ");
  CHECK_FAILS(read_rows(folder.path, ',', &found), LKS_DATA, "expected a file, found a folder");
  CHECK_FAILS(read_rows(lks_temporary_path(&folder, "none.csv"), ',', &found), LKS_DATA,
              "none.csv: cannot be read: No such file or directory\n  hint: ");
  lks_text_release(&found);
  lks_temporary_folder_destroy(&folder);
}

static void the_separator_is_found(void) {
  static const struct {
    const char *text;
    char separator;
  } cases[] = {
      {"date,a,b\n2016,1,2\n", ','}, {"date;a;b\n2016;1,5;2\n", ';'},
      {"1,5;2,5\n1,5;2,5\n", ';'},   {"date\ta b\n2016\t1\n", '\t'},
      {"a|b\n1|2\n", '|'},           {"price|usd,volume\n1,2\n3,4\n", ','},
      {"\"a;b\",c\n1,2\n", ','},     {"a,b\n1,2\n3\n", ','}, /* a ragged row does not hide it */
      {"alone\n1\n", ','},
  };
  lks_temporary_folder_create(&folder);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char found = '?';
    CHECK_OK(lks_csv_find_separator(write_csv(cases[i].text, strlen(cases[i].text)), &found));
    CHECK_EQUAL(found, cases[i].separator);
  }
  lks_temporary_folder_destroy(&folder);
}

/* A pipe that gives a byte at a time is read as a file is, its separator found. */
static void pipes_are_read_once(void) {
  static const char text[] = "a;b\n1,5;2\n3;4\n";
  int ends[2];
  char path[32];
  lks_csv_reader *reader;
  const lks_csv_row *row;
  CHECK_EQUAL(pipe(ends), 0);
  snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
  CHECK_FAILS(lks_csv_open(&reader, path, ';'), LKS_DATA, "hint: it is read more than once");
  pid_t writer = fork();
  if (writer == 0) {
    for (size_t i = 0; text[i] != '\0'; i++)
      if (write(ends[1], text + i, 1) != 1)
        _exit(1);
    _exit(0);
  }
  close(ends[1]);
  CHECK_OK(lks_csv_open_stream(&reader, path, '\0'));
  for (int line = 1; line <= 3; line++) {
    CHECK_OK(lks_csv_next(reader, &row));
    CHECK(row != NULL && row->count == 2 && row->line == line);
  }
  CHECK_TEXT(row->field[1], "4");
  CHECK_OK(lks_csv_next(reader, &row));
  CHECK(row == NULL);
  lks_csv_close(reader);
  CHECK_FAILS(lks_csv_open_stream(&reader, path, ','), LKS_DATA, ": the file is empty");
  waitpid(writer, NULL, 0);
  close(ends[0]);
}

const lks_test csv_reader_tests[] = {TEST(lines_end_as_on_any_system),
                                     TEST(fields_may_be_empty_blank_or_quoted),
                                     TEST(long_files_are_read_by_blocks),
                                     TEST(wide_rows_and_long_fields_have_room),
                                     TEST(stray_quotes_are_refused_by_line),
                                     TEST(files_that_are_no_text_are_refused),
                                     TEST(the_separator_is_found),
                                     TEST(pipes_are_read_once),
                                     TEST_END};
