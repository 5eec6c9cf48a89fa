/* SPDX-License-Identifier: Apache-2.0 */
/* class_weights.c - weights from counts, or from a list. */
#include "task/class_weights.h"

#include "base/fail.h"
#include "base/memory.h"
#include "text/number_text.h"

#include <string.h>

static lks_status balance(const lks_dataset *dataset, int field, int classes, float *weights) {
  int64_t *counts;
  double samples = (double)lks_dataset_sequences(dataset)->samples[LKS_SPLIT_TRAIN];
  LKS_TRY(lks_allocate(&counts, (size_t)classes, sizeof *counts));
  lks_status status = lks_dataset_count_symbols(dataset, LKS_SPLIT_TRAIN, field, counts);
  int present = 0;
  for (int k = 0; k < classes; k++)
    present += counts[k] > 0;
  for (int k = 0; k < classes; k++)
    if (counts[k] > 0)
      weights[k] = (float)(samples / ((double)present * (double)counts[k]));
  lks_release(counts);
  return status;
}

/* One "LABEL=W"; the last '=' parts them, as labels may have one. */
static lks_status read_pair(const char *pair, size_t bytes, const lks_vocabulary *labels,
                            float *weights) {
  size_t equals = bytes;
  double value = 0;
  char number[64] = "";
  while (equals > 0 && pair[equals - 1] != '=')
    equals--;
  size_t digits = bytes - equals;
  if (equals > 1 && digits < sizeof number)
    memcpy(number, pair + equals, digits);
  if (equals <= 1 || lks_number_read(number, digits, '.', &value) != LKS_NUMBER_FINITE ||
      !(value >= 0))
    return LKS_FAIL(LKS_USAGE,
                    "[train] class_weights: expected LABEL=WEIGHT with a weight of at least "
                    "0, found '%.*s'\n  hint: none, balanced, or for example 'spam=2 ham=0.5'",
                    (int)bytes, pair);
  int label = lks_vocabulary_find(labels, pair, equals - 1);
  if (label < 0)
    return LKS_FAIL(LKS_USAGE,
                    "[train] class_weights: '%.*s' is none of the dataset's %d labels\n  hint: "
                    "lockstep inspect DATASET lists them",
                    (int)equals - 1, pair, lks_vocabulary_size(labels));
  weights[label] = (float)value;
  return LKS_OK;
}

lks_status lks_class_weights_read(const char *text, const lks_dataset *dataset, int field,
                                  float *weights) {
  const lks_vocabulary *labels = lks_dataset_sequences(dataset)->field[field].vocabulary;
  int classes = lks_vocabulary_size(labels);
  for (int k = 0; k < classes; k++)
    weights[k] = 1;
  if (strcmp(text, "none") == 0)
    return LKS_OK;
  if (strcmp(text, "balanced") == 0)
    return balance(dataset, field, classes, weights);
  for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
    size_t bytes = strcspn(at, " ");
    LKS_TRY(read_pair(at, bytes, labels, weights));
    at += bytes;
  }
  return LKS_OK;
}
