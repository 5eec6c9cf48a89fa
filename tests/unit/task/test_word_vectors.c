/* SPDX-License-Identifier: Apache-2.0 */
/* test_word_vectors.c - what is read of a file of vectors, and what is refused. */
#include "check.h"
#include "task/word_vectors.h"
#include "temporary_folder.h"

#include <string.h>

static lks_vocabulary *three_words(void) {
  lks_vocabulary *words;
  CHECK_OK(lks_vocabulary_create(&words));
  CHECK_OK(lks_vocabulary_append(words, "<unk>", 5));
  CHECK_OK(lks_vocabulary_append(words, "the", 3));
  CHECK_OK(lks_vocabulary_append(words, "dog", 3));
  return words;
}

static void words_of_the_vocabulary_are_taken(void) {
  lks_temporary_folder folder;
  lks_word_vectors vectors;
  float table[6] = {9, 9, 9, 9, 9, 9};
  lks_vocabulary *words = three_words();
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "vectors.txt");
  const char text[] = "3 2\nhouse 1 2\ndog -0.5 2e1\n\ncat 0 0\n";
  CHECK(lks_test_write_file(path, text, strlen(text)));
  CHECK_OK(lks_word_vectors_read(&vectors, path, words, 2));
  CHECK_EQUAL(vectors.found, 1);
  lks_word_vectors_apply(&vectors, table);
  CHECK(table[0] == 9 && table[2] == 9 && table[4] == -0.5F && table[5] == 20);
  lks_word_vectors_release(&vectors);
  lks_vocabulary_destroy(words);
  lks_temporary_folder_destroy(&folder);
}

/* Bit for bit: +0, whatever the sign and whether or not denormals are read as zeros. */
static void denormals_become_zeros(void) {
  static const float zeros[2] = {0, 0};
  lks_temporary_folder folder;
  lks_word_vectors vectors;
  float table[6] = {9, 9, 9, 9, 9, 9};
  lks_vocabulary *words = three_words();
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "vectors.txt");
  const char text[] = "the 1e-39 -1e-39\ndog 1.2e-38 1\n";
  CHECK(lks_test_write_file(path, text, strlen(text)));
  CHECK_OK(lks_word_vectors_read(&vectors, path, words, 2));
  lks_word_vectors_apply(&vectors, table);
  CHECK_SAME_BITS(table + 2, zeros, 2);
  CHECK(table[4] == 1.2e-38F);
  lks_word_vectors_release(&vectors);
  lks_vocabulary_destroy(words);
  lks_temporary_folder_destroy(&folder);
}

static void check_refused(const char *text, const char *part) {
  lks_temporary_folder folder;
  lks_word_vectors vectors;
  lks_vocabulary *words = three_words();
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "vectors.txt");
  CHECK(lks_test_write_file(path, text, strlen(text)));
  CHECK_FAILS(lks_word_vectors_read(&vectors, path, words, 2), LKS_DATA, part);
  lks_vocabulary_destroy(words);
  lks_temporary_folder_destroy(&folder);
}

static void bad_lines_are_named(void) {
  check_refused("the 1 2\ndog 1 2 3\n",
                "vectors.txt:2: expected a word and 2 numbers, found 3");
  check_refused("the 1\n", "vectors.txt:1: expected a word and 2 numbers, found 1");
  check_refused("the 1 two\n", "vectors.txt:1: expected a number, found 'two'");
  check_refused("the 1 nan\n", "expected a number");
  check_refused(
      "dog 1 2\nthe 3 4\n\ndog 1 2\n",
      "vectors.txt:4: expected one vector for each word, found a second one of 'dog'");
  check_refused("the 1 2\n\xFF 1 2\n", "vectors.txt:2: expected UTF-8, found byte 0xFF");
}

const lks_test word_vectors_tests[] = {TEST(words_of_the_vocabulary_are_taken),
                                       TEST(denormals_become_zeros), TEST(bad_lines_are_named),
                                       TEST_END};
