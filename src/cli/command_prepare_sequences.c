/* SPDX-License-Identifier: Apache-2.0 */
/* command_prepare_sequences.c - lockstep prepare labelled, described, tags and pairs. */
#include "base/fail.h"
#include "base/memory.h"
#include "cli/command.h"
#include "prepare/prepare_sequences.h"

typedef struct {
  lks_common_options common;
  const char *train, *valid, *test, *out;
  const char *source, *target; /* pairs */
  const char *keep_words;      /* all but pairs */
  int64_t vocab_size, vocab_count, max_length, subwords, subword_lines;
  bool lowercase, characters, skip_bad, repair;
} prepare_options;

static const prepare_options defaults = {.vocab_count = 1, .subword_lines = 500000};

#define ROW(name, type, field, value, least, most, help)                                       \
  { name, LKS_OPTION_##type, offsetof(prepare_options, field), value, least, most, help }

#define SHARED_ROWS                                                                            \
  LKS_COMMON_OPTION_ROWS, ROW("out", TEXT, out, "FILE", 1, 0, "the dataset to write"),         \
      ROW("train", TEXT, train, "FILE", 1, 0, "samples to train on"),                          \
      ROW("valid", TEXT, valid, "FILE", 1, 0, "samples to validate on"),                       \
      ROW("test", TEXT, test, "FILE", 1, 0, "samples to test on"),                             \
      ROW("vocab-size", INTEGER, vocab_size, "N", 0, 1e9,                                      \
          "keeps the N most frequent symbols; 0: all (default)"),                              \
      ROW("vocab-count", INTEGER, vocab_count, "N", 1, 1e18,                                   \
          "keeps symbols seen at least N times in training (default: 1)"),                     \
      ROW("max-length", INTEGER, max_length, "N", 0, 1e6,                                      \
          "leaves out samples of more than N symbols; 0: none (default)"),                     \
      ROW("lowercase", SWITCH, lowercase, NULL, 1, 0,                                          \
          "text in lower case; of tags the words, not their letters"),                         \
      ROW("skip-bad", SWITCH, skip_bad, NULL, 1, 0,                                            \
          "leaves out and counts samples that cannot be used, instead of refusing the first")

#define TOKEN_ROWS                                                                             \
  ROW("characters", SWITCH, characters, NULL, 1, 0, "a symbol is a character, not a word"),    \
      ROW("subwords", INTEGER, subwords, "N", 4, 1e6,                                          \
          "a symbol is one of N pieces of words, learnt from the training files"),             \
      ROW("subword-lines", INTEGER, subword_lines, "N", 0, 1e9,                                \
          "lines that pieces are learnt from, drawn evenly; 0: all (default: 500000)")

#define KEEP_WORDS_ROW                                                                         \
  ROW("keep-words", TEXT, keep_words, "FILE", 1, 0,                                            \
      "keeps the words of FILE too: a dataset, or a text with a word first in each line")

static const lks_option labelled_rows[] = {SHARED_ROWS, TOKEN_ROWS, KEEP_WORDS_ROW};
static const lks_option tags_rows[] = {
    SHARED_ROWS,
    KEEP_WORDS_ROW,
    ROW("repair", SWITCH, repair, NULL, 1, 0,
        "a span that begins with I- begins with B- instead"),
};
static const lks_option pairs_rows[] = {
    SHARED_ROWS,
    TOKEN_ROWS,
    ROW("source", TEXT, source, "EXT", 1, 0,
        "ending of the files to translate from: --train a --source en reads a.en"),
    ROW("target", TEXT, target, "EXT", 1, 0, "ending of the files to translate to"),
};

static lks_status check(const char *name, const prepare_options *options) {
  if (options->out == NULL)
    return LKS_FAIL(LKS_USAGE,
                    "%s: --out is missing\n  hint: --out data.h5 names the dataset to write",
                    name);
  if (options->train == NULL)
    return LKS_FAIL(LKS_USAGE,
                    "%s: --train is missing\n  hint: the vocabulary is that of the training "
                    "file",
                    name);
  if (options->characters && options->subwords > 0)
    return LKS_FAIL(LKS_USAGE, "%s: expected --characters or --subwords, found both", name);
  if (options->keep_words != NULL && (options->characters || options->subwords > 0))
    return LKS_FAIL(LKS_USAGE,
                    "%s: --keep-words: expected symbols that are words, found --%s\n  hint: "
                    "leave one of the two out",
                    name, options->characters ? "characters" : "subwords");
  return LKS_OK;
}

static lks_status check_labelled(const void *given, const lks_option_list *operands) {
  (void)operands;
  return check("prepare labelled", given);
}

static lks_status check_described(const void *given, const lks_option_list *operands) {
  (void)operands;
  return check("prepare described", given);
}

static lks_status check_tags(const void *given, const lks_option_list *operands) {
  (void)operands;
  return check("prepare tags", given);
}

static lks_status check_pairs(const void *given, const lks_option_list *operands) {
  const prepare_options *options = given;
  (void)operands;
  LKS_TRY(check("prepare pairs", options));
  if (options->source == NULL || options->target == NULL)
    return LKS_FAIL(LKS_USAGE, "prepare pairs: expected --source EXT and --target EXT\n  hint: "
                               "--train data/train --source en --target de reads "
                               "data/train.en and data/train.de");
  return LKS_OK;
}

static lks_prepare_sequences setup_of(lks_sequences kind, const prepare_options *options) {
  return (lks_prepare_sequences){
      .kind = kind,
      .file = {options->train, options->valid, options->test},
      .out = options->out,
      .vocab_size = (size_t)options->vocab_size,
      .vocab_count = options->vocab_count,
      .keep_words = options->keep_words,
      .tokens = options->subwords > 0 ? LKS_TOKENS_SUBWORDS
                : options->characters ? LKS_TOKENS_CHARACTERS
                                      : LKS_TOKENS_WORDS,
      .lowercase = options->lowercase,
      .subwords = (int)options->subwords,
      .subword_lines = (int)options->subword_lines,
      .repairs = options->repair,
      .max_length = (int)options->max_length,
      .skips = options->skip_bad,
      .quiet = options->common.quiet,
  };
}

static lks_status run_labelled(const lks_command_call *call) {
  const lks_prepare_sequences setup = setup_of(LKS_SEQUENCES_LABELLED, call->options);
  return lks_prepare_sequences_run(&setup);
}

static lks_status run_described(const lks_command_call *call) {
  const lks_prepare_sequences setup = setup_of(LKS_SEQUENCES_DESCRIBED, call->options);
  return lks_prepare_sequences_run(&setup);
}

static lks_status run_tags(const lks_command_call *call) {
  const lks_prepare_sequences setup = setup_of(LKS_SEQUENCES_TAGS, call->options);
  return lks_prepare_sequences_run(&setup);
}

/* PREFIX.EXT for both languages of every split. */
static lks_status run_pairs(const lks_command_call *call) {
  const prepare_options *options = call->options;
  lks_prepare_sequences setup = setup_of(LKS_SEQUENCES_PAIRS, options);
  lks_text names[2 * LKS_SPLIT_COUNT] = {{0}};
  lks_status status = LKS_OK;
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    const char *prefix = setup.file[s];
    if (prefix == NULL)
      continue;
    lks_text *name = &names[2 * s];
    LKS_TRY_OR(cleanup, status, lks_text_print(&name[0], "%s.%s", prefix, options->source));
    LKS_TRY_OR(cleanup, status, lks_text_print(&name[1], "%s.%s", prefix, options->target));
    setup.file[s] = name[0].data;
    setup.second[s] = name[1].data;
  }
  LKS_TRY_OR(cleanup, status, lks_prepare_sequences_run(&setup));
cleanup:
  for (int i = 0; i < 2 * LKS_SPLIT_COUNT; i++)
    lks_text_release(&names[i]);
  return status;
}

const lks_command lks_command_prepare_labelled = {
    .name = "prepare labelled",
    .summary = "makes a dataset of texts with a label each",
    .details =
        "Reads UTF-8 text, a sample a line: its label, white space, its words.\n"
        "\n"
        "  lockstep prepare labelled --train a.txt --valid b.txt --test c.txt --out abc.h5\n",
    .table = {"prepare labelled", labelled_rows, sizeof labelled_rows / sizeof labelled_rows[0],
              0, 0, NULL},
    .options_bytes = sizeof(prepare_options),
    .defaults = &defaults,
    .collective = false,
    .check = check_labelled,
    .run = run_labelled,
};

const lks_command lks_command_prepare_described = {
    .name = "prepare described",
    .summary = "makes a dataset of texts with a vector of numbers each",
    .details =
        "Reads UTF-8 text, a sample a line: numbers with white space between them, a tab, the\n"
        "text that they describe.  All lines have as many numbers; they are put on the scale\n"
        "of the training file, mean 0 and deviation 1, and so are those of generate --vector.\n"
        "\n"
        "  lockstep prepare described --train a.txt --valid b.txt --out described.h5\n",
    .table = {"prepare described", labelled_rows,
              sizeof labelled_rows / sizeof labelled_rows[0], 0, 0, NULL},
    .options_bytes = sizeof(prepare_options),
    .defaults = &defaults,
    .collective = false,
    .check = check_described,
    .run = run_described,
};

const lks_command lks_command_prepare_tags = {
    .name = "prepare tags",
    .summary = "makes a dataset of sentences with a tag for every word",
    .details =
        "Reads UTF-8 text in columns between white space, a word a line: the word first,\n"
        "its tag last, and as many columns in every line.  A line without a word ends a\n"
        "sentence, and so does one of -DOCSTART-.  Tags of spans are checked to be IOB2:\n"
        "B-TYPE begins a span, I-TYPE goes on with it, O is outside.\n"
        "\n"
        "  lockstep prepare tags --train a.conll --valid b.conll --out entities.h5\n",
    .table = {"prepare tags", tags_rows, sizeof tags_rows / sizeof tags_rows[0], 0, 0, NULL},
    .options_bytes = sizeof(prepare_options),
    .defaults = &defaults,
    .collective = false,
    .check = check_tags,
    .run = run_tags,
};

const lks_command lks_command_prepare_pairs = {
    .name = "prepare pairs",
    .summary = "makes a dataset of sentences and their translations",
    .details = "Reads pairs of UTF-8 files: line n of one is the translation of line n of the\n"
               "other.  --train, --valid and --test name them without their endings.\n"
               "\n"
               "  lockstep prepare pairs --train data/train --valid data/val --source en \\\n"
               "    --target de --vocab-count 2 --out en-de.h5\n",
    .table = {"prepare pairs", pairs_rows, sizeof pairs_rows / sizeof pairs_rows[0], 0, 0,
              NULL},
    .options_bytes = sizeof(prepare_options),
    .defaults = &defaults,
    .collective = false,
    .check = check_pairs,
    .run = run_pairs,
};
