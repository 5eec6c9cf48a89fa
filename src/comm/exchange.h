/* exchange.h - the one sum of a step: gradients of all ranks, in tree order.
 *
 * The buffer of `count` floats is cut into slices, whole blocks of 1,024, one a
 * rank.  The owner of a slice collects the partial sums of all ranks for it
 * (loads from a shared-memory window inside a host, messages between hosts),
 * adds them in the order of the tree over the shards, and gives the result back.
 * The order of additions is that of shards.h on any number of ranks and hosts:
 * the same bits.
 *
 * Between hosts, the ranks of a host first add what they have to the host's own
 * maximal subtrees, so that each host sends and receives the buffer once.
 *
 * LKS_REDUCTION_MPI adds a rank's own subtrees in tree order, then calls
 * MPI_Allreduce: the yardstick for speed, without the promise.
 *
 * Life cycle: create -> (fill the partials -> sum -> use the result) … -> destroy. */
#ifndef LOCKSTEP_COMM_EXCHANGE_H
#define LOCKSTEP_COMM_EXCHANGE_H

#include "comm/comm.h"
#include "comm/sum_tools.h"
#include "tensor/marks.h"
#include "tensor/shards.h"

typedef enum { LKS_REDUCTION_EXACT, LKS_REDUCTION_MPI } lks_reduction;

typedef struct lks_exchange lks_exchange;

/* Allocates the window: per rank `partials` buffers of `count` floats (a
 * multiple of 1,024), zeroed and touched, and the result.  `partials` may differ
 * from rank to rank.
 *
 *   tools  copied; NULL for none, on all ranks or on none
 *
 * Collective. */
lks_status lks_exchange_create(lks_exchange **exchange, lks_comm *comm, size_t count,
                               int partials, lks_reduction reduction,
                               const lks_sum_tools *tools);
void lks_exchange_destroy(lks_exchange *exchange);

/* This rank's buffers: partial i takes the i-th maximal subtree of the rank's
 * range of shards.  Valid until destroy; free to write between a sum and the next. */
float *const *lks_exchange_partials(const lks_exchange *exchange);

/* This rank's marks [count / 1,024], all 1 at first, for whoever fills the partials: 0 for
 * a block that is +0 in each of them.  Valid and free to write as the partials are. */
uint8_t *lks_exchange_marks(const lks_exchange *exchange);

/* Sums over all ranks.  Partials whose subtree is empty are skipped, whatever
 * they hold.  *result [count] is shared by the ranks of a host (with one rank
 * and one partial it is that partial): read only, valid until the next sum
 * begins on any rank, which waits until all ranks call it.            Collective.
 *
 *   cuts  [ranks + 1] whose shards are whose, equal on all ranks
 *
 * Fails with LKS_COMM when a rank does not arrive. */
lks_status lks_exchange_sum(lks_exchange *exchange, const lks_shards *shards, const int *cuts,
                            const float **result);

/* Sums of squares of the blocks of the last result [count / 1,024], which its owners
 * made on the way; NULL where nobody did: without tools, with one rank, by MPI.
 * Valid as long as the result. */
const double *lks_exchange_squares(const lks_exchange *exchange);

/* Marks of the last result [count / 1,024]; NULL between hosts, by MPI and on several ranks
 * without tools, where no block is passed over.  Valid as long as the result. */
const uint8_t *lks_exchange_result_marks(const lks_exchange *exchange);

/* Bytes of a rank's share of the window, with room for `partials` partials. */
size_t lks_exchange_bytes(size_t count, int partials);

#endif
