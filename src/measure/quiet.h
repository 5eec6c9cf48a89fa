/* quiet.h - what other processes take of this machine's processors.
 *
 * The busy time of all processors since boot, less that of the ranks on the host, is what
 * others had; it is told as a share of one core.  The kernel counts in ticks of 10 ms, so
 * a sample of 0.2 s knows it to 5 %.
 *
 * `comm` may be NULL: this process alone. */
#ifndef LOCKSTEP_MEASURE_QUIET_H
#define LOCKSTEP_MEASURE_QUIET_H

#include "comm/comm.h"

/* A share of others that is quiet enough. */
extern const double lks_quiet_share;

/* Seconds so far; plain bytes, so that ranks can send them. */
typedef struct {
  int host;
  double own;  /* processor time of this process */
  double busy; /* of all processors of the host, stolen time included; 0: not to be had */
  double wall;
} lks_cpu_sample;

lks_cpu_sample lks_cpu_sample_take(const lks_comm *comm);

/* The share of one core that others had between two samples, on the host where it was
 * largest; the same on all ranks.                                     Collective. */
lks_status lks_cpu_others(lks_comm *comm, const lks_cpu_sample *before,
                          const lks_cpu_sample *after, double *share);

/* Waits, asleep, until others have less than lks_quiet_share, at most `seconds`; *share is
 * what they had last.                                                 Collective. */
lks_status lks_quiet_wait(lks_comm *comm, double seconds, double *share);

#endif
