/* prepare_text.h - plain text to a dataset for language models.
 *
 * Memory is bounded by the vocabulary, not by the text.  Words are what white
 * space separates, each line ending in <eos>; characters are code points, line
 * ends among them.  Empty lines are text. */
#ifndef LOCKSTEP_PREPARE_PREPARE_TEXT_H
#define LOCKSTEP_PREPARE_PREPARE_TEXT_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  /* Either one file per split … */
  const char *train, *valid, *test; /* valid and test may be NULL */
  /* … or one text (several files are read one after another), cut by fractions in order. */
  const char *const *inputs;
  size_t input_count;
  double valid_fraction, test_fraction;

  bool characters;        /* characters instead of words */
  size_t vocab_size;      /* most symbols; 0: all */
  int64_t vocab_count;    /* fewest occurrences, counted in the training split */
  const char *keep_words; /* file whose words are kept too: keep_words.h; NULL: none */
  const char *out;
  bool quiet; /* prints no summary */
} lks_prepare_text;

/* Writes the dataset and prints what was made: tokens and bytes per split,
 * vocabulary, unknown share.  Makes the folder of `out`.  Fails with LKS_DATA for a
 * missing or empty file or split and for text that is not UTF-8 (file, line, column),
 * with LKS_USAGE for a fraction outside [0, 1) and for files by split beside fractions,
 * with LKS_IO when `out` cannot be written. */
lks_status lks_prepare_text_run(const lks_prepare_text *setup);

#endif
