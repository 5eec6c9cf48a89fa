/* SPDX-License-Identifier: Apache-2.0 */
/* test_checkpoint_folder.c - what is kept, and what a run goes on from. */
#include "base/log.h"
#include "base/memory.h"
#include "check.h"
#include "checkpoint/checkpoint.h"
#include "temporary_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static lks_temporary_folder folder;

static void save_step(int64_t step) {
  lks_named_value value = {.name = "step", .kind = LKS_VALUE_INTEGER, .integer = step};
  lks_checkpoint checkpoint = {NULL, 0, &value, 1};
  char *path = NULL;
  CHECK_OK(lks_checkpoint_path(folder.path, step, &path));
  CHECK_OK(lks_checkpoint_save(path, &checkpoint));
  lks_release(path);
}

static bool has(const char *name) {
  return access(lks_temporary_path(&folder, name), F_OK) == 0;
}

static void check_newest(const char *name) {
  char *path = NULL;
  CHECK_OK(lks_checkpoint_newest(folder.path, &path));
  CHECK_TEXT(path, lks_temporary_path(&folder, name));
  lks_release(path);
}

static void paths_have_twelve_digits(void) {
  char *path = NULL;
  CHECK_OK(lks_checkpoint_path("run/checkpoints", 42, &path));
  CHECK_TEXT(path, "run/checkpoints/step-000000000042.h5");
  lks_release(path);
}

static void prune_keeps_the_newest_the_first_and_the_best(void) {
  const int64_t steps[] = {0, 3, 100, 20, 1000000};
  lks_temporary_folder_create(&folder);
  for (int i = 0; i < 5; i++)
    save_step(steps[i]);
  CHECK(lks_test_write_file(lks_temporary_path(&folder, "best.h5"), "x", 1));
  CHECK(lks_test_write_file(lks_temporary_path(&folder, "step-1.h5"), "x", 1));
  CHECK(lks_test_write_file(lks_temporary_path(&folder, "step-000000000003.h5.bak"), "x", 1));
  CHECK(lks_test_write_file(lks_temporary_path(&folder, "best.h5.tmp-1"), "x", 1));
  CHECK(lks_test_write_file(lks_temporary_path(&folder, "notes.h5.tmp-x"), "x", 1));
  CHECK_OK(lks_checkpoint_prune(folder.path, 9, 1000000));
  CHECK_EQUAL(lks_temporary_count(&folder), 9);
  CHECK(!has("best.h5.tmp-1"));
  CHECK_OK(lks_checkpoint_prune(folder.path, 2, 1000000));
  CHECK_EQUAL(lks_temporary_count(&folder), 7);
  CHECK(has("step-000000000000.h5") && has("step-000000000100.h5"));
  CHECK(has("step-000001000000.h5") && has("best.h5") && has("step-1.h5"));
  CHECK(!has("step-000000000003.h5") && !has("step-000000000020.h5"));
  CHECK(has("step-000000000003.h5.bak") && has("notes.h5.tmp-x"));
  CHECK_OK(lks_checkpoint_prune(folder.path, 1, 1000000));
  CHECK(has("step-000001000000.h5") && !has("step-000000000100.h5"));
  CHECK_FAILS(lks_checkpoint_prune(lks_temporary_path(&folder, "no"), 1, 1000000), LKS_IO,
              "cannot list the folder");
  lks_temporary_folder_destroy(&folder);
}

/* The last saved is never deleted, whatever lies behind it. */
static void prune_deletes_what_is_later_than_the_last_saved(void) {
  const int64_t steps[] = {0, 15, 16, 20};
  lks_temporary_folder_create(&folder);
  for (int i = 0; i < 4; i++)
    save_step(steps[i]);
  CHECK_OK(lks_checkpoint_prune(folder.path, 1, 16));
  CHECK_EQUAL(lks_temporary_count(&folder), 2);
  CHECK(has("step-000000000000.h5") && has("step-000000000016.h5"));
  lks_temporary_folder_destroy(&folder);
}

static void damage(const char *name) {
  const char *path = lks_temporary_path(&folder, name);
  size_t bytes = 0;
  char *data = lks_test_read_file(path, &bytes);
  CHECK(data && bytes > 600);
  if (data)
    data[bytes / 2] ^= 1;
  CHECK(lks_test_write_file(path, data, bytes));
  free(data);
}

static void newest_passes_over_damaged_files_with_a_warning(void) {
  size_t bytes = 0;
  char *none = NULL, *lines;
  lks_temporary_folder_create(&folder);
  FILE *log = fopen(lks_temporary_path(&folder, "log"), "w");
  CHECK(log != NULL);
  CHECK_FAILS(lks_checkpoint_newest(folder.path, &none), LKS_DATA, "expected a checkpoint");
  save_step(1);
  save_step(12);
  save_step(7);
  check_newest("step-000000000012.h5");
  damage("step-000000000012.h5");
  lks_log_to(log);
  check_newest("step-000000000007.h5");
  lines = lks_test_read_file(lks_temporary_path(&folder, "log"), &bytes);
  CHECK_CONTAINS(lines, "lockstep: warning: ");
  CHECK_CONTAINS(lines, "step-000000000012.h5: expected SHA-256");
  CHECK(strstr(lines, "step-000000000007") == NULL);
  free(lines);
  CHECK(truncate(lks_temporary_path(&folder, "step-000000000007.h5"), 700) == 0);
  CHECK(truncate(lks_temporary_path(&folder, "step-000000000001.h5"), 0) == 0);
  CHECK_FAILS(lks_checkpoint_newest(folder.path, &none), LKS_DATA, "found 3 damaged ones");
  CHECK(none == NULL);
  lks_log_to(NULL);
  (void)fclose(log);
  CHECK_FAILS(lks_checkpoint_newest(lks_temporary_path(&folder, "no"), &none), LKS_IO,
              "cannot list the folder: No such file or directory");
  lks_temporary_folder_destroy(&folder);
}

const lks_test checkpoint_folder_tests[] = {
    TEST(paths_have_twelve_digits),
    TEST(prune_keeps_the_newest_the_first_and_the_best),
    TEST(prune_deletes_what_is_later_than_the_last_saved),
    TEST(newest_passes_over_damaged_files_with_a_warning),
    TEST_END,
};
