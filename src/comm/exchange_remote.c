/* SPDX-License-Identifier: Apache-2.0 */
/* exchange_remote.c - the sum between hosts: owner and agent, advanced in turn.
 *
 * Every host sends its subtrees of the slices it does not own, once, and receives
 * their result, once, however many ranks it has. */
#include "comm/exchange_remote.h"

#include "base/fail.h"
#include "base/memory.h"
#include "comm/group.h"
#include "comm/meeting.h"
#include "comm/wait.h"

lks_status lks_remote_create(lks_remote **remote, const lks_comm *comm) {
  *remote = NULL;
  lks_remote *made = NULL;
  lks_status status = LKS_OK;
  LKS_TRY(lks_allocate(&made, 1, sizeof *made));
  LKS_TRY_OR(cleanup, status, lks_agent_create(&made->agent, comm));
  LKS_TRY_OR(cleanup, status, lks_owner_create(&made->owner, comm));
  *remote = made;
  return LKS_OK;
cleanup:
  lks_remote_destroy(made);
  return status;
}

void lks_remote_destroy(lks_remote *remote) {
  if (!remote)
    return;
  lks_owner_destroy(&remote->owner);
  lks_agent_destroy(&remote->agent);
  lks_release(remote);
}

size_t lks_pieces_of(const lks_exchange *exchange, int owner) {
  size_t piece = exchange->remote->piece;
  return (lks_slice_of(exchange->count, exchange->comm->size, owner).count + piece - 1) / piece;
}

lks_slice lks_piece_of(const lks_exchange *exchange, int owner, size_t piece) {
  lks_slice slice = lks_slice_of(exchange->count, exchange->comm->size, owner);
  size_t at = piece * exchange->remote->piece;
  if (at >= slice.count)
    return (lks_slice){slice.first + slice.count, 0};
  size_t rest = slice.count - at;
  return (lks_slice){slice.first + at,
                     rest < exchange->remote->piece ? rest : exchange->remote->piece};
}

lks_status lks_slot_test(lks_comm *comm, lks_slot *slot, bool *is_free) {
  bool done = true;
  if (slot->is_busy)
    LKS_TRY(comm->transport->test(comm->link, &slot->request, &done));
  slot->is_busy = !done;
  *is_free = done;
  return LKS_OK;
}

lks_status lks_slot_send(lks_comm *comm, lks_slot *slot, int peer, lks_tag tag,
                         const float *data, size_t count) {
  LKS_TRY(
      comm->transport->send(comm->link, peer, tag, data, count * sizeof *data, &slot->request));
  slot->peer = peer;
  slot->is_busy = true;
  return LKS_OK;
}

lks_status lks_slot_receive(lks_comm *comm, lks_slot *slot, int peer, lks_tag tag, float *data,
                            size_t count) {
  LKS_TRY(comm->transport->receive(comm->link, peer, tag, data, count * sizeof *data,
                                   &slot->request));
  slot->peer = peer;
  slot->is_busy = true;
  return LKS_OK;
}

void lks_slot_cancel(lks_comm *comm, lks_slot *slots, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (slots[i].is_busy)
      comm->transport->cancel(comm->link, &slots[i].request);
    slots[i].is_busy = false;
  }
}

/* The longest piece of which LKS_PIECES_DEEP fit the stage with all subtrees; it
 * depends on the plan alone, so all ranks cut alike. */
static size_t piece_floats(const lks_exchange_plan *plan) {
  size_t parts = plan->all_parts > 0 ? (size_t)plan->all_parts : 1;
  size_t room = LKS_STAGE_FLOATS / (LKS_PIECES_DEEP * parts);
  size_t floats = room < LKS_PIECE_FLOATS ? room : LKS_PIECE_FLOATS;
  return floats / LKS_BLOCK_FLOATS * LKS_BLOCK_FLOATS;
}

/* A rank that holds this one up; not proved, it may itself be waiting. */
static int find_suspect(const lks_exchange *exchange) {
  int rank = lks_owner_suspect(exchange);
  return rank == LKS_NO_RANK ? lks_agent_suspect(&exchange->remote->agent) : rank;
}

static lks_status trade(lks_exchange *exchange) {
  lks_wait wait = lks_wait_begin(exchange->comm, LKS_NO_RANK);
  while (!lks_agent_is_done(&exchange->remote->agent) || !lks_owner_is_done(exchange)) {
    bool moved = false;
    LKS_TRY(lks_owner_advance(exchange, &moved));
    LKS_TRY(lks_agent_advance(exchange, &moved));
    if (moved) {
      wait = lks_wait_begin(exchange->comm, LKS_NO_RANK);
      continue;
    }
    wait.suspect = find_suspect(exchange);
    LKS_TRY(lks_wait_pause(&wait));
  }
  return LKS_OK;
}

/* The whole result is here: its squares, a slice a rank of this host. */
static lks_status square(lks_exchange *exchange) {
  lks_slice slice = lks_exchange_host_slice(exchange);
  exchange->tools->norm_blocks(slice.count / LKS_BLOCK_FLOATS, exchange->result + slice.first,
                               exchange->squares + slice.first / LKS_BLOCK_FLOATS);
  return lks_host_meet(exchange->comm);
}

lks_status lks_exchange_between_hosts(lks_exchange *exchange) {
  LKS_TRY(lks_host_meet(exchange->comm));
  exchange->remote->piece = piece_floats(exchange->plan);
  lks_agent_begin(exchange);
  lks_owner_begin(exchange);
  lks_status status = trade(exchange);
  if (status != LKS_OK) {
    lks_agent_cancel(exchange);
    lks_owner_cancel(exchange);
  }
  LKS_TRY(status);
  LKS_TRY(lks_host_meet(exchange->comm));
  return exchange->tools ? square(exchange) : LKS_OK;
}
