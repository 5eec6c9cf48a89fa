/* SPDX-License-Identifier: Apache-2.0 */
/* exchange_plan.h - who holds which part of the sum, and in which order it is
 * added.  A plan follows from the shards and the cuts alone, so every rank makes
 * the same one, without a word. */
#ifndef LOCKSTEP_COMM_EXCHANGE_PLAN_H
#define LOCKSTEP_COMM_EXCHANGE_PLAN_H

#include "comm/comm.h"
#include "comm/tree_add.h"
#include "tensor/shards.h"

/* A part of the sum that lies somewhere: a rank's partial, or a host's subtree. */
typedef struct {
  lks_subtree subtree;
  int rank;  /* of this host, whose partial it is; or LKS_NO_RANK */
  int host;  /* that holds it */
  int index; /* the rank's index-th partial, or the host's index-th subtree */
} lks_term;

/* A maximal subtree of this host that has rows: sums terms first .. first+leaves-1. */
typedef struct {
  lks_tree_program program;
  int first;
} lks_host_part;

typedef struct {
  lks_shards shards; /* the plan is for these, and for the cuts */
  int *cuts;         /* [ranks + 1] */

  /* What an owner on this host adds: partials of its ranks, subtrees of others. */
  int count;
  lks_term terms[LKS_SHARDS_MAX];
  lks_tree_program program;

  /* What this rank alone holds, for LKS_REDUCTION_MPI: terms own_first and on. */
  int own_first;
  lks_tree_program own;

  /* What this host sends. */
  int parts;
  lks_host_part part[LKS_SUBTREES_MAX];
  int *parts_of; /* [hosts] the same number of every host */
  int all_parts; /* their sum */
} lks_exchange_plan;

lks_status lks_plan_create(lks_exchange_plan **plan, const lks_comm *comm);
void lks_plan_destroy(lks_exchange_plan *plan);

/* Makes the plan for a sum; at once when it is the one it had. */
void lks_plan_update(lks_exchange_plan *plan, const lks_comm *comm, const lks_shards *shards,
                     const int *cuts);

/* The slice of part `i` when `count` floats are cut into whole blocks. */
typedef struct {
  size_t first;
  size_t count;
} lks_slice;

lks_slice lks_slice_of(size_t count, int parts, int i);

#endif
