/* SPDX-License-Identifier: Apache-2.0 */
/* exchange_host.c - the sum inside one host, and the one that the MPI library does.
 *
 * Inside a host nobody sends anything: every rank loads its slice of all partials
 * from the window, adds in tree order and stores the slice of the one result.  Two
 * meetings frame it: before, all partials are written; after, all slices are.  With
 * tools, a rank's threads share its slice. */
#include "base/fail.h"
#include "comm/exchange_state.h"
#include "comm/group.h"
#include "comm/meeting.h"

#include <string.h>

/* A thread needs a longer share than this to be worth starting. */
enum { THREAD_FLOATS = 1 << 16 };

static void find_leaves(const lks_exchange *exchange, const lks_tree_program *program,
                        int first, size_t at, const float **leaves) {
  for (int i = 0; i < program->leaves; i++)
    leaves[i] = lks_exchange_term(exchange, &exchange->plan->terms[first + i]) + at;
}

void lks_exchange_add_terms(const lks_exchange *exchange, const lks_tree_program *program,
                            int first, size_t at, float *sum, size_t count) {
  const float *leaves[LKS_SHARDS_MAX];
  find_leaves(exchange, program, first, at, leaves);
  lks_tree_add(program, leaves, exchange->tools, sum, count);
}

lks_slice lks_exchange_host_slice(const lks_exchange *exchange) {
  const lks_comm *comm = exchange->comm;
  return lks_slice_of(exchange->count, lks_comm_host_size(comm), lks_comm_host_rank(comm));
}

/* Whether a rank has anything but +0 in a block. */
static bool is_marked(const lks_exchange *exchange, size_t block) {
  bool marked = false;
  for (int q = 0; q < lks_comm_host_size(exchange->comm) && !marked; q++)
    marked = exchange->host_marks[q][block] != 0;
  return marked;
}

static void add_blocks(const lks_exchange *exchange, size_t first, size_t last) {
  const lks_tree_program *program = &exchange->plan->program;
  const float *leaves[LKS_SHARDS_MAX];
  size_t at = first * LKS_BLOCK_FLOATS;
  find_leaves(exchange, program, 0, at, leaves);
  lks_tree_add_streamed(program, leaves, exchange->tools, exchange->result + at,
                        exchange->squares + first, (last - first) * LKS_BLOCK_FLOATS);
  memset(exchange->result_marks + first, 1, last - first);
}

/* Sums of +0 alone: +0, which the result may hold from the last time. */
static void clear_blocks(const lks_exchange *exchange, size_t first, size_t last) {
  for (size_t block = first; block < last; block++) {
    if (!exchange->result_marks[block])
      continue;
    memset(exchange->result + block * LKS_BLOCK_FLOATS, 0, LKS_BLOCK_FLOATS * sizeof(float));
    exchange->squares[block] = 0;
    exchange->result_marks[block] = 0;
  }
}

/* A thread's share of the rank's slice, run by run of blocks that somebody has marked or
 * nobody. */
static void add_share(void *context, int part, int parts) {
  const lks_exchange *exchange = context;
  lks_slice slice = lks_exchange_host_slice(exchange);
  lks_slice share = lks_slice_of(slice.count, parts, part);
  size_t first = (slice.first + share.first) / LKS_BLOCK_FLOATS, end;
  size_t last = first + share.count / LKS_BLOCK_FLOATS;
  for (; first < last; first = end) {
    bool marked = is_marked(exchange, first);
    for (end = first + 1; end < last && is_marked(exchange, end) == marked;)
      end++;
    if (marked)
      add_blocks(exchange, first, end);
    else
      clear_blocks(exchange, first, end);
  }
}

static void add_slice(lks_exchange *exchange) {
  const lks_sum_tools *tools = exchange->tools;
  lks_slice slice = lks_exchange_host_slice(exchange);
  if (!tools)
    lks_exchange_add_terms(exchange, &exchange->plan->program, 0, slice.first,
                           exchange->result + slice.first, slice.count);
  else if (tools->threads > 1 && slice.count / 2 >= THREAD_FLOATS)
    tools->parallel(tools->threads, add_share, exchange);
  else
    add_share(exchange, 0, 1);
}

/* One rank has one subtree, the whole tree: its partial is the result. */
lks_status lks_exchange_alone(lks_exchange *exchange) {
  exchange->result = exchange->partials[0];
  if (exchange->plan->count == 0)
    memset(exchange->result, 0, exchange->count * sizeof(float));
  return LKS_OK;
}

lks_status lks_exchange_on_host(lks_exchange *exchange) {
  LKS_TRY(lks_host_meet(exchange->comm));
  add_slice(exchange);
  return lks_host_meet(exchange->comm);
}

/* The rank's one partial is summed as it is; several are added up first, and none
 * is zero, in the buffer that the library then sums in place. */
lks_status lks_exchange_by_library(lks_exchange *exchange) {
  const lks_exchange_plan *plan = exchange->plan;
  lks_comm *comm = exchange->comm;
  const float *mine = exchange->total;
  exchange->result = exchange->total;
  if (plan->own.leaves == 1)
    mine = lks_exchange_term(exchange, &plan->terms[plan->own_first]);
  else
    lks_exchange_add_terms(exchange, &plan->own, plan->own_first, 0, exchange->total,
                           exchange->count);
  LKS_TRY(comm->hosts > 1 ? lks_comm_barrier(comm) : lks_host_meet(comm));
  return comm->transport->sum(comm->link, mine, exchange->total, exchange->count);
}
