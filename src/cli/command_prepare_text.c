/* SPDX-License-Identifier: Apache-2.0 */
/* command_prepare_text.c - lockstep prepare text. */
#include "base/fail.h"
#include "cli/command.h"
#include "prepare/prepare_text.h"

typedef struct {
  lks_common_options common;
  const char *train, *valid, *test, *out;
  double valid_fraction, test_fraction;
  bool characters, words;
  int64_t vocab_size, vocab_count;
  const char *keep_words;
} prepare_options;

/* Fractions that were not given are negative, so that giving them beside files can be
 * told from leaving them out. */
static const double default_valid_fraction = 0.1;
static const prepare_options defaults = {
    .valid_fraction = -1, .test_fraction = -1, .vocab_count = 1};

static const lks_option rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"out", LKS_OPTION_TEXT, offsetof(prepare_options, out), "FILE", 1, 0,
     "the dataset to write"},
    {"train", LKS_OPTION_TEXT, offsetof(prepare_options, train), "FILE", 1, 0,
     "text to train on, instead of INPUT"},
    {"valid", LKS_OPTION_TEXT, offsetof(prepare_options, valid), "FILE", 1, 0,
     "text to validate on"},
    {"test", LKS_OPTION_TEXT, offsetof(prepare_options, test), "FILE", 1, 0, "text to test on"},
    {"valid-fraction", LKS_OPTION_REAL, offsetof(prepare_options, valid_fraction), "X", 0,
     0.999, "share of INPUT to validate on (default: 0.1)"},
    {"test-fraction", LKS_OPTION_REAL, offsetof(prepare_options, test_fraction), "X", 0, 0.999,
     "share of INPUT to test on, its end (default: 0)"},
    {"words", LKS_OPTION_SWITCH, offsetof(prepare_options, words), NULL, 1, 0,
     "a symbol is a word between white space (default)"},
    {"characters", LKS_OPTION_SWITCH, offsetof(prepare_options, characters), NULL, 1, 0,
     "a symbol is a character"},
    {"vocab-size", LKS_OPTION_INTEGER, offsetof(prepare_options, vocab_size), "N", 0, 1e9,
     "keeps the N most frequent symbols; 0: all (default)"},
    {"vocab-count", LKS_OPTION_INTEGER, offsetof(prepare_options, vocab_count), "N", 1, 1e18,
     "keeps symbols seen at least N times in training (default: 1)"},
    {"keep-words", LKS_OPTION_TEXT, offsetof(prepare_options, keep_words), "FILE", 1, 0,
     "keeps the words of FILE too: a dataset, or a text with a word first in each line"},
};

static lks_status check(const void *given, const lks_option_list *operands) {
  const prepare_options *options = given;
  size_t inputs = operands->count;
  bool fractions = options->valid_fraction >= 0 || options->test_fraction >= 0;
  if (options->out == NULL)
    return LKS_FAIL(LKS_USAGE, "prepare text: --out is missing\n"
                               "  hint: --out data.h5 names the dataset to write");
  if (options->train == NULL && inputs == 0)
    return LKS_FAIL(LKS_USAGE, "prepare text: expected INPUT files or --train, found neither");
  if (options->train != NULL && inputs > 0)
    return LKS_FAIL(LKS_USAGE, "prepare text: expected INPUT files or --train, found both");
  if (options->train == NULL && (options->valid != NULL || options->test != NULL))
    return LKS_FAIL(LKS_USAGE, "prepare text: --valid and --test go with --train");
  if (options->train != NULL && fractions)
    return LKS_FAIL(LKS_USAGE, "prepare text: fractions cut INPUT files; with --train, "
                               "--valid and --test name the splits");
  if (options->characters && options->words)
    return LKS_FAIL(LKS_USAGE, "prepare text: expected --words or --characters, found both");
  if (options->keep_words != NULL && options->characters)
    return LKS_FAIL(LKS_USAGE, "prepare text: --keep-words: expected symbols that are words, "
                               "found --characters\n  hint: leave one of the two out");
  return LKS_OK;
}

static lks_status run(const lks_command_call *call) {
  const prepare_options *options = call->options;
  lks_prepare_text setup = {
      .train = options->train,
      .valid = options->valid,
      .test = options->test,
      .inputs = call->operands->items,
      .input_count = call->operands->count,
      .valid_fraction = options->valid_fraction >= 0 ? options->valid_fraction
                        : options->train == NULL     ? default_valid_fraction
                                                     : 0,
      .test_fraction = options->test_fraction >= 0 ? options->test_fraction : 0,
      .characters = options->characters,
      .vocab_size = (size_t)options->vocab_size,
      .vocab_count = options->vocab_count,
      .keep_words = options->keep_words,
      .out = options->out,
      .quiet = options->common.quiet};
  return lks_prepare_text_run(&setup);
}

const lks_command lks_command_prepare_text = {
    .name = "prepare text",
    .summary = "makes a dataset for language models from plain text",
    .details =
        "Reads UTF-8 text and writes a dataset: the symbols as numbers, the vocabulary,\n"
        "and the splits.  Either one text, cut in order by fractions, or one file a split.\n"
        "\n"
        "  lockstep prepare text book.txt --characters --out book.h5\n"
        "  lockstep prepare text --train a.txt --valid b.txt --test c.txt --out abc.h5\n",
    .table = {"prepare text", rows, sizeof rows / sizeof rows[0], 0, (size_t)-1, "INPUT..."},
    .options_bytes = sizeof(prepare_options),
    .defaults = &defaults,
    .collective = false,
    .check = check,
    .run = run,
};
