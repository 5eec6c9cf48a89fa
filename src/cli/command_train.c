/* SPDX-License-Identifier: Apache-2.0 */
/* command_train.c - lockstep train. */
#include "base/fail.h"
#include "base/log.h"
#include "cli/command.h"
#include "train/train.h"

#include <stdio.h>

typedef struct {
  lks_common_options common;
  const char *run;
  lks_option_list sets;
  int64_t threads;
  bool resume;
  bool keys;
} train_options;

static const train_options defaults = {.run = NULL};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"run", LKS_OPTION_TEXT, offsetof(train_options, run), "DIR", 1, 0,
     "the run's folder (default: runs/NAME-OF-THE-INI)"},
    {"set", LKS_OPTION_LIST, offsetof(train_options, sets), "SECTION.KEY=VALUE", 1, 0,
     "changes a key of the INI file; may be repeated"},
    {"resume", LKS_OPTION_SWITCH, offsetof(train_options, resume), NULL, 1, 0,
     "goes on from the newest good checkpoint of the run; without an INI file, as it was begun"},
    {"threads", LKS_OPTION_INTEGER, offsetof(train_options, threads), "N", 1, 4096,
     "short for --set distributed.threads=N"},
    {"keys", LKS_OPTION_SWITCH, offsetof(train_options, keys), NULL, 1, 0,
     "prints every key of a task with its default and meaning, and ends"},
};

static lks_status check(const void *given, const lks_option_list *operands) {
  const train_options *train = given;
  if (operands->count > 0 || train->keys || (train->resume && train->run))
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE, "train: expected an INI file, found nothing\n  hint: %s",
                  train->resume ? "name the run that is to go on with --run"
                                : "lockstep train --keys prints one with every key");
}

static lks_status print_keys(const lks_command_call *call) {
  const char *kind = call->operands->count > 0 ? call->operands->items[0] : "language-model";
  lks_text text = {0};
  lks_status status = LKS_OK;
  LKS_TRY_OR(cleanup, status, lks_comm_agree(call->comm, lks_train_describe_keys(kind, &text)));
  if (lks_comm_rank(call->comm) == 0 && text.data != NULL)
    fputs(text.data, stdout);

cleanup:
  lks_text_release(&text);
  return status;
}

static lks_status run(const lks_command_call *call) {
  const train_options *options = call->options;
  if (options->keys)
    return print_keys(call);
  lks_option_list sets = options->sets;
  char threads[64];
  lks_text table = {0};
  if (options->threads > 0) {
    snprintf(threads, sizeof threads, "distributed.threads=%lld", (long long)options->threads);
    sets.items[sets.count++] = threads; /* the list has room for every word */
  }
  lks_train_setup setup = {.config_path = call->operands->items[0],
                           .run_folder = options->run,
                           .sets = sets.items,
                           .set_count = sets.count,
                           .resume = options->resume,
                           .progress = call->progress,
                           .table = &table};
  bool stopped = false;
  char last_line[256] = {0};
  lks_status status = lks_train_run(call->comm, &setup, &stopped, last_line);
  if (status == LKS_OK && lks_comm_rank(call->comm) == 0 && table.data != NULL)
    printf("%s\n", table.data);
  lks_text_release(&table);
  LKS_TRY(status);
  if (stopped)
    lks_log(LKS_LOG_INFO, "stopped as asked, with a checkpoint; --resume goes on from it");
  if (lks_comm_rank(call->comm) == 0 && last_line[0] != '\0')
    printf("%s\n", last_line);
  return LKS_OK;
}

const lks_command lks_command_train = {
    .name = "train",
    .summary = "trains a model as an INI file says, alone or under mpirun / srun",
    .details =
        "Trains the model that the INI file describes and keeps everything about it in the\n"
        "run's folder: config.ini (every key), metrics.jsonl, log.txt, state, checkpoints.\n"
        "The last line of standard output is the result, e.g. \"test perplexity 115.72\".\n"
        "\n"
        "  lockstep train run.ini\n"
        "  mpirun -n 4 lockstep train run.ini --run runs/first --set train.epochs=3\n"
        "  lockstep train --run runs/first --resume\n"
        "  lockstep train --keys language-model > run.ini\n"
        "\n"
        "SIGTERM, SIGINT or SIGUSR1 to any rank ends all ranks after the step under way,\n"
        "with a checkpoint and exit code 0; the file state then says stopped.\n",
    .table = {"train", rows, sizeof rows / sizeof rows[0], 0, 1, "[run.ini]"},
    .options_bytes = sizeof(train_options),
    .defaults = &defaults,
    .collective = true,
    .check = check,
    .run = run,
};
