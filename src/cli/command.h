/* SPDX-License-Identifier: Apache-2.0 */
/* command.h - the commands of the program: one table row and one short file each.
 *
 * main.c finds the row, parses the flags into the command's own struct and calls
 * `run`.  A command never prints its failure and never exits: it returns a status. */
#ifndef LOCKSTEP_CLI_COMMAND_H
#define LOCKSTEP_CLI_COMMAND_H

#include "cli/options.h"
#include "cli/progress_bar.h"
#include "comm/comm.h"

/* The fields that every command's struct begins with. */
typedef struct {
  bool help;
  bool quiet;
  bool verbose;
} lks_common_options;

/* Their rows: the first three of every command's table. */
#define LKS_COMMON_OPTION_ROWS                                                                 \
  {"help", LKS_OPTION_SWITCH, offsetof(lks_common_options, help), NULL, 1, 0, "this text"},    \
      {"quiet",                                                                                \
       LKS_OPTION_SWITCH,                                                                      \
       offsetof(lks_common_options, quiet),                                                    \
       NULL,                                                                                   \
       1,                                                                                      \
       0,                                                                                      \
       "no progress and no notes, only results and errors"},                                   \
  {                                                                                            \
    "verbose", LKS_OPTION_SWITCH, offsetof(lks_common_options, verbose), NULL, 1, 0,           \
        "more notes, and the path of an error through the source"                              \
  }

/* What `run` is given. */
typedef struct {
  lks_comm *comm;
  const void *options; /* the command's struct, as parsed */
  const lks_option_list *operands;
  const lks_progress *progress; /* NULL with --quiet */
} lks_command_call;

typedef struct {
  const char *name;    /* "prepare text": one word or two */
  const char *summary; /* half a line for the list of commands */
  const char *details; /* paragraphs for its own help, ending in a newline */
  lks_option_table table;
  size_t options_bytes; /* of the command's struct … */
  const void *defaults; /* … and its content before parsing */
  bool collective;      /* all ranks run it; else the first alone, the others wait */
  /* NULL, or what the rows alone cannot tell about a command line: its failure is
   * agreed on by all ranks before `run` starts. */
  lks_status (*check)(const void *options, const lks_option_list *operands);
  lks_status (*run)(const lks_command_call *call);
} lks_command;

extern const lks_command lks_command_prepare_text;
extern const lks_command lks_command_prepare_labelled;
extern const lks_command lks_command_prepare_described;
extern const lks_command lks_command_prepare_tags;
extern const lks_command lks_command_prepare_pairs;
extern const lks_command lks_command_prepare_table;
extern const lks_command lks_command_train;
extern const lks_command lks_command_evaluate;
extern const lks_command lks_command_predict;
extern const lks_command lks_command_generate;
extern const lks_command lks_command_inspect;
extern const lks_command lks_command_score;
extern const lks_command lks_command_doctor;
extern const lks_command lks_command_bench_kernels;
extern const lks_command lks_command_bench_network;
extern const lks_command lks_command_bench_step;
extern const lks_command lks_command_bench_layer;

/* All commands, in the order in which one uses them. */
extern const lks_command *const lks_commands[];
extern const size_t lks_command_count;

/* The command that argv[1..] begins with; *words of argv it takes.  Fails with
 * LKS_USAGE naming the closest one. */
lks_status lks_command_find(int argc, char **argv, const lks_command **command, int *words);

/* Whether there are commands of two words whose first one is `word`: "prepare". */
bool lks_command_has_kin(const char *word);

/* Appends the program's help, that of the commands whose first word is `word`, or a
 * command's. */
lks_status lks_command_describe_all(lks_text *text);
lks_status lks_command_describe_kin(const char *word, lks_text *text);
lks_status lks_command_describe(const lks_command *command, lks_text *text);

#endif
