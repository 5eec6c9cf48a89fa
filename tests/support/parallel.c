/* SPDX-License-Identifier: Apache-2.0 */
/* parallel.c - one communicator around CUnit's run. */
#include "parallel.h"

#include <stdio.h>

static lks_comm *comm;

lks_comm *lks_test_comm(void) {
  return comm;
}

int lks_run_parallel_suites(int argc, char **argv, const lks_test_suite *suites, size_t count) {
  if (lks_comm_create(&comm, true) != LKS_OK) {
    (void)fprintf(stderr, "cannot join the ranks: %s\n", lks_error_message());
    return 2;
  }
  if (lks_comm_rank(comm) > 0 && !freopen("/dev/null", "w", stdout))
    return 2;
  int code = lks_run_suites(argc, argv, suites, count);
  lks_status failure = code == 0 ? LKS_OK : LKS_DATA;
  lks_status agreed = lks_comm_agree(comm, failure);
  lks_comm_destroy(comm, LKS_OK);
  return agreed == LKS_OK ? code : 1;
}
