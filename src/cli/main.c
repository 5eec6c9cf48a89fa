/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - joins the group of ranks, runs one command, and ends with its exit code.
 *
 * Every rank parses the same words; a failure is agreed on before the command starts,
 * so that only the lowest failing rank prints it.  A command that is not collective
 * runs on the first rank while the others wait. */
#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/command.h"

#include <lockstep/lockstep.h>

#include <stdio.h>
#include <string.h>

enum { WORDS_BYTES = 4096 };

static const double endless_seconds = 1e9;

/* What is to be done, as told by the command line. */
typedef struct {
  const lks_command *command; /* NULL: only print `text` */
  void *options;              /* the command's struct */
  lks_option_list operands;
  lks_text text; /* help or version */
} intent;

static void release_intent(intent *it) {
  if (it->options != NULL)
    lks_options_release(&it->command->table, it->options, &it->operands);
  lks_release(it->options);
  lks_text_release(&it->text);
}

/* "lockstep --help", "lockstep help train", "lockstep --version". */
static lks_status find_text(int argc, char **argv, intent *it) {
  if (strcmp(argv[1], "--version") == 0)
    return lks_text_print(&it->text, "lockstep %s\n", lks_version());
  const lks_command *command = NULL;
  int words = 0;
  if (argc == 2)
    return lks_command_describe_all(&it->text);
  if (argc == 3 && lks_command_has_kin(argv[2]))
    return lks_command_describe_kin(argv[2], &it->text);
  LKS_TRY(lks_command_find(argc - 1, argv + 1, &command, &words));
  return lks_command_describe(command, &it->text);
}

static bool asks_for_text(int argc, char **argv) {
  return argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 ||
                      strcmp(argv[1], "--version") == 0);
}

static lks_status find_command(int argc, char **argv, intent *it) {
  const lks_command *command = NULL;
  int words = 0;
  if (argc == 3 && strcmp(argv[2], "--help") == 0 && lks_command_has_kin(argv[1]))
    return lks_command_describe_kin(argv[1], &it->text);
  LKS_TRY(lks_command_find(argc, argv, &command, &words));
  it->command = command;
  LKS_TRY(lks_allocate(&it->options, 1, command->options_bytes));
  memcpy(it->options, command->defaults, command->options_bytes);
  LKS_TRY(lks_options_parse(&command->table, argc - words, argv + words, it->options,
                            &it->operands));
  const lks_common_options *common = it->options;
  if (common->help)
    return lks_command_describe(command, &it->text);
  LKS_TRY(lks_options_check_operands(&command->table, &it->operands));
  return command->check != NULL ? command->check(it->options, &it->operands) : LKS_OK;
}

/* Ranks that were started with other words would wait for each other for ever. */
static lks_status check_words(lks_comm *comm, int argc, char **argv) {
  char words[WORDS_BYTES] = {0};
  size_t used = 0;
  for (int i = 1; i < argc && used < sizeof words; i++)
    used += (size_t)snprintf(words + used, sizeof words - used, "%s\n", argv[i]);
  return lks_comm_check_equal(comm, "the command line", words, sizeof words);
}

static void configure_log(const intent *it, const lks_comm *comm) {
  lks_log_level level = LKS_LOG_INFO;
  if (it->options != NULL) {
    const lks_common_options *common = it->options;
    level = common->verbose ? LKS_LOG_DETAIL : common->quiet ? LKS_LOG_WARNING : LKS_LOG_INFO;
  }
  lks_log_configure(level, lks_comm_rank(comm), lks_comm_size(comm));
}

static lks_status run_command(lks_comm *comm, const intent *it) {
  const lks_common_options *common = it->options;
  LKS_ASSERT(common);
  lks_progress_bar bar;
  bool shows = !common->quiet && lks_comm_rank(comm) == 0;
  lks_progress_bar_open(&bar, stderr);
  lks_command_call call = {.comm = comm,
                           .options = it->options,
                           .operands = &it->operands,
                           .progress = shows ? &bar.progress : NULL};
  lks_status status = LKS_OK;
  if (!it->command->collective)
    lks_comm_set_deadline(comm, endless_seconds);
  if (it->command->collective || lks_comm_rank(comm) == 0)
    status = it->command->run(&call);
  lks_progress_bar_close(&bar);
  return it->command->collective ? status : lks_comm_agree(comm, status);
}

static lks_status run(lks_comm *comm, int argc, char **argv, intent *it) {
  lks_log_configure(LKS_LOG_INFO, lks_comm_rank(comm), lks_comm_size(comm));
  LKS_TRY(lks_comm_agree(comm, check_words(comm, argc, argv)));
  LKS_TRY(lks_comm_agree(comm, asks_for_text(argc, argv) ? find_text(argc, argv, it)
                                                         : find_command(argc, argv, it)));
  configure_log(it, comm);
  if (it->text.data != NULL) {
    if (lks_comm_rank(comm) == 0)
      fputs(it->text.data, stdout);
    return LKS_OK;
  }
  return run_command(comm, it);
}

int main(int argc, char **argv) {
  lks_comm *comm = NULL;
  intent it = {0};
  lks_status status = lks_comm_create(&comm, false);
  if (status == LKS_OK)
    status = run(comm, argc, argv, &it);
  bool is_written =
      fflush(stdout) == 0 && !ferror(stdout); /* an earlier flush drops what failed */
  if (!is_written && status == LKS_OK)
    status = LKS_FAIL(LKS_IO, "standard output: cannot write\n  hint: is the disk full?");
  if (status != LKS_OK && status != LKS_PEER)
    lks_log_failure();
  release_intent(&it);
  lks_comm_destroy(comm, status);
  /* A launcher reports the first exit code that is not 0: let it be the failing rank's. */
  return status == LKS_PEER ? 0 : lks_status_exit_code(status);
}
