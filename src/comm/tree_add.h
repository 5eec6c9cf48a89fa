/* SPDX-License-Identifier: Apache-2.0 */
/* tree_add.h - partial sums added in the order of the tree over the shards.
 *
 * A program is the post-order walk of the tree: load the next leaf, or add the two
 * upper entries of a stack.  A node that holds no leaf is skipped, and a node with
 * one half is that half: nothing is added to zero. */
#ifndef LOCKSTEP_COMM_TREE_ADD_H
#define LOCKSTEP_COMM_TREE_ADD_H

#include "comm/sum_tools.h"
#include "tensor/shards.h"

#include <stddef.h>
#include <stdint.h>

/* A slice, a piece and a block of the sum are whole multiples of this. */
enum { LKS_BLOCK_FLOATS = 1024 };

typedef enum { LKS_TREE_LOAD, LKS_TREE_ADD } lks_tree_operation;

typedef struct {
  int leaves;
  int operations; /* 2 leaves - 1, or none */
  uint8_t operation[2 * LKS_SHARDS_MAX];
} lks_tree_program;

/* The walk of the tree below `root`, whose leaves are leaves[count]: in order of
 * shards, inside the root, none inside another. */
void lks_tree_build(lks_tree_program *program, lks_subtree root, const lks_subtree *leaves,
                    int count);

/* sum[i] = the tree's sum of leaves[0..][i], i in 0 .. count-1; zero without a
 * leaf.  Runs in the caller's floating-point environment.
 *
 *   leaves  [program->leaves] of [count]
 *   tools   or NULL: plain loops
 *   sum     [count] overlaps no leaf; count is a multiple of LKS_BLOCK_FLOATS */
void lks_tree_add(const lks_tree_program *program, const float *const *leaves,
                  const lks_sum_tools *tools, float *sum, size_t count);

/* The same past the caches, for others to read, with the squares of its blocks.
 *
 *   sum      starts on a line of 64 bytes
 *   squares  [count / LKS_BLOCK_FLOATS] */
void lks_tree_add_streamed(const lks_tree_program *program, const float *const *leaves,
                           const lks_sum_tools *tools, float *sum, double *squares,
                           size_t count);

#endif
