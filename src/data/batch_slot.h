/* batch_slot.h - memory for one batch of this rank.
 *
 * Two slots take turns: one is used while the I/O thread fills the other. */
#ifndef LOCKSTEP_DATA_BATCH_SLOT_H
#define LOCKSTEP_DATA_BATCH_SLOT_H

#include "data/rows.h"
#include "tensor/batch.h"

typedef struct {
  lks_batch batch;      /* what is handed out; its pointers are those below */
  const lks_rows *rows; /* borrowed: whose rows are whose in this batch */
  int *lengths;
  uint32_t *sample;
  int32_t *inputs;
  int32_t *targets;
  float *windows;
  int32_t *series;
  int64_t *origin;
  int32_t *field_values[LKS_BATCH_FIELDS_MAX];
  int32_t *field_offsets[LKS_BATCH_FIELDS_MAX];
  int *row_terms;
} lks_batch_slot;

/* Room for rows of tokens, of windows, or of sequences of `fields` fields. */
lks_status lks_batch_slot_create(lks_batch_slot *slot, int rows, int steps);
lks_status lks_batch_slot_create_windows(lks_batch_slot *slot, int rows, int span, int columns);
lks_status lks_batch_slot_create_sequences(lks_batch_slot *slot, int rows, int fields,
                                           const lks_field_room *room);
void lks_batch_slot_release(lks_batch_slot *slot);

/* Begins a batch whose rows are cut as `rows`: everything else of it is zero. */
void lks_batch_slot_start(lks_batch_slot *slot, const lks_rows *rows);

/* Sets local row `row`; batch.steps is known.
 *
 *   tokens  [length + 1] the first is only an input, the last only a target */
void lks_batch_slot_put(lks_batch_slot *slot, int row, uint32_t sample, int length,
                        const int32_t *tokens);

#endif
