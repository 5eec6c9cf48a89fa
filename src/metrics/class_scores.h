/* SPDX-License-Identifier: Apache-2.0 */
/* class_scores.h - accuracy and macro F1 from a confusion matrix of whole numbers.
 *
 * Macro F1 is the plain mean of the F1 of the classes that appear, expected or guessed;
 * scikit-learn's f1_score(average="macro") is the same. */
#ifndef LOCKSTEP_METRICS_CLASS_SCORES_H
#define LOCKSTEP_METRICS_CLASS_SCORES_H

#include <stdint.h>

/* Counts one item: confusion [classes, classes], row = expected, column = guessed. */
static inline void lks_confusion_add(double *confusion, int classes, int32_t guessed,
                                     int32_t gold) {
  confusion[gold * classes + guessed]++;
}

/* 0 .. 100; 0 without items. */
double lks_confusion_accuracy(const double *confusion, int classes);
double lks_confusion_macro_f1(const double *confusion, int classes);

#endif
