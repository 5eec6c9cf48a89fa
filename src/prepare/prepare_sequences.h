/* prepare_sequences.h - text files to datasets of samples made of fields.
 *
 *   labelled  words and a label, for `classify` and `generate`
 *   described words and a vector of numbers, for `generate`
 *   tags      words, their characters and tags, for `tag`
 *   pairs     source and target, for `translate`
 *
 * Vocabularies are those of the training split.  Memory is bounded by them, not by the
 * text, which is read once, and once before to learn subwords: one model for both sides of
 * pairs.  While the dataset is made, a file beside it holds 4 bytes for every symbol of
 * the training split.  Nothing is dropped that is not counted and told. */
#ifndef LOCKSTEP_PREPARE_PREPARE_SEQUENCES_H
#define LOCKSTEP_PREPARE_PREPARE_SEQUENCES_H

#include "data/dataset.h"
#include "prepare/sequence_source.h"

typedef struct {
  lks_sequences kind;
  const char *file[LKS_SPLIT_COUNT];   /* NULL: no such split; of pairs the sources */
  const char *second[LKS_SPLIT_COUNT]; /* of pairs the targets */
  const char *out;
  size_t vocab_size;      /* most symbols of a vocabulary; 0: all */
  int64_t vocab_count;    /* fewest occurrences of a symbol */
  const char *keep_words; /* file whose words are kept too: keep_words.h; NULL: none; not of
                             pairs, characters or subwords */
  lks_token_kind tokens;
  bool lowercase;
  int subwords;      /* pieces of the model that is learnt, of tokens = subwords */
  int subword_lines; /* training lines that it is learnt from, drawn evenly; 0: all */
  bool repairs;
  int max_length; /* longer samples are left out; 0: none */
  bool skips;     /* bad samples are counted and left out; else the first one is refused */
  bool quiet;     /* prints no summary */
} lks_prepare_sequences;

/* Writes the dataset and prints what was made: samples, symbols, longest, unknown share and
 * what was left out of each split, and the vocabularies.  Fails with LKS_DATA naming file
 * and line of what is wrong, with LKS_IO when `out` cannot be written. */
lks_status lks_prepare_sequences_run(const lks_prepare_sequences *setup);

#endif
