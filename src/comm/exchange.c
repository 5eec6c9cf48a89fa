/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.c - an exchange's life, and the choice of the way to sum. */
#include "comm/exchange.h"

#include "base/fail.h"
#include "base/floating_point.h"
#include "base/memory.h"
#include "comm/exchange_state.h"
#include "comm/group.h"

#include <string.h>

static lks_status share_rooms(lks_exchange *exchange, int partials) {
  lks_comm *comm = exchange->comm;
  LKS_TRY(lks_allocate(&exchange->rooms, (size_t)comm->size, sizeof *exchange->rooms));
  return lks_comm_gather_equal(comm, &partials, sizeof partials, exchange->rooms);
}

/* Maps what this rank will read in a sum: its slice of the others' partials. */
static void touch_slices(const lks_exchange *exchange) {
  const lks_comm *comm = exchange->comm;
  int ranks = lks_comm_host_size(comm);
  lks_slice slice = lks_slice_of(exchange->count, ranks, lks_comm_host_rank(comm));
  for (int q = 0; q < ranks; q++) {
    const float *share = lks_window_share(exchange->window, q);
    for (int i = 0; i < exchange->rooms[comm->host_first[comm->host] + q]; i++)
      lks_window_touch(share + exchange->count * (size_t)i + slice.first,
                       slice.count * sizeof(float));
  }
}

/* The marks of a rank lie behind its partials. */
static void find_marks(lks_exchange *exchange) {
  const lks_comm *comm = exchange->comm;
  for (int q = 0; q < lks_comm_host_size(comm); q++) {
    int rooms = exchange->rooms[comm->host_first[comm->host] + q];
    float *share = lks_window_share(exchange->window, q);
    exchange->host_marks[q] = (uint8_t *)(share + exchange->count * (size_t)rooms);
  }
  exchange->marks = exchange->host_marks[lks_comm_host_rank(comm)];
  exchange->result_marks = comm->size == 1 ? exchange->marks : NULL;
}

static lks_status open_window(lks_exchange *exchange) {
  lks_comm *comm = exchange->comm;
  size_t bytes = exchange->count * sizeof(float), rooms = (size_t)exchange->rooms[comm->rank];
  size_t blocks = exchange->count / LKS_BLOCK_FLOATS;
  size_t per_block = exchange->tools ? sizeof *exchange->squares + 1 : 0;
  bool is_shared = exchange->reduction == LKS_REDUCTION_EXACT && comm->size > 1;
  LKS_TRY(lks_window_create(&exchange->window, comm, rooms * bytes + blocks,
                            is_shared ? bytes + blocks * per_block : 0));
  float *share = lks_window_share(exchange->window, lks_comm_host_rank(comm));
  for (size_t i = 0; i < rooms; i++)
    exchange->partials[i] = share + exchange->count * i;
  find_marks(exchange);
  memset(exchange->marks, 1, blocks);
  if (is_shared) {
    exchange->result = lks_window_common(exchange->window);
    if (exchange->tools) {
      exchange->squares = (double *)(void *)(exchange->result + exchange->count);
      if (exchange->remote == NULL)
        exchange->result_marks = (uint8_t *)(exchange->squares + blocks);
    }
    touch_slices(exchange);
  }
  return LKS_OK;
}

/* What this rank alone needs; the ranks agree on it afterwards. */
static lks_status allocate_own(lks_exchange *exchange) {
  const lks_comm *comm = exchange->comm;
  size_t rooms = (size_t)exchange->rooms[comm->rank];
  LKS_TRY(lks_allocate(&exchange->partials, rooms, sizeof *exchange->partials));
  LKS_TRY(lks_allocate(&exchange->host_marks, (size_t)lks_comm_host_size(comm),
                       sizeof *exchange->host_marks));
  LKS_TRY(lks_plan_create(&exchange->plan, comm));
  if (comm->size == 1)
    return LKS_OK;
  if (exchange->reduction == LKS_REDUCTION_EXACT)
    return comm->hosts > 1 ? lks_remote_create(&exchange->remote, comm) : LKS_OK;
  return lks_allocate(&exchange->total, exchange->count, sizeof *exchange->total);
}

lks_status lks_exchange_create(lks_exchange **exchange, lks_comm *comm, size_t count,
                               int partials, lks_reduction reduction,
                               const lks_sum_tools *tools) {
  LKS_ASSERT(count > 0 && count % LKS_BLOCK_FLOATS == 0 && partials > 0);
  *exchange = NULL;
  lks_exchange *made = NULL;
  LKS_TRY(lks_allocate(&made, 1, sizeof *made));
  lks_status status = LKS_OK;
  made->comm = comm;
  made->count = count;
  made->reduction = reduction;
  if (tools) {
    made->lent = *tools;
    made->tools = &made->lent;
  }
  LKS_TRY_OR(cleanup, status, share_rooms(made, partials));
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, allocate_own(made)));
  LKS_TRY_OR(cleanup, status, open_window(made));
  *exchange = made;
  return LKS_OK;
cleanup:
  lks_exchange_destroy(made);
  return status;
}

void lks_exchange_destroy(lks_exchange *exchange) {
  if (!exchange)
    return;
  lks_remote_destroy(exchange->remote);
  lks_plan_destroy(exchange->plan);
  lks_release(exchange->total);
  lks_release(exchange->host_marks);
  lks_release(exchange->partials);
  lks_window_destroy(exchange->window);
  lks_release(exchange->rooms);
  lks_release(exchange);
}

float *const *lks_exchange_partials(const lks_exchange *exchange) {
  return exchange->partials;
}

const float *lks_exchange_term(const lks_exchange *exchange, const lks_term *term) {
  const lks_comm *comm = exchange->comm;
  const float *share =
      lks_window_share(exchange->window, term->rank - comm->host_first[comm->host]);
  return share + exchange->count * (size_t)term->index;
}

/* All ranks know all cuts and rooms, so all find the same. */
static lks_status check_cuts(const lks_exchange *exchange, const lks_shards *shards,
                             const int *cuts) {
  lks_subtree subtrees[LKS_SUBTREES_MAX];
  int size = exchange->comm->size;
  LKS_ASSERT(cuts[0] == 0 && cuts[size] == shards->shards);
  for (int r = 0; r < size; r++) {
    LKS_ASSERT(cuts[r] <= cuts[r + 1]);
    int needed = lks_shards_decompose(cuts[r], cuts[r + 1], subtrees);
    if (needed > exchange->rooms[r])
      return LKS_FAIL(LKS_USAGE,
                      "rank %d has shards %d to %d, which are %d subtrees, and buffers for %d\n"
                      "  hint: create the exchange with the worst number of all cuts",
                      r, cuts[r], cuts[r + 1] - 1, needed, exchange->rooms[r]);
  }
  return LKS_OK;
}

static lks_status sum(lks_exchange *exchange) {
  if (exchange->comm->size == 1)
    return lks_exchange_alone(exchange);
  if (exchange->reduction == LKS_REDUCTION_MPI)
    return lks_exchange_by_library(exchange);
  return exchange->remote ? lks_exchange_between_hosts(exchange)
                          : lks_exchange_on_host(exchange);
}

lks_status lks_exchange_sum(lks_exchange *exchange, const lks_shards *shards, const int *cuts,
                            const float **result) {
  LKS_TRY(check_cuts(exchange, shards, cuts));
  lks_comm_begin_call(exchange->comm);
  lks_plan_update(exchange->plan, exchange->comm, shards, cuts);
  unsigned environment = lks_floating_point_enter();
  lks_status status = sum(exchange);
  lks_floating_point_leave(environment);
  *result = exchange->result;
  LKS_TRY(status);
  return LKS_OK;
}

const double *lks_exchange_squares(const lks_exchange *exchange) {
  return exchange->squares;
}

uint8_t *lks_exchange_marks(const lks_exchange *exchange) {
  return exchange->marks;
}

const uint8_t *lks_exchange_result_marks(const lks_exchange *exchange) {
  return exchange->result_marks;
}

size_t lks_exchange_bytes(size_t count, int partials) {
  return count * sizeof(float) * ((size_t)partials + 1) +
         count / LKS_BLOCK_FLOATS * (sizeof(double) + 2);
}
