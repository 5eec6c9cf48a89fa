/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset_fixture.h"

#include "check.h"
#include "data/dataset_writer.h"

#include <stdio.h>
#include <string.h>

/* 11 has an inverse modulo 1008, so values repeat every 1008 places only. */
int32_t lks_test_value(int64_t i) {
  return (int32_t)((i * 11 + 5) % (LKS_TEST_SYMBOLS - 1));
}

static lks_vocabulary *make_vocabulary(void) {
  lks_vocabulary *vocabulary = NULL;
  char symbol[16];
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  for (int i = 0; i < LKS_TEST_SYMBOLS; i++) {
    int bytes = i == LKS_TEST_LINE_END ? snprintf(symbol, sizeof symbol, "<eos>")
                                       : snprintf(symbol, sizeof symbol, "w%d", i);
    CHECK_OK(lks_vocabulary_append(vocabulary, symbol, (size_t)bytes));
  }
  return vocabulary;
}

void lks_dataset_fixture_write(const char *path, int64_t count, size_t chunk) {
  lks_dataset_writer *writer = NULL;
  lks_digest digest;
  lks_vocabulary *vocabulary = make_vocabulary();
  const lks_dataset_setup setup = {
      .path = path, .unit = "word", .vocabulary = vocabulary, .chunk = chunk};
  CHECK_OK(lks_dataset_writer_create(&writer, &setup));
  for (int64_t i = 0; i < count; i++) {
    CHECK_OK(lks_dataset_writer_append(writer, LKS_SPLIT_TRAIN, lks_test_value(i)));
    if (i % 2 == 1)
      CHECK_OK(lks_dataset_writer_append(writer, LKS_SPLIT_VALID, lks_test_value(i / 2)));
  }
  CHECK_EQUAL(lks_dataset_writer_count(writer, LKS_SPLIT_TRAIN), count);
  CHECK_OK(lks_dataset_writer_describe(writer, ""));
  CHECK_OK(lks_dataset_writer_commit(writer, &digest));
  lks_dataset_writer_destroy(writer);
  lks_vocabulary_destroy(vocabulary);
}

void lks_dataset_fixture_create(lks_dataset_fixture *fixture, int64_t count, size_t chunk) {
  lks_temporary_folder_create(&fixture->folder);
  (void)snprintf(fixture->path, sizeof fixture->path, "%s/data.h5", fixture->folder.path);
  lks_dataset_fixture_write(fixture->path, count, chunk);
  CHECK_OK(lks_io_thread_create(&fixture->io));
  CHECK_OK(lks_dataset_open(&fixture->dataset, fixture->path, fixture->io));
}

void lks_dataset_fixture_destroy(lks_dataset_fixture *fixture) {
  lks_dataset_close(fixture->dataset);
  lks_io_thread_destroy(fixture->io);
  lks_temporary_folder_destroy(&fixture->folder);
}
