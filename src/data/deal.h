/* deal.h - samples of unequal cost dealt to the shards of a batch.
 *
 * Sample i, longest first, goes to shard reverse(gray(i mod V)), reverse turning the
 * log2 V bits of a number around and gray(i) = i xor i / 2 being the reflected binary code
 * (Gray 1953): one after another, samples go to the left half, twice to the right half, and
 * back, and so it is with the quarters inside the halves.  Every second round goes through
 * the shards the other way; a shard that has all its rows is passed over. */
#ifndef LOCKSTEP_DATA_DEAL_H
#define LOCKSTEP_DATA_DEAL_H

#include "tensor/shards.h"

/* row[i] = the row of the global batch for the i-th longest sample.
 *
 *   row     [shards->rows] out
 *   filled  [shards->shards] scratch */
void lks_deal(const lks_shards *shards, int *row, int *filled);

#endif
