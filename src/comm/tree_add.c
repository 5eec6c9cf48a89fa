/* SPDX-License-Identifier: Apache-2.0 */
/* tree_add.c - the additions of the sum.
 *
 * Stripe by stripe, so that the stack of partial results stays in the first cache
 * and every leaf is read from memory once; leaves enter the stack as pointers.
 * Element by element additions are exact in any vector width, so plain loops are
 * left to the compiler, with a length that it knows.
 *
 * Memory sets the pace.  A processor follows a leaf by itself to the end of a page
 * only, so the stripe after the next one is asked for by hand.  With tools, the last
 * addition of a block takes the squares along and stores past the caches: the old
 * lines of the result lie in the cache of a rank that has read them, and to take them
 * from there, or from memory only to overwrite them, costs more than the additions. */
#include "comm/tree_add.h"

#include "base/fail.h"

#include <stdatomic.h>
#include <string.h>

/* Entries of the stack: a sum on each level of the tree and the leaf that is added. */
enum { DEPTH_MAX = 9 };
_Static_assert(LKS_SHARDS_MAX == 1 << (DEPTH_MAX - 1), "a level of the tree each");

/* Floats of a stripe, how far ahead leaves are asked for, and of a line of the cache. */
enum { STRIPE_FLOATS = 256, AHEAD_FLOATS = 512, LINE_FLOATS = 16 };

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

static void add(size_t n, const float *a, const float *b, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = a[i] + b[i];
}

static void ask_for(const float *stripe) {
  for (size_t i = 0; i < STRIPE_FLOATS; i += LINE_FLOATS)
    __builtin_prefetch(stripe + i);
}

/* What a thread adds with. */
typedef struct {
  void (*add)(size_t n, const float *a, const float *b, float *y);
  _Alignas(64) float stack[DEPTH_MAX][LKS_BLOCK_FLOATS];
} workspace;

/* All additions but the last one, on one stripe, `in` floats into the block that starts
 * at `at`; where the operands of the last one start. */
static void add_stripe(const lks_tree_program *program, const float *const *leaves, size_t at,
                       size_t in, bool has_more, workspace *work, const float *last[2]) {
  const float *entry[DEPTH_MAX + 1];
  int top = 0, next = 0;
  for (int k = 0; k < program->operations - 1; k++) {
    if (program->operation[k] == LKS_TREE_LOAD) {
      const float *leaf = leaves[next++] + at;
      if (has_more)
        ask_for(leaf + in + AHEAD_FLOATS);
      entry[top++] = leaf;
      continue;
    }
    top--;
    LKS_ASSERT(top >= 1);
    float *sum = work->stack[top - 1];
    work->add(STRIPE_FLOATS, entry[top - 1] + in, entry[top] + in, sum + in);
    entry[top - 1] = sum;
  }
  LKS_ASSERT(top == 2);
  last[0] = entry[0];
  last[1] = entry[1];
}

/* The operands of the last addition of a block. */
static void add_block(const lks_tree_program *program, const float *const *leaves, size_t at,
                      size_t count, workspace *work, const float *last[2]) {
  for (size_t in = 0; in < LKS_BLOCK_FLOATS; in += STRIPE_FLOATS)
    add_stripe(program, leaves, at, in, at + in + AHEAD_FLOATS < count, work, last);
}

void lks_tree_add(const lks_tree_program *program, const float *const *leaves,
                  const lks_sum_tools *tools, float *sum, size_t count) {
  LKS_ASSERT(count % LKS_BLOCK_FLOATS == 0);
  if (program->leaves == 0)
    memset(sum, 0, count * sizeof *sum);
  if (program->leaves == 1)
    memcpy(sum, leaves[0], count * sizeof *sum);
  if (program->leaves <= 1)
    return;
  workspace work;
  const float *last[2];
  work.add = tools ? tools->add : add;
  for (size_t at = 0; at < count; at += LKS_BLOCK_FLOATS) {
    add_block(program, leaves, at, count, &work, last);
    work.add(LKS_BLOCK_FLOATS, last[0], last[1], sum + at);
  }
}

void lks_tree_add_streamed(const lks_tree_program *program, const float *const *leaves,
                           const lks_sum_tools *tools, float *sum, double *squares,
                           size_t count) {
  LKS_ASSERT((uintptr_t)sum % 64 == 0);
  if (program->leaves <= 1) {
    lks_tree_add(program, leaves, tools, sum, count);
    tools->norm_blocks(count / LKS_BLOCK_FLOATS, sum, squares);
    return;
  }
  LKS_ASSERT(count % LKS_BLOCK_FLOATS == 0);
  workspace work;
  const float *last[2];
  work.add = tools->add;
  for (size_t at = 0; at < count; at += LKS_BLOCK_FLOATS) {
    add_block(program, leaves, at, count, &work, last);
    tools->add_blocks(1, last[0], last[1], sum + at, squares + at / LKS_BLOCK_FLOATS);
  }
  atomic_thread_fence(memory_order_seq_cst); /* from now on others see it */
}
