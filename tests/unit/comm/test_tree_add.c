/* SPDX-License-Identifier: Apache-2.0 */
/* test_tree_add.c - the tree's additions against the recursion that defines them. */
#include "base/floating_point.h"
#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "comm/tree_add.h"
#include "tensor/shards.h"

#include <math.h>
#include <string.h>

enum { COUNT = 2 * LKS_BLOCK_FLOATS };

/* Terms of very different sizes and both signs: any other order gives other bits. */
static float shard_value(int shard, size_t i) {
  uint32_t out[4];
  lks_philox(lks_random_key_of(7),
             lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, (uint32_t)shard, (uint32_t)i, 0),
             out);
  float value = ldexpf(lks_random_unit(out[0]) + 0.5f, (int)(out[1] % 20) - 10);
  return out[2] & 1 ? value : -value;
}

/* The definition: a half that holds no shard of [first, last) is skipped. */
static bool tree_value(lks_subtree node, int first, int last, size_t i, float *value) {
  float lower = 0.0f, upper = 0.0f;
  if (node.first >= last || node.first + node.count <= first)
    return false;
  if (node.count == 1) {
    *value = shard_value(node.first, i);
    return true;
  }
  int half = node.count / 2;
  bool has_lower = tree_value((lks_subtree){node.first, half}, first, last, i, &lower);
  bool has_upper = tree_value((lks_subtree){node.first + half, half}, first, last, i, &upper);
  *value = has_lower && has_upper ? lower + upper : has_lower ? lower : upper;
  return has_lower || has_upper;
}

static void add(size_t n, const float *a, const float *b, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = a[i] + b[i];
}

static void add_squares(size_t blocks, const float *x, double *squares) {
  for (size_t b = 0; b < blocks; b++, x += LKS_BLOCK_FLOATS) {
    squares[b] = 0;
    for (size_t i = 0; i < LKS_BLOCK_FLOATS; i++)
      squares[b] += (double)x[i] * (double)x[i];
  }
}

static void add_blocks(size_t blocks, const float *a, const float *b, float *y,
                       double *squares) {
  add(blocks * LKS_BLOCK_FLOATS, a, b, y);
  add_squares(blocks, y, squares);
}

static const lks_sum_tools tools = {
    .add = add, .norm_blocks = add_squares, .add_blocks = add_blocks};

/* The streamed form: into `sum`, which holds something else. */
static bool streamed_is_the_same(const lks_tree_program *program, const float *const *data,
                                 const float *expected, float *sum, size_t count) {
  double squares[COUNT / LKS_BLOCK_FLOATS], own[COUNT / LKS_BLOCK_FLOATS];
  size_t blocks = count / LKS_BLOCK_FLOATS;
  memset(sum, 0xff, count * sizeof *sum);
  lks_tree_add_streamed(program, data, &tools, sum, squares, count);
  add_squares(blocks, expected, own);
  return CHECK_SAME_BITS(sum, expected, count) &&
         CHECK(memcmp(squares, own, blocks * sizeof *own) == 0);
}

/* Leaves: the maximal subtrees of [first, cut) and [cut, last). */
static bool sum_is_the_trees(int shards, int first, int cut, int last, float *block) {
  static lks_tree_program program;
  lks_subtree root = {0, shards}, leaves[2 * LKS_SUBTREES_MAX];
  const float *data[2 * LKS_SUBTREES_MAX];
  float *sum = block + 2 * LKS_SUBTREES_MAX * COUNT, *expected = sum + COUNT;
  int count = lks_shards_decompose(first, cut, leaves);
  count += lks_shards_decompose(cut, last, leaves + count);
  for (int k = 0; k < count; k++) {
    float *leaf = block + k * COUNT;
    for (size_t i = 0; i < COUNT; i++)
      tree_value(leaves[k], first, last, i, &leaf[i]);
    data[k] = leaf;
  }
  for (size_t i = 0; i < COUNT; i++) {
    expected[i] = 0.0f;
    tree_value(root, first, last, i, &expected[i]);
  }
  lks_tree_build(&program, root, leaves, count);
  lks_tree_add(&program, data, NULL, sum, COUNT);
  return CHECK_SAME_BITS(sum, expected, COUNT) &&
         streamed_is_the_same(&program, data, expected, sum, COUNT);
}

static void any_cut_gives_the_bits_of_the_recursion(void) {
  unsigned saved = lks_floating_point_enter();
  float *block = NULL;
  CHECK_OK(lks_allocate(&block, (2 * LKS_SUBTREES_MAX + 2) * COUNT, sizeof *block));
  for (int shards = 1; shards <= 16; shards *= 2)
    for (int last = shards; last >= shards / 2; last -= 3)
      for (int cut = 0; cut <= last; cut += 1 + shards / 8)
        CHECK(sum_is_the_trees(shards, 0, cut, last, block));
  CHECK(sum_is_the_trees(256, 1, 90, 255, block));
  CHECK(sum_is_the_trees(64, 33, 40, 64, block));
  lks_release(block);
  lks_floating_point_leave(saved);
}

static void deepest_tree_of_single_shards_is_walked(void) {
  static lks_tree_program program;
  static float block[LKS_BLOCK_FLOATS];
  _Alignas(64) static float sum[LKS_BLOCK_FLOATS];
  lks_subtree leaves[LKS_SHARDS_MAX];
  const float *data[LKS_SHARDS_MAX];
  for (size_t i = 0; i < LKS_BLOCK_FLOATS; i++)
    block[i] = (float)i;
  for (int s = 0; s < LKS_SHARDS_MAX; s++) {
    leaves[s] = (lks_subtree){s, 1};
    data[s] = block;
  }
  lks_tree_build(&program, (lks_subtree){0, LKS_SHARDS_MAX}, leaves, LKS_SHARDS_MAX);
  CHECK_EQUAL(program.operations, 2 * LKS_SHARDS_MAX - 1);
  lks_tree_add(&program, data, NULL, sum, LKS_BLOCK_FLOATS);
  for (size_t i = 0; i < LKS_BLOCK_FLOATS; i++)
    block[i] *= LKS_SHARDS_MAX; /* exact: small integers */
  CHECK_SAME_BITS(sum, block, LKS_BLOCK_FLOATS);
}

static void nothing_sums_to_zero_and_one_leaf_is_copied(void) {
  static lks_tree_program program;
  static float leaf[LKS_BLOCK_FLOATS], zero[LKS_BLOCK_FLOATS];
  _Alignas(64) static float sum[LKS_BLOCK_FLOATS];
  const float *data[1] = {leaf};
  lks_subtree root = {0, 8}, only = {4, 2};
  for (size_t i = 0; i < LKS_BLOCK_FLOATS; i++)
    leaf[i] = i % 2 ? -0.0f : (float)i; /* -0 + 0 would be +0 */
  lks_tree_build(&program, root, &only, 1);
  lks_tree_add(&program, data, NULL, sum, LKS_BLOCK_FLOATS);
  CHECK_SAME_BITS(sum, leaf, LKS_BLOCK_FLOATS);
  streamed_is_the_same(&program, data, leaf, sum, LKS_BLOCK_FLOATS);
  lks_tree_build(&program, root, NULL, 0);
  lks_tree_add(&program, NULL, NULL, sum, LKS_BLOCK_FLOATS);
  CHECK_SAME_BITS(sum, zero, LKS_BLOCK_FLOATS);
  streamed_is_the_same(&program, NULL, zero, sum, LKS_BLOCK_FLOATS);
}

const lks_test tree_add_tests[] = {TEST(any_cut_gives_the_bits_of_the_recursion),
                                   TEST(deepest_tree_of_single_shards_is_walked),
                                   TEST(nothing_sums_to_zero_and_one_leaf_is_copied), TEST_END};
