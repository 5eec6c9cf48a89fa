/* SPDX-License-Identifier: Apache-2.0 */
/* bench_network.c - one sum of gradients over the ranks, exact and by MPI.
 *
 * Values are small whole numbers, so that the sum is known: every element of both
 * results is checked. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "comm/exchange.h"
#include "measure/bench.h"
#include "measure/turns.h"

enum { SHARDS = 16, KINDS = 2 };

static const size_t sizes[] = {64 << 10, 256 << 10, 1 << 20,  4 << 20,
                               10 << 20, 20 << 20,  50 << 20, 80 << 20}; /* bytes */

typedef struct {
  lks_comm *comm;
  lks_exchange *exchanges[KINDS]; /* exact, MPI */
  lks_shards plan;
  int cuts[SHARDS + 1];
  lks_subtree mine[LKS_SUBTREES_MAX];
  int partials;
} rivals;

static float value(size_t i, int shard) {
  return (float)((i + (size_t)shard) % 5);
}

/* Every partial is the sum over its shards. */
static void fill(const rivals *r, int kind, size_t count) {
  float *const *partials = lks_exchange_partials(r->exchanges[kind]);
  for (int p = 0; p < r->partials; p++)
    for (size_t i = 0; i < count; i++) {
      partials[p][i] = 0;
      for (int s = 0; s < r->mine[p].count; s++)
        partials[p][i] += value(i, r->mine[p].first + s);
    }
}

static size_t wrong(const float *sum, size_t count) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    float expected = 0;
    for (int s = 0; s < SHARDS; s++)
      expected += value(i, s);
    found += sum[i] != expected;
  }
  return found;
}

static lks_status take_turns(rivals *r, int rounds, lks_turns turns[KINDS]) {
  const float *sum;
  for (int round = -2; round < rounds; round++)
    for (int kind = 0; kind < KINDS; kind++) {
      LKS_TRY(lks_comm_barrier(r->comm));
      double start = lks_clock_seconds();
      LKS_TRY(lks_exchange_sum(r->exchanges[kind], &r->plan, r->cuts, &sum));
      if (round >= 0)
        lks_turns_add(&turns[kind], lks_clock_seconds() - start);
    }
  return LKS_OK;
}

static lks_status bench_size(rivals *r, const lks_bench_setup *setup, size_t bytes) {
  lks_status status;
  size_t count = bytes / sizeof(float), bad = 0;
  lks_turns turns[KINDS] = {{0}};
  const lks_reduction kinds[KINDS] = {LKS_REDUCTION_EXACT, LKS_REDUCTION_MPI};
  for (int k = 0; k < KINDS; k++) {
    const float *sum;
    LKS_TRY_OR(cleanup, status,
               lks_exchange_create(&r->exchanges[k], r->comm, count, r->partials, kinds[k]));
    fill(r, k, count);
    LKS_TRY_OR(cleanup, status, lks_exchange_sum(r->exchanges[k], &r->plan, r->cuts, &sum));
    bad += wrong(sum, count);
    LKS_TRY_OR(cleanup, status, lks_comm_barrier(r->comm));
  }
  LKS_TRY_OR(cleanup, status, take_turns(r, setup->rounds, turns));
  if (lks_comm_rank(r->comm) == 0) {
    double exact = lks_turns_median(&turns[0]), mpi = lks_turns_median(&turns[1]);
    fprintf(setup->out, "%9.2f MB %9.3f %9.3f %8.2f   %s\n", (double)bytes / 1e6, exact * 1e3,
            mpi * 1e3, mpi / exact, bad == 0 ? "all right" : "WRONG");
    fflush(setup->out);
  }
  if (bad > 0)
    status = LKS_FAIL(LKS_COMM, "the sum of %zu bytes is wrong in %zu places", bytes, bad);
cleanup:
  for (int k = 0; k < KINDS; k++) {
    lks_exchange_destroy(r->exchanges[k]);
    r->exchanges[k] = NULL;
  }
  return lks_comm_agree(r->comm, status);
}

lks_status lks_bench_network(lks_comm *comm, const lks_bench_setup *setup) {
  rivals r = {.comm = comm, .plan = {SHARDS, SHARDS, SHARDS}};
  int rank = lks_comm_rank(comm), ranks = lks_comm_size(comm);
  if (ranks < 2 || ranks > SHARDS)
    return lks_comm_agree(comm, LKS_FAIL(LKS_USAGE,
                                         "bench network: expected 2 to %d ranks, found %d\n  "
                                         "hint: mpirun -n 2 lockstep bench network",
                                         SHARDS, ranks));
  LKS_TRY(lks_comm_agree(comm, lks_shards_cut(&r.plan, ranks, r.cuts)));
  r.partials = lks_shards_decompose(r.cuts[rank], r.cuts[rank + 1], r.mine);
  if (rank == 0) {
    fprintf(setup->out, "sums over %d ranks on %d host%s, %s, medians of %d turns in ms\n",
            ranks, lks_comm_hosts(comm), lks_comm_hosts(comm) == 1 ? "" : "s",
            lks_comm_transport(comm), setup->rounds);
    fprintf(setup->out, "%12s %9s %9s %8s   %s\n", "buffer", "exact", "MPI", "ratio", "values");
  }
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    LKS_TRY(bench_size(&r, setup, sizes[i]));
  return LKS_OK;
}
