/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.c - every rank looks around, the first one judges.
 *
 * Facts (machine.c) and judgement (check_*.c) are apart, so that one line can speak
 * for all ranks and a check can be tested with made-up machines. */
#include "measure/doctor.h"

#include "base/fail.h"
#include "base/memory.h"
#include "measure/check_run.h"
#include "measure/findings.h"

#include <stdarg.h>
#include <string.h>

static void (*const checks[])(lks_findings *findings) = {
    lks_check_ranks,  lks_check_binding,    lks_check_threads, lks_check_kernels,
    lks_check_bf16,   lks_check_arithmetic, lks_check_hdf5,    lks_check_memory,
    lks_check_folder, lks_check_limits,
};

void lks_findings_say(lks_findings *findings, lks_finding level, const char *topic,
                      const char *format, ...) {
  static const char *const words[] = {"ok", "warning", "problem"};
  findings->warnings += level == LKS_FINDING_WARNING;
  findings->problems += level == LKS_FINDING_PROBLEM;
  fprintf(findings->out, "%-8s %-10s ", words[level], topic);
  va_list arguments;
  va_start(arguments, format);
  vfprintf(findings->out, format, arguments);
  va_end(arguments);
  fputc('\n', findings->out);
}

/* Every rank's facts on rank 0; *machines is NULL elsewhere. */
static lks_status gather(lks_comm *comm, lks_machine **machines) {
  lks_status status = LKS_OK;
  lks_machine *mine = NULL;
  size_t *sizes = NULL;
  int ranks = lks_comm_size(comm);
  *machines = NULL;
  /* The pieces that may fail on one rank come before the first collective call. */
  status = lks_allocate(&mine, 1, sizeof *mine);
  if (status == LKS_OK)
    status = lks_allocate(&sizes, (size_t)ranks, sizeof *sizes);
  if (status == LKS_OK)
    status = lks_allocate(machines, (size_t)ranks, sizeof **machines);
  if (status == LKS_OK)
    status = lks_machine_read(mine, comm);
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, status));
  LKS_ASSERT(sizes);
  for (int rank = 0; rank < ranks; rank++)
    sizes[rank] = sizeof *mine;
  LKS_TRY_OR(cleanup, status, lks_comm_gather(comm, mine, sizes, *machines));

cleanup:
  lks_release(sizes);
  lks_release(mine);
  return status;
}

static void examine(lks_findings *findings) {
  for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
    checks[i](findings);
  fflush(findings->out); /* a run that cannot be opened ends with an error after these */
}

static void sum_up(const lks_findings *findings) {
  fprintf(findings->out, "doctor: %d warning%s, %d problem%s\n", findings->warnings,
          findings->warnings == 1 ? "" : "s", findings->problems,
          findings->problems == 1 ? "" : "s");
}

/* A run for which there is no memory is a finding; one that cannot be opened is an error. */
static lks_status check_run(lks_comm *comm, const lks_doctor_setup *setup,
                            lks_findings *findings) {
  lks_status status = lks_check_run(comm, setup, findings);
  if (status == LKS_OK || lks_comm_agreed_status(comm) != LKS_NO_MEMORY)
    return status;
  if (lks_comm_rank(comm) == 0)
    lks_findings_say(findings, LKS_FINDING_PROBLEM, "run",
                     "%.*s; a smaller model, [train] batch or [data] window needs less, "
                     "[train] accumulate fewer rows at once",
                     (int)strcspn(lks_error_message(), "\n"), lks_error_message());
  return LKS_OK;
}

lks_status lks_doctor_run(lks_comm *comm, const lks_doctor_setup *setup, int *problems) {
  lks_status status = LKS_OK;
  lks_machine *machines = NULL;
  *problems = 0;
  LKS_TRY_OR(cleanup, status, gather(comm, &machines));
  lks_findings findings = {
      .comm = comm, .machines = machines, .ranks = lks_comm_size(comm), .out = setup->out};
  if (lks_comm_rank(comm) == 0)
    examine(&findings);
  if (setup->config_path != NULL)
    LKS_TRY_OR(cleanup, status, check_run(comm, setup, &findings));
  if (lks_comm_rank(comm) == 0)
    sum_up(&findings);
  *problems = findings.problems;
  LKS_TRY_OR(cleanup, status, lks_comm_broadcast(comm, 0, problems, sizeof *problems));

cleanup:
  lks_release(machines);
  return status;
}
