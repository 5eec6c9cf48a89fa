/* SPDX-License-Identifier: Apache-2.0 */
/* test_tokenizer.c - lines, their words, lower case against what Python's str.lower says. */
#include "base/memory.h"
#include "base/text.h"
#include "check.h"
#include "temporary_folder.h"
#include "text/line_reader.h"
#include "text/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void words_stand_between_white_space(void) {
  lks_words words = {0};
  const char *line = "  A  dog\truns .\r";
  static const char *const expected[] = {"A", "dog", "runs", "."};
  CHECK_OK(lks_words_split(&words, line, strlen(line), false));
  CHECK_EQUAL(words.count, 4);
  for (size_t i = 0; i < words.count && i < 4; i++) {
    CHECK_EQUAL(words.word[i].bytes, strlen(expected[i]));
    CHECK(memcmp(words.word[i].data, expected[i], words.word[i].bytes) == 0);
  }
  CHECK_OK(lks_words_split(&words, " \t", 2, true));
  CHECK_EQUAL(words.count, 0);
  lks_words_release(&words);
}

static void check_symbols(const lks_words *words, const char *const *expected, size_t count) {
  CHECK_EQUAL(words->count, count);
  for (size_t i = 0; i < words->count && i < count; i++) {
    CHECK_EQUAL(words->word[i].bytes, strlen(expected[i]));
    CHECK(memcmp(words->word[i].data, expected[i], words->word[i].bytes) == 0);
  }
}

/* The symbols joined again. */
static void check_joined(lks_token_kind kind, const lks_words *words, const char *expected) {
  lks_text text = {0};
  for (size_t i = 0; i < words->count; i++) {
    char symbol[64];
    snprintf(symbol, sizeof symbol, "%.*s", (int)words->word[i].bytes, words->word[i].data);
    CHECK_OK(lks_tokenizer_join(kind, &text, 0, symbol));
  }
  CHECK_TEXT(text.data, expected);
  lks_text_release(&text);
}

static void characters_have_one_space_between_words(void) {
  static const char *const expected[] = {"h", "ü", " ", "日", " ", "b"};
  const char *line = "  HÜ \t日  B\r";
  lks_words words = {0};
  lks_tokenizer tokenizer;
  CHECK_OK(lks_tokenizer_open(&tokenizer, "characters lowercase", NULL, 0));
  CHECK_OK(lks_tokenizer_split(&tokenizer, &words, line, strlen(line)));
  check_symbols(&words, expected, 6);
  check_joined(tokenizer.kind, &words, "hü 日 b");
  CHECK_TEXT(lks_tokenizer_text(&tokenizer), "characters lowercase");
  lks_tokenizer_close(&tokenizer);
  lks_words_release(&words);
}

/* Lines of words that are made of few stems and endings. */
typedef struct {
  int count;
  char line[64];
} stems;

static lks_status next_stem(void *context, const char **line, size_t *bytes) {
  static const char *const stem[] = {"walk", "talk", "play", "work", "jump"};
  static const char *const ending[] = {"ing", "ed", "er", "s"};
  stems *s = context;
  *line = NULL;
  if (s->count == 400)
    return LKS_OK;
  int i = s->count++;
  *bytes = (size_t)snprintf(s->line, sizeof s->line, "%s%s and %s%s", stem[i % 5],
                            ending[i / 5 % 4], stem[i / 3 % 5], ending[i / 7 % 4]);
  *line = s->line;
  return LKS_OK;
}

static void learn(uint8_t **model, size_t *bytes) {
  stems all = {0};
  const lks_subwords_training training = {.pieces = 40, .next = next_stem, .context = &all};
  CHECK_OK(lks_subwords_train(&training, model, bytes));
}

static void subwords_are_learnt_and_joined_again(void) {
  const char *line = "  WALKER and jumped talks";
  uint8_t *model, *again;
  size_t bytes, again_bytes;
  lks_words words = {0};
  lks_tokenizer tokenizer;
  learn(&model, &bytes);
  learn(&again, &again_bytes);
  CHECK(bytes == again_bytes && memcmp(model, again, bytes) == 0);
  CHECK_OK(lks_tokenizer_open(&tokenizer, "subwords lowercase", model, bytes));
  CHECK_OK(lks_tokenizer_split(&tokenizer, &words, line, strlen(line)));
  CHECK(words.count > 4); /* words are cut */
  check_joined(tokenizer.kind, &words, "walker and jumped talks");
  lks_tokenizer_close(&tokenizer);
  CHECK_FAILS(lks_tokenizer_open(&tokenizer, "subwords", "no model", 8), LKS_DATA,
              "expected a SentencePiece model of 8 bytes");
  CHECK_FAILS(lks_tokenizer_open(&tokenizer, "syllables", NULL, 0), LKS_DATA,
              "found 'syllables'");
  lks_words_release(&words);
  lks_release(again);
  lks_release(model);
}

/* Both by Python 3.11's str.lower(). */
static void letters_of_many_scripts_have_lower_case(void) {
  static const char *const pairs[][2] = {
      {"Zwei HÜHNER, ÀÉÎÕØÞ × ß", "zwei hühner, àéîõøþ × ß"},
      {"ŁÓDŹ ŽIVOT ĀĐĲŊŒŸŠ", "łódź život āđĳŋœÿš"},
      {"ΆΈΉΊΌΎΏ ΑΩΪΫ", "άέήίόύώ αωϊϋ"},
      {"ЂЍЏ МОСКВА ЁЖ ҐӘ Ѡ", "ђѝџ москва ёж ґә ѡ"},
      {"ԱՖ ẠỲ ẞ 日本 1ª", "աֆ ạỳ ß 日本 1ª"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    lks_text text = {0};
    CHECK_OK(lks_text_add_lower(&text, pairs[i][0], strlen(pairs[i][0])));
    CHECK_TEXT(text.data, pairs[i][1]);
    lks_text_release(&text);
  }
}

/* Writes a file and opens it. */
static lks_line_reader *open_text(lks_temporary_folder *folder, const char *text,
                                  size_t bytes) {
  lks_line_reader *reader = NULL;
  const char *path = lks_temporary_path(folder, "a.txt");
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL && fwrite(text, 1, bytes, file) == bytes && fclose(file) == 0);
  CHECK_OK(lks_line_reader_open(&reader, path));
  return reader;
}

static void lines_end_in_newlines_of_two_kinds(void) {
  static const char text[] = "\xEF\xBB\xBF"
                             "one\r\n\ntwo \xff\nlast";
  static const char *const expected[] = {"one", "", "two \xff", "last"};
  lks_temporary_folder folder;
  lks_line line;
  bool found;
  lks_temporary_folder_create(&folder);
  lks_line_reader *reader = open_text(&folder, text, sizeof text - 1);
  for (int i = 0; i < 4; i++) {
    CHECK_OK(lks_line_reader_next(reader, &line, &found));
    CHECK(found);
    CHECK_TEXT(line.text, expected[i]);
    CHECK_EQUAL(line.number, i + 1);
    CHECK_EQUAL(line.bad, i == 2 ? 4 : line.bytes);
  }
  CHECK_OK(lks_line_reader_next(reader, &line, &found));
  CHECK(!found);
  lks_line_reader_close(reader);
  lks_temporary_folder_destroy(&folder);
}

/* Longer than the reader's blocks, and than the longest line. */
static void long_lines_are_read_or_refused(void) {
  enum { BYTES = LKS_LINE_BYTES_MAX + 300000 };
  char *text = malloc(BYTES);
  lks_temporary_folder folder;
  lks_line line;
  bool found;
  CHECK(text != NULL);
  memset(text, 'x', BYTES);
  text[LKS_LINE_BYTES_MAX - 1] = '\n';
  lks_temporary_folder_create(&folder);
  lks_line_reader *reader = open_text(&folder, text, BYTES);
  CHECK_OK(lks_line_reader_next(reader, &line, &found));
  CHECK_EQUAL(line.bytes, LKS_LINE_BYTES_MAX - 1);
  CHECK_OK(lks_line_reader_next(reader, &line, &found));
  CHECK_EQUAL(line.bytes, BYTES - LKS_LINE_BYTES_MAX);
  lks_line_reader_close(reader);
  text[LKS_LINE_BYTES_MAX - 1] = 'x';
  reader = open_text(&folder, text, BYTES);
  CHECK_FAILS(lks_line_reader_next(reader, &line, &found), LKS_DATA,
              "a.txt:1: the line has more than 1048576 bytes");
  lks_line_reader_close(reader);
  lks_temporary_folder_destroy(&folder);
  free(text);
}

const lks_test tokenizer_tests[] = {
    TEST(words_stand_between_white_space),
    TEST(characters_have_one_space_between_words),
    TEST(subwords_are_learnt_and_joined_again),
    TEST(letters_of_many_scripts_have_lower_case),
    TEST(lines_end_in_newlines_of_two_kinds),
    TEST(long_lines_are_read_or_refused),
    TEST_END,
};
