/* order.h - the order of samples, a function of (seed, epoch, block) alone.
 *
 * Blocks of `block` consecutive samples (a chunk of the file) are shuffled; the
 * samples of `window` consecutive shuffled blocks are shuffled among themselves,
 * so reading stays sequential enough.  Every rank knows the whole order. */
#ifndef LOCKSTEP_DATA_ORDER_H
#define LOCKSTEP_DATA_ORDER_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stdint.h>

typedef struct lks_order lks_order;

/* An order of `count` samples. */
lks_status lks_order_create(lks_order **order, int64_t count, int64_t block, int window,
                            uint64_t seed, bool shuffled);
void lks_order_destroy(lks_order *order);

/* Sets the epoch (from 0). */
void lks_order_start(lks_order *order, int64_t epoch);

/* The sample at place i, 0 <= i < count. */
int64_t lks_order_at(lks_order *order, int64_t i);

#endif
