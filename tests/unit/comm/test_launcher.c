/* SPDX-License-Identifier: Apache-2.0 */
/* test_launcher.c - alone or one of several, as the environment says. */
#include "check.h"
#include "comm/comm.h"
#include "comm/group.h"

#include <stdlib.h>

static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK",
                                    "SLURM_STEP_NUM_TASKS"};

static void clear(void) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    unsetenv(names[i]);
}

static void program_by_itself_is_alone(void) {
  lks_comm *comm = NULL;
  clear();
  if (!CHECK_OK(lks_comm_create(&comm, false)))
    return;
  CHECK_TEXT(lks_comm_transport(comm), "alone");
  CHECK_EQUAL(lks_comm_size(comm), 1);
  CHECK_EQUAL(lks_comm_rank(comm), 0);
  CHECK_EQUAL(lks_comm_hosts(comm), 1);
  CHECK_OK(lks_comm_barrier(comm));
  CHECK_EQUAL(lks_comm_agree(comm, LKS_DATA), LKS_DATA);
  CHECK_EQUAL(lks_comm_agreed_status(comm), LKS_DATA);
  lks_comm_destroy(comm, LKS_OK);
}

static void launchers_are_recognised(void) {
  bool launched = false;
  clear();
  for (int i = 0; i < 3; i++) {
    setenv(names[i], "2", 1);
    CHECK_OK(lks_comm_find_launcher(&launched));
    CHECK(launched);
    unsetenv(names[i]);
  }
  CHECK_OK(lks_comm_find_launcher(&launched));
  CHECK(!launched);
}

static void srun_without_pmi_is_refused(void) {
  bool launched = false;
  clear();
  setenv("SLURM_STEP_NUM_TASKS", "1", 1);
  CHECK_OK(lks_comm_find_launcher(&launched));
  setenv("SLURM_STEP_NUM_TASKS", "4", 1);
  CHECK_FAILS(lks_comm_find_launcher(&launched), LKS_COMM, "srun --mpi=pmix");
  clear();
}

const lks_test launcher_tests[] = {TEST(program_by_itself_is_alone),
                                   TEST(launchers_are_recognised),
                                   TEST(srun_without_pmi_is_refused), TEST_END};
