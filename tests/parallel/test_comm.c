/* SPDX-License-Identifier: Apache-2.0 */
/* test_comm.c - what a group of ranks says to each other. */
#include "base/fail.h"
#include "base/memory.h"
#include "comm/comm.h"
#include "comm/window.h"
#include "parallel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANKS_MAX = 64, LARGE_BYTES = 5 << 20 /* several pieces of a broadcast */ };

static unsigned char byte_of(int rank, size_t i) {
  return (unsigned char)((size_t)rank * 37 + i * 11 + i / 251);
}

static void ranks_of_a_host_follow_each_other(void) {
  lks_comm *comm = lks_test_comm();
  int size = lks_comm_size(comm), mine[3], all[RANKS_MAX][3];
  size_t sizes[RANKS_MAX];
  for (int r = 0; r < size; r++)
    sizes[r] = sizeof mine;
  mine[0] = lks_comm_host(comm);
  mine[1] = lks_comm_host_rank(comm);
  mine[2] = lks_comm_host_size(comm);
  CHECK_OK(lks_comm_gather_all(comm, mine, sizes, all));
  CHECK_EQUAL(all[0][0], 0);
  CHECK_EQUAL(all[size - 1][0], lks_comm_hosts(comm) - 1);
  for (int r = 1; r < size; r++) {
    bool same = all[r][0] == all[r - 1][0];
    CHECK(same || all[r][0] == all[r - 1][0] + 1);
    CHECK_EQUAL(all[r][1], same ? all[r - 1][1] + 1 : 0);
    CHECK(same || all[r - 1][1] == all[r - 1][2] - 1);
  }
  const char *pretended = getenv("LOCKSTEP_RANKS_PER_HOST");
  if (pretended)
    CHECK_EQUAL(lks_comm_hosts(comm), (size + atoi(pretended) - 1) / atoi(pretended));
}

static void broadcast_reaches_all_from_any_root(void) {
  lks_comm *comm = lks_test_comm();
  unsigned char *data = NULL;
  static const size_t sizes[] = {0, 1, 1000, LARGE_BYTES};
  CHECK_OK(lks_allocate(&data, LARGE_BYTES, 1));
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
    for (int root = 0; root < lks_comm_size(comm); root++) {
      size_t wrong = 0;
      for (size_t i = 0; i < sizes[k]; i++)
        data[i] = root == lks_comm_rank(comm) ? byte_of(root, i) : 0;
      CHECK_OK(lks_comm_broadcast(comm, root, data, sizes[k]));
      for (size_t i = 0; i < sizes[k]; i++)
        wrong += data[i] != byte_of(root, i);
      CHECK_EQUAL(wrong, 0);
    }
  lks_release(data);
}

/* Blocks of unequal size, one of them empty. */
static void gather_keeps_the_order_of_ranks(void) {
  lks_comm *comm = lks_test_comm();
  int size = lks_comm_size(comm), rank = lks_comm_rank(comm);
  size_t sizes[RANKS_MAX], sum = 0, wrong = 0;
  unsigned char mine[RANKS_MAX * 100], all[RANKS_MAX * 100], here[RANKS_MAX * 100];
  for (int r = 0; r < size; r++)
    sum += sizes[r] = r == 1 ? 0 : (size_t)(10 + 7 * r);
  for (size_t i = 0; i < sizes[rank]; i++)
    mine[i] = byte_of(rank, i);
  CHECK_OK(lks_comm_gather(comm, mine, sizes, rank == 0 ? here : NULL));
  CHECK_OK(lks_comm_gather_all(comm, mine, sizes, all));
  size_t at = 0;
  for (int r = 0; r < size; r++)
    for (size_t i = 0; i < sizes[r]; i++)
      wrong += all[at++] != byte_of(r, i);
  CHECK_EQUAL(wrong, 0);
  if (rank == 0)
    CHECK_EQUAL(memcmp(all, here, sum), 0);
}

static void agreement_tells_all_the_lowest_failure(void) {
  lks_comm *comm = lks_test_comm();
  int size = lks_comm_size(comm), rank = lks_comm_rank(comm), lowest = size > 1 ? 1 : 0;
  CHECK_OK(lks_comm_agree(comm, LKS_OK));
  CHECK_EQUAL(lks_comm_agreed_status(comm), LKS_OK);
  lks_status status = LKS_OK;
  if (rank >= lowest)
    status = LKS_FAIL(LKS_DATA, "rank %d has a bad row", rank);
  status = lks_comm_agree(comm, status);
  CHECK_EQUAL(status, rank == lowest ? LKS_DATA : LKS_PEER);
  CHECK_EQUAL(lks_comm_agreed_status(comm), LKS_DATA);
  char expected[64];
  snprintf(expected, sizeof expected, "%srank %d has a bad row",
           rank == lowest ? "" : "[rank 1] ", lowest);
  CHECK_TEXT(lks_error_message(), expected);
  CHECK_OK(lks_comm_barrier(comm));
  CHECK_EQUAL(lks_comm_agreed_status(comm), LKS_OK);
}

static void differing_data_is_found_and_named(void) {
  lks_comm *comm = lks_test_comm();
  int size = lks_comm_size(comm);
  char text[] = "hidden = 200";
  CHECK_OK(lks_comm_check_equal(comm, "the configuration", text, sizeof text));
  if (lks_comm_rank(comm) == size - 1)
    text[9] = '3';
  if (size == 1) {
    CHECK_OK(lks_comm_check_equal(comm, "the configuration", text, sizeof text));
    return;
  }
  char who[64];
  snprintf(who, sizeof who, "rank %d on host", size - 1);
  CHECK_FAILS(lks_comm_check_equal(comm, "the configuration", text, sizeof text),
              lks_comm_rank(comm) == 0 ? LKS_USAGE : LKS_PEER,
              "the configuration differs between ranks");
  CHECK_CONTAINS(lks_error_message(), who);
}

static void window_is_seen_by_all_of_a_host(void) {
  lks_comm *comm = lks_test_comm();
  lks_window *window = NULL;
  int own = lks_comm_host_rank(comm), ranks = lks_comm_host_size(comm);
  size_t ints = 3000;
  if (!CHECK_OK(lks_window_create(&window, comm, ints * sizeof(int) * (size_t)(own + 1), 64)))
    return;
  int *mine = lks_window_share(window, own);
  for (size_t i = 0; i < ints * (size_t)(own + 1); i++) {
    CHECK_EQUAL(mine[i], 0);
    mine[i] = own * 100000 + (int)i;
  }
  CHECK_OK(lks_comm_barrier(comm));
  for (int r = 0; r < ranks; r++) {
    const int *share = lks_window_share(window, r);
    size_t last = ints * (size_t)(r + 1) - 1;
    CHECK_EQUAL(share[0], r * 100000);
    CHECK_EQUAL(share[last], r * 100000 + (int)last);
  }
  CHECK_OK(lks_comm_barrier(comm));
  lks_window_destroy(window);
}

const lks_test comm_tests[] = {TEST(ranks_of_a_host_follow_each_other),
                               TEST(broadcast_reaches_all_from_any_root),
                               TEST(gather_keeps_the_order_of_ranks),
                               TEST(agreement_tells_all_the_lowest_failure),
                               TEST(differing_data_is_found_and_named),
                               TEST(window_is_seen_by_all_of_a_host),
                               TEST_END};
