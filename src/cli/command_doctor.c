/* SPDX-License-Identifier: Apache-2.0 */
/* command_doctor.c - lockstep doctor. */
#include "base/fail.h"
#include "cli/command.h"
#include "measure/doctor.h"

typedef struct {
  lks_common_options common;
  lks_option_list sets;
} doctor_options;

static const doctor_options defaults = {.sets = {0}};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"set", LKS_OPTION_LIST, offsetof(doctor_options, sets), "SECTION.KEY=VALUE", 1, 0,
     "changes a key of the INI file; may be repeated"},
};

static lks_status check(const void *given, const lks_option_list *operands) {
  const doctor_options *doctor = given;
  if (doctor->sets.count > 0 && operands->count == 0)
    return LKS_FAIL(LKS_USAGE,
                    "doctor: --set changes a key of an INI file, and none is named\n"
                    "  hint: lockstep doctor run.ini --set %s",
                    doctor->sets.items[0]);
  return LKS_OK;
}

static lks_status run(const lks_command_call *call) {
  const doctor_options *options = call->options;
  lks_doctor_setup setup = {.config_path =
                                call->operands->count > 0 ? call->operands->items[0] : NULL,
                            .sets = options->sets.items,
                            .set_count = options->sets.count,
                            .out = stdout};
  int problems = 0;
  LKS_TRY(lks_doctor_run(call->comm, &setup, &problems));
  if (problems > 0) /* so that a script can ask before it queues a job */
    return lks_comm_agree(call->comm, LKS_FAIL(LKS_IO, "doctor: %d problem%s, listed above",
                                               problems, problems == 1 ? "" : "s"));
  return LKS_OK;
}

const lks_command lks_command_doctor = {
    .name = "doctor",
    .summary = "checks MPI, binding, threads, kernels, HDF5 and the file system",
    .details =
        "Checks this machine, or all machines under mpirun / srun, and explains what it\n"
        "finds: one line a check, ok, warning or problem.  With an INI file it also tells\n"
        "how that run would be spread and how much memory a rank would need.\n"
        "The exit code is 1 when there is a problem.\n"
        "\n"
        "  lockstep doctor\n"
        "  mpirun -n 4 lockstep doctor run.ini\n",
    .table = {"doctor", rows, sizeof rows / sizeof rows[0], 0, 1, "[run.ini]"},
    .options_bytes = sizeof(doctor_options),
    .defaults = &defaults,
    .collective = true,
    .check = check,
    .run = run,
};
