/* SPDX-License-Identifier: Apache-2.0 */
/* class_scores.c - sums over rows, columns and the diagonal. */
#include "metrics/class_scores.h"

double lks_confusion_accuracy(const double *confusion, int classes) {
  double right = 0, all = 0;
  for (int i = 0; i < classes * classes; i++) {
    all += confusion[i];
    right += i % (classes + 1) == 0 ? confusion[i] : 0;
  }
  return all > 0 ? 100 * right / all : 0;
}

double lks_confusion_macro_f1(const double *confusion, int classes) {
  double sum = 0;
  int seen = 0;
  for (int k = 0; k < classes; k++) {
    double expected = 0, guessed = 0;
    for (int i = 0; i < classes; i++) {
      expected += confusion[k * classes + i];
      guessed += confusion[i * classes + k];
    }
    if (expected + guessed == 0)
      continue;
    sum += 2 * confusion[k * classes + k] / (expected + guessed);
    seen++;
  }
  return seen > 0 ? 100 * sum / seen : 0;
}
