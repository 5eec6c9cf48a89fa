/* SPDX-License-Identifier: Apache-2.0 */
/* collective.c - barrier, broadcast, gather: by messages that are polled.
 *
 * They are called at set-up, when saving and at the end of an epoch, never in a
 * step, so they are short rather than clever: a barrier by dissemination, a
 * broadcast along a binomial tree in pieces, a gather straight to rank 0. */
#include "base/fail.h"
#include "comm/group.h"
#include "comm/wait.h"

#include <string.h>

/* Broadcasts go in pieces, so that the levels of the tree work at the same time. */
static const size_t broadcast_bytes = (size_t)4 << 20;

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static lks_status send_all(lks_comm *comm, int rank, const void *data, size_t bytes) {
  size_t at = 0;
  do {
    size_t piece = smaller(bytes - at, LKS_MESSAGE_BYTES_MAX);
    lks_request request;
    LKS_TRY(comm->transport->send(comm->link, rank, LKS_TAG_CALL, (const char *)data + at,
                                  piece, &request));
    LKS_TRY(lks_wait_message(comm, &request, rank));
    at += piece;
  } while (at < bytes);
  return LKS_OK;
}

static lks_status receive_all(lks_comm *comm, int rank, void *data, size_t bytes) {
  size_t at = 0;
  do {
    size_t piece = smaller(bytes - at, LKS_MESSAGE_BYTES_MAX);
    lks_request request;
    LKS_TRY(comm->transport->receive(comm->link, rank, LKS_TAG_CALL, (char *)data + at, piece,
                                     &request));
    LKS_TRY(lks_wait_message(comm, &request, rank));
    at += piece;
  } while (at < bytes);
  return LKS_OK;
}

/* Round k: tell the rank 2^k ahead, hear from the rank 2^k behind; after log2(size)
 * rounds every rank has heard, by others, from all. */
lks_status lks_comm_barrier(lks_comm *comm) {
  lks_comm_begin_call(comm);
  for (int distance = 1; distance < comm->size; distance *= 2) {
    int to = (comm->rank + distance) % comm->size;
    int from = (comm->rank - distance + comm->size) % comm->size;
    static const char token = 0;
    char heard = 0;
    lks_request sent, received;
    LKS_TRY(comm->transport->send(comm->link, to, LKS_TAG_CALL, &token, 1, &sent));
    LKS_TRY(comm->transport->receive(comm->link, from, LKS_TAG_CALL, &heard, 1, &received));
    LKS_TRY(lks_wait_message(comm, &received, from));
    LKS_TRY(lks_wait_message(comm, &sent, to));
  }
  return LKS_OK;
}

/* With ranks counted from the root, rank r hears from r without its lowest bit and
 * tells r + 2^k for every 2^k below that bit, the farthest first. */
static lks_status broadcast_piece(lks_comm *comm, int root, void *data, size_t bytes) {
  int from_root = (comm->rank - root + comm->size) % comm->size;
  int bit = 1;
  while (bit < comm->size && !(from_root & bit))
    bit *= 2;
  if (from_root > 0)
    LKS_TRY(receive_all(comm, (from_root - bit + root) % comm->size, data, bytes));
  for (bit /= 2; bit > 0; bit /= 2)
    if (from_root + bit < comm->size)
      LKS_TRY(send_all(comm, (from_root + bit + root) % comm->size, data, bytes));
  return LKS_OK;
}

static lks_status broadcast(lks_comm *comm, int root, void *data, size_t bytes) {
  for (size_t at = 0; at < bytes; at += broadcast_bytes)
    LKS_TRY(
        broadcast_piece(comm, root, (char *)data + at, smaller(bytes - at, broadcast_bytes)));
  return LKS_OK;
}

/* Blocks of sizes[r] bytes, or of `bytes` each when sizes is NULL. */
static lks_status gather(lks_comm *comm, const void *mine, const size_t *sizes, size_t bytes,
                         void *all) {
  size_t own = sizes ? sizes[comm->rank] : bytes;
  if (comm->rank > 0)
    return own > 0 ? send_all(comm, 0, mine, own) : LKS_OK;
  char *at = all;
  for (int r = 0; r < comm->size; r++) {
    size_t size = sizes ? sizes[r] : bytes;
    if (size == 0)
      continue;
    if (r == 0)
      memcpy(at, mine, size);
    else
      LKS_TRY(receive_all(comm, r, at, size));
    at += size;
  }
  return LKS_OK;
}

lks_status lks_comm_broadcast(lks_comm *comm, int root, void *data, size_t bytes) {
  lks_comm_begin_call(comm);
  LKS_TRY(broadcast(comm, root, data, bytes));
  return LKS_OK;
}

lks_status lks_comm_gather(lks_comm *comm, const void *mine, const size_t *sizes, void *all) {
  lks_comm_begin_call(comm);
  LKS_TRY(gather(comm, mine, sizes, 0, all));
  return LKS_OK;
}

lks_status lks_comm_gather_all(lks_comm *comm, const void *mine, const size_t *sizes,
                               void *all) {
  size_t bytes = 0;
  for (int r = 0; r < comm->size; r++)
    bytes += sizes[r];
  lks_comm_begin_call(comm);
  LKS_TRY(gather(comm, mine, sizes, 0, all));
  LKS_TRY(broadcast(comm, 0, all, bytes));
  return LKS_OK;
}

lks_status lks_comm_gather_equal(lks_comm *comm, const void *mine, size_t bytes, void *all) {
  lks_comm_begin_call(comm);
  LKS_TRY(gather(comm, mine, NULL, bytes, all));
  LKS_TRY(broadcast(comm, 0, all, (size_t)comm->size * bytes));
  return LKS_OK;
}
