/* SPDX-License-Identifier: Apache-2.0 */
/* test_keep_words.c - words of lists, of word vectors and of datasets. */
#include "prepare/keep_words.h"

#include "check.h"
#include "data/dataset.h"
#include "data/sequences.h"
#include "prepare/prepare_sequences.h"
#include "prepare/prepare_text.h"
#include "temporary_folder.h"

#include <stdio.h>
#include <string.h>

static lks_temporary_folder folder;

static const char *write_text(const char *name, const char *text) {
  const char *path = lks_temporary_path(&folder, name);
  CHECK(lks_test_write_file(path, text, strlen(text)));
  return path;
}

/* The symbols in order, each with '|' behind it. */
static void check_symbols(const lks_vocabulary *vocabulary, const char *expected) {
  lks_text found = {0};
  for (int i = 0; i < lks_vocabulary_size(vocabulary); i++)
    CHECK_OK(lks_text_print(&found, "%s|", lks_vocabulary_symbol(vocabulary, i)));
  CHECK_TEXT(found.data, expected);
  lks_text_release(&found);
}

/* A vocabulary that was counted "b b a", with the words of the file. */
static void check_kept(const char *path, bool lowers, const char *expected) {
  lks_vocabulary *vocabulary = NULL;
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  CHECK_OK(lks_vocabulary_count_symbol(vocabulary, "b", 1));
  CHECK_OK(lks_vocabulary_count_symbol(vocabulary, "b", 1));
  CHECK_OK(lks_vocabulary_count_symbol(vocabulary, "a", 1));
  CHECK_OK(lks_keep_words(vocabulary, path, lowers));
  CHECK_OK(lks_vocabulary_finish(vocabulary, 0, 2, NULL, 0)); /* "a" is seen once */
  check_symbols(vocabulary, expected);
  lks_vocabulary_destroy(vocabulary);
}

static void a_list_has_a_word_first_in_each_line(void) {
  lks_temporary_folder_create(&folder);
  const char *list = write_text("list", "Zoo\n\n  a\tin spite of this\r\nb\n");
  check_kept(list, false, "b|a|Zoo|");
  check_kept(list, true, "b|a|zoo|");
  lks_temporary_folder_destroy(&folder);
}

static void the_heading_of_word_vectors_is_no_word(void) {
  lks_temporary_folder_create(&folder);
  check_kept(write_text("vectors", "2 3\nx 0.1 -1 2e-3\n7 1 2 3\n"), false, "b|7|x|");
  check_kept(write_text("list", "2\n3 4\n"), false, "b|2|3|");
  lks_temporary_folder_destroy(&folder);
}

static void words_of_a_text_are_kept_in_samples(void) {
  lks_temporary_folder_create(&folder);
  const char *text = lks_temporary_path(&folder, "text.h5");
  const char *labelled = lks_temporary_path(&folder, "labelled.h5");
  lks_io_thread *io = NULL;
  lks_dataset *dataset = NULL;
  const lks_prepare_text first = {
      .train = write_text("text", "good film\nfine film\n"), .out = text, .quiet = true};
  CHECK_OK(lks_prepare_text_run(&first));
  const lks_prepare_sequences second = {.kind = LKS_SEQUENCES_LABELLED,
                                        .file = {write_text("train", "1 good good\n0 bad\n"),
                                                 write_text("valid", "1 fine bad\n"), NULL},
                                        .out = labelled,
                                        .vocab_count = 1,
                                        .keep_words = text,
                                        .tokens = LKS_TOKENS_WORDS,
                                        .quiet = true};
  CHECK_OK(lks_prepare_sequences_run(&second));
  CHECK_OK(lks_io_thread_create(&io));
  CHECK_OK(lks_dataset_open(&dataset, labelled, io));
  const lks_sequence_table *table = lks_dataset_sequences(dataset);
  check_symbols(table->field[0].vocabulary, "good|bad|<eos>|<unk>|film|fine|");
  CHECK_OK(lks_dataset_verify(dataset));
  lks_dataset_close(dataset);
  lks_io_thread_destroy(io);
  check_kept(labelled, false, "b|<eos>|<unk>|bad|film|fine|good|");
  lks_temporary_folder_destroy(&folder);
}

static void words_of_a_text_are_kept_in_a_text(void) {
  lks_temporary_folder_create(&folder);
  const char *out = lks_temporary_path(&folder, "out.h5");
  lks_io_thread *io = NULL;
  lks_dataset *dataset = NULL;
  const lks_prepare_text setup = {.train = write_text("train", "a a b\n"),
                                  .valid = write_text("valid", "c\n"),
                                  .vocab_count = 2,
                                  .keep_words = write_text("list", "c\nd\n"),
                                  .out = out,
                                  .quiet = true};
  CHECK_OK(lks_prepare_text_run(&setup));
  CHECK_OK(lks_io_thread_create(&io));
  CHECK_OK(lks_dataset_open(&dataset, out, io));
  check_symbols(lks_dataset_vocabulary(dataset), "a|<eos>|<unk>|c|d|");
  lks_dataset_close(dataset);
  lks_io_thread_destroy(io);
  lks_temporary_folder_destroy(&folder);
}

/* Letters of labelled texts are symbols of a field called words. */
static void symbols_that_are_no_words_are_refused(void) {
  lks_temporary_folder_create(&folder);
  lks_vocabulary *vocabulary = NULL;
  const char *letters = lks_temporary_path(&folder, "letters.h5");
  const lks_prepare_sequences setup = {.kind = LKS_SEQUENCES_LABELLED,
                                       .file = {write_text("train", "1 ab\n0 c\n"), NULL, NULL},
                                       .out = letters,
                                       .vocab_count = 1,
                                       .tokens = LKS_TOKENS_CHARACTERS,
                                       .quiet = true};
  CHECK_OK(lks_prepare_sequences_run(&setup));
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  CHECK_FAILS(lks_keep_words(vocabulary, letters, false), LKS_DATA,
              "letters.h5: expected a dataset with a vocabulary of words, found one of "
              "characters\n  hint: ");
  lks_vocabulary_destroy(vocabulary);
  lks_temporary_folder_destroy(&folder);
}

static void the_file_to_keep_is_not_replaced(void) {
  lks_temporary_folder_create(&folder);
  const char *list = write_text("list", "a\n");
  const lks_prepare_text text = {
      .train = write_text("train", "1 b\n"), .keep_words = list, .out = list, .quiet = true};
  const lks_prepare_sequences labelled = {.kind = LKS_SEQUENCES_LABELLED,
                                          .file = {text.train, NULL, NULL},
                                          .out = list,
                                          .vocab_count = 1,
                                          .keep_words = list,
                                          .tokens = LKS_TOKENS_WORDS,
                                          .quiet = true};
  CHECK_FAILS(lks_prepare_text_run(&text), LKS_USAGE, "list");
  CHECK_FAILS(lks_prepare_sequences_run(&labelled), LKS_USAGE, "list");
  check_kept(list, false, "b|a|");
  lks_temporary_folder_destroy(&folder);
}

static void files_without_words_are_refused(void) {
  lks_temporary_folder_create(&folder);
  lks_vocabulary *vocabulary = NULL;
  const char *characters = lks_temporary_path(&folder, "characters.h5");
  const lks_prepare_text setup = {.train = write_text("text", "abc\n"),
                                  .characters = true,
                                  .out = characters,
                                  .quiet = true};
  CHECK_OK(lks_prepare_text_run(&setup));
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  CHECK_FAILS(lks_keep_words(vocabulary, characters, false), LKS_DATA,
              "characters.h5: expected a dataset with a vocabulary of words, found one of "
              "characters\n  hint: ");
  CHECK_FAILS(lks_keep_words(vocabulary, write_text("empty", "\n \n"), false), LKS_DATA,
              "empty: expected words, one a line, found none");
  CHECK_FAILS(lks_keep_words(vocabulary, write_text("latin", "a\n\xe9t\xe9\n"), false),
              LKS_DATA, "latin:2: expected UTF-8 text, found byte 0xe9");
  CHECK_FAILS(lks_keep_words(vocabulary, lks_temporary_path(&folder, "none"), false), LKS_DATA,
              "none: ");
  lks_vocabulary_destroy(vocabulary);
  lks_temporary_folder_destroy(&folder);
}

const lks_test keep_words_tests[] = {
    TEST(a_list_has_a_word_first_in_each_line),  TEST(the_heading_of_word_vectors_is_no_word),
    TEST(words_of_a_text_are_kept_in_samples),   TEST(words_of_a_text_are_kept_in_a_text),
    TEST(symbols_that_are_no_words_are_refused), TEST(the_file_to_keep_is_not_replaced),
    TEST(files_without_words_are_refused),       TEST_END};
