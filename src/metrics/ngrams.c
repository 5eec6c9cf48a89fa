/* SPDX-License-Identifier: Apache-2.0 */
/* ngrams.c - occurrence i of an n-gram in `a` is a match when `b` has more of them than
 * there were in `a` before i.  One look at a pair of places settles all orders. */
#include "metrics/ngrams.h"

#include "base/fail.h"

/* Adds 1 to found[n - 1] for every n up to `order` for which n symbols agree. */
static void compare(const int32_t *a, int a_left, const int32_t *b, int b_left, int order,
                    int *found) {
  int most = a_left < b_left ? a_left : b_left;
  if (most > order)
    most = order;
  for (int n = 0; n < most && a[n] == b[n]; n++)
    found[n]++;
}

void lks_ngrams_match(const int32_t *a, int a_count, const int32_t *b, int b_count, int order,
                      double *matches) {
  LKS_ASSERT(order <= LKS_NGRAM_ORDER_MAX);
  for (int i = 0; i < a_count; i++) {
    int before[LKS_NGRAM_ORDER_MAX] = {0}, there[LKS_NGRAM_ORDER_MAX] = {0};
    for (int j = 0; j < i; j++)
      compare(a + i, a_count - i, a + j, a_count - j, order, before);
    for (int j = 0; j < b_count; j++)
      compare(a + i, a_count - i, b + j, b_count - j, order, there);
    for (int n = 0; n < order; n++)
      matches[n] += before[n] < there[n];
  }
}
