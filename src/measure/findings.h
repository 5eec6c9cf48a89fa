/* SPDX-License-Identifier: Apache-2.0 */
/* findings.h - the facts of all ranks, and the lines that a check writes about them. */
#ifndef LOCKSTEP_MEASURE_FINDINGS_H
#define LOCKSTEP_MEASURE_FINDINGS_H

#include "measure/machine.h"

#include <stdio.h>

typedef enum { LKS_FINDING_OK, LKS_FINDING_WARNING, LKS_FINDING_PROBLEM } lks_finding;

typedef struct {
  const lks_comm *comm;
  const lks_machine *machines; /* [ranks], by rank */
  int ranks;
  FILE *out;
  int warnings; /* counted by lks_findings_say */
  int problems;
} lks_findings;

/* Writes one line, "warning  threads     4 threads on 2 cores …", and counts it. */
void lks_findings_say(lks_findings *findings, lks_finding level, const char *topic,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Each says one line, or none when there is nothing to say. */
void lks_check_ranks(lks_findings *findings);
void lks_check_binding(lks_findings *findings);
void lks_check_threads(lks_findings *findings);
void lks_check_kernels(lks_findings *findings);
void lks_check_bf16(lks_findings *findings);
void lks_check_arithmetic(lks_findings *findings);
void lks_check_hdf5(lks_findings *findings);
void lks_check_folder(lks_findings *findings);
void lks_check_memory(lks_findings *findings);
void lks_check_limits(lks_findings *findings);

#endif
