/* SPDX-License-Identifier: Apache-2.0 */
/* test_missing.c - a rank that does not come is named, and nobody waits for ever.
 *
 * The last rank is late beyond the deadline; the others fail, then it comes, waits
 * for those who have left, and fails too.  That exchange is of no more use, while
 * other calls of the communicator are.  Ranks leave files in the run folder to tell
 * each other how far they are, so that no pace of the machine changes the order. */
#include "base/clock.h"
#include "comm/exchange.h"
#include "comm/records.h"
#include "parallel.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RANKS_MAX = 8, BLOCK = 1024 };

static const double deadline = 0.3;

static void count_turns(void *context) {
  (*(int *)context)++;
}

/* A run folder that all ranks know. */
static void open_folder(lks_comm *comm, char folder[32]) {
  snprintf(folder, 32, "missing.XXXXXX");
  if (lks_comm_rank(comm) == 0)
    CHECK(mkdtemp(folder) != NULL);
  CHECK_OK(lks_comm_broadcast(comm, 0, folder, 32));
  CHECK_OK(lks_records_open(comm, folder));
  CHECK_OK(lks_comm_barrier(comm));
}

static void remove_folder(lks_comm *comm, const char *folder) {
  char path[64];
  lks_records_close(comm);
  snprintf(path, sizeof path, "%s/ranks/%d", folder, lks_comm_rank(comm));
  CHECK_EQUAL(unlink(path), 0);
  CHECK_OK(lks_comm_barrier(comm));
  if (lks_comm_rank(comm) > 0)
    return;
  snprintf(path, sizeof path, "%s/ranks", folder);
  CHECK_EQUAL(rmdir(path), 0);
  CHECK_EQUAL(rmdir(folder), 0);
}

static lks_status sum(lks_exchange *exchange, const lks_comm *comm) {
  lks_shards batch = {16, 16, 16};
  int size = lks_comm_size(comm), cuts[RANKS_MAX + 1];
  const float *result = NULL;
  for (int r = 0; r <= size; r++)
    cuts[r] = 16 * r / size;
  return lks_exchange_sum(exchange, &batch, cuts, &result);
}

static void sign_path(const char *folder, int rank, char path[64]) {
  snprintf(path, 64, "%s/ranks/failed.%d", folder, rank);
}

/* Says that this rank has failed. */
static void leave_sign(const char *folder, const lks_comm *comm) {
  char path[64];
  sign_path(folder, lks_comm_rank(comm), path);
  FILE *sign = fopen(path, "w");
  CHECK(sign != NULL && fclose(sign) == 0);
}

static void wait_for_sign(const char *folder, int rank) {
  char path[64];
  sign_path(folder, rank, path);
  while (access(path, F_OK) != 0)
    lks_clock_sleep(0.01);
}

static void remove_sign(const char *folder, const lks_comm *comm) {
  char path[64];
  sign_path(folder, lks_comm_rank(comm), path);
  CHECK_EQUAL(unlink(path), 0);
}

static void wait_in_vain(lks_exchange *exchange, lks_comm *comm, const char *folder) {
  char expected[64];
  int turns = 0;
  lks_comm_set_hook(comm, count_turns, &turns);
  lks_comm_set_deadline(comm, deadline);
  double began = lks_clock_seconds();
  lks_status status = sum(exchange, comm);
  double waited = lks_clock_seconds() - began;
  lks_comm_set_hook(comm, NULL, NULL);
  CHECK_EQUAL(status, LKS_COMM);
  CHECK(waited >= deadline);
  CHECK(turns > 0); /* some 250 on an idle machine */
  snprintf(expected, sizeof expected, "rank %d on host ", lks_comm_size(comm) - 1);
  CHECK_CONTAINS(lks_error_message(), expected);
  CHECK_CONTAINS(lks_error_message(), "last seen: step 1200, phase backward");
  leave_sign(folder, comm);
  wait_for_sign(folder, lks_comm_size(comm) - 1);
}

static void come_late(lks_exchange *exchange, lks_comm *comm, const char *folder) {
  lks_records_note(comm, 1200, LKS_PHASE_BACKWARD);
  lks_records_refresh(comm);
  for (int rank = 0; rank < lks_comm_size(comm) - 1; rank++)
    wait_for_sign(folder, rank);
  lks_comm_set_deadline(comm, deadline);
  CHECK_FAILS(sum(exchange, comm), LKS_COMM, "did not arrive within");
  leave_sign(folder, comm);
}

static void late_rank_is_named_by_those_who_wait(void) {
  lks_comm *comm = lks_test_comm();
  lks_exchange *exchange = NULL;
  char folder[32];
  int size = lks_comm_size(comm);
  if (size == 1 || size > RANKS_MAX)
    return;
  open_folder(comm, folder);
  CHECK_OK(lks_exchange_create(&exchange, comm, 8 * BLOCK, LKS_SUBTREES_MAX,
                               LKS_REDUCTION_EXACT, NULL));
  CHECK_OK(lks_comm_barrier(comm));
  if (lks_comm_rank(comm) < size - 1)
    wait_in_vain(exchange, comm, folder);
  else
    come_late(exchange, comm, folder);
  lks_comm_set_deadline(comm, 60.0);
  CHECK_OK(lks_comm_barrier(comm));
  remove_sign(folder, comm);
  lks_exchange_destroy(exchange);
  remove_folder(comm, folder);
}

const lks_test missing_tests[] = {TEST(late_rank_is_named_by_those_who_wait), TEST_END};
