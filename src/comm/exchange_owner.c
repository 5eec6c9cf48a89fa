/* SPDX-License-Identifier: Apache-2.0 */
/* exchange_owner.c - the part of a rank for its own slice. */
#include "base/fail.h"
#include "base/memory.h"
#include "comm/exchange_remote.h"
#include "comm/group.h"
#include "comm/wait.h"

lks_status lks_owner_create(lks_owner *owner, const lks_comm *comm) {
  size_t slots = (size_t)comm->hosts * LKS_PIECES_DEEP;
  LKS_TRY(lks_allocate(&owner->received, slots, sizeof *owner->received));
  LKS_TRY(lks_allocate(&owner->sent, slots, sizeof *owner->sent));
  return lks_allocate(&owner->stage, LKS_STAGE_FLOATS, sizeof *owner->stage);
}

void lks_owner_destroy(lks_owner *owner) {
  lks_release(owner->stage);
  lks_release(owner->sent);
  lks_release(owner->received);
}

void lks_owner_begin(lks_exchange *exchange) {
  lks_owner *owner = &exchange->remote->owner;
  owner->posted = owner->added = 0;
  owner->all = lks_pieces_of(exchange, exchange->comm->rank);
}

/* The slots of a piece, one a host. */
static lks_slot *slots_of(const lks_exchange *exchange, lks_slot *slots, size_t piece) {
  return slots + piece % LKS_PIECES_DEEP * (size_t)exchange->comm->hosts;
}

static float *stage_of(const lks_exchange *exchange, size_t piece) {
  size_t parts = (size_t)(exchange->plan->all_parts - exchange->plan->parts);
  return exchange->remote->owner.stage +
         piece % LKS_PIECES_DEEP * parts * exchange->remote->piece;
}

/* Asks every other host for its subtrees of the next piece; they are staged host
 * after host. */
static lks_status post_piece(lks_exchange *exchange) {
  lks_comm *comm = exchange->comm;
  lks_owner *owner = &exchange->remote->owner;
  lks_slot *received = slots_of(exchange, owner->received, owner->posted);
  float *stage = stage_of(exchange, owner->posted);
  lks_slice piece = lks_piece_of(exchange, comm->rank, owner->posted);
  for (int h = 0; h < comm->hosts; h++) {
    size_t floats = (size_t)exchange->plan->parts_of[h] * piece.count;
    if (h == comm->host || floats == 0)
      continue;
    LKS_TRY(lks_slot_receive(comm, &received[h], lks_agent_of(comm, h, comm->rank),
                             LKS_TAG_PARTIAL, stage, floats));
    stage += floats;
  }
  owner->posted++;
  return LKS_OK;
}

static lks_status test_slots(lks_comm *comm, lks_slot *slots, bool *are_free) {
  *are_free = true;
  for (int h = 0; h < comm->hosts && *are_free; h++)
    LKS_TRY(lks_slot_test(comm, &slots[h], are_free));
  return LKS_OK;
}

/* The staged subtrees of other hosts and the partials of this one, in one order. */
static void add_piece(lks_exchange *exchange, lks_slice piece) {
  const lks_exchange_plan *plan = exchange->plan;
  const float *leaves[LKS_SHARDS_MAX];
  const float *staged = stage_of(exchange, exchange->remote->owner.added);
  for (int i = 0; i < plan->count; i++) {
    if (plan->terms[i].rank == LKS_NO_RANK) {
      leaves[i] = staged;
      staged += piece.count;
    } else {
      leaves[i] = lks_exchange_term(exchange, &plan->terms[i]) + piece.first;
    }
  }
  lks_tree_add(&plan->program, leaves, exchange->tools, exchange->result + piece.first,
               piece.count);
}

static lks_status send_result(lks_exchange *exchange, lks_slot *sent, lks_slice piece) {
  lks_comm *comm = exchange->comm;
  for (int h = 0; h < comm->hosts; h++)
    if (h != comm->host)
      LKS_TRY(lks_slot_send(comm, &sent[h], lks_agent_of(comm, h, comm->rank), LKS_TAG_RESULT,
                            exchange->result + piece.first, piece.count));
  return LKS_OK;
}

lks_status lks_owner_advance(lks_exchange *exchange, bool *moved) {
  lks_comm *comm = exchange->comm;
  lks_owner *owner = &exchange->remote->owner;
  bool has_come = false, is_free = false;
  while (owner->posted < owner->all && owner->posted - owner->added < LKS_PIECES_DEEP) {
    LKS_TRY(post_piece(exchange));
    *moved = true;
  }
  lks_slot *sent = slots_of(exchange, owner->sent, owner->added);
  if (owner->added == owner->all) { /* only sends are left */
    for (size_t i = 0; i < LKS_PIECES_DEEP; i++)
      LKS_TRY(test_slots(comm, slots_of(exchange, owner->sent, i), &is_free));
    return LKS_OK;
  }
  LKS_TRY(test_slots(comm, slots_of(exchange, owner->received, owner->added), &has_come));
  LKS_TRY(test_slots(comm, sent, &is_free));
  if (!has_come || !is_free)
    return LKS_OK;
  lks_slice piece = lks_piece_of(exchange, comm->rank, owner->added);
  add_piece(exchange, piece);
  LKS_TRY(send_result(exchange, sent, piece));
  owner->added++;
  *moved = true;
  return LKS_OK;
}

bool lks_owner_is_done(const lks_exchange *exchange) {
  const lks_owner *owner = &exchange->remote->owner;
  for (int i = 0; i < exchange->comm->hosts * LKS_PIECES_DEEP; i++)
    if (owner->sent[i].is_busy)
      return false;
  return owner->added == owner->all;
}

int lks_owner_suspect(const lks_exchange *exchange) {
  const lks_owner *owner = &exchange->remote->owner;
  const lks_slot *received = slots_of(exchange, owner->received, owner->added);
  for (int h = 0; h < exchange->comm->hosts; h++)
    if (received[h].is_busy)
      return received[h].peer;
  return LKS_NO_RANK;
}

void lks_owner_cancel(lks_exchange *exchange) {
  size_t slots = (size_t)exchange->comm->hosts * LKS_PIECES_DEEP;
  lks_slot_cancel(exchange->comm, exchange->remote->owner.received, slots);
  lks_slot_cancel(exchange->comm, exchange->remote->owner.sent, slots);
}
