/* SPDX-License-Identifier: Apache-2.0 */
/* parallel.h - tests that every rank runs together, in the same order. */
#ifndef LOCKSTEP_TESTS_PARALLEL_H
#define LOCKSTEP_TESTS_PARALLEL_H

#include "check.h"
#include "comm/comm.h"

/* The communicator of all ranks; the main function owns it. */
lks_comm *lks_test_comm(void);

/* Like lks_run_suites, on every rank: rank 0 alone prints the list of tests,
 * each rank prints the checks that failed on it, and the exit code is 0 on no
 * rank when one rank had a failure. */
int lks_run_parallel_suites(int argc, char **argv, const lks_test_suite *suites, size_t count);

#endif
