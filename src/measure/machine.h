/* SPDX-License-Identifier: Apache-2.0 */
/* machine.h - what one rank sees of its machine: facts, no judgement. */
#ifndef LOCKSTEP_MEASURE_MACHINE_H
#define LOCKSTEP_MEASURE_MACHINE_H

#include "comm/comm.h"
#include "kernels/kernels.h"

#include <sched.h>

/* Plain bytes, so that ranks can send it to the first. */
typedef struct {
  char host[64];
  int host_number;
  char processor[64];    /* "AMD EPYC 9755 128-Core Processor", or "" */
  cpu_set_t cores;       /* that this rank may run on */
  int core_count;        /* of them */
  int cores_online;      /* of the host */
  int threads;           /* this rank would use */
  int threads_made;      /* and got, when it asked for them */
  bool flushes;          /* every thread rounds to nearest and flushes denormals */
  char kernels[16];      /* chosen table; "" when LOCKSTEP_KERNELS names none */
  char kernels_list[96]; /* all that this processor can run */
  char kernels_error[256];
  bool by_instruction[LKS_PRECISION_COUNT]; /* multiplies so, and not as rounded f32 */
  bool same_bits; /* all tables of a precision but openblas agreed on a sample */
  char hdf5[96];
  uint64_t memory_bytes, memory_free_bytes;
  uint64_t shared_bytes; /* free in /dev/shm; 0: there is none */
  char folder[256];      /* the working folder */
  char file_system[16];  /* its kind, e.g. "ext4" or "nfs" */
  bool is_network;
  uint64_t folder_free_bytes;
  bool is_writable;
  int64_t open_files;    /* limit; -1: none */
  int64_t file_bytes;    /* limit; -1: none */
  int64_t address_bytes; /* limit; -1: none */
} lks_machine;

/* Looks around.  Not collective. */
lks_status lks_machine_read(lks_machine *machine, const lks_comm *comm);

/* Bytes that can be had without swapping, and *total bytes of the host; 0 where it cannot
 * be found out. */
uint64_t lks_machine_available_memory(uint64_t *total);

#endif
