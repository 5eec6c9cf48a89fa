/* SPDX-License-Identifier: Apache-2.0 */
/* meeting.h - the ranks of one host wait for each other, and name who is missing.
 *
 * Each rank has a counter on the host's board that only grows: the number of
 * meetings it has come to.  A meeting is over for a rank when all counters have
 * reached its own.  Whoever is behind is missing, so its name costs nothing. */
#ifndef LOCKSTEP_COMM_MEETING_H
#define LOCKSTEP_COMM_MEETING_H

#include "comm/comm.h"

#include <stdbool.h>

/* Waits for the ranks of this host.  What they wrote to shared memory before is
 * seen after.                                         Collective on the host. */
lks_status lks_host_meet(lks_comm *comm);

/* Whether a note or record proves that some rank has not begun this call. */
bool lks_missing_is_known(const lks_comm *comm);

/* The failure of a wait of `seconds`: names the rank that is behind, else
 * `suspect`. */
lks_status lks_missing_fail(const lks_comm *comm, int suspect, double seconds);

#endif
