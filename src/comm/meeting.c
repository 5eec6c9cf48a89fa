/* SPDX-License-Identifier: Apache-2.0 */
/* meeting.c - the meeting of a host's ranks, and the search for who is missing.
 *
 * All ranks make the same collective calls, so whoever has begun fewer of them
 * than this rank is missing.  On this host the board tells; of other hosts, the
 * records in the run's folder. */
#include "comm/meeting.h"

#include "base/clock.h"
#include "base/fail.h"
#include "comm/group.h"
#include "comm/records.h"
#include "comm/wait.h"

#include <stdio.h>

/* Rank, and what was last seen of it. */
typedef struct {
  int rank;
  int64_t step;
  const char *phase;
  double seconds_ago;
} trace;

static uint64_t load(const _Atomic uint64_t *counter) {
  return atomic_load_explicit(counter, memory_order_acquire);
}

lks_status lks_host_meet(lks_comm *comm) {
  uint64_t meeting = ++comm->meetings;
  int ranks = lks_comm_host_size(comm);
  atomic_store_explicit(&comm->places[lks_comm_host_rank(comm)].arrived, meeting,
                        memory_order_release);
  lks_wait wait = lks_wait_begin(comm, LKS_NO_RANK);
  for (int r = 0; r < ranks; r++)
    while (load(&comm->places[r].arrived) < meeting)
      LKS_TRY(lks_wait_pause(&wait));
  return LKS_OK;
}

static bool trace_by_board(const lks_comm *comm, int host_rank, trace *found) {
  const lks_place *place = &comm->places[host_rank];
  int64_t seen_ms = atomic_load_explicit(&place->seen_ms, memory_order_relaxed);
  found->rank = comm->host_first[comm->host] + host_rank;
  found->step = atomic_load_explicit(&place->step, memory_order_relaxed);
  found->phase =
      lks_phase_text((lks_phase)atomic_load_explicit(&place->phase, memory_order_relaxed));
  found->seconds_ago = lks_clock_seconds() - 1e-3 * (double)seen_ms;
  return load(&place->calls) < comm->calls;
}

static bool trace_by_record(const lks_comm *comm, int rank, trace *found) {
  static const char *const unknown = "unknown";
  lks_record_view view;
  *found = (trace){.rank = rank, .step = -1, .phase = unknown};
  if (!lks_records_read(comm, rank, &view))
    return false;
  found->step = view.step;
  found->phase = lks_phase_text(view.phase);
  found->seconds_ago = view.seconds_ago;
  return view.calls < comm->calls;
}

/* The first rank that is proved to be behind. */
static bool find_missing(const lks_comm *comm, trace *found) {
  if (comm->places)
    for (int r = 0; r < lks_comm_host_size(comm); r++)
      if (trace_by_board(comm, r, found))
        return true;
  for (int r = 0; r < comm->size; r++)
    if (lks_comm_host_of(comm, r) != comm->host && trace_by_record(comm, r, found))
      return true;
  return false;
}

/* The one that is waited for, when nothing proves who holds it up; a rank of this
 * host that has not come to the meeting, when that is waited for. */
static void trace_suspect(const lks_comm *comm, int suspect, trace *found) {
  for (int r = 0; suspect == LKS_NO_RANK && comm->places && r < lks_comm_host_size(comm); r++)
    if (load(&comm->places[r].arrived) < comm->meetings)
      suspect = comm->host_first[comm->host] + r;
  *found = (trace){.rank = suspect, .step = -1};
  if (suspect == LKS_NO_RANK)
    return;
  if (lks_comm_host_of(comm, suspect) != comm->host)
    trace_by_record(comm, suspect, found);
  else if (comm->places)
    trace_by_board(comm, suspect - comm->host_first[comm->host], found);
}

bool lks_missing_is_known(const lks_comm *comm) {
  trace found;
  return find_missing(comm, &found);
}

lks_status lks_missing_fail(const lks_comm *comm, int suspect, double seconds) {
  trace found;
  char seen[128] = "";
  if (!find_missing(comm, &found))
    trace_suspect(comm, suspect, &found);
  if (found.rank == LKS_NO_RANK)
    return LKS_FAIL(LKS_COMM, "no other rank answered within %.0f s", seconds);
  if (found.step >= 0)
    snprintf(seen, sizeof seen, " (last seen: step %lld, phase %s, %.0f s ago)",
             (long long)found.step, found.phase, found.seconds_ago);
  return LKS_FAIL(LKS_COMM,
                  "rank %d on host %s did not arrive within %.0f s%s\n  hint: look at the end "
                  "of that rank's output; if it was only slow, allow a longer "
                  "wait: [distributed] timeout_seconds",
                  found.rank, comm->host_names[lks_comm_host_of(comm, found.rank)], seconds,
                  seen);
}
