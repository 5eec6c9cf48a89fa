/* SPDX-License-Identifier: Apache-2.0 */
/* test_missing.c - a rank that does not come is named, and nobody waits for ever.
 *
 * The last rank is late beyond the deadline; the others fail, then it comes.  On
 * one host the meetings of the exchange go on from there, so the program can. */
#include "base/clock.h"
#include "comm/exchange.h"
#include "comm/records.h"
#include "parallel.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK = 1024 };

static const double deadline = 0.4;

static void count_turns(void *context) { (*(int *)context)++; }

static void late_rank_is_named_by_those_who_wait(void) {
  lks_comm *comm = lks_test_comm();
  int size = lks_comm_size(comm), cuts[] = {0, 1, 2, 3, 4}, turns = 0;
  lks_shards batch = {size < 4 ? (size == 3 ? 4 : size) : 4, 4, 4};
  lks_exchange *exchange = NULL;
  const float *result = NULL;
  if (size == 1 || size > 4 || lks_comm_hosts(comm) > 1)
    return;
  cuts[size] = batch.shards;
  if (!CHECK_OK(lks_exchange_create(&exchange, comm, BLOCK, 3, LKS_REDUCTION_EXACT)))
    return;
  CHECK_OK(lks_comm_barrier(comm));
  lks_comm_set_hook(comm, count_turns, &turns);
  if (lks_comm_rank(comm) == size - 1) {
    lks_records_note(comm, 1200, LKS_PHASE_BACKWARD);
    lks_clock_sleep(4.0 * deadline);
    lks_comm_set_deadline(comm, deadline / 2.0); /* the others have left by then */
    CHECK_FAILS(lks_exchange_sum(exchange, &batch, cuts, &result), LKS_COMM, "rank 0 on host");
  } else {
    char expected[64];
    lks_comm_set_deadline(comm, deadline);
    double began = lks_clock_seconds();
    lks_status status = lks_exchange_sum(exchange, &batch, cuts, &result);
    CHECK_CLOSE(lks_clock_seconds() - began, deadline, deadline); /* oversubscribed */
    CHECK_EQUAL(status, LKS_COMM);
    snprintf(expected, sizeof expected, "rank %d on host %s did not arrive", size - 1,
             lks_comm_host_name(comm));
    CHECK_CONTAINS(lks_error_message(), expected);
    CHECK_CONTAINS(lks_error_message(), "last seen: step 1200, phase backward");
    CHECK(turns > 50);
    lks_clock_sleep(8.0 * deadline); /* let the late one fail too */
  }
  lks_comm_set_hook(comm, NULL, NULL);
  lks_comm_set_deadline(comm, 60.0);
  CHECK_OK(lks_comm_barrier(comm));
  lks_exchange_destroy(exchange);
}

const lks_test missing_tests[] = {TEST(late_rank_is_named_by_those_who_wait), TEST_END};
