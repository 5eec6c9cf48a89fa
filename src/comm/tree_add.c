/* SPDX-License-Identifier: Apache-2.0 */
/* tree_add.c - the additions of the sum.
 *
 * Block by block, so that the stack of partial results stays in the first cache
 * and every leaf is read from memory once; leaves enter the stack as pointers.
 * Element by element additions are exact in any vector width, so plain loops are
 * left to the compiler, with widths that it knows. */
#include "comm/tree_add.h"

#include "base/fail.h"

#include <string.h>

/* One block on the stack for each level above the leaves: log2 of the largest V. */
enum { DEPTH_MAX = 9 };

/* Appends the walk below `node`; whether it holds a leaf.  *next is the first leaf
 * that no earlier node holds. */
static bool walk(lks_tree_program *program, lks_subtree node, const lks_subtree *leaves,
                 int count, int *next) {
  if (*next == count || leaves[*next].first >= node.first + node.count)
    return false;
  if (leaves[*next].first == node.first && leaves[*next].count == node.count) {
    program->operation[program->operations++] = LKS_TREE_LOAD;
    (*next)++;
    return true;
  }
  LKS_ASSERT(node.count > 1);
  int half = node.count / 2;
  lks_subtree lower = {node.first, half}, upper = {node.first + half, half};
  bool has_lower = walk(program, lower, leaves, count, next);
  bool has_upper = walk(program, upper, leaves, count, next);
  if (has_lower && has_upper)
    program->operation[program->operations++] = LKS_TREE_ADD;
  return has_lower || has_upper;
}

void lks_tree_build(lks_tree_program *program, lks_subtree root, const lks_subtree *leaves,
                    int count) {
  int next = 0;
  program->leaves = count;
  program->operations = 0;
  walk(program, root, leaves, count, &next);
  LKS_ASSERT(next == count);
}

static void add(float *restrict sum, const float *restrict left, const float *restrict right) {
  for (size_t i = 0; i < LKS_BLOCK_FLOATS; i++)
    sum[i] = left[i] + right[i];
}

static void add_to_left(float *restrict left, const float *restrict right) {
  for (size_t i = 0; i < LKS_BLOCK_FLOATS; i++)
    left[i] += right[i];
}

/* One block; the last addition goes straight to `sum`. */
static void add_block(const lks_tree_program *program, const float *const *leaves, size_t at,
                      float *sum) {
  _Alignas(64) float stack[DEPTH_MAX][LKS_BLOCK_FLOATS];
  const float *entry[DEPTH_MAX + 1];
  int top = 0, next = 0;
  for (int k = 0; k < program->operations; k++) {
    if (program->operation[k] == LKS_TREE_LOAD) {
      entry[top++] = leaves[next++] + at;
      continue;
    }
    top--;
    LKS_ASSERT(top >= 1);
    float *to = k == program->operations - 1 ? sum : stack[top - 1];
    if (entry[top - 1] == to)
      add_to_left(to, entry[top]);
    else
      add(to, entry[top - 1], entry[top]);
    entry[top - 1] = to;
  }
}

void lks_tree_add(const lks_tree_program *program, const float *const *leaves, float *sum,
                  size_t count) {
  LKS_ASSERT(count % LKS_BLOCK_FLOATS == 0);
  if (program->leaves == 0)
    memset(sum, 0, count * sizeof *sum);
  else if (program->leaves == 1)
    memcpy(sum, leaves[0], count * sizeof *sum);
  else
    for (size_t at = 0; at < count; at += LKS_BLOCK_FLOATS)
      add_block(program, leaves, at, sum + at);
}
