/* sequence_plan.h - which samples of a split are together in a batch, and when: the three
 * ways of sequence_batches.h, before anything is read or dealt. */
#ifndef LOCKSTEP_DATA_SEQUENCE_PLAN_H
#define LOCKSTEP_DATA_SEQUENCE_PLAN_H

#include "data/sequence_batches.h"

typedef struct lks_sequence_plan lks_sequence_plan;

/* Fails as lks_sequence_batches_create does. */
lks_status lks_sequence_plan_create(lks_sequence_plan **plan, const lks_dataset *dataset,
                                    const lks_sequence_batches_setup *setup);
void lks_sequence_plan_destroy(lks_sequence_plan *plan);

int64_t lks_sequence_plan_count(const lks_sequence_plan *plan);

/* Samples of the batch that has the most of them. */
int lks_sequence_plan_most(const lks_sequence_plan *plan);

/* Whether batches hold the same samples in every epoch. */
bool lks_sequence_plan_is_fixed(const lks_sequence_plan *plan);

/* The samples of batch `index` of epoch `epoch`, longest first; returns their number.
 * Epoch -1: of a fixed plan, batches in the order in which they were made. */
int lks_sequence_plan_list(lks_sequence_plan *plan, int64_t epoch, int64_t index,
                           const uint32_t **samples);

/* Symbols of a field of a sample. */
static inline int lks_sequence_length(const lks_sequence_table *table, lks_split split,
                                      int field, int64_t sample) {
  const int64_t *offsets = table->field[field].offsets[split];
  return (int)(offsets[sample + 1] - offsets[sample]);
}

#endif
