/* sequences.h - what a dataset of task `sequences` holds: samples made of fields.
 *
 * A field of a sample is a sequence of symbols, numbers of the field's vocabulary: the
 * words of a sentence, a tag for each of them, the words of its translation, or a label,
 * which is a sequence of one.  Fields of one sample may differ in length.
 *
 *   kind       fields
 *   pairs      source, target
 *   tags       words, characters, tags
 *   labelled   words, label
 *   described  words, vector
 *
 * `characters` holds the characters of all words of a sentence, the symbol " " behind each
 * word, so that words outside of the vocabulary are still known by their letters.
 * Vocabularies of words, subwords and characters have LKS_UNKNOWN_SYMBOL, those of source,
 * target and words also LKS_LINE_END_SYMBOL, which no sample holds: whoever needs a start
 * or an end adds it.  Labels and tags have neither.
 *
 * A field of tokenizer "numbers" holds f32 numbers in the place of symbols: the bits of
 * lks_batch_field.values are theirs, its vocabulary has the one symbol "<number>", and its
 * model is their scales (number_scales.h).
 *
 * Offsets are kept in memory, so every rank knows all lengths; symbols are read in slices. */
#ifndef LOCKSTEP_DATA_SEQUENCES_H
#define LOCKSTEP_DATA_SEQUENCES_H

#include "data/dataset.h"
#include "tensor/batch.h"

#define LKS_NUMBERS_TOKENIZER "numbers"
#define LKS_NUMBER_SYMBOL "<number>"

typedef struct {
  char *name;
  bool numbers; /* f32 values */
  lks_vocabulary *vocabulary;
  char *tokenizer; /* how a line becomes symbols: see text/tokenizer.h; "" when it does not */
  uint8_t *model;  /* [model_bytes] of a subword tokenizer, or scales of numbers, else NULL */
  size_t model_bytes;
  int64_t *offsets[LKS_SPLIT_COUNT]; /* [samples + 1]; NULL: no such split */
  int longest[LKS_SPLIT_COUNT];      /* symbols of the longest sample */

  /* SHA-256 of the lengths and of the symbols; "" where there is no such split. */
  char lengths_hex[LKS_SPLIT_COUNT][LKS_DIGEST_HEX];
  char values_hex[LKS_SPLIT_COUNT][LKS_DIGEST_HEX];
} lks_sequence_field;

typedef struct {
  char *kind;
  int count; /* fields */
  lks_sequence_field field[LKS_BATCH_FIELDS_MAX];
  int64_t samples[LKS_SPLIT_COUNT];
} lks_sequence_table;

/* The table of a dataset; NULL when its task is not `sequences`. */
const lks_sequence_table *lks_dataset_sequences(const lks_dataset *dataset);

/* Number of the field called `name`, or -1. */
int lks_sequence_field_find(const lks_sequence_table *table, const char *name);

/* Symbols of field `field` of one sample: symbols[length].  Only from a job of the I/O
 * thread.  Fails with LKS_DATA when a chunk is damaged or a value is not a symbol's
 * number. */
lks_status lks_dataset_read_sequence(lks_dataset *dataset, lks_split split, int field,
                                     int64_t sample, int32_t *symbols);

/* Counts how often each symbol of a field occurs in a split: counts [vocabulary], to be
 * added to.  Reads the whole field; fails as lks_dataset_read_sequence does. */
lks_status lks_dataset_count_symbols(const lks_dataset *dataset, lks_split split, int field,
                                     int64_t *counts);

#endif
