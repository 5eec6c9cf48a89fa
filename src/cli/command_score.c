/* SPDX-License-Identifier: Apache-2.0 */
/* command_score.c - lockstep score. */
#include "cli/command.h"
#include "report/score_texts.h"

typedef struct {
  lks_common_options common;
  bool lowercase;
} score_options;

static const score_options defaults = {.lowercase = false};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"lowercase", LKS_OPTION_SWITCH, offsetof(score_options, lowercase), NULL, 1, 0,
     "both files in lower case first"},
};

static lks_status check(const void *given, const lks_option_list *operands) {
  (void)given;
  return lks_score_texts_check(operands->items[0]);
}

static lks_status run(const lks_command_call *call) {
  const char *const *operands = call->operands->items;
  const score_options *options = call->options;
  const lks_score_files files = {.metric = operands[0],
                                 .hypotheses = operands[1],
                                 .references = operands[2],
                                 .lowercase = options->lowercase};
  return lks_score_texts(&files, stdout);
}

const lks_command lks_command_score = {
    .name = "score",
    .summary = "scores a file of answers beside the right ones",
    .details =
        "Scores the lines of a file beside those of a file of references.  The metrics:\n"
        "\n"
        "  bleu       words between white space, as multi-bleu.perl\n"
        "  sacrebleu  raw text, as sacreBLEU: 13a tokens, smoothed; with a signature\n"
        "  chrf       chrF2, n-grams of up to 6 characters\n"
        "  spans      named entities as conlleval: columns, the last one the tag;\n"
        "             an empty line ends a sentence\n"
        "  accuracy   a class a line; macro F1 beside it\n"
        "\n"
        "  lockstep score bleu translations.txt test.de\n"
        "  lockstep score spans answers.conll test.conll\n",
    .table = {"score", rows, sizeof rows / sizeof rows[0], 3, 3,
              "METRIC HYPOTHESES REFERENCES"},
    .options_bytes = sizeof(score_options),
    .defaults = &defaults,
    .collective = false,
    .check = check,
    .run = run,
};
