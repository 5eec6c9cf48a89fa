/* SPDX-License-Identifier: Apache-2.0 */
/* wait.h - how a rank waits: it polls.
 *
 *   lks_wait wait = lks_wait_begin(comm, peer);
 *   while (!there)
 *     LKS_TRY(lks_wait_pause(&wait));
 *
 * A pause is short at first (the processor stays ours), then a yield, then a
 * sleep; with more ranks than processors it yields at once. */
#ifndef LOCKSTEP_COMM_WAIT_H
#define LOCKSTEP_COMM_WAIT_H

#include "comm/comm.h"
#include "comm/transport.h"

enum { LKS_NO_RANK = -1 };

typedef struct {
  lks_comm *comm;
  int suspect; /* the rank waited for, or LKS_NO_RANK when it is any of this host */
  unsigned turns;
  double began, hooked, looked, recorded; /* from the first pause that sees the clock */
} lks_wait;

lks_wait lks_wait_begin(lks_comm *comm, int suspect);

/* One pause.  Fails with LKS_COMM, naming who is missing, after the deadline. */
lks_status lks_wait_pause(lks_wait *wait);

/* Waits for a message from or to `peer`. */
lks_status lks_wait_message(lks_comm *comm, lks_request *request, int peer);

/* Turns of a wait before the first yield, for so many ranks on this machine. */
unsigned lks_wait_spins(int ranks);

#endif
