/* samples.h - a text cut into windows that are samples of their own.
 *
 * Sample s of N tokens predicts tokens s x window .. min(N, (s+1) x window)-1, each
 * from the one before it.  A batch is the next `rows` samples in the order of
 * order.h; the last one of an epoch can have fewer.  Only the text's last sample can be
 * shorter than the others: it moves to the end of its batch, so that rows lie
 * longest first on every rank. */
#ifndef LOCKSTEP_DATA_SAMPLES_H
#define LOCKSTEP_DATA_SAMPLES_H

#include "data/batch_slot.h"
#include "data/tokens.h"

/* Blocks whose samples are shuffled among themselves.  Part of what a
 * configuration means: another number is another order. */
enum { LKS_SAMPLES_ORDER_WINDOW = 16 };

typedef struct lks_samples lks_samples;

typedef struct {
  int rows;   /* of a global batch */
  int window; /* time steps */
  int shards;
  int rank, ranks;
  bool shuffled;
  uint64_t seed;
} lks_samples_setup;

/* The samples of `tokens` (borrowed; outlives this). */
lks_status lks_samples_create(lks_samples **samples, const lks_tokens *tokens,
                              const lks_samples_setup *setup);
void lks_samples_destroy(lks_samples *samples);

/* Batches of an epoch; the most time steps, and the most rows of this rank, of one. */
int64_t lks_samples_batches(const lks_samples *samples);
int lks_samples_steps(const lks_samples *samples);
int lks_samples_rows(const lks_samples *samples);

/* Whose rows are whose in a batch of all rows. */
const lks_rows *lks_samples_full_rows(const lks_samples *samples);

/* Makes batch `index` of epoch `epoch`.  Only from a job of the I/O thread. */
lks_status lks_samples_fill(lks_samples *samples, int64_t epoch, int64_t index,
                            lks_batch_slot *slot);

#endif
