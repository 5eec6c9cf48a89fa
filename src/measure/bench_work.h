/* bench_work.h - one work of lockstep bench step: opened, warm, timed in rounds.
 *
 * A round is a number of whole training steps, timed from barrier to barrier, after one
 * step that is not timed.  A round in which other processes took more than
 * lks_quiet_share of a core is repeated, as often again as there are rounds. */
#ifndef LOCKSTEP_MEASURE_BENCH_WORK_H
#define LOCKSTEP_MEASURE_BENCH_WORK_H

#include "kernels/kernels.h"
#include "measure/workload.h"
#include "train/stepper.h"

enum { LKS_BENCH_ROUNDS_MAX = 201 };

typedef struct {
  const char *const *sets; /* changes of the configuration */
  size_t set_count;
  const lks_kernels *kernels; /* NULL: as the configuration says */
  int threads;                /* 0: default */
  int steps;                  /* of a round; 0: about half a second */
  int rounds;                 /* at most LKS_BENCH_ROUNDS_MAX */
  double wait;                /* most seconds for a quiet machine, before each round */
} lks_work_setup;

/* Of one round: per step, of all ranks. */
typedef struct {
  double seconds; /* of the slowest rank */
  double parts[LKS_PART_COUNT];
  double page_faults; /* of the rank with most */
  double others;      /* share of a core that other processes had */
} lks_work_round;

typedef struct {
  const lks_workload *work;
  lks_session *session;
  lks_stepper stepper;
  int64_t number; /* of the next step */
  double rate;
  int steps; /* of a round */
  int rounds;
  int count;                                      /* rounds done */
  int clean;                                      /* undisturbed ones */
  lks_work_round round[2 * LKS_BENCH_ROUNDS_MAX]; /* [count] */
  double bytes; /* that this work added to the process, of the rank with most */
} lks_bench_work;

/* Opens the work and makes its first steps.  Close in any case.       Collective. */
lks_status lks_bench_work_open(lks_bench_work *work, const lks_workload *workload,
                               const lks_work_setup *setup, lks_io_thread *io, lks_comm *comm);
void lks_bench_work_close(lks_bench_work *work);

/* Whether there are as many good rounds as wanted, or no patience for more. */
bool lks_bench_work_is_done(const lks_bench_work *work);

/* Waits for quiet; *disturbance is what others had when it began.  Then one round.
 * Collective. */
lks_status lks_bench_work_round(lks_bench_work *work, const lks_work_setup *setup,
                                double *disturbance);

/* What a work's rounds come to. */
typedef struct {
  double tokens; /* of a step, all ranks */
  double median, minimum, maximum;
  double parts[LKS_PART_COUNT]; /* medians */
  double page_faults;           /* of a step, mean */
  double others;                /* largest */
} lks_work_summary;

/* Of the least disturbed rounds.  count >= 1. */
lks_work_summary lks_bench_work_sum_up(lks_bench_work *work);

#endif
