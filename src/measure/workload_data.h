/* workload_data.h - the data of a work: random numbers in a dataset file, as long as an
 * epoch of about a million values; batches are all full. */
#ifndef LOCKSTEP_MEASURE_WORKLOAD_DATA_H
#define LOCKSTEP_MEASURE_WORKLOAD_DATA_H

#include "comm/comm.h"
#include "io/io_thread.h"
#include "measure/workload.h"

enum { LKS_WORKLOAD_PATH = 1024 };

/* A file in a folder of its own, in TMPDIR or /tmp of each host. */
typedef struct {
  char path[LKS_WORKLOAD_PATH];
  bool is_owner; /* this rank, the first of its host, made it and removes it */
} lks_workload_data;

/* Names the file; the first rank of each host makes its folder.        Collective.
 * Remove it in any case. */
lks_status lks_workload_data_create(lks_workload_data *data, const lks_workload *work,
                                    lks_comm *comm);

/* Writes it for batches as `config` has them: only on the rank that owns it. */
lks_status lks_workload_data_write(const lks_workload_data *data, const lks_workload *work,
                                   const lks_config *config, lks_io_thread *io);

/* Removes file and folder.  Ranks that have opened the file keep it. */
void lks_workload_data_remove(lks_workload_data *data);

#endif
