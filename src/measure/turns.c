/* SPDX-License-Identifier: Apache-2.0 */
/* turns.c - sorted on demand. */
#include "measure/turns.h"

#include <stdlib.h>

void lks_turns_add(lks_turns *turns, double seconds) {
  if (turns->count < LKS_TURNS_MAX)
    turns->seconds[turns->count++] = seconds;
}

static int compare(const void *a, const void *b) {
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

double lks_turns_median(lks_turns *turns) {
  qsort(turns->seconds, (size_t)turns->count, sizeof *turns->seconds, compare);
  int middle = turns->count / 2;
  if (turns->count % 2 == 1)
    return turns->seconds[middle];
  return (turns->seconds[middle - 1] + turns->seconds[middle]) / 2;
}

double lks_turns_minimum(lks_turns *turns) {
  (void)lks_turns_median(turns);
  return turns->seconds[0];
}

double lks_turns_maximum(lks_turns *turns) {
  (void)lks_turns_median(turns);
  return turns->seconds[turns->count - 1];
}
