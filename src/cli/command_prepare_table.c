/* SPDX-License-Identifier: Apache-2.0 */
/* command_prepare_table.c - lockstep prepare table. */
#include "base/fail.h"
#include "cli/command.h"
#include "prepare/prepare_table.h"

#include <string.h>

typedef struct {
  lks_common_options common;
  lks_prepare_table table;
  const char *scaling, *constant;
} table_options;

static const table_options defaults = {.table = {.valid_fraction = -1,
                                                 .test_fraction = -1,
                                                 .train_rows = -1,
                                                 .valid_rows = -1,
                                                 .test_rows = -1},
                                       .scaling = "standard",
                                       .constant = "refuse"};

/* A row whose value is a field of the request. */
#define TABLE_ROW(name, kind, field, value, minimum, maximum, help)                            \
  {                                                                                            \
    name, LKS_OPTION_##kind,                                                                   \
        offsetof(table_options, table) + offsetof(lks_prepare_table, field), value, minimum,   \
        maximum, help                                                                          \
  }

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    TABLE_ROW("out", TEXT, out, "FILE", 1, 0, "the dataset to write"),
    TABLE_ROW("target", TEXT, target, "COLS", 1, 0,
              "columns to forecast (default: all that have no other role)"),
    TABLE_ROW("past", TEXT, past, "COLS", 1, 0, "covariates known only up to the present"),
    TABLE_ROW("known", TEXT, known, "COLS", 1, 0, "covariates known in the future too"),
    TABLE_ROW("static", TEXT, statics, "COLS", 1, 0, "covariates that do not change"),
    TABLE_ROW("ignore", TEXT, ignore, "COLS", 1, 0, "columns to leave out"),
    TABLE_ROW("time", TEXT, time, "COL", 1, 0,
              "column of times (default: one called date, ..., or of dates)"),
    TABLE_ROW("no-time", SWITCH, no_time, NULL, 1, 0, "rows are only numbered"),
    TABLE_ROW("group", TEXT, group, "COL", 1, 0,
              "column that names the series of each row, in a table of many"),
    TABLE_ROW("melt", SWITCH, melt, NULL, 1, 0,
              "each target becomes a series, with all covariates"),
    TABLE_ROW("calendar", TEXT, calendar, "LIST", 1, 0,
              "makes known columns: hour,weekday,monthday,yearday,month"),
    TABLE_ROW("separator", TEXT, separator, "CHAR", 1, 0,
              "between columns: , ; | or tab (default: found)"),
    TABLE_ROW("decimal-comma", SWITCH, decimal_comma, NULL, 1, 0, "numbers are like 1,5"),
    TABLE_ROW("no-header", SWITCH, no_header, NULL, 1, 0,
              "columns are called 1, 2, ... (default: found)"),
    TABLE_ROW("missing", TEXT, missing, "LIST", 1, 0,
              "missing values besides nothing (default: NA,NaN,nan,null,?,-)"),
    TABLE_ROW("time-format", TEXT, time_format, "NAME", 1, 0,
              "ymd, dmy, mdy, epoch or number (default: found)"),
    TABLE_ROW("frequency", TEXT, frequency, "STEP", 1, 0,
              "e.g. '15 minutes', '1 weekday', '3 months' (default: found)"),
    TABLE_ROW("season", INTEGER, season, "N", 1, 1e9,
              "rows of a season (default: as usual for the frequency)"),
    TABLE_ROW("valid-fraction", REAL, valid_fraction, "X", 0, 0.999,
              "share of each series to validate on (default: 0.1)"),
    TABLE_ROW("test-fraction", REAL, test_fraction, "X", 0, 0.999,
              "share of each series to test on, its end (default: 0.2)"),
    TABLE_ROW("train-rows", INTEGER, train_rows, "N", 1, 1e15,
              "instead: first rows of each series, to train on"),
    TABLE_ROW("valid-rows", INTEGER, valid_rows, "N", 0, 1e15,
              "rows behind them, to validate on (default: 0)"),
    TABLE_ROW("test-rows", INTEGER, test_rows, "N", 0, 1e15,
              "rows behind those, to test on (default: 0); no others are used"),
    TABLE_ROW("valid-from", TEXT, valid_from, "TIME", 1, 0,
              "instead: the first time to validate on"),
    TABLE_ROW("test-from", TEXT, test_from, "TIME", 1, 0, "the first time to test on"),
    {"scaling", LKS_OPTION_TEXT, offsetof(table_options, scaling), "KIND", 1, 0,
     "standard (mean 0, deviation 1 in training; default) or none"},
    {"constant", LKS_OPTION_TEXT, offsetof(table_options, constant), "WHAT", 1, 0,
     "refuse (default) or keep columns constant in training"},
    TABLE_ROW("dataset", TEXT, dataset, "PATH", 1, 0, "which array of an HDF5 file"),
    TABLE_ROW("variable", TEXT, variable, "NAME", 1, 0, "which matrix of a MATLAB file"),
};

static lks_status check_word(const char *option, const char *found, const char *a,
                             const char *b) {
  if (strcmp(found, a) == 0 || strcmp(found, b) == 0)
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE, "prepare table: --%s expects %s or %s, found '%s'", option, a, b,
                  found);
}

static lks_status check(const void *given, const lks_option_list *operands) {
  const table_options *options = given;
  (void)operands;
  if (options->table.out == NULL)
    return LKS_FAIL(LKS_USAGE, "prepare table: --out is missing\n"
                               "  hint: --out data.h5 names the dataset to write");
  LKS_TRY(check_word("scaling", options->scaling, "standard", "none"));
  LKS_TRY(check_word("constant", options->constant, "refuse", "keep"));
  return LKS_OK;
}

/* Hands what the layers below tell to the bar. */
static void tell(void *context, const char *phase, int64_t done, int64_t total) {
  const lks_progress *progress = context;
  const lks_progress_state state = {
      .phase = phase, .done = done, .total = total, .epoch = -1, .text = ""};
  progress->update(progress->context, &state);
}

static lks_status run(const lks_command_call *call) {
  const table_options *options = call->options;
  lks_prepare_table setup = options->table;
  setup.input = call->operands->items[0];
  setup.unscaled = strcmp(options->scaling, "none") == 0;
  setup.keep_constant = strcmp(options->constant, "keep") == 0;
  setup.quiet = options->common.quiet;
  if (call->progress != NULL) {
    setup.progress = tell;
    setup.progress_context = (void *)call->progress;
  }
  return lks_prepare_table_run(&setup);
}

const lks_command lks_command_prepare_table = {
    .name = "prepare table",
    .summary = "makes a dataset for forecasting from a CSV file or an array",
    .details =
        "Reads a table of numbers, one row for each time, and writes a dataset of one or\n"
        "many series: regular in time, cut into splits, and scaled by what the training\n"
        "rows tell.  INPUT is a CSV file, or an array in a .npy, .h5 or .mat file, whose\n"
        "columns are called 1, 2, ...  COLS are names separated by commas.\n"
        "\n"
        "  lockstep prepare table ett.csv --target OT --out ett.h5\n"
        "  lockstep prepare table power.csv --melt --calendar hour,weekday --out power.h5\n"
        "  lockstep prepare table sales.csv --group shop --target sold --known price \\\n"
        "    --static area --valid-from 2016-01-01 --test-from 2016-07-01 --out sales.h5\n"
        "\n"
        "Separator, header, the way times are written and the frequency are found; what was\n"
        "found is printed.  Rows that the file leaves out and empty fields are missing\n"
        "values.  Errors name file, line and column.  Memory does not grow with the file:\n"
        "its rows are kept beside --out while the dataset is made, 8 bytes a value.\n",
    .table = {"prepare table", rows, sizeof rows / sizeof rows[0], 1, 1, "INPUT"},
    .options_bytes = sizeof(table_options),
    .defaults = &defaults,
    .collective = false,
    .check = check,
    .run = run,
};
