/* SPDX-License-Identifier: Apache-2.0 */
/* group.h - the inside of a communicator, for the files of this folder only. */
#ifndef LOCKSTEP_COMM_GROUP_H
#define LOCKSTEP_COMM_GROUP_H

#include "comm/comm.h"
#include "comm/transport.h"
#include "comm/window.h"

#include <stdatomic.h>

enum { LKS_HOST_NAME_BYTES = 64, LKS_TRANSPORT_NAME_BYTES = 64 };

/* Where a rank is, on a board that all ranks of its host see.  Only its rank
 * writes it.  Two cache lines, since processors fetch lines in pairs. */
typedef struct {
  _Alignas(128) _Atomic uint64_t arrived; /* meetings of the host this rank has come to */
  _Atomic uint64_t calls;                 /* collective calls this rank has begun */
  _Atomic int64_t step;                   /* -1 until the first note */
  _Atomic int phase;
  _Atomic int64_t seen_ms; /* clock of the last note, the same clock on all of a host */
} lks_place;

/* This rank's line in RUN/ranks; all zero while there is no folder. */
typedef struct {
  char *folder; /* the run's */
  char *line;   /* the mapped file, LKS_RECORD_BYTES */
  double written;
} lks_record;

struct lks_comm {
  const lks_transport *transport; /* NULL when alone */
  void *link;                     /* the transport's own */
  char transport_name[LKS_TRANSPORT_NAME_BYTES];

  int size, rank, hosts, host;
  int *host_first;                         /* [hosts + 1] first rank of a host; then size */
  char (*host_names)[LKS_HOST_NAME_BYTES]; /* [hosts] */

  lks_window *board;
  lks_place *places; /* [host size] on the board; NULL until it is there */
  lks_record record;

  uint64_t calls, meetings; /* as far as this rank has come */
  unsigned spins;           /* turns of a wait before the processor is given away */
  double deadline;
  void (*hook)(void *context);
  void *hook_context;
  lks_status agreed; /* the failure on all ranks that the last call told of; else LKS_OK */
};

/* Fill transport, link, name, size, rank and hosts of a zeroed communicator.  On
 * failure the caller destroys what was filled. */
lks_status lks_comm_open_mpi(lks_comm *comm);
lks_status lks_comm_open_alone(lks_comm *comm);

/* Whether a launcher started this process as one of its ranks.  Fails with
 * LKS_COMM when it started several that it gave no way to find each other. */
lks_status lks_comm_find_launcher(bool *launched);

/* Counts a collective call, so that those who have not begun it can be named. */
void lks_comm_begin_call(lks_comm *comm);

/* The host that a rank is on. */
int lks_comm_host_of(const lks_comm *comm, int rank);

#endif
