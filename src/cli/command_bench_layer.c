/* SPDX-License-Identifier: Apache-2.0 */
/* command_bench_layer.c - lockstep bench layer. */
#include "cli/command.h"
#include "measure/bench_layer.h"

typedef struct {
  lks_common_options common;
  const char *work;
  const char *cell;
  bool bidirectional;
  int64_t threads;
  const char *kernels;
  int64_t rounds;
  double wait;
  bool json;
} layer_options;

static const layer_options defaults = {.cell = "lstm", .rounds = 11, .wait = 10};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"work", LKS_OPTION_TEXT, offsetof(layer_options, work), "NAME[,NAME...]", 1, 0,
     "whose layer: W1, W2, W3, W4, W5 or W6 (default: all, taking turns)"},
    {"cell", LKS_OPTION_TEXT, offsetof(layer_options, cell), "NAME", 1, 0,
     "lstm, gru, rnn or rnn-relu (default: lstm)"},
    {"bidirectional", LKS_OPTION_SWITCH, offsetof(layer_options, bidirectional), NULL, 1, 0,
     "in both directions"},
    {"threads", LKS_OPTION_INTEGER, offsetof(layer_options, threads), "N", 1, 4096,
     "threads (default: OMP_NUM_THREADS, or the cores)"},
    {"kernels", LKS_OPTION_TEXT, offsetof(layer_options, kernels), "NAME", 1, 0,
     "the kernels to measure (default: the fastest of ours)"},
    {"rounds", LKS_OPTION_INTEGER, offsetof(layer_options, rounds), "N", 1, 201,
     "rounds of each work (default: 11)"},
    {"wait", LKS_OPTION_REAL, offsetof(layer_options, wait), "SECONDS", 0, 86400,
     "most time to wait for a quiet machine before a round (default: 10)"},
    {"json", LKS_OPTION_SWITCH, offsetof(layer_options, json), NULL, 1, 0,
     "one JSON object a work, on a line of its own"},
};

static lks_status run(const lks_command_call *call) {
  const layer_options *options = call->options;
  lks_bench_layer_setup setup = {.works = options->work,
                                 .cell = options->cell,
                                 .kernels = options->kernels,
                                 .threads = (int)options->threads,
                                 .rounds = (int)options->rounds,
                                 .wait = options->wait,
                                 .bidirectional = options->bidirectional,
                                 .json = options->json,
                                 .out = stdout};
  return lks_bench_layer(&setup);
}

const lks_command lks_command_bench_layer = {
    .name = "bench layer",
    .summary = "times one recurrent layer of known works",
    .details =
        "Times one recurrent layer of each work (of W4, both) alone: packing of the weights,\n"
        "forward, backward with the gradients of weights and input.  GFLOP/s count the\n"
        "products, not the functions of the gates.\n"
        "\n"
        "  lockstep bench layer --work W1 --threads 1\n"
        "\n"
        "Rounds of about a fifth of a second take turns; see bench step for what is done\n"
        "about other processes.\n",
    .table = {"bench layer", rows, sizeof rows / sizeof rows[0], 0, 0, ""},
    .options_bytes = sizeof(layer_options),
    .defaults = &defaults,
    .run = run,
};
