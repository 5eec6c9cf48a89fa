/* SPDX-License-Identifier: Apache-2.0 */
/* class_scores.h - accuracy and macro F1 from whole numbers: how often each class was found,
 * how often it was expected, and how often it was both.
 *
 * Macro F1 is the plain mean of the F1 of the classes that appear, expected or guessed;
 * scikit-learn's f1_score(average="macro") is the same. */
#ifndef LOCKSTEP_METRICS_CLASS_SCORES_H
#define LOCKSTEP_METRICS_CLASS_SCORES_H

#include <stdint.h>

/* Counts of a class; counts of all are an array [classes, LKS_CLASS_COUNTS]. */
enum { LKS_CLASS_FOUND, LKS_CLASS_EXPECTED, LKS_CLASS_RIGHT, LKS_CLASS_COUNTS };

/* Counts one item. */
static inline void lks_class_counts_add(double *counts, int32_t guessed, int32_t gold) {
  counts[guessed * LKS_CLASS_COUNTS + LKS_CLASS_FOUND]++;
  counts[gold * LKS_CLASS_COUNTS + LKS_CLASS_EXPECTED]++;
  if (guessed == gold)
    counts[gold * LKS_CLASS_COUNTS + LKS_CLASS_RIGHT]++;
}

/* 0 .. 100; 0 without items. */
double lks_class_accuracy(const double *counts, int classes);
double lks_class_macro_f1(const double *counts, int classes);

#endif
