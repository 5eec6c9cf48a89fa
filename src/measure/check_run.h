/* SPDX-License-Identifier: Apache-2.0 */
/* check_run.h - how one run would be spread over these ranks, and what it needs. */
#ifndef LOCKSTEP_MEASURE_CHECK_RUN_H
#define LOCKSTEP_MEASURE_CHECK_RUN_H

#include "kernels/kernels.h"
#include "measure/doctor.h"
#include "measure/findings.h"

/* One rank's part of the run; plain bytes. */
typedef struct {
  int first_shard, last_shard; /* [first, last) */
  int rows;                    /* of a full batch */
  uint64_t bytes;              /* model, gradients, optimiser and activations */
  lks_precision precision;
  bool emulates; /* bf16 or bf16-amx, by the instructions of f32 */
} lks_run_share;

/* Opens what setup->config_path describes and says how shards, rows and memory fall
 * on the ranks.  `findings` is used on rank 0 only.  Fails as training would for a bad
 * configuration or dataset.                                           Collective. */
lks_status lks_check_run(lks_comm *comm, const lks_doctor_setup *setup, lks_findings *findings);

/* Says it; [ranks] shares. */
void lks_check_shares(lks_findings *findings, const lks_run_share *shares);

#endif
