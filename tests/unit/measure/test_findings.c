/* SPDX-License-Identifier: Apache-2.0 */
/* test_findings.c - what the doctor says about made-up machines.
 *
 * A communicator of one rank stands for one host; the machines on it are invented. */
#include "check.h"
#include "measure/findings.h"

#include <stdlib.h>
#include <string.h>

enum { MACHINES_MAX = 4, TEXT_BYTES = 4096 };

typedef struct {
  lks_comm *comm;
  lks_machine machines[MACHINES_MAX];
  lks_findings findings;
  char text[TEXT_BYTES];
} examination;

/* `ranks` healthy ranks on one host of four cores, not bound, two threads each. */
static bool set_up(examination *e, int ranks) {
  *e = (examination){.comm = NULL};
  if (!CHECK_OK(lks_comm_create(&e->comm, false)))
    return false;
  for (int rank = 0; rank < ranks; rank++) {
    lks_machine *machine = &e->machines[rank];
    *machine = (lks_machine){.host = "node1",
                             .core_count = 4,
                             .cores_online = 4,
                             .threads = 2,
                             .threads_made = 2,
                             .flushes = true,
                             .kernels = "avx2",
                             .kernels_list = "avx2, portable",
                             .same_bits = true,
                             .hdf5 = "HDF5 1.10.8",
                             .memory_bytes = 16000000000,
                             .memory_free_bytes = 8000000000,
                             .shared_bytes = 8000000000,
                             .folder = "/home",
                             .file_system = "ext4",
                             .folder_free_bytes = 50000000000,
                             .is_writable = true,
                             .open_files = 1024,
                             .file_bytes = -1,
                             .address_bytes = -1};
    for (size_t core = 0; core < 4; core++)
      CPU_SET(core, &machine->cores);
  }
  e->findings = (lks_findings){.comm = e->comm, .machines = e->machines, .ranks = ranks};
  return true;
}

/* What the check says, in e->text. */
static const char *ask(examination *e, void (*check)(lks_findings *findings)) {
  e->findings.out = fmemopen(e->text, sizeof e->text, "w");
  if (!CHECK(e->findings.out != NULL))
    return "";
  check(&e->findings);
  fclose(e->findings.out);
  return e->text;
}

static void tear_down(examination *e) {
  lks_comm_destroy(e->comm, LKS_OK);
}

static void a_healthy_machine_has_no_warnings(void) {
  static void (*const checks[])(lks_findings *) = {
      lks_check_ranks,      lks_check_binding, lks_check_threads, lks_check_kernels,
      lks_check_arithmetic, lks_check_memory,  lks_check_folder,  lks_check_limits,
      lks_check_hdf5,       lks_check_bf16};
  examination e;
  if (!set_up(&e, 2))
    return;
  for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
    CHECK_EQUAL(strncmp(ask(&e, checks[i]), "ok ", 3), 0);
  CHECK_EQUAL(e.findings.warnings + e.findings.problems, 0);
  tear_down(&e);
}

static void too_many_threads_are_told_how_many_fit(void) {
  examination e;
  if (!set_up(&e, 2))
    return;
  e.machines[0].threads = e.machines[1].threads = 4;
  e.machines[0].threads_made = e.machines[1].threads_made = 4;
  CHECK_CONTAINS(ask(&e, lks_check_threads),
                 "warning  threads    node1: 8 threads of 2 ranks on 4 cores wait for each "
                 "other; OMP_NUM_THREADS=2 fits");
  CHECK_EQUAL(e.findings.warnings, 1);
  tear_down(&e);
}

static void threads_that_were_not_made_are_a_problem(void) {
  examination e;
  if (!set_up(&e, 2))
    return;
  e.machines[1].threads_made = 1;
  CHECK_CONTAINS(ask(&e, lks_check_threads), "problem  threads    rank 1 asked for 2 threads "
                                             "and got 1");
  CHECK_EQUAL(e.findings.problems, 1);
  tear_down(&e);
}

static void cores_that_no_rank_may_use_are_named(void) {
  examination e;
  if (!set_up(&e, 2))
    return;
  for (int rank = 0; rank < 2; rank++) {
    CPU_ZERO(&e.machines[rank].cores);
    CPU_SET((size_t)(2 * rank), &e.machines[rank].cores);
    e.machines[rank].core_count = 1;
  }
  CHECK_CONTAINS(ask(&e, lks_check_binding),
                 "node1: 2 ranks may run on 2 of 4 cores (0,2); --bind-to none");
  CHECK_CONTAINS(ask(&e, lks_check_threads), "4 threads of 2 ranks on 2 cores");
  tear_down(&e);
}

static void arithmetic_that_differs_is_a_problem(void) {
  examination e;
  if (!set_up(&e, 2))
    return;
  e.machines[1].flushes = false;
  CHECK_CONTAINS(ask(&e, lks_check_arithmetic),
                 "problem  arithmetic rank 1 on node1: a thread");
  e.machines[1].flushes = true;
  e.machines[1].same_bits = false;
  CHECK_CONTAINS(ask(&e, lks_check_arithmetic), "kernel tables disagree");
  CHECK_EQUAL(e.findings.problems, 2);
  tear_down(&e);
}

static void different_kernels_are_said_to_set_the_pace(void) {
  examination e;
  if (!set_up(&e, 2))
    return;
  strcpy(e.machines[1].kernels, "portable");
  CHECK_CONTAINS(ask(&e, lks_check_kernels), "rank 1 on node1 runs portable and rank 0 avx2");
  tear_down(&e);
}

static void bf16_without_its_instruction_is_said_to_be_no_faster(void) {
  examination e;
  if (!set_up(&e, 2))
    return;
  e.machines[0].by_instruction[LKS_PRECISION_BF16] = true;
  e.machines[1].by_instruction[LKS_PRECISION_BF16] = true;
  CHECK_CONTAINS(ask(&e, lks_check_bf16), "ok       bf16       AVX512-BF16 multiplies it");
  e.machines[0].by_instruction[LKS_PRECISION_BF16_AMX] = true;
  CHECK_CONTAINS(ask(&e, lks_check_bf16),
                 "bf16-amx   rank 1 on node1 has no instruction for it");
  e.machines[1].by_instruction[LKS_PRECISION_BF16] = false;
  CHECK_CONTAINS(
      ask(&e, lks_check_bf16),
      "bf16       rank 1 on node1 has no instruction for it that is faster than f32");
  CHECK_EQUAL(e.findings.warnings, 0);
  tear_down(&e);
}

static void openblas_is_said_not_to_keep_the_promise(void) {
  examination e;
  if (!set_up(&e, 1))
    return;
  strcpy(e.machines[0].kernels, "openblas");
  CHECK_CONTAINS(ask(&e, lks_check_kernels), "warning  kernels    openblas, ");
  CHECK_CONTAINS(e.text, "its bits depend on the processor");
  tear_down(&e);
}

static void a_full_or_closed_folder_is_noticed(void) {
  examination e;
  if (!set_up(&e, 1))
    return;
  e.machines[0].folder_free_bytes = 1000000;
  CHECK_CONTAINS(ask(&e, lks_check_folder), "warning  folder     /home: ext4, 0.0 GB free");
  e.machines[0].is_writable = false;
  CHECK_CONTAINS(ask(&e, lks_check_folder),
                 "problem  folder     /home (ext4) cannot be written");
  tear_down(&e);
}

static void little_shared_memory_matters_to_several_ranks(void) {
  examination e;
  if (!set_up(&e, 2))
    return;
  e.machines[0].shared_bytes = 64000000;
  CHECK_CONTAINS(ask(&e, lks_check_memory), "node1: 64 MB free in /dev/shm");
  CHECK_EQUAL(e.findings.warnings, 1);
  tear_down(&e);
}

static void limits_are_named(void) {
  examination e;
  if (!set_up(&e, 2))
    return;
  e.machines[1].open_files = 64;
  CHECK_CONTAINS(ask(&e, lks_check_limits), "rank 1 on node1: few open files (ulimit -n)");
  e.machines[1].open_files = -1;
  e.machines[1].file_bytes = 1000;
  CHECK_CONTAINS(ask(&e, lks_check_limits), "files may not grow beyond a size (ulimit -f)");
  tear_down(&e);
}

static void another_hdf5_on_a_rank_is_named(void) {
  examination e;
  if (!set_up(&e, 2))
    return;
  strcpy(e.machines[1].hdf5, "HDF5 1.12.0");
  CHECK_CONTAINS(ask(&e, lks_check_hdf5),
                 "rank 1 on node1 has HDF5 1.12.0, rank 0 has HDF5 1.10");
  tear_down(&e);
}

const lks_test findings_tests[] = {TEST(a_healthy_machine_has_no_warnings),
                                   TEST(too_many_threads_are_told_how_many_fit),
                                   TEST(threads_that_were_not_made_are_a_problem),
                                   TEST(cores_that_no_rank_may_use_are_named),
                                   TEST(arithmetic_that_differs_is_a_problem),
                                   TEST(different_kernels_are_said_to_set_the_pace),
                                   TEST(bf16_without_its_instruction_is_said_to_be_no_faster),
                                   TEST(openblas_is_said_not_to_keep_the_promise),
                                   TEST(a_full_or_closed_folder_is_noticed),
                                   TEST(little_shared_memory_matters_to_several_ranks),
                                   TEST(limits_are_named),
                                   TEST(another_hdf5_on_a_rank_is_named),
                                   TEST_END};
