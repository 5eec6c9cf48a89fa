/* SPDX-License-Identifier: Apache-2.0 */
/* chrf.h - corpus chrF2 (Popovic 2015) as sacreBLEU 2 defines it: n-grams of 1 to 6
 * characters without white space, the mean of precision and of recall over the orders that
 * both texts have, F with recall weighing beta = 2 times as much.
 *
 * Counts are whole numbers and can be added in any order. */
#ifndef LOCKSTEP_METRICS_CHRF_H
#define LOCKSTEP_METRICS_CHRF_H

#include <lockstep/status.h>

#include <stdint.h>

enum { LKS_CHRF_ORDER = 6 };

typedef struct {
  double matches[LKS_CHRF_ORDER];
  double hypothesis[LKS_CHRF_ORDER]; /* n-grams, of segments whose reference has any */
  double reference[LKS_CHRF_ORDER];
} lks_chrf_counts;

enum { LKS_CHRF_COUNTS = sizeof(lks_chrf_counts) / sizeof(double) };

/* Adds one pair of arrays of characters, white space left out. */
void lks_chrf_add(lks_chrf_counts *counts, const int32_t *hypothesis, int hypothesis_count,
                  const int32_t *reference, int reference_count);

/* Adds one pair of lines.  Fails with LKS_DATA for what is not UTF-8. */
lks_status lks_chrf_add_lines(lks_chrf_counts *counts, const char *hypothesis,
                              const char *reference);

/* 0 .. 100. */
double lks_chrf_score(const lks_chrf_counts *counts);

#endif
