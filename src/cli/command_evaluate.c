/* SPDX-License-Identifier: Apache-2.0 */
/* command_evaluate.c - lockstep evaluate. */
#include "base/fail.h"
#include "cli/command.h"
#include "train/evaluate.h"

#include <stdio.h>

typedef struct {
  lks_common_options common;
  const char *split;
  lks_option_list sets;
} evaluate_options;

static const evaluate_options defaults = {.split = "test"};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"split", LKS_OPTION_TEXT, offsetof(evaluate_options, split), "NAME", 1, 0,
     "train, valid or test (default: test)"},
    {"set", LKS_OPTION_LIST, offsetof(evaluate_options, sets), "SECTION.KEY=VALUE", 1, 0,
     "changes a key of the run, e.g. data.file=other.h5; may be repeated"},
};

static lks_status run(const lks_command_call *call) {
  const evaluate_options *options = call->options;
  lks_text table = {0};
  lks_evaluate_setup setup = {.path = call->operands->items[0],
                              .split = options->split,
                              .sets = options->sets.items,
                              .set_count = options->sets.count,
                              .progress = call->progress,
                              .table = &table};
  char last_line[256] = {0};
  lks_status status = lks_evaluate_run(call->comm, &setup, last_line);
  if (status == LKS_OK && lks_comm_rank(call->comm) == 0)
    printf("%s%s%s\n", table.data ? table.data : "", table.data ? "\n" : "", last_line);
  lks_text_release(&table);
  return status;
}

const lks_command lks_command_evaluate = {
    .name = "evaluate",
    .summary = "scores a trained model on a split of its dataset",
    .details = "Scores the best checkpoint of a run (else its newest), or a checkpoint file.\n"
               "The last line of standard output is the score, the same on any number of\n"
               "ranks, e.g. \"test perplexity 115.72\"; forecasts have a table before it,\n"
               "with the scores of naive forecasts beside the model's.\n"
               "\n"
               "  lockstep evaluate runs/first\n"
               "  mpirun -n 4 lockstep evaluate runs/first/checkpoints/best.h5 --split valid\n",
    .table = {"evaluate", rows, sizeof rows / sizeof rows[0], 1, 1, "RUN|CHECKPOINT"},
    .options_bytes = sizeof(evaluate_options),
    .defaults = &defaults,
    .collective = true,
    .run = run,
};
