/* SPDX-License-Identifier: Apache-2.0 */
/* check_run.c - opens a run as training does, short of a step.
 *
 * Memory is not estimated by formulas that could fall behind the code: the task and
 * the optimiser are allocated as training allocates them, the heap's growth is read
 * off, and the window of the sum is added, whose size comm tells. */
#include "measure/check_run.h"

#include "base/fail.h"
#include "base/memory.h"
#include "comm/exchange.h"
#include "train/score.h"
#include "train/stepper.h"

#include <malloc.h>

/* More rows than this times the mean on one rank is worth a word. */
static const double uneven = 1.2;

static uint64_t heap_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return (uint64_t)info.uordblks + (uint64_t)info.hblkhd;
}

/* Allocates the task for training and for scoring, and the optimiser. */
static lks_status allocate(lks_stepper *stepper) {
  int rows = 0, steps = 0;
  if (lks_session_validates(stepper->session)) {
    lks_scorer_size(stepper->session, stepper->items, &rows, &steps);
    LKS_TRY(lks_scorer_make_room(stepper->session, stepper->comm, LKS_SPLIT_VALID));
  }
  return lks_stepper_allocate(stepper, rows, rows * steps);
}

/* `before`: the heap's size before the run was opened. */
static lks_status fill_share(lks_stepper *stepper, uint64_t before, lks_run_share *share) {
  const lks_session *session = stepper->session;
  int accumulate = (int)lks_config_integer(session->config, "train", "accumulate");
  int rank = lks_comm_rank(stepper->comm);
  const int *cuts = lks_batcher_cuts(stepper->batcher);
  share->precision = session->kernels->precision;
  share->emulates = session->kernels->emulated;
  share->first_shard = cuts[rank];
  share->last_shard = cuts[rank + 1];
  share->rows = stepper->rows;
  LKS_TRY(allocate(stepper));
  size_t count = lks_params_gradient_count(session->task->params);
  int partials =
      lks_step_partials(stepper->shards, accumulate, share->first_shard, share->last_shard);
  share->bytes = heap_bytes() - before + lks_exchange_bytes(count, partials);
  return LKS_OK;
}

/* This rank's share, as far as it needs no other rank. */
static lks_status open_share(lks_comm *comm, const lks_doctor_setup *setup,
                             lks_run_share *share) {
  lks_config *config;
  lks_session *session;
  lks_stepper stepper;
  uint64_t before = heap_bytes();
  LKS_TRY(lks_run_config_read(&config, setup->config_path, setup->sets, setup->set_count));
  LKS_TRY(lks_session_open(&session, config)); /* takes the configuration */
  lks_status status = lks_stepper_open(&stepper, session, comm);
  if (status == LKS_OK)
    status = fill_share(&stepper, before, share);
  lks_stepper_close(&stepper);
  lks_session_close(session);
  return status;
}

static void say_memory(lks_findings *findings, const lks_run_share *shares) {
  for (int host = 0; host < lks_comm_hosts(findings->comm); host++) {
    const lks_machine *machine = NULL;
    double sum = 0, most = 0;
    for (int rank = 0; rank < findings->ranks; rank++) {
      if (findings->machines[rank].host_number != host)
        continue;
      machine = &findings->machines[rank];
      sum += (double)shares[rank].bytes;
      most = (double)shares[rank].bytes > most ? (double)shares[rank].bytes : most;
    }
    if (machine == NULL)
      continue;
    bool fits = sum < (double)machine->memory_free_bytes || machine->memory_free_bytes == 0;
    lks_findings_say(findings, fits ? LKS_FINDING_OK : LKS_FINDING_PROBLEM, "run",
                     "%s: about %.0f MB a rank, %.0f MB in all, %.0f MB available%s",
                     machine->host, most / 1e6, sum / 1e6,
                     (double)machine->memory_free_bytes / 1e6,
                     fits ? "" : "; [train] accumulate and fewer rows need less");
  }
}

static void say_precision(lks_findings *findings, const lks_run_share *shares) {
  const char *name = lks_precision_name(shares[0].precision);
  if (shares[0].precision == LKS_PRECISION_F32)
    return;
  for (int rank = 0; rank < findings->ranks; rank++)
    if (shares[rank].emulates) {
      lks_findings_say(findings, LKS_FINDING_WARNING, "run",
                       "products of %s, which rank %d on %s multiplies as rounded f32: "
                       "precision = f32 would be as fast there",
                       name, rank, findings->machines[rank].host);
      return;
    }
  lks_findings_say(findings, LKS_FINDING_OK, "run", "products of %s, by its instruction", name);
}

void lks_check_shares(lks_findings *findings, const lks_run_share *shares) {
  int rows = 0, most = 0, slowest = 0;
  for (int rank = 0; rank < findings->ranks; rank++) {
    rows += shares[rank].rows;
    if (shares[rank].rows > most) {
      most = shares[rank].rows;
      slowest = rank;
    }
  }
  int shards = shares[findings->ranks - 1].last_shard;
  double mean = (double)rows / findings->ranks;
  if (most > uneven * mean)
    lks_findings_say(findings, LKS_FINDING_WARNING, "run",
                     "%d rows in %d shards on %d ranks: rank %d has %d rows, the mean is %.1f; "
                     "a number of ranks that divides %d is faster",
                     rows, shards, findings->ranks, slowest, most, mean, shards);
  else
    lks_findings_say(findings, LKS_FINDING_OK, "run",
                     "%d rows in %d shards; a rank has at most %d of the shards, %d rows", rows,
                     shards, shares[slowest].last_shard - shares[slowest].first_shard, most);
  say_precision(findings, shares);
  say_memory(findings, shares);
}

lks_status lks_check_run(lks_comm *comm, const lks_doctor_setup *setup,
                         lks_findings *findings) {
  lks_status status = LKS_OK;
  lks_run_share share = {0}, *shares = NULL;
  size_t *sizes = NULL, ranks = (size_t)lks_comm_size(comm);
  status = lks_allocate(&shares, ranks, sizeof *shares);
  if (status == LKS_OK)
    status = lks_allocate(&sizes, ranks, sizeof *sizes);
  if (status == LKS_OK)
    status = open_share(comm, setup, &share);
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, status));
  LKS_ASSERT(sizes);
  for (size_t rank = 0; rank < ranks; rank++)
    sizes[rank] = sizeof share;
  LKS_TRY_OR(cleanup, status, lks_comm_gather(comm, &share, sizes, shares));
  if (lks_comm_rank(comm) == 0)
    lks_check_shares(findings, shares);

cleanup:
  lks_release(sizes);
  lks_release(shares);
  return status;
}
