/* SPDX-License-Identifier: Apache-2.0 */
/* ngrams.h - how many n-grams two sequences of symbols share. */
#ifndef LOCKSTEP_METRICS_NGRAMS_H
#define LOCKSTEP_METRICS_NGRAMS_H

#include <stdint.h>

enum { LKS_NGRAM_ORDER_MAX = 6 };

/* Adds to matches[n - 1], for n = 1 .. order, the clipped matches: the sum over all n-grams
 * of the smaller of their counts in `a` and in `b` (Papineni et al. 2002).  Allocates
 * nothing; work grows with a_count x (a_count + b_count). */
void lks_ngrams_match(const int32_t *a, int a_count, const int32_t *b, int b_count, int order,
                      double *matches);

/* N-grams of a sequence of `count` symbols. */
static inline int lks_ngrams_count(int count, int n) {
  return count >= n ? count - n + 1 : 0;
}

#endif
