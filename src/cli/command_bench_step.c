/* SPDX-License-Identifier: Apache-2.0 */
/* command_bench_step.c - lockstep bench step. */
#include "base/fail.h"
#include "cli/command.h"
#include "measure/bench_step.h"
#include "measure/relaunch.h"

#include <string.h>

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
  bool ragged;
  bool json;
} step_options;

static const step_options defaults = {.rounds = 7, .wait = 10};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"work", LKS_OPTION_TEXT, offsetof(step_options, work), "NAME[,NAME...]", 1, 0,
     "W1, W2, W3, W4, W5, W6 or W7 (default: all of them, taking turns)"},
    {"ranks", LKS_OPTION_INTEGER, offsetof(step_options, ranks), "N", 1, 4096,
     "starts itself again as so many ranks, with mpirun"},
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
    {"ragged", LKS_OPTION_SWITCH, offsetof(step_options, ragged), NULL, 1, 0,
     "beside W5 and W7 the same with sequences of unequal length"},
    {"json", LKS_OPTION_SWITCH, offsetof(step_options, json), NULL, 1, 0,
     "one JSON object a work, on a line of its own"},
};

static bool is_alone(const lks_comm *comm) {
  return strcmp(lks_comm_transport(comm), "alone") == 0;
}

/* Becomes mpirun when ranks were asked for and nobody has started any. */
static lks_status start_ranks(const lks_comm *comm, const step_options *options) {
  int ranks = lks_comm_size(comm);
  if (options->ranks == 0 || (ranks == options->ranks && !is_alone(comm)))
    return LKS_OK;
  if (is_alone(comm))
    return lks_relaunch((int)options->ranks, (int)options->threads);
  return LKS_FAIL(
      LKS_USAGE,
      "bench step: --ranks %lld, but %d rank%s started it\n  hint: leave --ranks out "
      "under mpirun",
      (long long)options->ranks, ranks, ranks == 1 ? "" : "s");
}

static lks_status run(const lks_command_call *call) {
  const step_options *options = call->options;
  LKS_TRY(lks_comm_agree(call->comm, start_ranks(call->comm, options)));
  lks_bench_step_setup setup = {.works = options->work,
                                .sets = options->sets.items,
                                .set_count = options->sets.count,
                                .kernels = options->kernels,
                                .threads = (int)options->threads,
                                .steps = (int)options->steps,
                                .rounds = (int)options->rounds,
                                .wait = options->wait,
                                .ragged = options->ragged,
                                .json = options->json,
                                .out = stdout};
  return lks_bench_step(call->comm, &setup);
}

const lks_command lks_command_bench_step = {
    .name = "bench step",
    .summary = "times whole training steps of known works",
    .details =
        "Times whole training steps of known sizes on made-up data: input, forward, loss,\n"
        "backward, sum over ranks, clipping, update, packing of the weights.\n"
        "\n"
        "  W1  words, vocabulary 10,000, LSTM 2 x 200, batch 20, window 35\n"
        "  W2  words, vocabulary 10,000, LSTM 2 x 650 with dropout, batch 20, window 35\n"
        "  W3  65 characters, LSTM 2 x 512, batch 64, window 64\n"
        "  W4  forecast of 24 rows, 8 columns, LSTM 2 x 128, batch 64, window 168\n"
        "  W5  translation, 2 x 10,000 words, attention, LSTM 2 x 256 and 512, batch 64, 16 symbols\n"
        "  W6  forecast of 1 row, 1,024 columns, LSTM 1 x 1,024, batch 64, window 50\n"
        "  W7  tags, vocabulary 10,000, LSTM 1 x 256 in both directions, batch 32, 32 words\n"
        "\n"
        "  lockstep bench step --work W1,W3 --threads 1\n"
        "  lockstep bench step --ranks 2 --threads 1 --set train.batch=40\n"
        "\n"
        "Works take turns in rounds.  Before a round it waits until other processes use\n"
        "less than 6 % of a core; a round in which they used more is repeated, as often\n"
        "again as there are rounds.  A token is a time step of a row.\n"
        "\n"
        "With --ragged, W5r and W7r run beside W5 and W7: lengths are log-normal with the\n"
        "dense work's mean, and times are those of a step with as many tokens.  Below the\n"
        "table stand their ratio and how many symbols the rank with most has, beside the\n"
        "mean.\n",
    .table = {"bench step", rows, sizeof rows / sizeof rows[0], 0, 0, ""},
    .options_bytes = sizeof(step_options),
    .defaults = &defaults,
    .collective = true,
    .run = run,
};
