/* bench_work.h - one work of lockstep bench step: opened, warm, timed in rounds.
 *
 * A round is a number of whole training steps, timed from barrier to barrier, after one
 * step that is not timed.  Steps of a ragged work differ in their tokens: its times are
 * those of a step with as many tokens as the dense work has. */
#ifndef LOCKSTEP_MEASURE_BENCH_WORK_H
#define LOCKSTEP_MEASURE_BENCH_WORK_H

#include "kernels/kernels.h"
#include "measure/rounds.h"
#include "measure/workload.h"
#include "train/stepper.h"

typedef struct {
  const char *const *sets; /* changes of the configuration */
  size_t set_count;
  const char *kernels; /* table name; NULL: as the configuration says */
  int threads;         /* 0: default */
  int steps;           /* of a round; 0: about half a second */
  int rounds;          /* at most LKS_ROUNDS_MAX */
  double wait;         /* most seconds for a quiet machine, before each round */
} lks_work_setup;

typedef struct {
  const lks_workload *work;
  lks_session *session;
  lks_stepper stepper;
  int64_t number; /* of the next step */
  double rate;
  int steps;         /* of a round */
  lks_rounds rounds; /* per step, all ranks: the slowest one's time, the mean parts */
  double bytes;      /* that this work added to the process, of the rank with most */
} lks_bench_work;

/* Opens the work and makes its first steps.  Close in any case.       Collective. */
lks_status lks_bench_work_open(lks_bench_work *work, const lks_workload *workload,
                               const lks_work_setup *setup, lks_io_thread *io, lks_comm *comm);
void lks_bench_work_close(lks_bench_work *work);

/* Waits for quiet; *disturbance is what others had when it began.  Then one round.
 * Collective. */
lks_status lks_bench_work_round(lks_bench_work *work, const lks_work_setup *setup,
                                double *disturbance);

/* Tokens, or rows of windows, of a step of all ranks. */
double lks_bench_work_tokens(const lks_bench_work *work);

#endif
