/* sequence_batches.h - samples of unequal length, gathered into batches and dealt to shards.
 *
 * The cost of a sample is the number of its symbols in all fields.  Batches come in three
 * ways, each a function of (seed, epoch) that every rank works out for itself:
 *
 *   rows     a batch has so many samples in the order of order.h, an epoch's last one
 *            fewer.  With `bucket` K the samples of K batches are sorted by cost before
 *            they are cut, and the K batches then shuffled: sentences of a batch are of
 *            like length and yet differ from epoch to epoch.
 *   tokens   a batch has as many samples as keep rows x longest, of any field but
 *            `characters`, within so many symbols.  Which samples are together is decided
 *            once, by the seed; every epoch shuffles the batches.
 *   streams  for scoring: all samples, longest first, the next `rows` of them in every
 *            batch.  Row r's samples are those r, r + rows, …: sums have a fixed order.
 *
 * A training batch is dealt to its shards longest first, so that halves, quarters and so on
 * of the shards have nearly equal costs: ranks that own whole subtrees are balanced without
 * moving a border. */
#ifndef LOCKSTEP_DATA_SEQUENCE_BATCHES_H
#define LOCKSTEP_DATA_SEQUENCE_BATCHES_H

#include "data/batch_slot.h"
#include "data/sequences.h"

typedef struct {
  lks_split split;
  int rows;       /* of a global batch */
  int64_t tokens; /* of a global batch; 0: by rows */
  int bucket;     /* batches that are sorted together; 0: none by rows, 64 by tokens */
  int shards;     /* V; with streams at most that many */
  bool streams;
  bool shuffled;
  uint64_t seed;
  int terms_field, terms_more; /* of the loss: see task.h */
  int rank, ranks;
} lks_sequence_batches_setup;

typedef struct lks_sequence_batches lks_sequence_batches;

/* `dataset` is borrowed and outlives this.  Fails with LKS_DATA when the split is empty,
 * or a sample alone has more than `tokens`. */
lks_status lks_sequence_batches_create(lks_sequence_batches **batches, lks_dataset *dataset,
                                       const lks_sequence_batches_setup *setup);
void lks_sequence_batches_destroy(lks_sequence_batches *batches);

int64_t lks_sequence_batches_count(const lks_sequence_batches *batches);

/* Whose rows are whose in the batch with the most rows. */
const lks_rows *lks_sequence_batches_full_rows(const lks_sequence_batches *batches);

/* The plans of all row counts that batches have: plans[return], borrowed. */
int lks_sequence_batches_plans(const lks_sequence_batches *batches, const lks_rows **plans);

/* Most rows of this rank, and most of each field in one of its calls: field[fields]. */
int lks_sequence_batches_rows(const lks_sequence_batches *batches);
void lks_sequence_batches_room(const lks_sequence_batches *batches, lks_field_room *field);

/* Makes batch `index` of epoch `epoch`.  Only from a job of the I/O thread. */
lks_status lks_sequence_batches_fill(lks_sequence_batches *batches, int64_t epoch,
                                     int64_t index, lks_batch_slot *slot);

#endif
