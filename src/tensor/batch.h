/* batch.h - the rows that one call works on, as the data layer hands them over.
 *
 * Rows lie longest first, so that the active rows of a time step are always the
 * first ones.  Arrays are time-major and belong to whoever filled the batch;
 * they stay valid until the next batch is asked for. */
#ifndef LOCKSTEP_TENSOR_BATCH_H
#define LOCKSTEP_TENSOR_BATCH_H

#include "tensor/shards.h"

#include <stdbool.h>
#include <stdint.h>

enum { LKS_BATCH_FIELDS_MAX = 4 };

/* One field of sequences (data/sequences.h): row b's symbols are values[offsets[b]] to
 * values[offsets[b + 1] - 1]. */
typedef struct {
  const int32_t *values;
  const int32_t *offsets; /* [B + 1] */
} lks_batch_field;

/* Most of one field in a call. */
typedef struct {
  int longest; /* symbols of a row */
  int symbols; /* of all rows together */
  int items;   /* rows x their longest */
} lks_field_room;

typedef struct {
  /* The global batch, the same on every rank. */
  lks_shards shards;
  int64_t terms;    /* of the loss, of all rows on all ranks: tokens, or windows */
  int64_t position; /* first time step within the stream, or 0 */
  bool starts;      /* carried state begins anew */
  bool ends;        /* last batch of the epoch */

  /* This rank's rows: first_row .. first_row + rows - 1 of the global batch. */
  int first_row;
  int rows;               /* B, may be 0 */
  int steps;              /* T, the longest active length on any rank */
  const int *lengths;     /* [B] active steps, longest first */
  const uint32_t *sample; /* [B] sample or stream number, for random numbers and messages */

  /* Of a text. */
  const int32_t *inputs;  /* [T, B] tokens */
  const int32_t *targets; /* [T, B] tokens to predict */

  /* Of time series, row by row: rows of the table from the history's first to the last
   * one to forecast, NaN where a value is missing or a row lies before the series. */
  int span;              /* rows of a window; 0: this is a text */
  int columns;           /* of the table */
  const float *windows;  /* [B, span, columns] */
  const int32_t *series; /* [B] which series */
  const int64_t *origin; /* [B] the series' row that is the history's last */

  /* Of sequences: rows in the order of the shards, whatever their lengths; steps is 1. */
  int field_count;
  lks_batch_field field[LKS_BATCH_FIELDS_MAX];
  const int *row_terms; /* [B] terms of the loss that each row has */
} lks_batch;

#endif
