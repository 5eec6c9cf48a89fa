/* SPDX-License-Identifier: Apache-2.0 */
/* options.h - the words after a command: flags, their values, and operands.
 *
 * A command has one table with a row per flag; --help, parsing and the
 * suggestions for a misspelt flag all come from it.  Values are written into the
 * command's own struct, at the offset that the row names. */
#ifndef LOCKSTEP_CLI_OPTIONS_H
#define LOCKSTEP_CLI_OPTIONS_H

#include "base/text.h"

typedef enum {
  LKS_OPTION_SWITCH,  /* bool: true when given */
  LKS_OPTION_CLEAR,   /* bool: false when given */
  LKS_OPTION_TEXT,    /* const char *, borrowed from argv */
  LKS_OPTION_INTEGER, /* int64_t */
  LKS_OPTION_REAL,    /* double */
  LKS_OPTION_LIST     /* lks_option_list: may be given several times */
} lks_option_kind;

typedef struct {
  const char *name; /* without the dashes */
  lks_option_kind kind;
  size_t offset;     /* of its place in the command's struct */
  const char *value; /* its value's name in the help, e.g. "DIR"; NULL for a switch */
  double minimum;    /* of numbers; minimum > maximum: no range */
  double maximum;
  const char *help; /* one line */
} lks_option;

/* Texts in the order in which they were given; room for all of argv. */
typedef struct {
  const char **items;
  size_t count;
} lks_option_list;

/* What a command accepts. */
typedef struct {
  const char *command; /* "train", for messages */
  const lks_option *options;
  size_t option_count;
  size_t operands_min;
  size_t operands_max;
  const char *operands; /* "run.ini", for messages and help */
} lks_option_table;

/* Sorts argv[1..argc) into `target` (the command's struct, filled with defaults) and
 * `operands`, whose order is kept; flags and operands may be mixed, "--" ends the
 * flags.  Lists in `target` and `operands` are allocated here: release them with
 * lks_options_release, also after a failure.  argv is reordered.
 *
 * Fails with LKS_USAGE naming the flag, what it expects and what it found, or the
 * closest flag when there is no such one. */
lks_status lks_options_parse(const lks_option_table *table, int argc, char **argv, void *target,
                             lks_option_list *operands);
void lks_options_release(const lks_option_table *table, void *target,
                         lks_option_list *operands);

/* Fails with LKS_USAGE when there are too few operands, or too many. */
lks_status lks_options_check_operands(const lks_option_table *table,
                                      const lks_option_list *operands);

/* Appends "  --run DIR   where …" lines for every row. */
lks_status lks_options_describe(const lks_option_table *table, lks_text *text);

#endif
