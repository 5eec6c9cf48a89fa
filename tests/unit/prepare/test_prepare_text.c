/* SPDX-License-Identifier: Apache-2.0 */
/* test_prepare_text.c - small texts, read back symbol by symbol; every refusal. */
#include "base/digest.h"
#include "base/memory.h"
#include "check.h"
#include "data/dataset.h"
#include "io/hdf5_file.h"
#include "io/sealed_file.h"
#include "prepare/prepare_text.h"
#include "temporary_folder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lks_temporary_folder folder;

/* Valid for the next 31 calls. */
static const char *in_folder(const char *name) {
  static char paths[32][256];
  static int next;
  next = (next + 1) % 32;
  (void)snprintf(paths[next], sizeof paths[next], "%s/%s", folder.path, name);
  return paths[next];
}

static const char *write_text(const char *name, const char *text) {
  const char *path = in_folder(name);
  CHECK(lks_test_write_file(path, text, strlen(text)));
  return path;
}

typedef struct {
  lks_dataset *dataset;
  lks_split split;
  int32_t values[4096];
} reading;

static lks_status read_job(void *context) {
  reading *r = context;
  return lks_dataset_read(r->dataset, r->split, 0, lks_dataset_count(r->dataset, r->split),
                          r->values);
}

/* The symbols of a split, each with '|' behind it. */
static void describe_split(lks_dataset *dataset, lks_io_thread *io, lks_split split,
                           lks_text *text) {
  static reading r;
  const lks_vocabulary *vocabulary = lks_dataset_vocabulary(dataset);
  r.dataset = dataset;
  r.split = split;
  lks_text_clear(text);
  CHECK_OK(lks_text_add(text, "", 0));
  if (lks_dataset_count(dataset, split) == 0)
    return;
  CHECK_OK(lks_io_run(io, read_job, &r));
  for (int64_t i = 0; i < lks_dataset_count(dataset, split); i++)
    CHECK_OK(lks_text_print(text, "%s|", lks_vocabulary_symbol(vocabulary, r.values[i])));
}

/* Prepares; the splits and the vocabulary are as expected, "" for none. */
static void check_dataset(lks_prepare_text setup, const char *vocabulary,
                          const char *const expected[LKS_SPLIT_COUNT]) {
  lks_io_thread *io = NULL;
  lks_dataset *dataset = NULL;
  lks_text text = {0};
  setup.quiet = true;
  setup.out = in_folder("out.h5");
  CHECK_OK(lks_prepare_text_run(&setup));
  CHECK_OK(lks_io_thread_create(&io));
  CHECK_OK(lks_dataset_open(&dataset, setup.out, io));
  for (int i = 0; i < lks_vocabulary_size(lks_dataset_vocabulary(dataset)); i++)
    CHECK_OK(lks_text_print(&text, "%s|",
                            lks_vocabulary_symbol(lks_dataset_vocabulary(dataset), i)));
  CHECK_TEXT(text.data, vocabulary);
  CHECK_TEXT(lks_dataset_unit(dataset), setup.characters ? "character" : "word");
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    describe_split(dataset, io, (lks_split)s, &text);
    CHECK_TEXT(lks_dataset_count(dataset, (lks_split)s) > 0 ? text.data : "", expected[s]);
  }
  CHECK_OK(lks_dataset_verify(dataset));
  lks_text_release(&text);
  lks_dataset_close(dataset);
  lks_io_thread_destroy(io);
}

static void words_of_a_file_per_split(void) {
  lks_temporary_folder_create(&folder);
  lks_prepare_text setup = {.train = write_text("train", " the cat sat \n\nthe mat\n"),
                            .valid = write_text("valid", "mat the"),
                            .test = write_text("test", "sat\r\n")};
  const char *const expected[] = {"the|cat|sat|<eos>|<eos>|the|mat|<eos>|", "mat|the|<eos>|",
                                  "sat|<eos>|"};
  check_dataset(setup, "<eos>|the|cat|mat|sat|", expected);
  lks_temporary_folder_destroy(&folder);
}

static void unknown_words_make_an_unknown_symbol(void) {
  lks_temporary_folder_create(&folder);
  lks_prepare_text setup = {.train = write_text("train", "a a b\n"),
                            .valid = write_text("valid", "a c\n")};
  const char *const outsider[] = {"a|a|b|<eos>|", "a|<unk>|<eos>|", ""};
  check_dataset(setup, "a|<eos>|b|<unk>|", outsider);
  setup.valid = write_text("valid", "b\n");
  const char *const none[] = {"a|a|b|<eos>|", "b|<eos>|", ""};
  check_dataset(setup, "a|<eos>|b|", none);
  setup.vocab_count = 2;
  const char *const rare[] = {"a|a|<unk>|<eos>|", "<unk>|<eos>|", ""};
  check_dataset(setup, "a|<eos>|<unk>|", rare);
  setup.vocab_count = 0;
  setup.vocab_size = 3; /* as many as there are: none is left out */
  check_dataset(setup, "a|<eos>|b|", none);
  setup.vocab_size = 2;
  setup.train = write_text("train", "a a b\n");
  setup.out = in_folder("none.h5");
  CHECK_FAILS(lks_prepare_text_run(&setup), LKS_USAGE, "no symbol is left of 2");
  lks_temporary_folder_destroy(&folder);
}

static void a_literal_unknown_is_the_same_symbol(void) {
  lks_temporary_folder_create(&folder);
  lks_prepare_text setup = {.train = write_text("train", "<unk> a <unk>\n"),
                            .valid = write_text("valid", "a zebra\n")};
  const char *const expected[] = {"<unk>|a|<unk>|<eos>|", "a|<unk>|<eos>|", ""};
  check_dataset(setup, "<unk>|<eos>|a|", expected);
  lks_temporary_folder_destroy(&folder);
}

static void characters_are_code_points_as_written(void) {
  lks_temporary_folder_create(&folder);
  lks_prepare_text setup = {.characters = true,
                            .train = write_text("train", "\xc3\xa9\xc3\xa9 a\r\n\n"),
                            .valid = write_text("valid", "ab\xc3\xa9")};
  const char *const expected[] = {"\xc3\xa9|\xc3\xa9| |a|\r|\n|\n|", "a|<unk>|\xc3\xa9|", ""};
  check_dataset(setup, "\n|\xc3\xa9|\r| |a|<unk>|", expected);
  lks_temporary_folder_destroy(&folder);
}

static void fractions_cut_characters_where_they_say(void) {
  lks_temporary_folder_create(&folder);
  const char *const inputs[] = {write_text("a", "0123456"), write_text("b", "789")};
  lks_prepare_text setup = {.characters = true,
                            .inputs = inputs,
                            .input_count = 2,
                            .valid_fraction = 0.3,
                            .test_fraction = 0.1};
  const char *const expected[] = {"0|1|2|3|4|5|", "<unk>|<unk>|<unk>|", "<unk>|"};
  check_dataset(setup, "0|1|2|3|4|5|<unk>|", expected);
  const char *const same[] = {write_text("c", "aaaaaaaaab")};
  setup.inputs = same; /* floor(10 x 0.85) = 8 for training, none for test */
  setup.input_count = 1;
  setup.valid_fraction = 0.15;
  setup.test_fraction = 0;
  const char *const two[] = {"a|a|a|a|a|a|a|a|", "a|<unk>|", ""};
  check_dataset(setup, "a|<unk>|", two);
  lks_temporary_folder_destroy(&folder);
}

/* 12 items; training ends at item 6, within the second line, which stays whole. */
static void fractions_cut_words_at_line_ends(void) {
  lks_temporary_folder_create(&folder);
  const char *const inputs[] = {write_text("a", "a b c\na b c\na b c")};
  lks_prepare_text setup = {.inputs = inputs, .input_count = 1, .valid_fraction = 0.5};
  const char *const expected[] = {"a|b|c|<eos>|a|b|c|<eos>|", "a|b|c|<eos>|", ""};
  check_dataset(setup, "<eos>|a|b|c|", expected);
  setup.valid_fraction = 0;
  const char *const whole[] = {"a|b|c|<eos>|a|b|c|<eos>|a|b|c|<eos>|", "", ""};
  check_dataset(setup, "<eos>|a|b|c|", whole);
  lks_temporary_folder_destroy(&folder);
}

/* Numbers are stored as small as the vocabulary allows. */
static void the_type_of_the_values_fits_the_vocabulary(void) {
  static const struct {
    int symbols;
    lks_type type;
  } cases[] = {{256, LKS_U8}, {257, LKS_U16}, {65536, LKS_U16}, {65537, LKS_I32}};
  lks_temporary_folder_create(&folder);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lks_text text = {0};
    lks_hdf5_file *file = NULL;
    lks_type type;
    lks_shape shape;
    for (int w = 1; w < cases[i].symbols; w++) /* <eos> is one of them */
      CHECK_OK(lks_text_print(&text, "%d ", w));
    lks_prepare_text setup = {
        .train = write_text("train", text.data), .out = in_folder("out.h5"), .quiet = true};
    CHECK_OK(lks_prepare_text_run(&setup));
    CHECK_OK(lks_hdf5_open(&file, setup.out));
    CHECK_OK(lks_hdf5_describe(file, "train/values", &type, &shape));
    CHECK_EQUAL(type, cases[i].type);
    CHECK_EQUAL(shape.extent[0], cases[i].symbols);
    CHECK_OK(lks_hdf5_close(file));
    lks_text_release(&text);
  }
  lks_temporary_folder_destroy(&folder);
}

static void the_file_says_what_it_was_made_from(void) {
  lks_hdf5_file *file = NULL;
  lks_digest digest;
  char hex[LKS_DIGEST_HEX], line[128];
  char *sources = NULL;
  int64_t number;
  lks_temporary_folder_create(&folder);
  lks_prepare_text setup = {.train = write_text("train.txt", "a <unk> b \n"),
                            .out = in_folder("new/deep/out.h5"), /* folders are made */
                            .quiet = true};
  CHECK_OK(lks_prepare_text_run(&setup));
  CHECK_OK(lks_digest_of("a <unk> b \n", 11, &digest));
  lks_digest_to_hex(&digest, hex);
  (void)snprintf(line, sizeof line, "%s  train.txt\n", hex);
  CHECK_OK(lks_hdf5_open(&file, setup.out));
  CHECK_OK(lks_hdf5_read_text(file, "", "sources", &sources));
  CHECK_TEXT(sources, line);
  CHECK_OK(lks_hdf5_read_integer(file, "train", "text_bytes", &number));
  CHECK_EQUAL(number, 11);
  CHECK_OK(lks_hdf5_read_integer(file, "train", "unknown", &number));
  CHECK_EQUAL(number, 1);
  CHECK_OK(lks_hdf5_close(file));
  lks_release(sources);
  lks_temporary_folder_destroy(&folder);
}

static void equal_texts_give_equal_files(void) {
  size_t one_bytes = 0, two_bytes = 0;
  lks_temporary_folder_create(&folder);
  lks_prepare_text setup = {.train = write_text("train", "a b c\nc b\n"), .quiet = true};
  setup.out = in_folder("one.h5");
  CHECK_OK(lks_prepare_text_run(&setup));
  setup.out = in_folder("two.h5");
  CHECK_OK(lks_prepare_text_run(&setup));
  char *one = lks_test_read_file(in_folder("one.h5"), &one_bytes);
  char *two = lks_test_read_file(in_folder("two.h5"), &two_bytes);
  CHECK_EQUAL(one_bytes, two_bytes);
  CHECK(one_bytes > 0 && memcmp(one, two, one_bytes) == 0);
  free(one);
  free(two);
  lks_temporary_folder_destroy(&folder);
}

/* ---- refusals: nothing is left behind ---- */

static void check_refusal(lks_prepare_text setup, lks_status status, const char *message) {
  int before = lks_temporary_count(&folder);
  if (setup.out == NULL)
    setup.out = in_folder("out.h5");
  setup.quiet = true;
  CHECK_FAILS(lks_prepare_text_run(&setup), status, message);
  CHECK_EQUAL(lks_temporary_count(&folder), before);
}

static void texts_that_cannot_be_used_are_refused(void) {
  lks_temporary_folder_create(&folder);
  const char *good = write_text("good.txt", "a b\n");
  lks_prepare_text setup = {.train = in_folder("no.txt")};
  check_refusal(setup, LKS_DATA, "no.txt: cannot be read: No such file or directory\n  hint: ");
  setup.train = folder.path;
  check_refusal(setup, LKS_DATA, ": expected a text file, found a folder\n  hint: ");
  setup.train = write_text("empty.txt", "");
  check_refusal(setup, LKS_DATA, "empty.txt: the file is empty");
  setup.train = "/dev/null";
  check_refusal(setup, LKS_DATA, "/dev/null: expected a regular file, since it is read more");
  setup.train = write_text("latin.txt", "ab\ncd\xe9 f\n");
  check_refusal(setup, LKS_DATA, "latin.txt:2:3: expected UTF-8, found byte 0xe9\n  hint: ");
  setup.train = good;
  setup.valid = in_folder("no.txt");
  check_refusal(setup, LKS_DATA, "no.txt: cannot be read: No such file or directory");
  setup.valid = write_text("mark.txt", "\xef\xbb\xbf");
  check_refusal(setup, LKS_DATA,
                "split 'valid' is empty: the text has 3 items in training, 0 in validation, 0 "
                "in test\n  hint: ");
  lks_temporary_folder_destroy(&folder);
}

static void splits_that_a_fraction_leaves_empty_are_refused(void) {
  lks_temporary_folder_create(&folder);
  const char *const inputs[] = {write_text("a.txt", "one line\n")};
  lks_prepare_text setup = {.inputs = inputs, .input_count = 1, .test_fraction = 0.5};
  check_refusal(setup, LKS_DATA, "split 'test' is empty: the text has 3 items in training");
  setup.test_fraction = 0;
  setup.valid_fraction = 0.99;
  setup.characters = true;
  const char *const two[] = {write_text("b.txt", "ab")};
  setup.inputs = two;
  check_refusal(setup, LKS_DATA,
                "split 'train' is empty: the text has 0 items in training, 2 in");
  lks_temporary_folder_destroy(&folder);
}

static void fractions_outside_their_range_are_refused(void) {
  static const double fractions[][2] = {{1, 0}, {0, 1}, {-0.1, 0}, {0, -1}, {0.5, 0.5}, {2, 0}};
  lks_temporary_folder_create(&folder);
  const char *const inputs[] = {write_text("a.txt", "text\n")};
  lks_prepare_text setup = {.inputs = inputs, .input_count = 1};
  for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
    char message[128];
    setup.valid_fraction = fractions[i][0];
    setup.test_fraction = fractions[i][1];
    (void)snprintf(message, sizeof message,
                   "fractions %g for validation and %g for test: expected numbers from 0 to "
                   "below 1",
                   fractions[i][0], fractions[i][1]);
    check_refusal(setup, LKS_USAGE, message);
  }
  setup.valid_fraction = NAN;
  setup.test_fraction = 0;
  check_refusal(setup, LKS_USAGE, "fractions nan for validation");
  lks_temporary_folder_destroy(&folder);
}

static void contradictions_are_refused(void) {
  static const char both[] =
      "texts are given by split, and one to be cut by fractions as well\n  hint: ";
  lks_temporary_folder_create(&folder);
  const char *text = write_text("a.txt", "text\n");
  const char *const inputs[] = {text};
  lks_prepare_text setup = {.train = text, .valid = text, .valid_fraction = 0.1};
  check_refusal(setup, LKS_USAGE, both);
  setup.valid = NULL;
  setup.valid_fraction = 0;
  setup.inputs = inputs;
  setup.input_count = 1;
  check_refusal(setup, LKS_USAGE, both);
  setup = (lks_prepare_text){.valid = text};
  check_refusal(setup, LKS_USAGE,
                "there is a text for validation or test, but none for training\n  hint: ");
  setup = (lks_prepare_text){.quiet = true};
  check_refusal(setup, LKS_USAGE, "no text is given\n  hint: ");
  setup = (lks_prepare_text){.train = text, .vocab_size = 1};
  check_refusal(setup, LKS_USAGE, "a vocabulary of 1 symbols has no room for the 2");
  setup.vocab_size = (size_t)1 << 40;
  check_refusal(setup, LKS_USAGE, "a vocabulary of 1099511627776 symbols is too large");
  lks_temporary_folder_destroy(&folder);
}

static void places_that_cannot_be_written_are_refused(void) {
  char under_a_file[256];
  lks_temporary_folder_create(&folder);
  lks_prepare_text setup = {.train = write_text("a.txt", "text\n"), .out = folder.path};
  check_refusal(setup, LKS_USAGE, ": is a folder\n  hint: name the dataset's file in it");
  (void)snprintf(under_a_file, sizeof under_a_file, "%s/out.h5", setup.train);
  setup.out = under_a_file;
  check_refusal(setup, LKS_IO, "a.txt");
  setup.out = "/proc/out.h5"; /* where not even the superuser makes files */
  check_refusal(setup, LKS_IO, "/proc/out.h5");
  setup.out = setup.train;
  check_refusal(setup, LKS_USAGE, "a.txt: the dataset would replace its input\n  hint: ");
  lks_temporary_folder_destroy(&folder);
}

static void memory_that_runs_out_leaves_nothing_half_made(void) {
  lks_status status = LKS_NO_MEMORY;
  size_t n = 0;
  lks_temporary_folder_create(&folder);
  lks_prepare_text setup = {.train = write_text("a.txt", "a b c\n"),
                            .valid = write_text("b.txt", "a b d\n"),
                            .out = in_folder("out.h5"),
                            .quiet = true};
  while (status != LKS_OK && n < 1000) {
    lks_allocation_fail_at(++n);
    status = lks_prepare_text_run(&setup);
    lks_allocation_fail_at(0);
    CHECK(status == LKS_OK || status == LKS_NO_MEMORY);
    if (status != LKS_OK) /* no file, or a whole one whose folder could not be flushed */
      CHECK(lks_temporary_count(&folder) == 2 ||
            lks_sealed_check(setup.out, LKS_FILE_DATASET, NULL) == LKS_OK);
    (void)remove(setup.out);
  }
  CHECK(n > 10 && n < 1000);
  CHECK_EQUAL(lks_temporary_count(&folder), 2);
  lks_temporary_folder_destroy(&folder);
}

const lks_test prepare_text_tests[] = {TEST(words_of_a_file_per_split),
                                       TEST(unknown_words_make_an_unknown_symbol),
                                       TEST(a_literal_unknown_is_the_same_symbol),
                                       TEST(characters_are_code_points_as_written),
                                       TEST(fractions_cut_characters_where_they_say),
                                       TEST(fractions_cut_words_at_line_ends),
                                       TEST(the_type_of_the_values_fits_the_vocabulary),
                                       TEST(the_file_says_what_it_was_made_from),
                                       TEST(equal_texts_give_equal_files),
                                       TEST(texts_that_cannot_be_used_are_refused),
                                       TEST(splits_that_a_fraction_leaves_empty_are_refused),
                                       TEST(fractions_outside_their_range_are_refused),
                                       TEST(contradictions_are_refused),
                                       TEST(places_that_cannot_be_written_are_refused),
                                       TEST(memory_that_runs_out_leaves_nothing_half_made),
                                       TEST_END};
