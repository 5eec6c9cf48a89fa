/* SPDX-License-Identifier: Apache-2.0 */
/* exchange_plan.c - from cuts to terms and programs.
 *
 * A rank's range of shards is a few maximal subtrees, a host's range fewer and
 * larger ones, and every rank's subtree lies inside one of its host's.  So adding
 * inside the host first changes no bit: it walks a lower part of the same tree. */
#include "comm/exchange_plan.h"

#include "base/fail.h"
#include "base/memory.h"
#include "comm/group.h"
#include "comm/wait.h"

#include <string.h>

lks_status lks_plan_create(lks_exchange_plan **plan, const lks_comm *comm) {
  *plan = NULL;
  lks_exchange_plan *made = NULL;
  lks_status status = LKS_OK;
  LKS_TRY(lks_allocate(&made, 1, sizeof *made));
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&made->cuts, (size_t)comm->size + 1, sizeof *made->cuts));
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&made->parts_of, (size_t)comm->hosts, sizeof *made->parts_of));
  *plan = made;
  return LKS_OK;
cleanup:
  lks_plan_destroy(made);
  return status;
}

void lks_plan_destroy(lks_exchange_plan *plan) {
  if (!plan)
    return;
  lks_release(plan->parts_of);
  lks_release(plan->cuts);
  lks_release(plan);
}

/* Appends the subtrees with rows of shards first .. last-1; returns their number. */
static int add_terms(lks_exchange_plan *plan, int first, int last, int rank, int host) {
  lks_subtree subtrees[LKS_SUBTREES_MAX];
  int count = lks_shards_decompose(first, last, subtrees), kept = 0;
  for (int i = 0; i < count; i++) {
    if (lks_shards_is_empty(&plan->shards, subtrees[i]))
      continue;
    LKS_ASSERT(plan->count < LKS_SHARDS_MAX);
    /* A partial keeps its place among all of its rank's; a host sends no empty one. */
    int index = rank == LKS_NO_RANK ? kept : i;
    plan->terms[plan->count++] = (lks_term){subtrees[i], rank, host, index};
    kept++;
  }
  return kept;
}

static void build_program(lks_tree_program *program, const lks_exchange_plan *plan,
                          lks_subtree root, int first, int count) {
  lks_subtree leaves[LKS_SHARDS_MAX];
  for (int i = 0; i < count; i++)
    leaves[i] = plan->terms[first + i].subtree;
  lks_tree_build(program, root, leaves, count);
}

/* The terms of this host, and those that its own subtrees consist of. */
static void plan_own_host(lks_exchange_plan *plan, const lks_comm *comm) {
  int begin = comm->host_first[comm->host], end = comm->host_first[comm->host + 1];
  lks_subtree subtrees[LKS_SUBTREES_MAX], all = {0, plan->shards.shards};
  int next = plan->count;
  for (int r = begin; r < end; r++) {
    int first = plan->count;
    int count = add_terms(plan, plan->cuts[r], plan->cuts[r + 1], r, comm->host);
    if (r != comm->rank)
      continue;
    plan->own_first = first;
    build_program(&plan->own, plan, all, first, count);
  }
  int count = lks_shards_decompose(plan->cuts[begin], plan->cuts[end], subtrees);
  for (int i = 0; i < count; i++) {
    int first = next, behind = subtrees[i].first + subtrees[i].count;
    while (next < plan->count && plan->terms[next].subtree.first < behind)
      next++;
    if (next == first)
      continue;
    lks_host_part *part = &plan->part[plan->parts++];
    part->first = first;
    build_program(&part->program, plan, subtrees[i], first, next - first);
  }
  plan->parts_of[comm->host] = plan->parts;
}

void lks_plan_update(lks_exchange_plan *plan, const lks_comm *comm, const lks_shards *shards,
                     const int *cuts) {
  size_t cut_bytes = ((size_t)comm->size + 1) * sizeof *cuts;
  LKS_ASSERT(shards->shards <= LKS_SHARDS_MAX && shards->shards > 0);
  if (memcmp(&plan->shards, shards, sizeof *shards) == 0 &&
      memcmp(plan->cuts, cuts, cut_bytes) == 0)
    return;
  plan->shards = *shards;
  memcpy(plan->cuts, cuts, cut_bytes);
  plan->count = plan->parts = plan->all_parts = 0;
  for (int h = 0; h < comm->hosts; h++) {
    int first = cuts[comm->host_first[h]], last = cuts[comm->host_first[h + 1]];
    if (h == comm->host)
      plan_own_host(plan, comm);
    else
      plan->parts_of[h] = add_terms(plan, first, last, LKS_NO_RANK, h);
    plan->all_parts += plan->parts_of[h];
  }
  build_program(&plan->program, plan, (lks_subtree){0, shards->shards}, 0, plan->count);
}

lks_slice lks_slice_of(size_t count, int parts, int i) {
  size_t blocks = count / LKS_BLOCK_FLOATS, part = (size_t)i, all = (size_t)parts;
  size_t first = blocks * part / all, last = blocks * (part + 1) / all;
  return (lks_slice){first * LKS_BLOCK_FLOATS, (last - first) * LKS_BLOCK_FLOATS};
}
