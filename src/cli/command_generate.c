/* SPDX-License-Identifier: Apache-2.0 */
/* command_generate.c - lockstep generate. */
#include "base/fail.h"
#include "cli/command.h"
#include "predict/generate.h"

typedef struct {
  lks_common_options common;
  const char *label, *vector;
  const char *prompt;
  const char *kernels;
  int64_t length, samples, top_k, seed, threads;
  double temperature, top_p;
  lks_option_list sets;
} generate_options;

static const generate_options defaults = {
    .length = 500, .samples = 1, .seed = 1, .temperature = 0.8, .top_p = 1};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"label", LKS_OPTION_TEXT, offsetof(generate_options, label), "LABEL", 1, 0,
     "what the texts are of, with a model of task generate"},
    {"vector", LKS_OPTION_TEXT, offsetof(generate_options, vector), "NUMBERS", 1, 0,
     "the numbers that describe them, between blanks, with a model learnt from vectors"},
    {"prompt", LKS_OPTION_TEXT, offsetof(generate_options, prompt), "TEXT", 1, 0,
     "what the texts begin with (default: nothing)"},
    {"length", LKS_OPTION_INTEGER, offsetof(generate_options, length), "N", 1, 1e9,
     "symbols to draw a text, with --label or --vector at most (default: 500)"},
    {"samples", LKS_OPTION_INTEGER, offsetof(generate_options, samples), "N", 1, 1e6,
     "texts (default: 1)"},
    {"temperature", LKS_OPTION_REAL, offsetof(generate_options, temperature), "X", 0, 100,
     "below 1 safer, above 1 bolder; 0: always the likeliest (default: 0.8)"},
    {"top-k", LKS_OPTION_INTEGER, offsetof(generate_options, top_k), "K", 0, 1e9,
     "draws among the K likeliest symbols; 0: all (default)"},
    {"top-p", LKS_OPTION_REAL, offsetof(generate_options, top_p), "P", 0, 1,
     "draws among the likeliest that together have probability P (default: 1)"},
    {"seed", LKS_OPTION_INTEGER, offsetof(generate_options, seed), "S", 0, 9e15,
     "same seed, same texts (default: 1)"},
    {"set", LKS_OPTION_LIST, offsetof(generate_options, sets), "SECTION.KEY=VALUE", 1, 0,
     "changes a key of the model's configuration, e.g. data.file=text.h5; may be repeated"},
    {"kernels", LKS_OPTION_TEXT, offsetof(generate_options, kernels), "NAME", 1, 0,
     "kernel table (default: LOCKSTEP_KERNELS, or the model's)"},
    {"threads", LKS_OPTION_INTEGER, offsetof(generate_options, threads), "N", 1, 4096,
     "threads (default: the model's)"},
};

static lks_status check(const void *given, const lks_option_list *operands) {
  const generate_options *options = given;
  (void)operands;
  if (options->label && options->vector)
    return LKS_FAIL(LKS_USAGE, "generate: expected --label or --vector, found both");
  return LKS_OK;
}

static lks_status run(const lks_command_call *call) {
  const generate_options *options = call->options;
  lks_generate_setup setup = {.path = call->operands->items[0],
                              .sets = options->sets.items,
                              .set_count = options->sets.count,
                              .label = options->label,
                              .vector = options->vector,
                              .prompt = options->prompt,
                              .length = (int)options->length,
                              .samples = (int)options->samples,
                              .temperature = (float)options->temperature,
                              .top_k = (int)options->top_k,
                              .top_p = (float)options->top_p,
                              .seed = (uint64_t)options->seed,
                              .kernels = options->kernels,
                              .threads = (int)options->threads,
                              .out = stdout};
  return lks_generate_run(&setup);
}

const lks_command lks_command_generate = {
    .name = "generate",
    .summary = "writes text with a trained language model, or for a label",
    .details = "Draws texts from the best checkpoint of a run (else its newest), or from a\n"
               "checkpoint file.  The texts depend on the model and the options alone.\n"
               "\n"
               "  lockstep generate runs/first --prompt 'And God said' --length 300\n"
               "  lockstep generate runs/first --samples 5 --temperature 0.7 --top-p 0.9\n"
               "  lockstep generate runs/verses --label psalm --samples 3\n"
               "  lockstep generate runs/weather --vector '0.5 -1'\n",
    .table = {"generate", rows, sizeof rows / sizeof rows[0], 1, 1, "RUN|CHECKPOINT"},
    .options_bytes = sizeof(generate_options),
    .defaults = &defaults,
    .collective = false,
    .check = check,
    .run = run,
};
