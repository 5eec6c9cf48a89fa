/* SPDX-License-Identifier: Apache-2.0 */
/* command_bench_step.c - lockstep bench step. */
#include "cli/command.h"
#include "measure/bench_step.h"

typedef struct {
  lks_common_options common;
  const char *work;
  int64_t ranks;
  int64_t threads;
  const char *kernels;
  int64_t steps;
  int64_t rounds;
  double wait;
  lks_option_list sets;
  bool json;
} step_options;

static const step_options defaults = {.rounds = 7, .wait = 10};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"work", LKS_OPTION_TEXT, offsetof(step_options, work), "NAME[,NAME...]", 1, 0,
     "W1, W2, W3, W4 or W6 (default: all of them, taking turns)"},
    {"threads", LKS_OPTION_INTEGER, offsetof(step_options, threads), "N", 1, 4096,
     "threads of a rank (default: OMP_NUM_THREADS, or the cores)"},
    {"kernels", LKS_OPTION_TEXT, offsetof(step_options, kernels), "NAME", 1, 0,
     "kernel table (default: LOCKSTEP_KERNELS, or the fastest of ours)"},
    {"steps", LKS_OPTION_INTEGER, offsetof(step_options, steps), "N", 1, 1000000,
     "steps of a round (default: about half a second)"},
    {"rounds", LKS_OPTION_INTEGER, offsetof(step_options, rounds), "N", 1, 201,
     "rounds of each work (default: 7)"},
    {"wait", LKS_OPTION_REAL, offsetof(step_options, wait), "SECONDS", 0, 86400,
     "most time to wait for a quiet machine before a round (default: 10)"},
    {"set", LKS_OPTION_LIST, offsetof(step_options, sets), "SECTION.KEY=VALUE", 1, 0,
     "changes a key of the works, e.g. train.batch=40; may be repeated"},
    {"json", LKS_OPTION_SWITCH, offsetof(step_options, json), NULL, 1, 0,
     "one JSON object a work, on a line of its own"},
};

static lks_status run(const lks_command_call *call) {
  const step_options *options = call->options;
  lks_bench_step_setup setup = {.works = options->work,
                                .sets = options->sets.items,
                                .set_count = options->sets.count,
                                .kernels = options->kernels,
                                .threads = (int)options->threads,
                                .steps = (int)options->steps,
                                .rounds = (int)options->rounds,
                                .wait = options->wait,
                                .json = options->json,
                                .out = stdout};
  return lks_bench_step(call->comm, &setup);
}

const lks_command lks_command_bench_step = {
    .name = "bench step",
    .summary = "times whole training steps of known works",
    .details = "Times whole training steps.\n",
    .table = {"bench step", rows, sizeof rows / sizeof rows[0], 0, 0, ""},
    .options_bytes = sizeof(step_options),
    .defaults = &defaults,
    .collective = true,
    .run = run,
};
