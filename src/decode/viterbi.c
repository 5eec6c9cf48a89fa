/* SPDX-License-Identifier: Apache-2.0 */
/* viterbi.c - the best score of a path to every tag, and where it came from. */
#include "decode/viterbi.h"

#include "base/fail.h"

#include <math.h>
#include <string.h>

size_t lks_viterbi_scratch_bytes(int tags, int steps) {
  return 2 * (size_t)tags * sizeof(double) + (size_t)tags * (size_t)steps * sizeof(int32_t);
}

static bool may_follow(const lks_viterbi_setup *setup, int from, int to) {
  return !setup->may_follow || setup->may_follow[from * setup->tags + to];
}

static double emission_of(const lks_viterbi_setup *setup, const float *emissions, int tag) {
  return (double)emissions[tag] + (setup->bias ? (double)setup->bias[tag] : 0);
}

/* The best way to `to` from the best paths before it. */
static double best_before(const lks_viterbi_setup *setup, const double *before, int to,
                          int32_t *from) {
  double best = -INFINITY;
  *from = 0;
  for (int i = 0; i < setup->tags; i++) {
    double step = setup->transitions ? (double)setup->transitions[i * setup->tags + to] : 0;
    if (may_follow(setup, i, to) && before[i] + step > best) {
      best = before[i] + step;
      *from = i;
    }
  }
  return best;
}

double lks_viterbi_path(const lks_viterbi_setup *setup, int steps, const float *emissions,
                        size_t stride, void *scratch, int32_t *path) {
  int tags = setup->tags;
  double *before = scratch, *now = before + tags;
  int32_t *from = (int32_t *)(now + tags);
  LKS_ASSERT(steps > 0);
  for (int k = 0; k < tags; k++) {
    double start = setup->start ? (double)setup->start[k] : 0;
    before[k] =
        may_follow(setup, tags, k) ? start + emission_of(setup, emissions, k) : -INFINITY;
  }
  for (int t = 1; t < steps; t++) {
    for (int k = 0; k < tags; k++)
      now[k] = best_before(setup, before, k, &from[t * tags + k]) +
               emission_of(setup, emissions + (size_t)t * stride, k);
    memcpy(before, now, (size_t)tags * sizeof *before);
  }
  double best = -INFINITY;
  path[steps - 1] = 0;
  for (int k = 0; k < tags; k++) {
    double score = before[k] + (setup->end ? (double)setup->end[k] : 0);
    if (score > best) {
      best = score;
      path[steps - 1] = k;
    }
  }
  for (int t = steps - 1; t > 0; t--)
    path[t - 1] = from[t * tags + path[t]];
  return best;
}
