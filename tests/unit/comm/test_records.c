/* SPDX-License-Identifier: Apache-2.0 */
/* test_records.c - a rank's line is written, read back, and outlives the rank. */
#include "base/clock.h"
#include "check.h"
#include "comm/comm.h"
#include "comm/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static bool make_folder(void) {
  snprintf(folder, sizeof folder, "records.XXXXXX");
  return CHECK(mkdtemp(folder) != NULL);
}

static void remove_folder(void) {
  char path[96];
  snprintf(path, sizeof path, "%s/ranks/0", folder);
  unlink(path);
  snprintf(path, sizeof path, "%s/ranks", folder);
  rmdir(path);
  rmdir(folder);
}

static void note_is_read_back(void) {
  lks_comm *comm = NULL;
  lks_record_view view = {0};
  if (!make_folder() || !CHECK_OK(lks_comm_create(&comm, false)))
    return;
  CHECK(!lks_records_read(comm, 0, &view));
  CHECK_OK(lks_records_open(comm, folder));
  CHECK(lks_records_read(comm, 0, &view));
  CHECK_EQUAL(view.step, -1);
  lks_records_note(comm, 1200, LKS_PHASE_BACKWARD);
  CHECK(lks_records_read(comm, 0, &view));
  CHECK_EQUAL(view.step, -1); /* the text is a second old at most */
  lks_records_refresh(comm);
  CHECK(lks_records_read(comm, 0, &view));
  CHECK_EQUAL(view.step, 1200);
  CHECK_EQUAL(view.phase, LKS_PHASE_BACKWARD);
  CHECK_EQUAL(view.process, getpid());
  CHECK_TEXT(view.host, lks_comm_host_name(comm));
  CHECK_CLOSE(view.seconds_ago, 0.0, 2.0); /* a stamp counts whole seconds */
  CHECK(!lks_records_read(comm, 1, &view));
  lks_comm_destroy(comm, LKS_OK);
  remove_folder();
}

static void line_has_one_length_and_tells_the_orderly_end(void) {
  lks_comm *comm = NULL;
  char path[96], line[400] = "";
  if (!make_folder() || !CHECK_OK(lks_comm_create(&comm, false)))
    return;
  CHECK_OK(lks_records_open(comm, folder));
  lks_records_note(comm, 123456789012345, LKS_PHASE_EVALUATE);
  lks_records_refresh(comm);
  lks_records_note(comm, 7, LKS_PHASE_SAVE);
  lks_records_close(comm);
  lks_comm_destroy(comm, LKS_OK);
  snprintf(path, sizeof path, "%s/ranks/0", folder);
  FILE *file = fopen(path, "r");
  if (CHECK(file != NULL)) {
    size_t bytes = fread(line, 1, sizeof line - 1, file);
    CHECK_EQUAL(bytes, 192);
    CHECK_EQUAL(strchr(line, '\n') - line, 191);
    CHECK_CONTAINS(line, "rank 0 host ");
    CHECK_CONTAINS(line, " step 7 phase end ");
    fclose(file);
  }
  remove_folder();
}

static void folder_that_cannot_be_made_is_named(void) {
  lks_comm *comm = NULL;
  if (!CHECK_OK(lks_comm_create(&comm, false)))
    return;
  CHECK_FAILS(lks_records_open(comm, "no/such/run"), LKS_IO, "no/such/run/ranks");
  lks_comm_destroy(comm, LKS_OK);
}

const lks_test records_tests[] = {TEST(note_is_read_back),
                                  TEST(line_has_one_length_and_tells_the_orderly_end),
                                  TEST(folder_that_cannot_be_made_is_named), TEST_END};
