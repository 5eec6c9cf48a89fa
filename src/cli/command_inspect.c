/* SPDX-License-Identifier: Apache-2.0 */
/* command_inspect.c - lockstep inspect. */
#include "base/fail.h"
#include "cli/command.h"
#include "report/inspect.h"

typedef struct {
  lks_common_options common;
  bool digest;
  bool full;
  bool state;
} inspect_options;

static const inspect_options defaults = {.digest = false};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"digest", LKS_OPTION_SWITCH, offsetof(inspect_options, digest), NULL, 1, 0,
     "prints only \"digest HEX\", of the parameters (of a run: its newest)"},
    {"full", LKS_OPTION_SWITCH, offsetof(inspect_options, full), NULL, 1, 0,
     "with --digest: of the whole training state"},
    {"state", LKS_OPTION_SWITCH, offsetof(inspect_options, state), NULL, 1, 0,
     "also lists the tensors and values of the training state"},
};

static lks_status check(const void *given, const lks_option_list *operands) {
  const inspect_options *inspect = given;
  (void)operands;
  if (inspect->full && !inspect->digest)
    return LKS_FAIL(LKS_USAGE, "inspect: --full goes with --digest\n"
                               "  hint: lockstep inspect --digest --full RUN");
  return LKS_OK;
}

static lks_status run(const lks_command_call *call) {
  const inspect_options *options = call->options;
  lks_inspect_setup setup = {.path = call->operands->items[0],
                             .digest = options->digest,
                             .full = options->full,
                             .state = options->state,
                             .out = stdout};
  return lks_inspect_run(&setup);
}

const lks_command lks_command_inspect = {
    .name = "inspect",
    .summary = "tells what is in a dataset, a checkpoint or a run",
    .details =
        "Tells what a file or a run's folder holds.  Two runs trained the same model if,\n"
        "and only if, their digests are equal.\n"
        "\n"
        "  lockstep inspect data.h5\n"
        "  lockstep inspect runs/first\n"
        "  lockstep inspect --digest runs/first\n",
    .table = {"inspect", rows, sizeof rows / sizeof rows[0], 1, 1, "FILE|RUN"},
    .options_bytes = sizeof(inspect_options),
    .defaults = &defaults,
    .collective = false,
    .check = check,
    .run = run,
};
