/* SPDX-License-Identifier: Apache-2.0 */
/* launcher.c - was this process started as one rank of several?
 *
 * A program that runs alone must not start MPI: it costs half a second, and on a
 * login node it may fail.  So the launchers' own variables are looked at. */
#include "base/fail.h"
#include "base/text.h"
#include "comm/group.h"

#include <stdlib.h>

/* Set by Open MPI's mpirun, by anything that speaks PMIx (srun --mpi=pmix), and
 * by anything that speaks PMI. */
static const char *const rank_variables[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};

lks_status lks_comm_find_launcher(bool *launched) {
  *launched = false;
  for (size_t i = 0; i < sizeof rank_variables / sizeof *rank_variables; i++)
    if (getenv(rank_variables[i]))
      *launched = true;
  const char *tasks = getenv("SLURM_STEP_NUM_TASKS");
  int64_t count = 1;
  if (!*launched && tasks && lks_text_to_integer(tasks, &count) && count > 1)
    return LKS_FAIL(LKS_COMM,
                    "srun started %d tasks but told them nothing of each other: every task "
                    "would train alone\n  hint: srun --mpi=pmix, or mpirun inside the job",
                    (int)count);
  return LKS_OK;
}
