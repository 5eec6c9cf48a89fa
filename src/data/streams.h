/* streams.h - a text cut into streams that are read side by side (carried state).
 *
 * Of N tokens and R streams, stream r has floor(N/R) tokens, one more when
 * r < N mod R, and they are consecutive.  Batch b has steps b x window .. of every
 * stream; only the last can be shorter, and in it the first N mod R rows can be one
 * step longer than the others. */
#ifndef LOCKSTEP_DATA_STREAMS_H
#define LOCKSTEP_DATA_STREAMS_H

#include "data/batch_slot.h"
#include "data/tokens.h"

typedef struct lks_streams lks_streams;

/* The streams of `rows` (borrowed, as `tokens`; both outlive this).  Fails with
 * LKS_DATA when there are fewer tokens than streams. */
lks_status lks_streams_create(lks_streams **streams, const lks_tokens *tokens,
                              const lks_rows *rows, int window);
void lks_streams_destroy(lks_streams *streams);

/* Batches of an epoch; the most time steps of one. */
int64_t lks_streams_batches(const lks_streams *streams);
int lks_streams_steps(const lks_streams *streams);

/* Makes batch `index` of an epoch.  Only from a job of the I/O thread. */
lks_status lks_streams_fill(lks_streams *streams, int64_t index, lks_batch_slot *slot);

#endif
