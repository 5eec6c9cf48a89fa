/* SPDX-License-Identifier: Apache-2.0 */
/* workload_sequences.h - made-up samples of sequences, all of [data] window symbols, or, of
 * a ragged work, of log-normal lengths with that mean and a deviation of 0.4 of it, which is
 * about that of captions and of news. */
#ifndef LOCKSTEP_MEASURE_WORKLOAD_SEQUENCES_H
#define LOCKSTEP_MEASURE_WORKLOAD_SEQUENCES_H

#include "measure/workload.h"

/* Writes the fields of the work's kind to a dataset file at `path`, uniform symbols of a
 * vocabulary as wide as the work; batches of `config` are all full.  Only from a job of the
 * I/O thread. */
lks_status lks_workload_write_sequences(const char *path, const lks_workload *work,
                                        const lks_config *config);

#endif
