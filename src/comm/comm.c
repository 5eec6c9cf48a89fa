/* SPDX-License-Identifier: Apache-2.0 */
/* comm.c - a communicator's life, and what it knows of itself. */
#include "comm/comm.h"

#include "base/fail.h"
#include "base/memory.h"
#include "comm/group.h"
#include "comm/records.h"
#include "comm/wait.h"

static const double default_deadline_seconds = 60.0;

/* The board on which the ranks of a host see where the others are. */
static lks_status open_board(lks_comm *comm) {
  LKS_TRY(lks_window_create(&comm->board, comm, 0,
                            (size_t)lks_comm_host_size(comm) * sizeof *comm->places));
  lks_place *places = lks_window_common(comm->board);
  lks_place *mine = &places[lks_comm_host_rank(comm)];
  atomic_store_explicit(&mine->step, -1, memory_order_relaxed);
  atomic_store_explicit(&mine->calls, comm->calls, memory_order_relaxed);
  LKS_TRY(lks_comm_barrier(comm));
  comm->places = places;
  return LKS_OK;
}

static lks_status open_group(lks_comm *comm, bool force_mpi) {
  bool launched = false;
  LKS_TRY(lks_comm_find_launcher(&launched));
  comm->deadline = default_deadline_seconds;
  LKS_TRY(launched || force_mpi ? lks_comm_open_mpi(comm) : lks_comm_open_alone(comm));
  while (comm->rank >= comm->host_first[comm->host + 1])
    comm->host++;
  comm->spins = lks_wait_spins(lks_comm_host_size(comm));
  return open_board(comm);
}

lks_status lks_comm_create(lks_comm **comm, bool force_mpi) {
  *comm = NULL;
  lks_comm *made = NULL;
  LKS_TRY(lks_allocate(&made, 1, sizeof *made));
  lks_status status = LKS_OK;
  LKS_TRY_OR(cleanup, status, open_group(made, force_mpi));
  *comm = made;
  return LKS_OK;
cleanup:
  lks_comm_destroy(made, status);
  return status;
}

void lks_comm_destroy(lks_comm *comm, lks_status status) {
  if (!comm)
    return;
  lks_records_close(comm);
  if (comm->transport) {
    if (status != LKS_OK && comm->agreed == LKS_OK && comm->size > 1)
      comm->transport->abort(comm->link, lks_status_exit_code(status));
    comm->transport->close(comm->link);
  }
  lks_window_destroy(comm->board);
  lks_release(comm->host_names);
  lks_release(comm->host_first);
  lks_release(comm);
}

int lks_comm_size(const lks_comm *comm) {
  return comm->size;
}

int lks_comm_rank(const lks_comm *comm) {
  return comm->rank;
}

int lks_comm_hosts(const lks_comm *comm) {
  return comm->hosts;
}

int lks_comm_host(const lks_comm *comm) {
  return comm->host;
}

int lks_comm_host_size(const lks_comm *comm) {
  return comm->host_first[comm->host + 1] - comm->host_first[comm->host];
}

int lks_comm_host_rank(const lks_comm *comm) {
  return comm->rank - comm->host_first[comm->host];
}

int lks_comm_host_of(const lks_comm *comm, int rank) {
  int host = 0;
  while (rank >= comm->host_first[host + 1])
    host++;
  return host;
}

const char *lks_comm_host_name(const lks_comm *comm) {
  return comm->host_names[comm->host];
}

const char *lks_comm_transport(const lks_comm *comm) {
  return comm->transport_name;
}

lks_status lks_comm_agreed_status(const lks_comm *comm) {
  return comm->agreed;
}

void lks_comm_set_deadline(lks_comm *comm, double seconds) {
  comm->deadline = seconds;
}

void lks_comm_set_hook(lks_comm *comm, void (*hook)(void *context), void *context) {
  comm->hook = hook;
  comm->hook_context = context;
}

void lks_comm_begin_call(lks_comm *comm) {
  comm->agreed = LKS_OK;
  comm->calls++;
  if (comm->places)
    atomic_store_explicit(&comm->places[lks_comm_host_rank(comm)].calls, comm->calls,
                          memory_order_relaxed);
}
