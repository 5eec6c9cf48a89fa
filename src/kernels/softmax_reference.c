/* SPDX-License-Identifier: Apache-2.0 */
/* softmax_reference.c - softmax and its cross-entropy, row by row.
 *
 * Sums are made of blocks of LKS_SOFTMAX_BLOCK elements, each a lane sum, added in
 * order: rounding errors grow with the number of blocks, not of elements. */
#include "kernels/functions_scalar.h"
#include "kernels/kernel_table.h"
#include "kernels/lanes.h"

/* Sum over blocks of lane sums. */
static float sum_elements(int n, const float *x) {
  float total = 0.0f;
  for (int first = 0; first < n; first += LKS_SOFTMAX_BLOCK) {
    const int last = n - first < LKS_SOFTMAX_BLOCK ? n : first + LKS_SOFTMAX_BLOCK;
    float lane[LKS_LANES] = {0.0f};
    for (int i = first; i < last; i++)
      lane[(i - first) % LKS_LANES] += x[i];
    total += fold_lanes(lane);
  }
  return total;
}

static float greatest(int n, const float *x) {
  float most = -INFINITY;
  for (int i = 0; i < n; i++)
    most = x[i] > most ? x[i] : most;
  return most;
}

/* y_i = e_i = exp(x_i - M); returns S, the sum of e_i. */
static float exponentials(int n, const float *x, float most, float *y) {
  for (int i = 0; i < n; i++)
    y[i] = exp_scalar(x[i] - most);
  return sum_elements(n, y);
}

/* y_i = e_i / S */
void LKS_KERNEL(softmax)(int n, const float *x, float *y) {
  const float sum = exponentials(n, x, greatest(n, x), y);
  for (int i = 0; i < n; i++)
    y[i] = y[i] / sum;
}

/* loss = log S + (1 - smoothing) (M - x_target) + smoothing (M - mean x)
 * d_i  = e_i / S - (1 - smoothing) [i = target] - smoothing / vocab */
void LKS_KERNEL(cross_entropy)(int rows, int vocab, float *logits, size_t stride,
                               const int32_t *targets, float smoothing, bool gradient,
                               float *losses) {
  const float share = 1.0f - smoothing;
  const float everywhere = smoothing / (float)vocab;
  for (int row = 0; row < rows; row++, logits += stride) {
    const int32_t target = targets[row];
    const float most = greatest(vocab, logits);
    const float below = most - logits[target];
    float mean_below = 0.0f;
    if (smoothing != 0.0f)
      mean_below = most - sum_elements(vocab, logits) / (float)vocab;
    const float sum = exponentials(vocab, logits, most, logits);
    losses[row] = fmaf(share, below, log_scalar(sum));
    if (smoothing != 0.0f)
      losses[row] = fmaf(smoothing, mean_below, losses[row]);
    if (!gradient)
      continue;
    for (int i = 0; i < vocab; i++) {
      const float probability = logits[i] / sum;
      logits[i] = (i == target ? probability - share : probability) - everywhere;
    }
  }
}
