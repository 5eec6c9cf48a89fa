/* SPDX-License-Identifier: Apache-2.0 */
/* chrf.c - counts of shared n-grams of characters. */
#include "metrics/chrf.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "metrics/ngrams.h"

#include <string.h>

void lks_chrf_add(lks_chrf_counts *counts, const int32_t *hypothesis, int hypothesis_count,
                  const int32_t *reference, int reference_count) {
  lks_ngrams_match(hypothesis, hypothesis_count, reference, reference_count, LKS_CHRF_ORDER,
                   counts->matches);
  for (int n = 1; n <= LKS_CHRF_ORDER; n++) {
    int there = lks_ngrams_count(reference_count, n);
    counts->reference[n - 1] += there;
    counts->hypothesis[n - 1] += there > 0 ? lks_ngrams_count(hypothesis_count, n) : 0;
  }
}

/* The characters of a line; codes[bytes of the line]. */
static lks_status characters_of(const char *line, int32_t *codes, int *count) {
  size_t bytes = strlen(line), at = 0;
  *count = 0;
  while (at < bytes) {
    uint32_t code;
    size_t length = lks_text_character(line + at, bytes - at, &code);
    if (length == 0)
      return LKS_FAIL(LKS_DATA, "expected UTF-8, found byte 0x%02X",
                      (unsigned)(unsigned char)line[at]);
    if (!lks_text_is_white(code))
      codes[(*count)++] = (int32_t)code;
    at += length;
  }
  return LKS_OK;
}

lks_status lks_chrf_add_lines(lks_chrf_counts *counts, const char *hypothesis,
                              const char *reference) {
  lks_status status;
  int32_t *codes;
  size_t room = strlen(hypothesis);
  int hypothesis_count, reference_count;
  LKS_TRY(lks_allocate(&codes, room + strlen(reference), sizeof *codes));
  LKS_TRY_OR(cleanup, status, characters_of(hypothesis, codes, &hypothesis_count));
  LKS_TRY_OR(cleanup, status, characters_of(reference, codes + room, &reference_count));
  lks_chrf_add(counts, codes, hypothesis_count, codes + room, reference_count);
cleanup:
  lks_release(codes);
  return status;
}

double lks_chrf_score(const lks_chrf_counts *counts) {
  const double weight = 4; /* beta^2 */
  double precision = 0, recall = 0;
  int orders = 0;
  for (int n = 0; n < LKS_CHRF_ORDER; n++) {
    if (counts->hypothesis[n] == 0 || counts->reference[n] == 0)
      continue;
    precision += counts->matches[n] / counts->hypothesis[n];
    recall += counts->matches[n] / counts->reference[n];
    orders++;
  }
  if (orders == 0 || precision + recall == 0)
    return 0;
  precision /= orders;
  recall /= orders;
  return 100 * (1 + weight) * precision * recall / (weight * precision + recall);
}
