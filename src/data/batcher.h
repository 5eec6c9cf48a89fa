/* batcher.h - cuts a split into global batches and reads this rank's rows.
 *
 * Time series come in windows (windows.h), samples of fields as sequence_batches.h gathers
 * them.  There are two ways to see a text of N tokens to
 * predict (each from the one before it; the first from the end of a line, or from symbol 0
 * where the vocabulary has none):
 *
 *   carried state  the text is cut into `rows` streams, the first N mod rows of them one
 *                  token longer; a batch is the next `window` steps of every stream,
 *                  the last one shorter.  Row = stream.  `starts` is set on the first
 *                  batch of an epoch; rows that have ended count as not present.
 *   samples        the text is cut into windows, each a sample with a state of its own;
 *                  a batch is `rows` of them in the order of order.h, the last one fewer.
 *                  `starts` is always set, `position` always 0.
 *
 * Nothing is padded with duplicates or dropped.  What a batch says about itself is the
 * same on every rank, without communication; only its arrays are this rank's.  Items
 * behind a row's length are 0.
 *
 * The next batch is read by the I/O thread while this one is used.  Nothing is
 * allocated after creation.
 *
 * Life cycle: create (-> seek) -> next … -> destroy, before the dataset is closed. */
#ifndef LOCKSTEP_DATA_BATCHER_H
#define LOCKSTEP_DATA_BATCHER_H

#include "data/dataset.h"
#include "data/windows.h"
#include "tensor/batch.h"

typedef struct {
  lks_split split;
  int rows;      /* rows of a global batch: the streams, or samples */
  int window;    /* time steps of a batch */
  int shards;    /* V */
  bool carried;  /* carried state */
  bool shuffled; /* samples only */
  uint64_t seed;
  int rank, ranks; /* whose rows; ranks may exceed shards: those have none */

  /* Of time series: which windows, with `carried` as streams of windows; else NULL. */
  const lks_window_plan *windows;
  int terms; /* of the loss, of one window */

  /* Of sequences, with `carried` as streams: by rows, or by tokens. */
  bool sequences;
  int64_t tokens;              /* 0: by rows */
  int bucket;                  /* batches that are sorted by length together */
  int terms_field, terms_more; /* of the loss: see task.h */
} lks_batcher_setup;

typedef struct lks_batcher lks_batcher;

/* `dataset` and `io` are borrowed and outlive the batcher.  Fails with LKS_DATA when the
 * split is empty or, with carried state, has fewer tokens than rows. */
lks_status lks_batcher_create(lks_batcher **batcher, lks_dataset *dataset, lks_io_thread *io,
                              const lks_batcher_setup *setup);
void lks_batcher_destroy(lks_batcher *batcher);

/* Batches of one epoch. */
int64_t lks_batcher_batches(const lks_batcher *batcher);

/* Rows of the global batch that has the most. */
int lks_batcher_full_rows(const lks_batcher *batcher);

/* The numbers of rows that global batches have, one after another: number `i` of them,
 * or 0 when there are no more.  The first is the most. */
int lks_batcher_row_count(const lks_batcher *batcher, int i);

/* Most of each field of sequences in a batch of this rank. */
void lks_batcher_room(const lks_batcher *batcher, lks_field_room field[LKS_BATCH_FIELDS_MAX]);

/* Largest number of rows, and of time steps, that this rank can get. */
int lks_batcher_rows_max(const lks_batcher *batcher);
int lks_batcher_steps_max(const lks_batcher *batcher);

/* Goes to batch `index` of epoch `epoch` (both from 0) and starts reading it; an index
 * of lks_batcher_batches is the start of the next epoch.  Fails with LKS_DATA when there
 * is no such batch.  Without a seek the first batch is that of (0, 0). */
lks_status lks_batcher_seek(lks_batcher *batcher, int64_t epoch, int64_t index);

/* The next batch; *batch belongs to the batcher and lives until the next call.  At the
 * end of an epoch the following one begins.  *waited adds the seconds it was not ready.
 * After a failure the next call tries the same batch again. */
lks_status lks_batcher_next(lks_batcher *batcher, const lks_batch **batch, double *waited);

/* Whose rows are whose in the batch that was last handed over (before the first: in one
 * of all rows): cuts[ranks + 1] as lks_shards_cut, with ranks past the shards owning
 * none. */
const int *lks_batcher_cuts(const lks_batcher *batcher);

#endif
