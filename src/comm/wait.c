/* SPDX-License-Identifier: Apache-2.0 */
/* wait.c - poll loops with a hook and a deadline.
 *
 * A sum waits for microseconds when all is well, so the first turns keep the
 * processor and do not look at the clock.  After them others may have it: with
 * more ranks than processors the one waited for may need it to get here. */
#include "comm/wait.h"

#include "base/clock.h"
#include "base/fail.h"
#include "comm/group.h"
#include "comm/meeting.h"
#include "comm/records.h"

#include <sched.h>
#include <unistd.h>

static const double hook_seconds = 1e-3;
static const double yield_seconds = 5e-3; /* then it sleeps */
static const double sleep_seconds = 1e-4;
static const double look_seconds = 0.1; /* between two searches for who is missing */

enum { SPINS = 1000 }; /* some 30 microseconds */

unsigned lks_wait_spins(int ranks) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  return ranks <= processors ? SPINS : 0;
}

lks_wait lks_wait_begin(lks_comm *comm, int suspect) {
  return (lks_wait){.comm = comm, .suspect = suspect};
}

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/* Past the deadline, a rank that can prove who is missing speaks first, and its
 * word ends the job; the one that this rank waits for may itself be waiting. */
static lks_status check_deadline(lks_wait *wait, double now) {
  double deadline = wait->comm->deadline, seconds = now - wait->began;
  if (seconds <= deadline || now - wait->looked < look_seconds)
    return LKS_OK;
  wait->looked = now;
  if (seconds > 1.1 * deadline + 0.5 || lks_missing_is_known(wait->comm))
    return lks_missing_fail(wait->comm, wait->suspect, seconds);
  return LKS_OK;
}

/* So that ranks of other hosts, before their deadline, see that this one is here. */
static void refresh_record(lks_wait *wait, double now) {
  double deadline = wait->comm->deadline;
  if (now - wait->recorded < (deadline < 4.0 ? deadline / 4.0 : 1.0))
    return;
  lks_records_refresh(wait->comm);
  wait->recorded = now;
}

static lks_status pause_long(lks_wait *wait) {
  lks_comm *comm = wait->comm;
  double now = lks_clock_seconds();
  if (wait->turns++ == comm->spins)
    wait->began = wait->hooked = wait->looked = wait->recorded = now;
  if (comm->hook && now - wait->hooked >= hook_seconds) {
    comm->hook(comm->hook_context);
    wait->hooked = now;
  }
  refresh_record(wait, now);
  LKS_TRY(check_deadline(wait, now));
  if (comm->hosts > 1)
    comm->transport->progress(comm->link);
  if (now - wait->began < yield_seconds)
    sched_yield();
  else
    lks_clock_sleep(sleep_seconds);
  return LKS_OK;
}

lks_status lks_wait_pause(lks_wait *wait) {
  if (wait->turns >= wait->comm->spins)
    return pause_long(wait);
  wait->turns++;
  relax();
  return LKS_OK;
}

lks_status lks_wait_message(lks_comm *comm, lks_request *request, int peer) {
  lks_wait wait = lks_wait_begin(comm, peer);
  for (;;) {
    bool done = false;
    LKS_TRY(comm->transport->test(comm->link, request, &done));
    if (done)
      return LKS_OK;
    lks_status status = lks_wait_pause(&wait);
    if (status != LKS_OK) {
      comm->transport->cancel(comm->link, request);
      return status;
    }
  }
}
