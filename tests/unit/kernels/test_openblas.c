/* SPDX-License-Identifier: Apache-2.0 */
/* test_openblas.c - the products of OpenBLAS: near ours, and the same bits in any
 * batch, slice and number of threads. */
#include "base/floating_point.h"
#include "base/memory.h"
#include "check.h"
#include "kernels/openblas.h"
#include "kernels/parallel.h"
#include "oracle_product.h"
#include "tensor/segments.h"

#include <string.h>

/* Two sums of at most 900 products below 1, each off by up to half an ulp of a partial
 * sum below 32 (2^-19) a term; seen: 1e-5. */
static const double SUM_ERROR = 1e-4;

static const lks_kernels *find(const char *name) {
  const lks_kernels *kernels = NULL;
  CHECK_OK(lks_kernels_find(name, LKS_PRECISION_F32, &kernels));
  return kernels;
}

static float *zeros(size_t count) {
  float *block = NULL;
  CHECK_OK(lks_allocate(&block, count, sizeof *block));
  return block;
}

/* Layers whose sizes fall on and beside the borders of calls. */
static const int layers[][2] = {{1, 1}, {3, 65}, {40, 100}, {200, 800}, {390, 257}, {900, 33}};
enum { LAYERS = sizeof layers / sizeof *layers, ROWS = 70 };

typedef struct {
  int inner, columns;
  float *left, *right, *start, *whole, *out, *packed;
} layer;

static layer make_layer(const lks_kernels *kernels, const int *sizes) {
  layer l = {.inner = sizes[0], .columns = sizes[1]};
  const size_t inner = (size_t)l.inner, columns = (size_t)l.columns;
  l.left = lks_test_numbers(ROWS * inner, 1.0f, 3);
  l.right = lks_test_numbers(inner * columns, 1.0f, 4);
  l.start = lks_test_numbers(columns, 1.0f, 5);
  l.whole = zeros(ROWS * columns);
  l.out = zeros(ROWS * columns);
  l.packed = zeros(kernels->packed_floats(l.inner, l.columns));
  lks_pack(kernels, 1, l.inner, l.columns, (lks_operand){l.right, columns, 1}, l.packed);
  lks_product(kernels, 1, ROWS, l.inner, l.columns, l.left, inner, l.packed, l.start, 0,
              l.whole, columns);
  return l;
}

static void release_layer(layer *l) {
  float *const blocks[] = {l->left, l->right, l->start, l->whole, l->out, l->packed};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    lks_release(blocks[i]);
}

static void products_are_close_to_chains(void) {
  const unsigned saved = lks_floating_point_enter();
  for (int i = 0; i < LAYERS; i++) {
    layer l = make_layer(find("openblas"), layers[i]);
    lks_oracle_product(LKS_PRECISION_F32, ROWS, l.inner, l.columns, l.left, l.right, l.start, 0,
                       l.out);
    CHECK_ALL_CLOSE(l.whole, l.out, (size_t)(ROWS * l.columns), SUM_ERROR);
    release_layer(&l);
  }
  lks_floating_point_leave(saved);
}

static void a_row_has_the_same_bits_in_any_batch_and_place_by_openblas(void) {
  const lks_kernels *kernels = find("openblas");
  const int batches[] = {1, 7, 20, 64};
  const unsigned saved = lks_floating_point_enter();
  for (int i = 0; i < LAYERS * 4; i++) {
    layer l = make_layer(kernels, layers[i / 4]);
    const int batch = batches[i % 4];
    for (int m = 0; m + batch <= ROWS; m += 1 + batch / 7) {
      lks_product(kernels, 1, batch, l.inner, l.columns, l.left + m * l.inner, (size_t)l.inner,
                  l.packed, l.start, 0, l.out, (size_t)l.columns);
      CHECK_SAME_BITS(l.out, l.whole + m * l.columns, (size_t)(batch * l.columns));
    }
    release_layer(&l);
  }
  lks_floating_point_leave(saved);
}

static void threads_change_no_bit_by_openblas(void) {
  const lks_kernels *kernels = find("openblas");
  const unsigned saved = lks_floating_point_enter();
  for (int i = 0; i < LAYERS * 3; i++) {
    layer l = make_layer(kernels, layers[i / 3]);
    lks_product(kernels, i % 3 + 1, ROWS, l.inner, l.columns, l.left, (size_t)l.inner, l.packed,
                l.start, 0, l.out, (size_t)l.columns);
    CHECK_SAME_BITS(l.out, l.whole, (size_t)(ROWS * l.columns));
    memset(l.out, 0, sizeof *l.out * (size_t)(ROWS * l.columns));
    kernels->product(ROWS, l.inner, l.columns, l.left, (size_t)l.inner, l.packed, l.start, 0,
                     l.out, (size_t)l.columns, 0, lks_kernels_panels(kernels, l.columns));
    CHECK_SAME_BITS(l.out, l.whole, (size_t)(ROWS * l.columns));
    release_layer(&l);
  }
  lks_floating_point_leave(saved);
}

/* Gradient [left_columns, right_columns] over 4 shards on `threads` threads, and behind it
 * that of the bias. */
static void gradient(const lks_kernels *kernels, int threads, const lks_segments *segments,
                     const float *left, int left_columns, const float *right, int right_columns,
                     float *result) {
  float *packed = zeros(kernels->packed_terms_floats(segments->terms, right_columns));
  float *scratch = zeros((size_t)threads *
                         kernels->segmented_scratch_floats(segments->terms, right_columns));
  const size_t columns = (size_t)right_columns;
  const lks_segmented product = {
      .segments = segments,
      .left = left,
      .left_stride = (size_t)left_columns,
      .bias = (size_t)left_columns * columns,
      .outputs = &result,
      .rights = 1,
      .right[0] = {right, columns, right_columns, packed, 0, columns},
  };
  lks_weight_gradients(kernels, threads, &product, left_columns, scratch);
  lks_release(packed);
  lks_release(scratch);
}

static void gradients_are_close_to_ours_and_alike_in_any_slice(void) {
  const lks_shards shards = {4, 14, 14};
  const lks_subtree all = {0, 4};
  const int sizes[][2] = {{5, 3}, {101, 70}, {200, 300}};
  const unsigned saved = lks_floating_point_enter();
  lks_segments *segments;
  CHECK_OK(lks_segments_create(&segments, 14 * 60, 4));
  lks_segments_fill(segments, &shards, &all, 1, 60, NULL);
  for (int i = 0; i < 3; i++) {
    const int rows = sizes[i][0], columns = sizes[i][1];
    const size_t count = (size_t)(rows * (columns + 1));
    float *left = lks_test_numbers((size_t)(segments->terms * rows), 1.0f, 6);
    float *right = lks_test_numbers((size_t)(segments->terms * columns), 1.0f, 7);
    float *ours = zeros(count), *alone = zeros(count), *shared = zeros(count);
    gradient(find("auto"), 1, segments, left, rows, right, columns, ours);
    gradient(find("openblas"), 1, segments, left, rows, right, columns, alone);
    CHECK_ALL_CLOSE(alone, ours, count, SUM_ERROR);
    for (int threads = 2; threads <= 5; threads++) {
      gradient(find("openblas"), threads, segments, left, rows, right, columns, shared);
      CHECK_SAME_BITS(shared, alone, count);
    }
    float *const blocks[] = {left, right, ours, alone, shared};
    for (int b = 0; b < 5; b++)
      lks_release(blocks[b]);
  }
  lks_segments_destroy(segments);
  lks_floating_point_leave(saved);
}

static void openblas_leaves_the_default_number_of_threads_alone(void) {
  const int before = lks_parallel_set_threads(3);
  layer l = make_layer(find("openblas"), layers[2]);
  CHECK_EQUAL(lks_parallel_threads(), 3);
  release_layer(&l);
  (void)lks_parallel_set_threads(before);
}

/* left as it is, and given term by term. */
static void plain_calls_are_close_to_chains(void) {
  const int rows[] = {5, ROWS}, threads[] = {1, 3};
  const unsigned saved = lks_floating_point_enter();
  for (int i = 0; i < LAYERS * 4; i++) {
    layer l = make_layer(find("openblas"), layers[i / 4]);
    const int m = rows[i % 2], inner = l.inner;
    const size_t count = (size_t)(m * l.columns);
    float *turned = zeros((size_t)(m * inner));
    for (int r = 0; r < m; r++)
      for (int k = 0; k < inner; k++)
        turned[k * m + r] = l.left[r * inner + k];
    lks_oracle_product(LKS_PRECISION_F32, m, inner, l.columns, l.left, l.right, NULL, 0,
                       l.whole);
    lks_openblas_multiply(threads[i / 2 % 2], false, m, inner, l.columns, l.left, l.right,
                          l.out);
    CHECK_ALL_CLOSE(l.out, l.whole, count, SUM_ERROR);
    memset(l.out, 0xff, count * sizeof *l.out);
    lks_openblas_multiply(threads[i / 2 % 2], true, m, inner, l.columns, turned, l.right,
                          l.out);
    CHECK_ALL_CLOSE(l.out, l.whole, count, SUM_ERROR);
    lks_release(turned);
    release_layer(&l);
  }
  lks_floating_point_leave(saved);
}

const lks_test openblas_tests[] = {
    TEST(products_are_close_to_chains),
    TEST(plain_calls_are_close_to_chains),
    TEST(a_row_has_the_same_bits_in_any_batch_and_place_by_openblas),
    TEST(threads_change_no_bit_by_openblas),
    TEST(gradients_are_close_to_ours_and_alike_in_any_slice),
    TEST(openblas_leaves_the_default_number_of_threads_alone),
    TEST_END,
};
