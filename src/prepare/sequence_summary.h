/* sequence_summary.h - what became of the samples of each split. */
#ifndef LOCKSTEP_PREPARE_SEQUENCE_SUMMARY_H
#define LOCKSTEP_PREPARE_SEQUENCE_SUMMARY_H

#include "data/sequences.h"
#include "prepare/sequence_source.h"

enum { LKS_PREPARED_FIELDS_MAX = 3 };

/* Counts of one split. */
typedef struct {
  int64_t samples, repaired;
  int64_t bad[LKS_BAD_COUNT]; /* left out */
  int64_t symbols[LKS_PREPARED_FIELDS_MAX], unknown[LKS_PREPARED_FIELDS_MAX];
  int longest[LKS_PREPARED_FIELDS_MAX];
} lks_sequence_count;

/* Prints the splits that have samples, and the sizes of the vocabularies. */
void lks_sequence_summary_print(const lks_sequence_count count[LKS_SPLIT_COUNT], int fields,
                                const char *const *names, lks_vocabulary *const *vocabulary);

#endif
