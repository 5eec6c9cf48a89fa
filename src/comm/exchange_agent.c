/* SPDX-License-Identifier: Apache-2.0 */
/* exchange_agent.c - the part of a rank for the slices of other hosts' ranks. */
#include "base/fail.h"
#include "base/memory.h"
#include "comm/exchange_remote.h"
#include "comm/group.h"
#include "comm/wait.h"

int lks_agent_of(const lks_comm *comm, int host, int owner) {
  int first = comm->host_first[host], ranks = comm->host_first[host + 1] - first;
  return first + owner % ranks;
}

lks_status lks_agent_create(lks_agent *agent, const lks_comm *comm) {
  LKS_TRY(lks_allocate(&agent->slices, (size_t)comm->size, sizeof *agent->slices));
  for (int r = 0; r < comm->size; r++)
    if (lks_comm_host_of(comm, r) != comm->host &&
        lks_agent_of(comm, comm->host, r) == comm->rank)
      agent->slices[agent->served++] = r;
  return lks_allocate(&agent->stage, LKS_STAGE_FLOATS, sizeof *agent->stage);
}

void lks_agent_destroy(lks_agent *agent) {
  lks_release(agent->stage);
  lks_release(agent->slices);
}

/* Moves the cursor to the next piece that is not empty, if it is on none. */
static void seek(lks_exchange *exchange) {
  lks_agent *agent = &exchange->remote->agent;
  while (agent->begun < agent->all) {
    if (agent->turn == agent->served) {
      agent->turn = 0;
      agent->piece++;
    } else if (lks_piece_of(exchange, agent->slices[agent->turn], agent->piece).count == 0) {
      agent->turn++;
    } else {
      return;
    }
  }
}

void lks_agent_begin(lks_exchange *exchange) {
  lks_agent *agent = &exchange->remote->agent;
  agent->piece = agent->begun = agent->ended = agent->all = 0;
  agent->turn = 0;
  for (int i = 0; i < agent->served; i++)
    agent->all += lks_pieces_of(exchange, agent->slices[i]);
}

/* Adds this host's subtrees of a piece, one behind the other, and sends them. */
static lks_status send_parts(lks_exchange *exchange, int owner, lks_slice piece) {
  const lks_exchange_plan *plan = exchange->plan;
  lks_agent *agent = &exchange->remote->agent;
  size_t deep = agent->begun % LKS_PIECES_DEEP, parts = (size_t)plan->parts;
  float *stage = agent->stage + deep * parts * exchange->remote->piece;
  if (parts == 0)
    return LKS_OK;
  for (size_t k = 0; k < parts; k++)
    lks_exchange_add_terms(exchange, &plan->part[k].program, plan->part[k].first, piece.first,
                           stage + k * piece.count, piece.count);
  return lks_slot_send(exchange->comm, &agent->sent[deep], owner, LKS_TAG_PARTIAL, stage,
                       parts * piece.count);
}

static lks_status begin_piece(lks_exchange *exchange, bool *moved) {
  lks_agent *agent = &exchange->remote->agent;
  bool is_free = false;
  if (agent->begun == agent->all || agent->begun - agent->ended == LKS_RESULTS_DEEP)
    return LKS_OK;
  LKS_TRY(
      lks_slot_test(exchange->comm, &agent->sent[agent->begun % LKS_PIECES_DEEP], &is_free));
  if (!is_free)
    return LKS_OK;
  seek(exchange);
  int owner = agent->slices[agent->turn];
  lks_slice piece = lks_piece_of(exchange, owner, agent->piece);
  LKS_TRY(send_parts(exchange, owner, piece));
  LKS_TRY(lks_slot_receive(exchange->comm, &agent->results[agent->begun % LKS_RESULTS_DEEP],
                           owner, LKS_TAG_RESULT, exchange->result + piece.first, piece.count));
  agent->begun++;
  agent->turn++;
  *moved = true;
  return LKS_OK;
}

lks_status lks_agent_advance(lks_exchange *exchange, bool *moved) {
  lks_agent *agent = &exchange->remote->agent;
  bool is_free = true;
  while (is_free && agent->ended < agent->begun) {
    LKS_TRY(lks_slot_test(exchange->comm, &agent->results[agent->ended % LKS_RESULTS_DEEP],
                          &is_free));
    if (is_free) {
      agent->ended++;
      *moved = true;
    }
  }
  LKS_TRY(begin_piece(exchange, moved));
  for (int i = 0; agent->ended == agent->all && i < LKS_PIECES_DEEP; i++)
    LKS_TRY(lks_slot_test(exchange->comm, &agent->sent[i], &is_free));
  return LKS_OK;
}

bool lks_agent_is_done(const lks_agent *agent) {
  for (int i = 0; i < LKS_PIECES_DEEP; i++)
    if (agent->sent[i].is_busy)
      return false;
  return agent->ended == agent->all;
}

int lks_agent_suspect(const lks_agent *agent) {
  return agent->ended < agent->begun ? agent->results[agent->ended % LKS_RESULTS_DEEP].peer
                                     : LKS_NO_RANK;
}

void lks_agent_cancel(lks_exchange *exchange) {
  lks_agent *agent = &exchange->remote->agent;
  lks_slot_cancel(exchange->comm, agent->sent, LKS_PIECES_DEEP);
  lks_slot_cancel(exchange->comm, agent->results, LKS_RESULTS_DEEP);
}
