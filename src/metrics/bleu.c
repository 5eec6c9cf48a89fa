/* SPDX-License-Identifier: Apache-2.0 */
/* bleu.c - counts of shared n-grams, and the two scores of them. */
#include "metrics/bleu.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "metrics/line_tokens.h"
#include "metrics/ngrams.h"

#include <lockstep/lockstep.h>

void lks_bleu_add(lks_bleu_counts *counts, const int32_t *hypothesis, int hypothesis_count,
                  const int32_t *reference, int reference_count) {
  lks_ngrams_match(hypothesis, hypothesis_count, reference, reference_count, LKS_BLEU_ORDER,
                   counts->matches);
  for (int n = 1; n <= LKS_BLEU_ORDER; n++)
    counts->totals[n - 1] += lks_ngrams_count(hypothesis_count, n);
  counts->hypothesis += hypothesis_count;
  counts->reference += reference_count;
}

lks_status lks_bleu_add_lines(lks_bleu_counts *counts, const char *hypothesis,
                              const char *reference) {
  lks_status status;
  lks_line_tokens tokens = {0};
  LKS_TRY_OR(cleanup, status, lks_line_tokens_add_words(&tokens, hypothesis));
  int border = tokens.count;
  LKS_TRY_OR(cleanup, status, lks_line_tokens_add_words(&tokens, reference));
  lks_bleu_add(counts, tokens.numbers, border, tokens.numbers + border, tokens.count - border);
cleanup:
  lks_line_tokens_release(&tokens);
  return status;
}

double lks_bleu_brevity(const lks_bleu_counts *counts) {
  if (counts->hypothesis == 0)
    return counts->reference == 0 ? 1 : 0;
  if (counts->hypothesis >= counts->reference)
    return 1;
  return lks_exp_f64(1 - counts->reference / counts->hypothesis);
}

/* The geometric mean of four shares, times the brevity penalty, in percent. */
static double combine(const lks_bleu_counts *counts, const double shares[LKS_BLEU_ORDER]) {
  double sum = 0;
  for (int n = 0; n < LKS_BLEU_ORDER; n++) {
    if (!(shares[n] > 0))
      return 0;
    sum += lks_log_f64(shares[n]);
  }
  return 100 * lks_bleu_brevity(counts) * lks_exp_f64(sum / LKS_BLEU_ORDER);
}

static double share_of(const lks_bleu_counts *counts, int n) {
  return counts->totals[n] > 0 ? counts->matches[n] / counts->totals[n] : 0;
}

double lks_bleu_score(const lks_bleu_counts *counts) {
  double shares[LKS_BLEU_ORDER];
  for (int n = 0; n < LKS_BLEU_ORDER; n++)
    shares[n] = share_of(counts, n);
  return combine(counts, shares);
}

double lks_bleu_smoothed(const lks_bleu_counts *counts) {
  double shares[LKS_BLEU_ORDER], part = 1;
  bool any = false;
  for (int n = 0; n < LKS_BLEU_ORDER; n++) {
    shares[n] = share_of(counts, n);
    any = any || counts->matches[n] > 0;
    if (counts->matches[n] == 0 && counts->totals[n] > 0) {
      part /= 2;
      shares[n] = part / counts->totals[n];
    }
  }
  return any ? combine(counts, shares) : 0;
}

lks_status lks_bleu_describe(const lks_bleu_counts *counts, lks_text *text) {
  LKS_TRY(lks_text_print(text, "precisions"));
  for (int n = 0; n < LKS_BLEU_ORDER; n++)
    LKS_TRY(lks_text_print(text, " %.1f", 100 * share_of(counts, n)));
  double ratio = counts->reference > 0 ? counts->hypothesis / counts->reference : 0;
  return lks_text_print(
      text, ", brevity penalty %.3f, length ratio %.3f, tokens %.0f, in the reference %.0f",
      lks_bleu_brevity(counts), ratio, counts->hypothesis, counts->reference);
}

lks_status lks_bleu_signature(bool lowercase, lks_text *text) {
  return lks_text_print(text, "nrefs:1|case:%s|eff:no|tok:13a|smooth:exp|version:lockstep-%s",
                        lowercase ? "lc" : "mixed", lks_version());
}
