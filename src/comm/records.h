/* records.h - a small status record per rank that outlives it.
 *
 * RUN/ranks/N is one memory-mapped line of text, padded with spaces, rewritten in
 * place: rank, host, process id, step, phase, time.  Ranks read each other's to
 * name who is missing; launch/run reads them after a crash. */
#ifndef LOCKSTEP_COMM_RECORDS_H
#define LOCKSTEP_COMM_RECORDS_H

#include "comm/comm.h"

typedef enum {
  LKS_PHASE_START,
  LKS_PHASE_INPUT,
  LKS_PHASE_FORWARD,
  LKS_PHASE_BACKWARD,
  LKS_PHASE_SUM,
  LKS_PHASE_UPDATE,
  LKS_PHASE_EVALUATE,
  LKS_PHASE_SAVE,
  LKS_PHASE_END
} lks_phase;

/* Opens folder/ranks/RANK for this rank and gives the communicator the folder,
 * so that its deadlines can name who is missing.  Not collective. */
lks_status lks_records_open(lks_comm *comm, const char *folder);

/* Notes where this rank is: cheap, a store to shared memory and at most once a
 * second the text. */
void lks_records_note(lks_comm *comm, int64_t step, lks_phase phase);

/* Marks an orderly end. */
void lks_records_close(lks_comm *comm);

const char *lks_phase_text(lks_phase phase);

#endif
