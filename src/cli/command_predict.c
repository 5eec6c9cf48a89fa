/* SPDX-License-Identifier: Apache-2.0 */
/* command_predict.c - lockstep predict. */
#include "base/fail.h"
#include "cli/command.h"
#include "predict/predict.h"

#include <stdio.h>

typedef struct {
  lks_common_options common;
  const char *split, *series, *state;
  double interval;
  lks_option_list sets;
  bool json, plot, columns;
} predict_options;

static const predict_options defaults = {.split = NULL};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"split", LKS_OPTION_TEXT, offsetof(predict_options, split), "NAME", 1, 0,
     "forecasts the last rows of a split, beside what came"},
    {"series", LKS_OPTION_TEXT, offsetof(predict_options, series), "NAME", 1, 0,
     "only the series of this name"},
    {"state", LKS_OPTION_TEXT, offsetof(predict_options, state), "FILE", 1, 0,
     "goes on from the state in FILE and leaves it there: a new row costs one step"},
    {"interval", LKS_OPTION_REAL, offsetof(predict_options, interval), "X", 0.01, 0.999,
     "level of the interval (default: the configuration's, 0.8)"},
    {"set", LKS_OPTION_LIST, offsetof(predict_options, sets), "SECTION.KEY=VALUE", 1, 0,
     "changes a key of the model's configuration, e.g. evaluate.beam=5; may be repeated"},
    {"columns", LKS_OPTION_SWITCH, offsetof(predict_options, columns), NULL, 1, 0,
     "tags: INPUT has a word a line, its first column; lines come back with a tag behind"},
    {"json", LKS_OPTION_SWITCH, offsetof(predict_options, json), NULL, 1, 0,
     "one JSON object a line instead of CSV"},
    {"plot", LKS_OPTION_SWITCH, offsetof(predict_options, plot), NULL, 1, 0,
     "a plot in the terminal instead of CSV"},
};

static lks_status check(const void *given, const lks_option_list *operands) {
  const predict_options *options = given;
  if (options->json && options->plot)
    return LKS_FAIL(LKS_USAGE, "predict: expected --json or --plot, found both");
  if (options->split && (operands->count > 1 || options->state))
    return LKS_FAIL(LKS_USAGE,
                    "predict: --split is about the dataset's own rows\n  hint: leave "
                    "out --split, or INPUT and --state");
  return LKS_OK;
}

static lks_status run(const lks_command_call *call) {
  const predict_options *options = call->options;
  lks_predict_setup setup = {.path = call->operands->items[0],
                             .input =
                                 call->operands->count > 1 ? call->operands->items[1] : NULL,
                             .split = options->split,
                             .series = options->series,
                             .state = options->state,
                             .sets = options->sets.items,
                             .set_count = options->sets.count,
                             .interval = options->interval,
                             .format = options->json   ? LKS_PREDICT_JSON
                                       : options->plot ? LKS_PREDICT_PLOT
                                                       : LKS_PREDICT_CSV,
                             .columns = options->columns,
                             .out = stdout};
  return lks_predict_run(&setup);
}

const lks_command lks_command_predict = {
    .name = "predict",
    .summary = "forecasts time series; translates, classifies or tags lines",
    .details =
        "Forecasts with the best checkpoint of a run (else its newest), or with a checkpoint\n"
        "file: what comes after the last row of INPUT, a CSV with the columns of the table\n"
        "that the model was trained on, written as that one was (-: standard input), or,\n"
        "without INPUT, of the dataset.  Rows at the end of INPUT that have no targets tell\n"
        "what is known of the future.\n"
        "\n"
        "A model of sequences answers the lines of INPUT, or of standard input, as they come:\n"
        "a translation, a class with its probability, a text for a label, or its words with\n"
        "their tags.\n"
        "\n"
        "  lockstep predict runs/weather\n"
        "  lockstep predict runs/weather --split test --plot\n"
        "  lockstep predict runs/weather new.csv --interval 0.9 --json\n"
        "  lockstep predict runs/weather --state now.h5            # begins at the data's end\n"
        "  lockstep predict runs/weather today.csv --state now.h5  # goes on, row by row\n"
        "  lockstep predict runs/multi30k english.txt --set evaluate.beam=5\n"
        "  lockstep predict runs/entities --columns test.conll\n",
    .table = {"predict", rows, sizeof rows / sizeof rows[0], 1, 2, "RUN|CHECKPOINT [INPUT]"},
    .options_bytes = sizeof(predict_options),
    .defaults = &defaults,
    .collective = false,
    .check = check,
    .run = run,
};
