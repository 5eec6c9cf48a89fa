/* SPDX-License-Identifier: Apache-2.0 */
/* test_sealed_file.c - damage is found, and old files survive failures.
 *
 * The file under test is an HDF5 file with chunks as holes, as datasets are. */
#include "base/memory.h"
#include "check.h"
#include "io/hdf5_file.h"
#include "io/sealed_file.h"
#include "temporary_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 3000, CHUNK = 500, CHUNKS = COUNT / CHUNK };

static lks_temporary_folder folder;
static lks_hole holes[CHUNKS];

static int compare_holes(const void *a, const void *b) {
  const lks_hole *first = a, *second = b;
  return (first->first > second->first) - (first->first < second->first);
}

/* A sealed dataset at `path` with an array 'x' in chunks; fills in `holes`. */
static void make_dataset(const char *path, lks_digest *digest) {
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  char *temporary = NULL;
  static int32_t data[COUNT];
  size_t chunks = 0;
  for (int i = 0; i < COUNT; i++)
    data[i] = (int32_t)((unsigned)i * 2654435761u);
  CHECK_OK(lks_sealed_temporary(path, &temporary));
  CHECK_OK(lks_hdf5_create(&file, temporary, LKS_SEAL_BYTES));
  CHECK_OK(lks_hdf5_array_create(&array, file, "x", LKS_I32, CHUNK));
  CHECK_OK(lks_hdf5_array_append(array, LKS_I32, data, COUNT));
  for (size_t i = 0; i < CHUNKS; i++)
    CHECK_OK(lks_hdf5_array_chunk(array, i, &chunks, &holes[i].first, &holes[i].bytes));
  CHECK_EQUAL(chunks, CHUNKS);
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_close(file));
  qsort(holes, CHUNKS, sizeof *holes, compare_holes);
  CHECK_OK(lks_sealed_commit(temporary, path, LKS_FILE_DATASET, holes, CHUNKS, digest));
  CHECK(access(temporary, F_OK) != 0);
  lks_release(temporary);
}

static bool is_in_hole(uint64_t byte) {
  for (int i = 0; i < CHUNKS; i++)
    if (byte >= holes[i].first && byte < holes[i].first + holes[i].bytes)
      return true;
  return false;
}

static lks_status read_all(const char *path) {
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  static int32_t back[COUNT];
  CHECK_OK(lks_hdf5_open(&file, path));
  CHECK_OK(lks_hdf5_array_open(&array, file, "x"));
  lks_status status = lks_hdf5_array_read(array, LKS_I32, 0, COUNT, back);
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_close(file));
  return status;
}

/* Flips one bit, looks, flips it back. */
static void check_flip(int descriptor, const char *path, uint64_t byte, int bit) {
  unsigned char value, flipped;
  lks_status status;
  CHECK(pread(descriptor, &value, 1, (off_t)byte) == 1);
  flipped = (unsigned char)(value ^ 1u << bit);
  CHECK(pwrite(descriptor, &flipped, 1, (off_t)byte) == 1);
  status = lks_sealed_check(path, LKS_FILE_DATASET, NULL);
  if (is_in_hole(byte)) {
    CHECK_EQUAL(status, LKS_OK);
    CHECK_FAILS(read_all(path), LKS_DATA, "checksum");
  } else {
    CHECK_EQUAL(status, LKS_DATA);
  }
  CHECK(pwrite(descriptor, &value, 1, (off_t)byte) == 1);
}

static void every_flipped_bit_is_found(void) {
  size_t bytes = 0;
  int in_holes = 0;
  lks_digest written, read;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "d.h5");
  make_dataset(path, &written);
  free(lks_test_read_file(path, &bytes));
  CHECK_OK(lks_sealed_check(path, LKS_FILE_DATASET, &read));
  CHECK(lks_digest_compare(&written, &read) == 0);
  CHECK_OK(read_all(path));
  int descriptor = open(path, O_RDWR);
  for (uint64_t byte = 0; byte < LKS_SEAL_BYTES; byte++)
    for (int bit = 0; bit < 8; bit += byte < 40 || byte >= 480 ? 1 : 5)
      check_flip(descriptor, path, byte, bit);
  for (uint64_t byte = LKS_SEAL_BYTES; byte < bytes; byte += is_in_hole(byte) ? 17 : 3) {
    check_flip(descriptor, path, byte, (int)(byte % 8));
    in_holes += is_in_hole(byte);
  }
  for (uint64_t byte = bytes - CHUNKS * 16; byte < bytes; byte++)
    check_flip(descriptor, path, byte, (int)(byte % 8));
  CHECK(in_holes > 300);
  (void)close(descriptor);
  CHECK_OK(lks_sealed_check(path, LKS_FILE_DATASET, NULL));
  lks_temporary_folder_destroy(&folder);
}

static void every_truncation_and_extension_is_found(void) {
  size_t bytes = 0;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "d.h5");
  make_dataset(path, NULL);
  free(lks_test_read_file(path, &bytes));
  CHECK(truncate(path, (off_t)bytes + 1) == 0);
  CHECK_FAILS(lks_sealed_check(path, LKS_FILE_DATASET, NULL), LKS_DATA, "bytes, found");
  for (size_t length = bytes; length-- > 0;) {
    CHECK(truncate(path, (off_t)length) == 0);
    CHECK_EQUAL(lks_sealed_check(path, LKS_FILE_DATASET, NULL), LKS_DATA);
  }
  lks_temporary_folder_destroy(&folder);
}

static void a_file_of_another_kind_is_named(void) {
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "d.h5");
  const char *other = lks_temporary_path(&folder, "other");
  char *junk = calloc(1, 600);
  make_dataset(path, NULL);
  CHECK(lks_sealed_is_kind(path, LKS_FILE_DATASET));
  CHECK(!lks_sealed_is_kind(path, LKS_FILE_CHECKPOINT));
  CHECK_FAILS(lks_sealed_check(path, LKS_FILE_CHECKPOINT, NULL), LKS_DATA,
              "d.h5: expected a checkpoint (kind 2), found a dataset (kind 1)");
  CHECK_FAILS(lks_sealed_check(other, LKS_FILE_DATASET, NULL), LKS_IO, "No such file");
  CHECK(!lks_sealed_is_kind(other, LKS_FILE_DATASET));
  CHECK(lks_test_write_file(other, junk, 600));
  CHECK_FAILS(
      lks_sealed_check(other, LKS_FILE_DATASET, NULL), LKS_DATA,
      "other: expected a sealed dataset, found a file that does not start with LOCKSTEP");
  CHECK(!lks_sealed_is_kind(other, LKS_FILE_DATASET));
  CHECK(lks_test_write_file(other, junk, 100));
  CHECK_FAILS(lks_sealed_check(other, LKS_FILE_DATASET, NULL), LKS_DATA,
              "of at least 512 bytes, found 100");
  free(junk);
  lks_temporary_folder_destroy(&folder);
}

/* The second implementation is the shell's. */
static void the_digest_is_sha256_of_all_other_bytes(void) {
  char command[512], found[65] = "", expected[LKS_DIGEST_HEX];
  lks_digest digest;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "c");
  const char *temporary = lks_temporary_path(&folder, "t");
  CHECK(lks_test_write_file(temporary, command, sizeof command));
  CHECK(truncate(temporary, 3000000) == 0);
  CHECK_OK(lks_sealed_commit(temporary, path, LKS_FILE_CHECKPOINT, NULL, 0, &digest));
  lks_digest_to_hex(&digest, expected);
  (void)snprintf(command, sizeof command, "(head -c 480 %s; tail -c +513 %s) | sha256sum", path,
                 path);
  FILE *shell = popen(command, "r");
  CHECK(shell && fscanf(shell, "%64s", found) == 1);
  (void)pclose(shell);
  CHECK_TEXT(found, expected);
  lks_temporary_folder_destroy(&folder);
}

static void bad_holes_are_refused_and_the_temporary_is_deleted(void) {
  static const lks_hole bad[][2] = {{{500, 20}, {600, 10}},
                                    {{600, 10}, {605, 10}},
                                    {{600, 10}, {550, 10}},
                                    {{600, 10}, {990, 11}},
                                    {{600, 10}, {UINT64_MAX - 5, 10}}};
  char block[1000] = {0};
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "d");
  const char *temporary = lks_temporary_path(&folder, "t");
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CHECK(lks_test_write_file(temporary, block, sizeof block));
    CHECK_FAILS(lks_sealed_commit(temporary, path, LKS_FILE_DATASET, bad[i], 2, NULL), LKS_DATA,
                "hole");
    CHECK_EQUAL(lks_temporary_count(&folder), 0);
  }
  CHECK(lks_test_write_file(temporary, block, 511));
  CHECK_FAILS(lks_sealed_commit(temporary, path, LKS_FILE_DATASET, NULL, 0, NULL), LKS_DATA,
              "expected at least 512 bytes to seal, found 511");
  CHECK_FAILS(lks_sealed_commit(temporary, path, LKS_FILE_DATASET, NULL, 0, NULL), LKS_IO,
              "No such file");
  lks_temporary_folder_destroy(&folder);
}

static void memory_may_run_out_while_sealing_or_checking(void) {
  char block[1000] = {0};
  const lks_hole hole = {600, 100};
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "d");
  const char *temporary = lks_temporary_path(&folder, "t");
  lks_status status = LKS_NO_MEMORY;
  for (size_t n = 1; status != LKS_OK && n < 30; n++) {
    CHECK(lks_test_write_file(temporary, block, sizeof block));
    lks_allocation_fail_at(n);
    status = lks_sealed_commit(temporary, path, LKS_FILE_DATASET, &hole, 1, NULL);
    if (status == LKS_OK)
      status = lks_sealed_check(path, LKS_FILE_DATASET, NULL);
    lks_allocation_fail_at(0);
    CHECK(status == LKS_OK || status == LKS_NO_MEMORY);
  }
  CHECK_OK(status);
  CHECK_EQUAL(lks_temporary_count(&folder), 1);
  lks_temporary_folder_destroy(&folder);
}

static void folders_are_made_with_those_above(void) {
  lks_temporary_folder_create(&folder);
  const char *deep = lks_temporary_path(&folder, "a/b//c");
  const char *file = lks_temporary_path(&folder, "file");
  CHECK_OK(lks_folder_make(deep));
  CHECK_OK(lks_folder_make(deep));
  CHECK(access(lks_temporary_path(&folder, "a/b/c"), F_OK) == 0);
  CHECK(lks_test_write_file(file, "x", 1));
  CHECK_FAILS(lks_folder_make(file), LKS_IO, "file: cannot make the folder: File exists");
  CHECK_FAILS(lks_folder_make(lks_temporary_path(&folder, "file/sub")), LKS_IO,
              "file: cannot make the folder");
  lks_temporary_folder_destroy(&folder);
}

static void replacing_a_file_is_all_or_nothing(void) {
  size_t bytes = 0;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "f");
  CHECK_OK(lks_file_replace(path, "first", 5));
  CHECK_OK(lks_file_replace(path, "second", 6));
  char *data = lks_test_read_file(path, &bytes);
  CHECK_TEXT(data, "second");
  free(data);
  CHECK_OK(lks_file_replace(path, "", 0));
  free(lks_test_read_file(path, &bytes));
  CHECK_EQUAL(bytes, 0);
  CHECK_FAILS(lks_file_replace(lks_temporary_path(&folder, "f/g"), "x", 1), LKS_IO,
              "cannot create the file: Not a directory");
  CHECK_FAILS(lks_file_replace(folder.path, "x", 1), LKS_IO, "cannot move the new file");
  CHECK_EQUAL(lks_temporary_count(&folder), 1);
  lks_temporary_folder_destroy(&folder);
}

/* In a process of its own, whose files may not grow beyond `limit`. */
static int replace_under_limit(const char *path, rlim_t limit) {
  static char data[10000];
  pid_t child = fork();
  int state = -1;
  if (child == 0) {
    struct rlimit most = {limit, limit};
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)setrlimit(RLIMIT_FSIZE, &most);
    lks_status status = lks_file_replace(path, data, sizeof data);
    _exit(status == LKS_OK ? 0
          : status == LKS_IO && strstr(lks_error_message(), "File too large") &&
                  strstr(lks_error_message(), "hint: make room")
              ? 1
              : 2);
  }
  return child > 0 && waitpid(child, &state, 0) == child ? state : -1;
}

static void a_full_disk_leaves_the_old_file(void) {
  size_t bytes = 0;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "f");
  CHECK(lks_test_write_file(path, "old", 3));
  for (rlim_t limit = 0; limit < 10000; limit += 1999) {
    CHECK_EQUAL(WEXITSTATUS(replace_under_limit(path, limit)), 1);
    char *data = lks_test_read_file(path, &bytes);
    CHECK_TEXT(data, "old");
    free(data);
    CHECK_EQUAL(lks_temporary_count(&folder), 1);
  }
  CHECK_EQUAL(replace_under_limit(path, 10000), 0);
  lks_temporary_folder_destroy(&folder);
}

const lks_test sealed_file_tests[] = {
    TEST(every_flipped_bit_is_found),
    TEST(every_truncation_and_extension_is_found),
    TEST(a_file_of_another_kind_is_named),
    TEST(the_digest_is_sha256_of_all_other_bytes),
    TEST(bad_holes_are_refused_and_the_temporary_is_deleted),
    TEST(memory_may_run_out_while_sealing_or_checking),
    TEST(folders_are_made_with_those_above),
    TEST(replacing_a_file_is_all_or_nothing),
    TEST(a_full_disk_leaves_the_old_file),
    TEST_END,
};
