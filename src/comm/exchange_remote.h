/* SPDX-License-Identifier: Apache-2.0 */
/* exchange_remote.h - a rank's two parts in a sum between hosts.
 *
 * As the owner of a slice it receives, from an agent on each other host, that
 * host's subtrees of the slice, adds them to its own host's partials in tree
 * order, and sends the result back.  As the agent of other hosts' slices it adds
 * its host's partials into its host's subtrees, sends them, and receives the
 * result straight into its host's shared buffer.
 *
 * Slices travel in pieces of one size, the same on all ranks.  Agents send all
 * first pieces, then all second ones; owners take them in the same order: the
 * oldest piece anywhere always has free buffers, so nothing can lock up.  Both
 * parts are advanced in turn by one thread, and neither ever waits. */
#ifndef LOCKSTEP_COMM_EXCHANGE_REMOTE_H
#define LOCKSTEP_COMM_EXCHANGE_REMOTE_H

#include "comm/exchange_state.h"
#include "comm/transport.h"

/* Pieces under way in each direction, results awaited. */
enum { LKS_PIECES_DEEP = 3, LKS_RESULTS_DEEP = 64 };

/* Floats of the buffers of each direction, room for LKS_PIECES_DEEP blocks of every
 * possible subtree; the longest piece. */
enum { LKS_STAGE_FLOATS = 1 << 20, LKS_PIECE_FLOATS = 1 << 16 };

/* A request that may be reused once it is done. */
typedef struct {
  lks_request request;
  int peer;
  bool is_busy;
} lks_slot;

typedef struct {
  int *slices; /* [served] ranks of other hosts whose slices this one prepares */
  int served;
  float *stage;             /* [LKS_STAGE_FLOATS] */
  size_t piece;             /* the cursor: piece number `piece` */
  int turn;                 /* of slices[turn] */
  size_t begun, ended, all; /* pieces sent, results back, both in the end */
  lks_slot sent[LKS_PIECES_DEEP];
  lks_slot results[LKS_RESULTS_DEEP];
} lks_agent;

typedef struct {
  float *stage;              /* [LKS_STAGE_FLOATS] */
  size_t posted, added, all; /* pieces asked for, done, and to do */
  lks_slot *received, *sent; /* [LKS_PIECES_DEEP][hosts] */
} lks_owner;

struct lks_remote {
  size_t piece; /* floats */
  lks_agent agent;
  lks_owner owner;
};

lks_status lks_agent_create(lks_agent *agent, const lks_comm *comm);
void lks_agent_destroy(lks_agent *agent);
lks_status lks_owner_create(lks_owner *owner, const lks_comm *comm);
void lks_owner_destroy(lks_owner *owner);

/* Begin a sum; then advance, which sets *moved when something was done, until
 * done.  Cancel gives up what is under way. */
void lks_agent_begin(lks_exchange *exchange);
lks_status lks_agent_advance(lks_exchange *exchange, bool *moved);
bool lks_agent_is_done(const lks_agent *agent);
void lks_agent_cancel(lks_exchange *exchange);
void lks_owner_begin(lks_exchange *exchange);
lks_status lks_owner_advance(lks_exchange *exchange, bool *moved);
bool lks_owner_is_done(const lks_exchange *exchange);
void lks_owner_cancel(lks_exchange *exchange);

/* A rank that either part waits for, or LKS_NO_RANK. */
int lks_agent_suspect(const lks_agent *agent);
int lks_owner_suspect(const lks_exchange *exchange);

/* The rank of `host` that prepares the slice of rank `owner` of another host. */
int lks_agent_of(const lks_comm *comm, int host, int owner);

/* Piece number `piece` of a rank's slice, in the whole buffer; empty behind the end. */
lks_slice lks_piece_of(const lks_exchange *exchange, int owner, size_t piece);

/* Number of pieces of a rank's slice. */
size_t lks_pieces_of(const lks_exchange *exchange, int owner);

/* Whether a slot is free again. */
lks_status lks_slot_test(lks_comm *comm, lks_slot *slot, bool *is_free);
lks_status lks_slot_send(lks_comm *comm, lks_slot *slot, int peer, lks_tag tag,
                         const float *data, size_t count);
lks_status lks_slot_receive(lks_comm *comm, lks_slot *slot, int peer, lks_tag tag, float *data,
                            size_t count);
void lks_slot_cancel(lks_comm *comm, lks_slot *slots, size_t count);

#endif
