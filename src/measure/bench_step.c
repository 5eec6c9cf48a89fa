/* SPDX-License-Identifier: Apache-2.0 */
/* bench_step.c - opens works, lets them take turns, prints what they came to.
 *
 * All works are open at once when the memory allows it, else in groups: one is opened
 * after the other until less than a quarter of the memory is left. */
#include "measure/bench_step.h"

#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "measure/bench_work.h"
#include "measure/machine.h"
#include "measure/process.h"
#include "measure/quiet.h"

#include <string.h>

typedef struct {
  lks_comm *comm;
  const lks_bench_step_setup *setup;
  lks_work_setup each;
  lks_io_thread *io;
  lks_bench_work *works; /* [count] the open ones */
  int count;
  double base_bytes; /* of the process before the first work */
  bool has_spoken;   /* of a machine that is not quiet */
} bench;

/* Whether every host has memory for another work.                     Collective. */
static lks_status has_room(const bench *b, bool *room) {
  uint64_t total, available = lks_machine_available_memory(&total);
  int lacks = total > 0 && available < total / 4;
  for (int r = 0; r < lks_comm_size(b->comm); r++) {
    int theirs = lacks;
    LKS_TRY(lks_comm_broadcast(b->comm, r, &theirs, sizeof theirs));
    lacks = lacks || theirs;
  }
  *room = !lacks;
  return LKS_OK;
}

static lks_status open_group(bench *b, const lks_workload *const *works, int count) {
  bool room = true;
  for (b->count = 0; b->count < count && room;) {
    lks_bench_work *work = &b->works[b->count++];
    LKS_TRY(lks_bench_work_open(work, works[b->count - 1], &b->each, b->io, b->comm));
    LKS_TRY(has_room(b, &room));
  }
  return LKS_OK;
}

static void close_group(bench *b) {
  while (b->count > 0)
    lks_bench_work_close(&b->works[--b->count]);
}

static lks_status run_group(bench *b) {
  for (bool more = true; more;) {
    more = false;
    for (int i = 0; i < b->count; i++) {
      lks_bench_work *work = &b->works[i];
      double others;
      if (lks_rounds_are_done(&work->rounds))
        continue;
      LKS_TRY(lks_bench_work_round(work, &b->each, &others));
      if (others >= lks_quiet_share && !b->has_spoken) {
        lks_log(
            LKS_LOG_WARNING,
            "after %g s other processes still have %.0f %% of a core; measured all the same",
            b->each.wait, 100 * others);
        b->has_spoken = true;
      }
      more = more || !lks_rounds_are_done(&work->rounds);
    }
  }
  return LKS_OK;
}

/* Configuration's facts of a row. */
typedef struct {
  const char *reduction, *kernels, *precision;
  int ranks, threads, shards;
  double mib; /* of a process, with this work alone */
} facts;

static facts facts_of(const bench *b, const lks_bench_work *work) {
  return (facts){
      .reduction = lks_config_text(work->session->config, "distributed", "reduction"),
      .kernels = work->session->kernels->name,
      .precision = lks_precision_name(work->session->kernels->precision),
      .ranks = lks_comm_size(b->comm),
      .threads = work->session->threads,
      .shards = work->stepper.shards,
      .mib = (b->base_bytes + work->bytes) / (1 << 20),
  };
}

static void print_json(const bench *b, lks_bench_work *work) {
  FILE *out = b->setup->out;
  facts f = facts_of(b, work);
  lks_rounds_summary s = lks_rounds_sum_up(&work->rounds);
  double tokens = lks_bench_work_tokens(work);
  fprintf(out, "{\"work\": \"%s\", \"tokens_per_second\": %.6g, ", work->work->name,
          tokens / s.median);
  fprintf(out, "\"median_seconds\": %.6g, \"min_seconds\": %.6g, \"max_seconds\": %.6g, ",
          s.median, s.minimum, s.maximum);
  fprintf(out, "\"spread\": %.4g, \"tokens\": %.0f, \"steps\": %d, \"rounds\": %d, ", s.spread,
          tokens, work->steps, work->rounds.wanted);
  fprintf(out, "\"peak_rss_mib\": %.1f, \"page_faults\": %.4g, ", f.mib, s.page_faults);
  fprintf(out, "\"ranks\": %d, \"threads\": %d, \"shards\": %d, ", f.ranks, f.threads,
          f.shards);
  fprintf(out, "\"reduction\": \"%s\", \"kernels\": \"%s\", \"precision\": \"%s\", ",
          f.reduction, f.kernels, f.precision);
  fprintf(out, "\"balance\": %.4f, \"disturbed\": %.4g, ", s.balance, s.others);
  fprintf(out, "\"phases\": {");
  for (int p = 0; p < LKS_PART_COUNT; p++)
    fprintf(out, "%s\"%s\": %.6g", p > 0 ? ", " : "", lks_part_text((lks_part)p), s.parts[p]);
  fprintf(out, "}}\n");
}

static void print_head(FILE *out) {
  fprintf(out, "%-4s %10s %9s %9s %9s %6s %8s %7s %5s %7s %6s  %-9s %-9s %-9s %6s\n", "work",
          "tokens/s", "ms/step", "min", "max", "spread", "RSS MiB", "faults", "ranks",
          "threads", "shards", "reduction", "kernels", "precision", "others");
}

static void print_row(const bench *b, lks_bench_work *work) {
  facts f = facts_of(b, work);
  lks_rounds_summary s = lks_rounds_sum_up(&work->rounds);
  double tokens = lks_bench_work_tokens(work);
  fprintf(
      b->setup->out,
      "%-4s %10.0f %9.3f %9.3f %9.3f %4.0f %% %8.1f %7.1f %5d %7d %6d  %-9s %-9s %-9s %4.0f %%\n",
      work->work->name, tokens / s.median, 1e3 * s.median, 1e3 * s.minimum, 1e3 * s.maximum,
      100 * s.spread, f.mib, s.page_faults, f.ranks, f.threads, f.shards, f.reduction,
      f.kernels, f.precision, 100 * s.others);
}

static void print_parts(const bench *b) {
  FILE *out = b->setup->out;
  fprintf(out, "\n%-4s", "ms");
  for (int p = 0; p < LKS_PART_COUNT; p++)
    fprintf(out, " %9s", lks_part_text((lks_part)p));
  fprintf(out, "\n");
  for (int i = 0; i < b->count; i++) {
    lks_rounds_summary s = lks_rounds_sum_up(&b->works[i].rounds);
    fprintf(out, "%-4s", b->works[i].work->name);
    for (int p = 0; p < LKS_PART_COUNT; p++)
      fprintf(out, " %9.3f", 1e3 * s.parts[p]);
    fprintf(out, "\n");
  }
}

/* Ragged works beside the dense ones before them. */
static void print_ragged(const bench *b) {
  FILE *out = b->setup->out;
  fprintf(out, "\n%-6s %18s %26s\n", "ragged", "time of dense", "symbols of a rank");
  for (int i = 1; i < b->count; i++) {
    if (!b->works[i].work->ragged)
      continue;
    lks_rounds_summary dense = lks_rounds_sum_up(&b->works[i - 1].rounds);
    lks_rounds_summary s = lks_rounds_sum_up(&b->works[i].rounds);
    fprintf(out, "%-6s %18.2f %26.3f\n", b->works[i].work->name, s.median / dense.median,
            s.balance);
  }
}

static void print_group(const bench *b) {
  if (lks_comm_rank(b->comm) != 0)
    return;
  if (!b->setup->json)
    print_head(b->setup->out);
  for (int i = 0; i < b->count; i++)
    (b->setup->json ? print_json : print_row)(b, &b->works[i]);
  if (!b->setup->json)
    print_parts(b);
  if (!b->setup->json && b->setup->ragged)
    print_ragged(b);
  fflush(b->setup->out);
}

static lks_status run(bench *b, const lks_workload *const *works, int count) {
  int done = 0;
  while (done < count) {
    LKS_TRY(open_group(b, works + done, count - done));
    LKS_TRY(run_group(b));
    print_group(b);
    done += b->count;
    close_group(b);
  }
  return LKS_OK;
}

/* What can fail on one rank alone. */
static lks_status prepare(bench *b, const lks_workload *works[LKS_WORKLOADS_MAX], int *count) {
  const lks_bench_step_setup *setup = b->setup;
  b->each = (lks_work_setup){.sets = setup->sets,
                             .set_count = setup->set_count,
                             .kernels = setup->kernels,
                             .threads = setup->threads,
                             .steps = setup->steps,
                             .rounds = setup->rounds,
                             .wait = setup->wait};
  LKS_TRY(lks_workload_select(setup->works    ? setup->works
                              : setup->ragged ? "W5,W7"
                                              : NULL,
                              works, count));
  if (setup->ragged)
    LKS_TRY(lks_workload_add_ragged(works, count));
  LKS_TRY(lks_io_thread_create(&b->io));
  return lks_allocate(&b->works, (size_t)*count, sizeof *b->works);
}

lks_status lks_bench_step(lks_comm *comm, const lks_bench_step_setup *setup) {
  lks_status status;
  const lks_workload *works[LKS_WORKLOADS_MAX];
  int count = 0;
  bench b = {.comm = comm, .setup = setup};
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, prepare(&b, works, &count)));
  b.base_bytes = lks_process_bytes();
  LKS_TRY_OR(cleanup, status, run(&b, works, count));
cleanup:
  close_group(&b);
  lks_release(b.works);
  lks_io_thread_destroy(b.io);
  return status;
}
