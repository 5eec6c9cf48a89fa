/* SPDX-License-Identifier: Apache-2.0 */
/* self_test.h - small proofs, on this machine, of what the promise rests on. */
#ifndef LOCKSTEP_MEASURE_SELF_TEST_H
#define LOCKSTEP_MEASURE_SELF_TEST_H

#include <lockstep/status.h>

#include <stdbool.h>

/* Asks for `threads` threads: *made of them came, *flushes when every one rounds to
 * nearest and flushes denormals, tried by arithmetic. */
void lks_self_test_threads(int threads, int *made, bool *flushes);

/* Whether all kernel tables of this processor but openblas give the same bits for a
 * product and for exp, tanh and sigmoid. */
lks_status lks_self_test_bits(int threads, bool *same);

#endif
