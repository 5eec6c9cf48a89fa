/* relaunch.h - this program again, as several ranks. */
#ifndef LOCKSTEP_MEASURE_RELAUNCH_H
#define LOCKSTEP_MEASURE_RELAUNCH_H

#include <lockstep/status.h>

/* Physical cores that this process may run on; LOCKSTEP_CORES goes before it. */
int lks_relaunch_cores(void);

/* Replaces this process, which must not have started MPI, by mpirun with `ranks` ranks of
 * the same command line: bound and with the environment that launch/run gives.
 *
 *   threads  of a rank; 0: the cores shared out
 *
 * Returns only when that fails, with LKS_COMM. */
lks_status lks_relaunch(int ranks, int threads);

#endif
