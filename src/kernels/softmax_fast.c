/* SPDX-License-Identifier: Apache-2.0 */
/* softmax_fast.c - softmax and its cross-entropy, a vector of classes at a time.
 *
 * Three passes over a row, which stays in cache: the greatest element; exponentials,
 * written and added up at once; the division.  The equations stand in
 * softmax_reference.c. */
#include "kernels/functions_scalar.h"
#include "kernels/functions_vector.h"
#include "kernels/lanes.h"

enum { MAX_VECTORS = 4 * LANE_VECTORS, MAX_STRIP = MAX_VECTORS * WIDTH };

/* A maximum is exact in any order, so it has more lanes than a sum. */
static float greatest(int n, const float *x) {
  vec most[MAX_VECTORS];
  for (int v = 0; v < MAX_VECTORS; v++)
    most[v] = vec_set(-INFINITY);
  int i = 0;
  for (; i + MAX_STRIP <= n; i += MAX_STRIP)
    for (int v = 0; v < MAX_VECTORS; v++)
      most[v] = vec_max(vec_load(x + i + v * WIDTH), most[v]);
  float lane[MAX_STRIP];
  for (int v = 0; v < MAX_VECTORS; v++)
    vec_store(lane + v * WIDTH, most[v]);
  float result = -INFINITY;
  for (int j = 0; j < MAX_STRIP; j++)
    result = lane[j] > result ? lane[j] : result;
  for (; i < n; i++)
    result = x[i] > result ? x[i] : result;
  return result;
}

static float fold_vectors(const vec sum[LANE_VECTORS]) {
  float lane[LKS_LANES];
  for (int v = 0; v < LANE_VECTORS; v++)
    vec_store(lane + v * WIDTH, sum[v]);
  return fold_lanes(lane);
}

/* Lane sum of at most a block. */
static float sum_block(int n, const float *x) {
  vec sum[LANE_VECTORS];
  for (int v = 0; v < LANE_VECTORS; v++)
    sum[v] = vec_set(0.0f);
  int i = 0;
  for (; i + LKS_LANES <= n; i += LKS_LANES)
    for (int v = 0; v < LANE_VECTORS; v++)
      sum[v] = vec_add(sum[v], vec_load(x + i + v * WIDTH));
  for (int v = 0; v < LANE_VECTORS && i < n; v++, i += WIDTH)
    sum[v] = vec_add(sum[v], vec_load_first(x + i, n - i < WIDTH ? n - i : WIDTH));
  return fold_vectors(sum);
}

/* Elements of the block that starts at `first`. */
static int block_length(int n, int first) {
  return n - first < LKS_SOFTMAX_BLOCK ? n - first : LKS_SOFTMAX_BLOCK;
}

static float sum_elements(int n, const float *x) {
  float total = 0.0f;
  for (int first = 0; first < n; first += LKS_SOFTMAX_BLOCK)
    total += sum_block(block_length(n, first), x + first);
  return total;
}

/* y = exp(x - M) of at most a block; returns its lane sum.  The tail is read back
 * from y, where the lanes past its end are zeros. */
static float exponentials_block(int n, const float *x, float most, float *y) {
  const vec shift = vec_set(most);
  vec sum[LANE_VECTORS];
  for (int v = 0; v < LANE_VECTORS; v++)
    sum[v] = vec_set(0.0f);
  int i = 0;
  for (; i + LKS_LANES <= n; i += LKS_LANES)
    for (int v = 0; v < LANE_VECTORS; v++) {
      const int at = i + v * WIDTH;
      const vec e = exp_vector(vec_sub(vec_load(x + at), shift));
      vec_store(y + at, e);
      sum[v] = vec_add(sum[v], e);
    }
  for (int v = 0; v < LANE_VECTORS && i < n; v++, i += WIDTH) {
    const int rest = n - i < WIDTH ? n - i : WIDTH;
    const vec e = exp_vector(vec_sub(vec_load_first(x + i, rest), shift));
    vec_store_first(y + i, e, rest);
    sum[v] = vec_add(sum[v], vec_load_first(y + i, rest));
  }
  return fold_vectors(sum);
}

static float exponentials(int n, const float *x, float most, float *y) {
  float total = 0.0f;
  for (int first = 0; first < n; first += LKS_SOFTMAX_BLOCK)
    total += exponentials_block(block_length(n, first), x + first, most, y + first);
  return total;
}

/* y = y / S - less */
static void divide(int n, float *y, float sum, float less) {
  for (int i = 0; i < n; i += WIDTH) {
    const int count = n - i < WIDTH ? n - i : WIDTH;
    const vec quotient = vec_div(vec_load_first(y + i, count), vec_set(sum));
    vec_store_first(y + i, vec_sub(quotient, vec_set(less)), count);
  }
}

void LKS_KERNEL(softmax)(int n, const float *x, float *y) {
  const float sum = exponentials(n, x, greatest(n, x), y);
  divide(n, y, sum, 0.0f);
}

void LKS_KERNEL(cross_entropy)(int rows, int vocab, float *logits, size_t stride,
                               const int32_t *targets, float smoothing, bool gradient,
                               float *losses) {
  const float share = 1.0f - smoothing;
  const float everywhere = smoothing / (float)vocab;
  for (int row = 0; row < rows; row++, logits += stride) {
    float *target = logits + targets[row];
    const float most = greatest(vocab, logits);
    const float below = most - *target;
    float mean_below = 0.0f;
    if (smoothing != 0.0f)
      mean_below = most - sum_elements(vocab, logits) / (float)vocab;
    const float sum = exponentials(vocab, logits, most, logits);
    losses[row] = fmaf(share, below, log_scalar(sum));
    if (smoothing != 0.0f)
      losses[row] = fmaf(smoothing, mean_below, losses[row]);
    if (!gradient)
      continue;
    const float probability = *target / sum;
    divide(vocab, logits, sum, everywhere);
    *target = (probability - share) - everywhere;
  }
}
