/* doctor.h - is this machine ready, and what will the program do on it? */
#ifndef LOCKSTEP_MEASURE_DOCTOR_H
#define LOCKSTEP_MEASURE_DOCTOR_H

#include "comm/comm.h"

#include <stdio.h>

typedef struct {
  const char *config_path; /* also says memory per rank and shards of this run; may be NULL */
  const char *const *sets;
  size_t set_count;
  FILE *out;
} lks_doctor_setup;

/* Checks and explains MPI, ranks and hosts, binding, threads, kernels, floating-point
 * environment, HDF5 and the file system, one line each on rank 0: ok, warning or
 * problem; *problems counts the last kind.                            Collective. */
lks_status lks_doctor_run(lks_comm *comm, const lks_doctor_setup *setup, int *problems);

#endif
