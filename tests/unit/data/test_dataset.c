/* SPDX-License-Identifier: Apache-2.0 */
/* test_dataset.c - what an open dataset tells, and every way in which a file can be
 * something else.  Faulty files are made by hand, sealed as good ones are. */
#include "base/memory.h"
#include "check.h"
#include "data/dataset_content.h"
#include "dataset_fixture.h"
#include "io/hdf5_file.h"
#include "io/sealed_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 500, CHUNK = 64 };

typedef struct {
  lks_dataset *dataset;
  lks_split split;
  int64_t first, count;
  int32_t values[COUNT];
} reading;

static lks_status read_job(void *context) {
  reading *r = context;
  return lks_dataset_read(r->dataset, r->split, r->first, r->count, r->values);
}

static void an_open_dataset_tells_what_it_holds(void) {
  lks_dataset_fixture f;
  lks_dataset_fixture_create(&f, COUNT, CHUNK);
  CHECK_TEXT(lks_dataset_path(f.dataset), f.path);
  CHECK_TEXT(lks_dataset_task(f.dataset), "text");
  CHECK_TEXT(lks_dataset_unit(f.dataset), "word");
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_TRAIN), COUNT);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_VALID), COUNT / 2);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_TEST), 0);
  CHECK_EQUAL(lks_dataset_block(f.dataset), CHUNK);
  CHECK_EQUAL(lks_vocabulary_size(lks_dataset_vocabulary(f.dataset)), LKS_TEST_SYMBOLS);
  CHECK_EQUAL(lks_vocabulary_find(lks_dataset_vocabulary(f.dataset), "w77", 3), 77);
  CHECK_OK(lks_dataset_verify(f.dataset));
  lks_dataset_fixture_destroy(&f);
}

static void slices_are_read_across_chunks(void) {
  lks_dataset_fixture f;
  lks_dataset_fixture_create(&f, COUNT, CHUNK);
  reading r = {.dataset = f.dataset, .split = LKS_SPLIT_TRAIN};
  int wrong = 0;
  for (r.first = 0; r.first < COUNT; r.first += 37)
    for (r.count = 0; r.first + r.count <= COUNT; r.count += 41) {
      CHECK_OK(lks_io_run(f.io, read_job, &r));
      for (int64_t i = 0; i < r.count; i++)
        wrong += r.values[i] != lks_test_value(r.first + i);
    }
  CHECK_EQUAL(wrong, 0);
  lks_dataset_fixture_destroy(&f);
}

/* The definition of datasets/format.md, once more: a text that is hashed. */
static void digest_of_content(int64_t count, int64_t chunk, char hex[LKS_DIGEST_HEX]) {
  static uint8_t bytes[4 * COUNT];
  static char symbols[16 * LKS_TEST_SYMBOLS];
  char text[1024], part[LKS_DIGEST_HEX];
  lks_digest digest;
  size_t used = 0;
  for (int i = 0; i < LKS_TEST_SYMBOLS; i++)
    used += 1 + (size_t)(i == LKS_TEST_LINE_END ? sprintf(symbols + used, "<eos>")
                                                : sprintf(symbols + used, "w%d", i));
  CHECK_OK(lks_digest_of(symbols, used, &digest));
  lks_digest_to_hex(&digest, part);
  int length =
      sprintf(text, "lockstep dataset 1\ntask text\nunit word\nchunk %lld\nvocabulary %d %s\n",
              (long long)chunk, LKS_TEST_SYMBOLS, part);
  for (int split = 0; split < 2; split++) {
    int64_t items = split == 0 ? count : count / 2;
    memset(bytes, 0, sizeof bytes);
    for (int64_t i = 0; i < items; i++) {
      bytes[4 * i] = (uint8_t)(lks_test_value(i) & 255);
      bytes[4 * i + 1] = (uint8_t)(lks_test_value(i) >> 8);
    }
    CHECK_OK(lks_digest_of(bytes, 4 * (size_t)items, &digest));
    lks_digest_to_hex(&digest, part);
    length += sprintf(text + length, "%s %lld %s\n", split == 0 ? "train" : "valid",
                      (long long)items, part);
  }
  CHECK_OK(lks_digest_of(text, (size_t)length, &digest));
  lks_digest_to_hex(&digest, hex);
}

static void digest_is_the_one_of_the_format(void) {
  static const struct {
    int64_t count;
    size_t chunk;
  } cases[] = {{COUNT, 64}, {COUNT, 65}, {COUNT - 1, 64}, {2, 64}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lks_dataset_fixture f;
    char found[LKS_DIGEST_HEX], expected[LKS_DIGEST_HEX];
    lks_dataset_fixture_create(&f, cases[i].count, cases[i].chunk);
    lks_digest_to_hex(lks_dataset_digest(f.dataset), found);
    digest_of_content(cases[i].count, (int64_t)cases[i].chunk, expected);
    CHECK_TEXT(found, expected);
    lks_dataset_fixture_destroy(&f);
  }
}

static void splits_are_found_by_name(void) {
  lks_split split;
  CHECK_OK(lks_split_find("valid", &split));
  CHECK_EQUAL(split, LKS_SPLIT_VALID);
  CHECK_TEXT(lks_split_text(split), "valid");
  CHECK_FAILS(lks_split_find("vaild", &split), LKS_USAGE,
              "unknown split 'vaild'; did you mean 'valid'? known: train, valid, test");
}

/* ---- files that were damaged, or are none ---- */

static void check_open_fails(const lks_dataset_fixture *f, const char *path, lks_status status,
                             const char *message) {
  lks_dataset *dataset = NULL;
  CHECK_FAILS(lks_dataset_open(&dataset, path, f->io), status, message);
  CHECK(dataset == NULL);
}

static void other_files_are_refused(void) {
  lks_dataset_fixture f;
  lks_dataset_fixture_create(&f, COUNT, CHUNK);
  const char *path = lks_temporary_path(&f.folder, "other");
  check_open_fails(&f, path, LKS_DATA,
                   "other: there is no such dataset\n  hint: lockstep prepare makes one");
  CHECK(lks_test_write_file(path, "a text\n", 7));
  check_open_fails(&f, path, LKS_DATA,
                   "other: expected a dataset, found something else\n  hint: ");
  check_open_fails(&f, f.folder.path, LKS_DATA, ": expected a dataset, found something else");
  lks_dataset_fixture_destroy(&f);
}

static void damaged_files_are_refused_or_fail_when_read(void) {
  lks_dataset_fixture f;
  size_t bytes = 0;
  lks_dataset_fixture_create(&f, COUNT, CHUNK);
  const char *path = lks_temporary_path(&f.folder, "damaged.h5");
  char *good = lks_test_read_file(f.path, &bytes);
  CHECK(lks_test_write_file(path, good, bytes - 1));
  check_open_fails(&f, path, LKS_DATA, "damaged.h5: expected ");
  int refused = 0, failed = 0;
  for (size_t at = 0; at < bytes; at += 97) {
    lks_dataset *dataset = NULL;
    good[at] ^= 1;
    CHECK(lks_test_write_file(path, good, bytes));
    good[at] ^= 1;
    lks_status status = lks_dataset_open(&dataset, path, f.io);
    refused += status == LKS_DATA;
    if (status != LKS_OK)
      continue;
    status = lks_dataset_verify(dataset); /* the byte was in a chunk */
    CHECK_EQUAL(status, LKS_DATA);
    failed += status == LKS_DATA;
    lks_dataset_close(dataset);
  }
  CHECK_EQUAL((size_t)(refused + failed), (bytes + 96) / 97);
  CHECK(refused > 0 && failed > 0);
  free(good);
  lks_dataset_fixture_destroy(&f);
}

/* ---- files whose seal is right and whose content is not ---- */

typedef struct {
  const char *format, *task, *unit;
  int64_t version, chunk;
  int64_t symbol_offsets[4];
  const char *symbols; /* 3 */
  lks_type type;
  int64_t end;   /* the last offset of the values, of which there are 4 */
  int32_t value; /* the first of them */
  const char *sha256;
  bool wrong_digest;
} recipe;

static const recipe sound = {.format = "lockstep dataset",
                             .task = "text",
                             .unit = "word",
                             .version = 1,
                             .chunk = 64,
                             .symbol_offsets = {0, 1, 3, 8},
                             .symbols = "abc<eos>",
                             .type = LKS_U8,
                             .end = 4};

/* SHA-256 of the values, and the digest of the content, as a good writer states them. */
static void state_digests(const recipe *r, char sha256[LKS_DIGEST_HEX],
                          char hex[LKS_DIGEST_HEX]) {
  static const char *const symbols[] = {"a", "bc", "<eos>"};
  const uint8_t bytes[16] = {(uint8_t)r->value, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
  lks_vocabulary *vocabulary = NULL;
  lks_digest digest;
  CHECK_OK(lks_digest_of(bytes, sizeof bytes, &digest));
  lks_digest_to_hex(&digest, sha256);
  if (r->sha256 != NULL)
    (void)snprintf(sha256, LKS_DIGEST_HEX, "%s", r->sha256);
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  for (int i = 0; i < 3; i++)
    CHECK_OK(lks_vocabulary_append(vocabulary, symbols[i], strlen(symbols[i])));
  lks_dataset_content content = {
      .task = "text", .unit = r->unit, .block = r->chunk, .vocabulary = vocabulary};
  content.split[0].count = 4;
  memcpy(content.split[0].hex, sha256, LKS_DIGEST_HEX);
  CHECK_OK(lks_dataset_content_digest(&content, &digest));
  lks_digest_to_hex(&digest, hex);
  if (r->wrong_digest)
    hex[0] = hex[0] == '0' ? '1' : '0';
  lks_vocabulary_destroy(vocabulary);
}

static void write_by_hand(const char *path, const recipe *r) {
  const int32_t values[4] = {r->value, 1, 2, 0};
  const int64_t offsets[2] = {0, r->end};
  const lks_shape symbol_shape = lks_shape_1(8), offset_shape = lks_shape_1(4);
  const lks_shape two = lks_shape_1(2);
  char sha256[LKS_DIGEST_HEX], hex[LKS_DIGEST_HEX];
  char *temporary = NULL;
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  state_digests(r, sha256, hex);
  CHECK_OK(lks_sealed_temporary(path, &temporary));
  CHECK_OK(lks_hdf5_create(&file, temporary, LKS_SEAL_BYTES));
  CHECK_OK(lks_hdf5_write_text(file, "", "format", r->format));
  CHECK_OK(lks_hdf5_write_integer(file, "", "version", r->version));
  CHECK_OK(lks_hdf5_write_text(file, "", "task", r->task));
  CHECK_OK(lks_hdf5_write_text(file, "", "unit", r->unit));
  CHECK_OK(lks_hdf5_write_integer(file, "", "chunk", r->chunk));
  CHECK_OK(lks_hdf5_write_text(file, "", "digest", hex));
  CHECK_OK(lks_hdf5_write(file, "vocabulary/bytes", LKS_U8, &symbol_shape, r->symbols));
  CHECK_OK(
      lks_hdf5_write(file, "vocabulary/offsets", LKS_I64, &offset_shape, r->symbol_offsets));
  CHECK_OK(lks_hdf5_array_create(&array, file, "train/values", r->type, 64));
  CHECK_OK(lks_hdf5_array_append(array, LKS_I32, values, 4));
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_write(file, "train/offsets", LKS_I64, &two, offsets));
  CHECK_OK(lks_hdf5_write_text(file, "train", "sha256", sha256));
  CHECK_OK(lks_hdf5_close(file));
  CHECK_OK(lks_sealed_commit(temporary, path, LKS_FILE_DATASET, NULL, 0, NULL));
  lks_release(temporary);
}

/* A file made by the recipe cannot be opened; no I/O thread works meanwhile. */
static void check_recipe(const char *message, recipe r) {
  lks_temporary_folder folder;
  lks_io_thread *io = NULL;
  lks_dataset *dataset = NULL;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "made.h5");
  write_by_hand(path, &r);
  CHECK_OK(lks_io_thread_create(&io));
  if (message != NULL)
    CHECK_FAILS(lks_dataset_open(&dataset, path, io), LKS_DATA, message);
  else
    CHECK_OK(lks_dataset_open(&dataset, path, io));
  lks_dataset_close(dataset);
  lks_io_thread_destroy(io);
  lks_temporary_folder_destroy(&folder);
}

static void what_the_file_says_is_checked(void) {
  recipe r = sound;
  check_recipe(NULL, r);
  r.format = "other";
  check_recipe("made.h5: attribute 'format': expected 'lockstep dataset', found 'other'", r);
  r = sound;
  r.version = 2;
  check_recipe("made.h5: expected version 1 of the dataset format, found 2\n  hint: ", r);
  r = sound;
  r.task = "pairs";
  check_recipe("made.h5: attribute 'task': expected 'text', 'series' or "
               "'sequences', found 'pairs'",
               r);
  r = sound;
  r.unit = "byte";
  check_recipe("made.h5: attribute 'unit': expected 'word' or 'character', found 'byte'", r);
  r = sound;
  r.chunk = 0;
  check_recipe("made.h5: attribute 'chunk': 0 is out of range", r);
  r = sound;
  r.wrong_digest = true;
  check_recipe("made.h5: attribute 'digest' is not that of the content", r);
}

static void vocabularies_that_lead_out_of_bounds_are_refused(void) {
  recipe r = sound;
  r.symbol_offsets[3] = 9;
  check_recipe("made.h5: the vocabulary's offsets do not span its 8 bytes", r);
  r = sound;
  r.symbol_offsets[0] = 1;
  check_recipe("made.h5: the vocabulary's offsets do not span its 8 bytes", r);
  r = sound;
  r.symbol_offsets[1] = 4;
  check_recipe("made.h5: the vocabulary's offset 2 is out of order", r);
  r = sound;
  r.symbol_offsets[1] = 100;
  check_recipe("made.h5: the vocabulary's offset 1 is out of order", r);
  r = sound;
  r.symbol_offsets[1] = 0;
  check_recipe("made.h5: symbol 0 of the vocabulary is empty", r);
  r = sound;
  r.symbols = "aaba    ";
  r.symbol_offsets[2] = 2;
  check_recipe("made.h5: the vocabulary holds 'a' twice, the second time as symbol 1", r);
}

static void values_that_do_not_fit_are_refused(void) {
  recipe r = sound;
  r.type = LKS_F32;
  check_recipe("made.h5: 'train/values': expected values of type u8, u16 or i32, found f32", r);
  r = sound;
  r.end = 5;
  check_recipe("made.h5: 'train/offsets': expected 0 and 4", r);
  r = sound;
  r.sha256 = "abc";
  check_recipe("made.h5: attribute 'sha256' of 'train': expected 64 digits", r);
}

/* Opens a file of the recipe, reads it, and verifies it. */
static void check_values(recipe r, const char *read_message, const char *verify_message) {
  lks_dataset_fixture f;
  lks_temporary_folder_create(&f.folder);
  const char *path = lks_temporary_path(&f.folder, "made.h5");
  write_by_hand(path, &r);
  CHECK_OK(lks_io_thread_create(&f.io));
  CHECK_OK(lks_dataset_open(&f.dataset, path, f.io));
  reading reading_all = {.dataset = f.dataset, .count = 4};
  if (read_message != NULL)
    CHECK_FAILS(lks_io_run(f.io, read_job, &reading_all), LKS_DATA, read_message);
  else
    CHECK_OK(lks_io_run(f.io, read_job, &reading_all));
  CHECK_FAILS(lks_dataset_verify(f.dataset), LKS_DATA, verify_message);
  lks_dataset_fixture_destroy(&f);
}

static void values_are_checked_when_they_are_read(void) {
  recipe r = sound;
  r.value = 3;
  check_values(r,
               "made.h5: split 'train', value 0: expected a symbol's number below 3, found 3",
               "made.h5: split 'train', value 0");
  r = sound;
  r.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  check_values(r, NULL, "made.h5: the values of split 'train' have SHA-256 ");
}

static void memory_that_runs_out_is_reported_and_leaks_nothing(void) {
  lks_dataset_fixture f;
  lks_status status = LKS_NO_MEMORY;
  size_t n = 0;
  lks_dataset_fixture_create(&f, COUNT, CHUNK);
  while (status != LKS_OK && n < 1000) {
    lks_dataset *dataset = NULL;
    lks_allocation_fail_at(++n);
    status = lks_dataset_open(&dataset, f.path, f.io);
    lks_allocation_fail_at(0);
    CHECK(status == LKS_OK || (status == LKS_NO_MEMORY && dataset == NULL));
    lks_dataset_close(dataset);
  }
  CHECK(n > 10 && n < 1000);
  lks_dataset_fixture_destroy(&f);
}

const lks_test dataset_tests[] = {TEST(an_open_dataset_tells_what_it_holds),
                                  TEST(slices_are_read_across_chunks),
                                  TEST(digest_is_the_one_of_the_format),
                                  TEST(splits_are_found_by_name),
                                  TEST(other_files_are_refused),
                                  TEST(damaged_files_are_refused_or_fail_when_read),
                                  TEST(what_the_file_says_is_checked),
                                  TEST(vocabularies_that_lead_out_of_bounds_are_refused),
                                  TEST(values_that_do_not_fit_are_refused),
                                  TEST(values_are_checked_when_they_are_read),
                                  TEST(memory_that_runs_out_is_reported_and_leaks_nothing),
                                  TEST_END};
