/* comm.h - the group of ranks that trains one model together.
 *
 * A communicator hides who moves the bytes: MPI, or nobody when a program runs
 * alone.  Every rank makes the same sequence of collective calls.  Every wait is
 * a poll loop with a hook and a deadline, so that a rank that does not arrive is
 * named and nobody waits for ever.
 *
 * A wait that is over its deadline fails with LKS_COMM on the ranks that waited: after it
 * only lks_comm_destroy may be called.  All other failures are said below.
 *
 * Life cycle: create -> use -> destroy.  Not thread safe: one thread per rank
 * calls these functions.  Ranks are ordered by (host, rank on the host). */
#ifndef LOCKSTEP_COMM_COMM_H
#define LOCKSTEP_COMM_COMM_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lks_comm lks_comm;

/* Joins the group: MPI when this process was started by mpirun or srun (or
 * `force_mpi`), else alone.  Collective. */
lks_status lks_comm_create(lks_comm **comm, bool force_mpi);

/* Leaves the group: with LKS_OK all ranks do so together (MPI is finalised).  After a failure
 * (`status` not LKS_OK) that the others may not know of, ends all ranks with that exit code
 * instead of waiting.  A failure that the last call, lks_comm_agree or lks_comm_check_equal,
 * told to all is one that the others know of. */
void lks_comm_destroy(lks_comm *comm, lks_status status);

int lks_comm_size(const lks_comm *comm);
int lks_comm_rank(const lks_comm *comm);
int lks_comm_hosts(const lks_comm *comm);
int lks_comm_host(const lks_comm *comm);      /* this rank's host, 0 .. hosts-1 */
int lks_comm_host_size(const lks_comm *comm); /* ranks on this host */
int lks_comm_host_rank(const lks_comm *comm); /* this rank among them */
const char *lks_comm_host_name(const lks_comm *comm);
const char *lks_comm_transport(const lks_comm *comm); /* "Open MPI 4.1.4" or "alone" */

/* Seconds a wait may last before it fails with LKS_COMM naming who is missing;
 * 60 until set.  A rank that cannot prove who is missing waits a tenth longer. */
void lks_comm_set_deadline(lks_comm *comm, double seconds);

/* Called about every millisecond while a wait polls; NULL for none. */
void lks_comm_set_hook(lks_comm *comm, void (*hook)(void *context), void *context);

/* Waits for every rank.                                              Collective. */
lks_status lks_comm_barrier(lks_comm *comm);

/* Copies data[0..bytes) of rank `root` to every rank.                 Collective. */
lks_status lks_comm_broadcast(lks_comm *comm, int root, void *data, size_t bytes);

/* Rank 0 receives the blocks of all ranks in rank order, sizes[r] bytes each
 * (known to all ranks); all [sum of sizes] is used on rank 0 only.    Collective. */
lks_status lks_comm_gather(lks_comm *comm, const void *mine, const size_t *sizes, void *all);

/* Every rank receives the blocks of all ranks in rank order.          Collective. */
lks_status lks_comm_gather_all(lks_comm *comm, const void *mine, const size_t *sizes,
                               void *all);

/* The same of blocks of `bytes` each.                                 Collective. */
lks_status lks_comm_gather_equal(lks_comm *comm, const void *mine, size_t bytes, void *all);

/* Turns one rank's failure into everyone's: the lowest failing rank keeps its
 * status and message, all others get LKS_PEER and "[rank N] its message".
 * Called after set-up, before saving, at the end of an epoch.         Collective. */
lks_status lks_comm_agree(lks_comm *comm, lks_status status);

/* The status of the lowest failing rank that the last lks_comm_agree found, the
 * same on all ranks (and so a good exit code), or LKS_OK. */
lks_status lks_comm_agreed_status(const lks_comm *comm);

/* Fails with LKS_USAGE on rank 0 and LKS_PEER on the others (one of them speaks),
 * naming `what` and the first rank that differs, unless data[0..bytes) has the same bytes
 * everywhere: for different programs, configurations or datasets on different ranks.
 * Collective. */
lks_status lks_comm_check_equal(lks_comm *comm, const char *what, const void *data,
                                size_t bytes);

#endif
