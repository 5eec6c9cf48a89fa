/* SPDX-License-Identifier: Apache-2.0 */
/* bench_network.c - one sum of gradients over the ranks, exact and by MPI.
 *
 * Values are small whole numbers, so that the sum is known: every element of both
 * results is checked.  A turn is what a step does: every rank writes its partials, they
 * are summed, the norm of the sum is found, and the sum is read; the sum is timed, and
 * the sum with the norm.  Sums below a megabyte are repeated instead, since a single one
 * is as short as the barrier before it.  MPI sums one buffer a rank whatever the cuts. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "comm/exchange.h"
#include "kernels/parallel.h"
#include "measure/bench.h"
#include "measure/turns.h"

/* A sum of fewer floats is repeated within a turn. */
enum { SHARDS = 16, KINDS = 2, REPEATED_FLOATS = 1 << 18 };

static const size_t sizes[] = {64 << 10, 256 << 10, 1 << 20,  4 << 20,
                               10 << 20, 20 << 20,  50 << 20, 80 << 20}; /* bytes */

/* One way to sum: its exchange, and the shards that this rank has a partial of. */
typedef struct {
  lks_exchange *exchange;
  lks_reduction reduction;
  lks_shards plan;
  int cuts[SHARDS + 1];
  lks_subtree mine[LKS_SUBTREES_MAX];
  int partials;
  lks_turns sums, norms; /* of the size that is measured */
} rival;

typedef struct {
  lks_comm *comm;
  const lks_kernels *kernels;
  lks_sum_tools tools;
  rival kind[KINDS]; /* exact, MPI */
} rivals;

static float value(size_t i, int shard) {
  return (float)((i + (size_t)shard) % 5);
}

/* Every partial is the sum over its shards. */
static void fill(const rival *r, size_t count) {
  float *const *partials = lks_exchange_partials(r->exchange);
  for (int p = 0; p < r->partials; p++)
    for (size_t i = 0; i < count; i++) {
      partials[p][i] = 0;
      for (int s = 0; s < r->mine[p].count; s++)
        partials[p][i] += value(i, r->mine[p].first + s);
    }
}

static void negate(const rival *r, size_t count) {
  float *const *partials = lks_exchange_partials(r->exchange);
  for (int p = 0; p < r->partials; p++)
    for (size_t i = 0; i < count; i++)
      partials[p][i] = -partials[p][i];
}

static size_t wrong(const float *sum, size_t count, int shards) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    float expected = 0;
    for (int s = 0; s < shards; s++)
      expected += value(i, s);
    found += sum[i] != expected;
  }
  return found;
}

/* The norm's squares, and one more reading, as an update does it. */
static double read_result(const rivals *r, const lks_exchange *exchange, const float *sum,
                          size_t count, double *blocks, double *norm_seconds) {
  const double *squares = lks_exchange_squares(exchange);
  double start = lks_clock_seconds();
  double found = squares ? lks_sum_of_blocks(squares, count / LKS_NORM_BLOCK)
                         : lks_sum_of_squares(r->kernels, r->tools.threads, count, sum, blocks);
  *norm_seconds = lks_clock_seconds() - start;
  return found - lks_sum_of_squares(r->kernels, r->tools.threads, count, sum, blocks);
}

static lks_status take_turn(rivals *r, rival *kind, size_t count, double *blocks) {
  const float *sum;
  int repeats = count < REPEATED_FLOATS ? (int)(2 * REPEATED_FLOATS / count) : 1;
  negate(kind, count);
  LKS_TRY(lks_comm_barrier(r->comm));
  double start = lks_clock_seconds(), norm_seconds;
  for (int i = 0; i < repeats; i++)
    LKS_TRY(lks_exchange_sum(kind->exchange, &kind->plan, kind->cuts, &sum));
  double seconds = (lks_clock_seconds() - start) / repeats;
  double difference = read_result(r, kind->exchange, sum, count, blocks, &norm_seconds);
  lks_turns_add(&kind->sums, seconds);
  lks_turns_add(&kind->norms, seconds + norm_seconds);
  return difference == 0 ? LKS_OK : LKS_FAIL(LKS_COMM, "the norm of the sum is wrong");
}

static lks_status take_turns(rivals *r, int rounds, size_t count) {
  double *blocks = NULL;
  lks_status status = LKS_OK;
  LKS_TRY(lks_allocate(&blocks, count / LKS_NORM_BLOCK, sizeof *blocks));
  for (int round = -2; round < rounds; round++)
    for (int k = 0; k < KINDS; k++) {
      rival *kind = &r->kind[k];
      if (round == 0)
        kind->sums.count = kind->norms.count = 0; /* what came before was warming up */
      LKS_TRY_OR(cleanup, status, take_turn(r, kind, count, blocks));
    }
cleanup:
  lks_release(blocks);
  return status;
}

/* Opens a rival for `count` floats and tries it once. */
static lks_status try_rival(rivals *r, rival *kind, size_t count, size_t *bad) {
  const float *sum;
  LKS_TRY(lks_exchange_create(&kind->exchange, r->comm, count,
                              kind->partials > 0 ? kind->partials : 1, kind->reduction,
                              &r->tools));
  fill(kind, count);
  LKS_TRY(lks_exchange_sum(kind->exchange, &kind->plan, kind->cuts, &sum));
  *bad += wrong(sum, count, kind->plan.present);
  return lks_comm_barrier(r->comm);
}

static void print_size(rivals *r, const lks_bench_setup *setup, size_t bytes, bool is_right) {
  double sum[KINDS], norm[KINDS];
  char spread[KINDS][40];
  for (int k = 0; k < KINDS; k++) {
    lks_turns *sums = &r->kind[k].sums;
    sum[k] = lks_turns_median(sums) * 1e3;
    norm[k] = lks_turns_median(&r->kind[k].norms) * 1e3;
    snprintf(spread[k], sizeof spread[k], "%.3f-%.3f", lks_turns_minimum(sums) * 1e3,
             lks_turns_maximum(sums) * 1e3);
  }
  fprintf(setup->out, "%6.2f MB %8.3f %15s %8.3f %15s %6.2f %8.3f %8.3f %6.2f  %s\n",
          (double)bytes / 1e6, sum[0], spread[0], sum[1], spread[1], sum[1] / sum[0], norm[0],
          norm[1], norm[1] / norm[0], is_right ? "all right" : "WRONG");
  fflush(setup->out);
}

static lks_status bench_size(rivals *r, const lks_bench_setup *setup, size_t bytes) {
  lks_status status;
  size_t count = bytes / sizeof(float), bad = 0;
  for (int k = 0; k < KINDS; k++)
    LKS_TRY_OR(cleanup, status, try_rival(r, &r->kind[k], count, &bad));
  LKS_TRY_OR(cleanup, status, take_turns(r, setup->rounds, count));
  if (lks_comm_rank(r->comm) == 0)
    print_size(r, setup, bytes, bad == 0);
  if (bad > 0)
    status = LKS_FAIL(LKS_COMM, "the sum of %zu bytes is wrong in %zu places", bytes, bad);
cleanup:
  for (int k = 0; k < KINDS; k++) {
    lks_exchange_destroy(r->kind[k].exchange);
    r->kind[k].exchange = NULL;
  }
  return lks_comm_agree(r->comm, status);
}

/* Equal shares, or with every other border three shards early: 5 and 11 of 16. */
static void cut_evenly(int ranks, bool is_unaligned, int *cuts) {
  for (int b = 0; b <= ranks; b++) {
    cuts[b] = SHARDS * b / ranks - (is_unaligned && b % 2 == 1 && b < ranks ? 3 : 0);
    if (b > 0 && cuts[b] < cuts[b - 1])
      cuts[b] = cuts[b - 1];
  }
}

static lks_status open_rivals(rivals *r, const lks_bench_setup *setup) {
  int rank = lks_comm_rank(r->comm), ranks = lks_comm_size(r->comm);
  LKS_TRY(lks_kernels_find(setup->kernels, LKS_PRECISION_F32, &r->kernels));
  r->tools = (lks_sum_tools){
      .threads = setup->threads > 0 ? setup->threads : lks_parallel_threads(),
      .parallel = lks_parallel,
      .add = r->kernels->add,
      .norm_blocks = r->kernels->norm_blocks,
      .add_blocks = r->kernels->add_blocks,
  };
  rival *exact = &r->kind[0], *mpi = &r->kind[1];
  exact->reduction = LKS_REDUCTION_EXACT;
  exact->plan = (lks_shards){SHARDS, SHARDS, SHARDS};
  cut_evenly(ranks, setup->unaligned, exact->cuts);
  /* One shard a rank; those behind are empty. */
  mpi->reduction = LKS_REDUCTION_MPI;
  mpi->plan = (lks_shards){SHARDS, SHARDS, ranks};
  for (int b = 0; b <= ranks; b++)
    mpi->cuts[b] = b < ranks ? b : SHARDS;
  for (int k = 0; k < KINDS; k++) {
    rival *kind = &r->kind[k];
    kind->partials = lks_shards_decompose(kind->cuts[rank], kind->cuts[rank + 1], kind->mine);
  }
  return LKS_OK;
}

lks_status lks_bench_network(lks_comm *comm, const lks_bench_setup *setup) {
  rivals r = {.comm = comm};
  int ranks = lks_comm_size(comm);
  if (ranks < 2 || ranks > SHARDS)
    return lks_comm_agree(comm, LKS_FAIL(LKS_USAGE,
                                         "bench network: expected 2 to %d ranks, found %d\n  "
                                         "hint: mpirun -n 2 lockstep bench network",
                                         SHARDS, ranks));
  LKS_TRY(lks_comm_agree(comm, open_rivals(&r, setup)));
  if (lks_comm_rank(comm) == 0) {
    fprintf(setup->out, "sums over %d ranks on %d host%s, %s, medians of %d turns in ms\n",
            ranks, lks_comm_hosts(comm), lks_comm_hosts(comm) == 1 ? "" : "s",
            lks_comm_transport(comm), setup->rounds);
    fprintf(setup->out, "%9s %8s %15s %8s %15s %6s %8s %8s %6s  %s\n", "buffer", "exact",
            "spread", "MPI", "spread", "ratio", "+ norm", "MPI", "ratio", "values");
  }
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    LKS_TRY(bench_size(&r, setup, sizes[i]));
  return LKS_OK;
}
