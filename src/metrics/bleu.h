/* SPDX-License-Identifier: Apache-2.0 */
/* bleu.h - corpus BLEU with one reference (Papineni et al. 2002), as two scripts of the
 * field compute it:
 *
 *   multi-bleu.perl  words are what white space separates; 0 when an order has no match
 *   sacreBLEU 2      tokenizer 13a, mixed case, exponential smoothing: the k-th order
 *                    without a match counts as 1 / 2^k matches (Post 2018)
 *
 * Counts are whole numbers and can be added in any order, over rows and over ranks. */
#ifndef LOCKSTEP_METRICS_BLEU_H
#define LOCKSTEP_METRICS_BLEU_H

#include "base/text.h"

#include <stdint.h>

enum { LKS_BLEU_ORDER = 4 };

/* As an array: LKS_BLEU_COUNTS doubles. */
typedef struct {
  double matches[LKS_BLEU_ORDER]; /* clipped, of n-grams */
  double totals[LKS_BLEU_ORDER];  /* n-grams of the hypotheses */
  double hypothesis;              /* tokens */
  double reference;
} lks_bleu_counts;

enum { LKS_BLEU_COUNTS = sizeof(lks_bleu_counts) / sizeof(double) };

/* Adds one pair of token arrays; equal tokens have equal numbers. */
void lks_bleu_add(lks_bleu_counts *counts, const int32_t *hypothesis, int hypothesis_count,
                  const int32_t *reference, int reference_count);

/* Adds one pair of lines of words between white space.  Fails with LKS_NO_MEMORY. */
lks_status lks_bleu_add_lines(lks_bleu_counts *counts, const char *hypothesis,
                              const char *reference);

/* 0 .. 100, as multi-bleu: BP exp(mean of the four log precisions),
 * BP = min(1, exp(1 - reference / hypothesis)). */
double lks_bleu_score(const lks_bleu_counts *counts);

/* The same with exponential smoothing, as sacreBLEU; for counts of 13a tokens. */
double lks_bleu_smoothed(const lks_bleu_counts *counts);

double lks_bleu_brevity(const lks_bleu_counts *counts);

/* Appends "precisions 69.1 44.0 30.2 21.1, brevity penalty 0.987, …". */
lks_status lks_bleu_describe(const lks_bleu_counts *counts, lks_text *text);

/* Appends what distinguishes a smoothed score, in the manner of sacreBLEU's signatures:
 * "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:lockstep-…". */
lks_status lks_bleu_signature(bool lowercase, lks_text *text);

/* Appends the 13a tokens of a UTF-8 line, a space between two. */
lks_status lks_bleu_tokenize_13a(const char *line, lks_text *tokens);

#endif
