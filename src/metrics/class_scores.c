/* SPDX-License-Identifier: Apache-2.0 */
/* class_scores.c - sums over the classes. */
#include "metrics/class_scores.h"

double lks_class_accuracy(const double *counts, int classes) {
  double right = 0, all = 0;
  for (int k = 0; k < classes; k++, counts += LKS_CLASS_COUNTS) {
    all += counts[LKS_CLASS_EXPECTED];
    right += counts[LKS_CLASS_RIGHT];
  }
  return all > 0 ? 100 * right / all : 0;
}

double lks_class_macro_f1(const double *counts, int classes) {
  double sum = 0;
  int seen = 0;
  for (int k = 0; k < classes; k++, counts += LKS_CLASS_COUNTS) {
    double both = counts[LKS_CLASS_EXPECTED] + counts[LKS_CLASS_FOUND];
    if (both == 0)
      continue;
    sum += 2 * counts[LKS_CLASS_RIGHT] / both;
    seen++;
  }
  return seen > 0 ? 100 * sum / seen : 0;
}
