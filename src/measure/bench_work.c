/* SPDX-License-Identifier: Apache-2.0 */
/* bench_work.c - the stepping of training, without run folder, scores and saving. */
#include "measure/bench_work.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "measure/process.h"
#include "measure/quiet.h"
#include "measure/workload_data.h"

#include <string.h>

/* The first steps touch all memory; the next ones tell how long a step is. */
enum { COLD_STEPS = 2, TIMED_STEPS = 2, BALANCE_STEPS = 64 };

static const double round_seconds = 0.5;

/* What one rank knows of a round. */
typedef struct {
  double seconds, page_faults, bytes;
  double parts[LKS_PART_COUNT];
  double tokens;                 /* of the loss, of all ranks */
  double symbols[BALANCE_STEPS]; /* of sequences: this rank's of the first steps */
} rank_round;

/* Mean over the steps of the most symbols that a rank had beside the mean; 1 without. */
static double balance_of(const rank_round *all, int ranks) {
  double sum = 0;
  int steps = 0;
  for (int i = 0; i < BALANCE_STEPS; i++) {
    double most = 0, total = 0;
    for (int r = 0; r < ranks; r++) {
      total += all[r].symbols[i];
      most = all[r].symbols[i] > most ? all[r].symbols[i] : most;
    }
    if (total > 0) {
      sum += most * ranks / total;
      steps++;
    }
  }
  return steps > 0 ? sum / steps : 1;
}

/* The slowest rank's time, the mean parts, so that they add up to about a step. */
static void combine(const rank_round *all, int ranks, rank_round *whole, double *balance) {
  *whole = (rank_round){.tokens = all[0].tokens};
  *balance = balance_of(all, ranks);
  for (int r = 0; r < ranks; r++) {
    const rank_round *one = &all[r];
    whole->seconds = one->seconds > whole->seconds ? one->seconds : whole->seconds;
    whole->bytes = one->bytes > whole->bytes ? one->bytes : whole->bytes;
    if (one->page_faults > whole->page_faults)
      whole->page_faults = one->page_faults;
    for (int p = 0; p < LKS_PART_COUNT; p++)
      whole->parts[p] += one->parts[p] / ranks;
  }
}

/* Every rank learns what all ranks measured.                          Collective. */
static lks_status gather(lks_comm *comm, const rank_round *mine, rank_round *whole,
                         double *balance) {
  lks_status status;
  size_t ranks = (size_t)lks_comm_size(comm), *sizes = NULL;
  rank_round *all = NULL;
  LKS_TRY_OR(cleanup, status, lks_allocate(&all, ranks, sizeof *all));
  LKS_TRY_OR(cleanup, status, lks_allocate(&sizes, ranks, sizeof *sizes));
  for (size_t r = 0; r < ranks; r++)
    sizes[r] = sizeof *mine;
  LKS_TRY_OR(cleanup, status, lks_comm_gather_all(comm, mine, sizes, all));
  combine(all, (int)ranks, whole, balance);
cleanup:
  lks_release(sizes);
  lks_release(all);
  return status;
}

/* Symbols of all fields of this rank's rows. */
static double symbols_of(const lks_batch *batch) {
  double symbols = 0;
  for (int f = 0; f < batch->field_count; f++)
    symbols += batch->field[f].offsets[batch->rows] - batch->field[f].offsets[0];
  return symbols;
}

static lks_status make_step(lks_bench_work *w, int number, rank_round *mine) {
  lks_stepper *s = &w->stepper;
  const lks_batch *batch;
  lks_step_result result;
  double unused = 0, start = lks_clock_seconds();
  LKS_TRY(lks_batcher_next(s->batcher, &batch, &unused));
  double ready = lks_clock_seconds();
  LKS_TRY(lks_step_run(s->step, batch, lks_batcher_cuts(s->batcher), w->number, w->rate, false,
                       &result));
  if (!result.is_finite)
    return lks_step_explain(s->step, batch, w->number);
  w->number++;
  result.part_seconds[LKS_PART_INPUT] = ready - start;
  for (int p = 0; p < LKS_PART_COUNT; p++)
    mine->parts[p] += result.part_seconds[p];
  mine->tokens += (double)batch->terms;
  if (number < BALANCE_STEPS)
    mine->symbols[number] = symbols_of(batch);
  return LKS_OK;
}

/* `steps` steps between two barriers: this rank's times and faults, per step. */
static lks_status make_steps(lks_bench_work *w, int steps, rank_round *mine) {
  lks_comm *comm = w->stepper.comm;
  *mine = (rank_round){0};
  LKS_TRY(lks_comm_barrier(comm));
  double faults = lks_process_page_faults(), start = lks_clock_seconds();
  for (int i = 0; i < steps; i++)
    LKS_TRY(make_step(w, i, mine));
  LKS_TRY(lks_comm_barrier(comm));
  mine->seconds = (lks_clock_seconds() - start) / steps;
  mine->page_faults = (lks_process_page_faults() - faults) / steps;
  mine->tokens /= steps;
  for (int p = 0; p < LKS_PART_COUNT; p++)
    mine->parts[p] /= steps;
  return LKS_OK;
}

/* What can fail on one rank alone, the data apart. */
static lks_status open_session(lks_bench_work *w, const lks_work_setup *setup,
                               lks_config *config, lks_io_thread *io, lks_comm *comm) {
  LKS_TRY(lks_session_open_with(&w->session, config, io)); /* takes the configuration */
  if (setup->kernels)
    LKS_TRY(
        lks_kernels_find(setup->kernels, w->session->kernels->precision, &w->session->kernels));
  if (setup->threads > 0)
    w->session->threads = setup->threads;
  LKS_TRY(lks_stepper_open(&w->stepper, w->session, comm));
  LKS_TRY(lks_stepper_allocate(&w->stepper, 0, 0));
  return LKS_OK;
}

/* The data exist only until all ranks have opened them. */
static lks_status open_on_data(lks_bench_work *w, const lks_work_setup *setup,
                               lks_io_thread *io, lks_comm *comm) {
  lks_status status;
  lks_workload_data data;
  lks_config *config = NULL;
  LKS_TRY(lks_workload_data_create(&data, w->work, comm));
  status = lks_workload_configure(w->work, setup->sets, setup->set_count, data.path, &config);
  if (status == LKS_OK && data.is_owner)
    status = lks_workload_data_write(&data, w->work, config, io);
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, status));
  status = open_session(w, setup, config, io, comm);
  config = NULL;
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, status));
cleanup:
  lks_config_destroy(config);
  lks_workload_data_remove(&data);
  return status;
}

/* First values, then steps until the memory is touched and the pace is known. */
static lks_status warm_up(lks_bench_work *w, const lks_work_setup *setup, double before) {
  lks_session *s = w->session;
  rank_round mine, whole;
  double unused;
  s->task->kind->initialise(s->task, (uint64_t)lks_config_integer(s->config, "train", "seed"));
  s->task->kind->pack(s->task, s->kernels, s->threads, true);
  LKS_TRY(make_steps(w, COLD_STEPS, &mine));
  LKS_TRY(make_steps(w, TIMED_STEPS, &mine));
  mine.bytes = lks_process_peak_bytes() - before;
  LKS_TRY(gather(w->stepper.comm, &mine, &whole, &unused));
  w->bytes = whole.bytes;
  w->steps = setup->steps;
  if (w->steps == 0)
    w->steps = whole.seconds > round_seconds ? 1 : (int)(round_seconds / whole.seconds + 0.5);
  return LKS_OK;
}

lks_status lks_bench_work_open(lks_bench_work *w, const lks_workload *workload,
                               const lks_work_setup *setup, lks_io_thread *io, lks_comm *comm) {
  memset(w, 0, sizeof *w);
  w->work = workload;
  w->rounds.wanted = setup->rounds;
  double before = lks_process_bytes();
  LKS_TRY(open_on_data(w, setup, io, comm));
  lks_process_reset_peak(); /* writing the data is not part of training */
  const lks_config *config = w->session->config;
  w->rate = lks_config_real(config, "optimizer", "learning_rate");
  lks_comm_set_deadline(comm, lks_config_real(config, "distributed", "timeout_seconds"));
  LKS_TRY(lks_stepper_start(&w->stepper));
  return warm_up(w, setup, before);
}

void lks_bench_work_close(lks_bench_work *w) {
  lks_stepper_close(&w->stepper);
  lks_session_close(w->session);
  w->session = NULL;
}

lks_status lks_bench_work_round(lks_bench_work *w, const lks_work_setup *setup,
                                double *disturbance) {
  lks_comm *comm = w->stepper.comm;
  rank_round mine, whole;
  lks_round round = {0};
  LKS_TRY(lks_quiet_wait(comm, setup->wait, disturbance));
  LKS_TRY(make_steps(w, 1, &mine));
  lks_cpu_sample before = lks_cpu_sample_take(comm);
  LKS_TRY(make_steps(w, w->steps, &mine));
  lks_cpu_sample after = lks_cpu_sample_take(comm);
  LKS_TRY(lks_cpu_others(comm, &before, &after, &round.others));
  LKS_TRY(gather(comm, &mine, &whole, &round.balance));
  double scale = w->work->ragged ? lks_bench_work_tokens(w) / whole.tokens : 1;
  round.seconds = whole.seconds * scale;
  round.page_faults = whole.page_faults;
  for (int p = 0; p < LKS_PART_COUNT; p++)
    round.parts[p] = whole.parts[p] * scale;
  lks_rounds_add(&w->rounds, &round);
  return LKS_OK;
}

double lks_bench_work_tokens(const lks_bench_work *w) {
  const lks_config *config = w->session->config;
  int more = w->work->kind ? w->session->task->terms_more : 0;
  return (double)(lks_config_integer(config, "train", "batch") *
                  (lks_config_integer(config, "data", "window") + more));
}
