/* records.h - a small status record per rank that outlives it.
 *
 * RUN/ranks/N is one memory-mapped line of text, padded with spaces, rewritten in
 * place: rank, host, process id, step, phase, collective calls, time.  Ranks read
 * each other's to name who is missing; launch/run reads them after a crash.
 *
 *   rank 3 host h2 pid 4711 step 1200 phase backward calls 1207 time 2026-11-22T21:24:29Z */
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

/* A record that was read. */
typedef struct {
  int rank;
  char host[64];
  int64_t process;
  int64_t step; /* -1 before the first */
  lks_phase phase;
  uint64_t calls; /* collective calls begun: the same on all ranks that are level */
  double seconds_ago;
} lks_record_view;

/* Opens folder/ranks/RANK for this rank and gives the communicator the folder,
 * so that its deadlines can name who is missing.  Not collective. */
lks_status lks_records_open(lks_comm *comm, const char *folder);

/* Notes where this rank is: cheap, a store to shared memory and at most once a
 * second the text. */
void lks_records_note(lks_comm *comm, int64_t step, lks_phase phase);

/* Writes the text again: for a rank that waits for long, so that it is not taken for
 * missing. */
void lks_records_refresh(lks_comm *comm);

/* Marks an orderly end. */
void lks_records_close(lks_comm *comm);

/* What the record of any rank says; false when there is none that can be read. */
bool lks_records_read(const lks_comm *comm, int rank, lks_record_view *view);

const char *lks_phase_text(lks_phase phase);

#endif
