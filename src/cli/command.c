/* SPDX-License-Identifier: Apache-2.0 */
/* command.c - the list of commands, how one is found, and the help texts. */
#include "cli/command.h"

#include "base/fail.h"

#include <stdio.h>
#include <string.h>

const lks_command *const lks_commands[] = {
    &lks_command_prepare_text,
    &lks_command_prepare_table,
    &lks_command_prepare_labelled,
    &lks_command_prepare_described,
    &lks_command_prepare_tags,
    &lks_command_prepare_pairs,
    &lks_command_train,
    &lks_command_evaluate,
    &lks_command_predict,
    &lks_command_generate,
    &lks_command_inspect,
    &lks_command_score,
    &lks_command_doctor,
    &lks_command_bench_kernels,
    &lks_command_bench_network,
    &lks_command_bench_step,
    &lks_command_bench_layer,
};
const size_t lks_command_count = sizeof lks_commands / sizeof lks_commands[0];

enum { COMMANDS_MAX = 32, NAME_BYTES = 64 };

/* Words of argv[1..] that `name` ("prepare text") agrees with, from the first on. */
static int words_in_common(const char *name, int argc, char **argv, int *words_of_name) {
  int common = 0;
  bool agrees = true;
  *words_of_name = 0;
  while (*name != '\0') {
    size_t bytes = strcspn(name, " ");
    int at = ++*words_of_name;
    agrees =
        agrees && at < argc && strlen(argv[at]) == bytes && memcmp(argv[at], name, bytes) == 0;
    common += agrees;
    name += bytes;
    name += strspn(name, " ");
  }
  return common;
}

/* Of a command of two words whose first one is right, only its kin are suggested. */
static lks_status fail_unknown(int argc, char **argv, bool first_word_known) {
  const char *names[COMMANDS_MAX];
  char wanted[NAME_BYTES], suggestion[512];
  size_t count = 0;
  if (argv[1][0] == '-')
    return LKS_FAIL(LKS_USAGE,
                    "expected a command, found the option '%s'\n"
                    "  hint: lockstep --help lists the commands",
                    argv[1]);
  for (size_t i = 0; i < lks_command_count; i++) {
    int length = 0;
    if (!first_word_known || words_in_common(lks_commands[i]->name, argc, argv, &length) > 0)
      names[count++] = lks_commands[i]->name;
  }
  bool has_second = first_word_known && argc > 2;
  snprintf(wanted, sizeof wanted, "%s%s%s", argv[1], has_second ? " " : "",
           has_second ? argv[2] : "");
  lks_text_suggest(wanted, names, count, suggestion, sizeof suggestion);
  return LKS_FAIL(LKS_USAGE, "%s command '%s'%s",
                  first_word_known && argc == 2 ? "incomplete" : "unknown", wanted, suggestion);
}

lks_status lks_command_find(int argc, char **argv, const lks_command **command, int *words) {
  LKS_ASSERT(lks_command_count <= COMMANDS_MAX);
  *command = NULL;
  if (argc < 2)
    return LKS_FAIL(LKS_USAGE, "expected a command\n  hint: lockstep --help lists them");
  bool first_word_known = false;
  for (size_t i = 0; i < lks_command_count; i++) {
    int length = 0;
    int common = words_in_common(lks_commands[i]->name, argc, argv, &length);
    first_word_known = first_word_known || common > 0;
    if (common == length) {
      *command = lks_commands[i];
      *words = length;
      return LKS_OK;
    }
  }
  return fail_unknown(argc, argv, first_word_known);
}

static bool is_kin(const lks_command *command, const char *word) {
  size_t bytes = strlen(word);
  return strncmp(command->name, word, bytes) == 0 && command->name[bytes] == ' ';
}

bool lks_command_has_kin(const char *word) {
  for (size_t i = 0; i < lks_command_count; i++)
    if (is_kin(lks_commands[i], word))
      return true;
  return false;
}

static lks_status list_command(const lks_command *command, lks_text *text) {
  return lks_text_print(text, "  %-18s %s\n", command->name, command->summary);
}

lks_status lks_command_describe_kin(const char *word, lks_text *text) {
  LKS_TRY(lks_text_print(text, "usage: lockstep %s WORD [OPTION...] [OPERAND...]\n\n", word));
  for (size_t i = 0; i < lks_command_count; i++)
    if (is_kin(lks_commands[i], word))
      LKS_TRY(list_command(lks_commands[i], text));
  return lks_text_print(text, "\n  lockstep %s WORD --help    tells about one of them\n", word);
}

lks_status lks_command_describe_all(lks_text *text) {
  LKS_TRY(lks_text_print(text, "lockstep trains sequence models on many ranks and threads:\n"
                               "one configuration, one digest.\n\n"
                               "usage: lockstep COMMAND [OPTION...] [OPERAND...]\n\n"
                               "commands:\n"));
  for (size_t i = 0; i < lks_command_count; i++)
    LKS_TRY(list_command(lks_commands[i], text));
  return lks_text_print(text, "\n"
                              "  lockstep COMMAND --help    tells about one command\n"
                              "  lockstep --version         prints the version\n\n"
                              "Started by mpirun or srun, the ranks work together; else it "
                              "works alone.\n\n"
                              "environment: LOCKSTEP_KERNELS=NAME chooses the kernel table "
                              "(avx512, avx2, portable,\n"
                              "               reference, openblas) before [train] kernels\n"
                              "             LOCKSTEP_PROGRESS=bar or lines: how progress is "
                              "shown\n\n"
                              "exit codes: 0 success (finished, or stopped as asked), "
                              "1 failure while running,\n"
                              "            2 wrong use, 3 bad data\n");
}

lks_status lks_command_describe(const lks_command *command, lks_text *text) {
  const lks_option_table *table = &command->table;
  LKS_TRY(lks_text_print(text, "usage: lockstep %s [OPTION...]%s%s\n\n%s\noptions:\n",
                         command->name, table->operands_max > 0 ? " " : "",
                         table->operands_max > 0 ? table->operands : "", command->details));
  return lks_options_describe(table, text);
}
