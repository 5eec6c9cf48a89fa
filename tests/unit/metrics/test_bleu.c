/* SPDX-License-Identifier: Apache-2.0 */
/* test_bleu.c - BLEU by hand, and beside NLTK (golden/make_language_golden.py). */
#include "../../golden/translation_golden.h"
#include "check.h"
#include "metrics/bleu.h"
#include "metrics/chrf.h"

#include <string.h>

/* A few roundings of numbers up to 100 in f64. */
static const double CLOSE = 1e-11;

static void counts_are_clipped(void) {
  const int32_t hypothesis[] = {7, 7, 7, 7, 7, 7, 7}, reference[] = {7, 1, 2, 3, 7, 4};
  lks_bleu_counts counts;
  memset(&counts, 0, sizeof counts);
  lks_bleu_add(&counts, hypothesis, 7, reference, 6);
  CHECK(counts.matches[0] == 2 && counts.totals[0] == 7);
  CHECK(counts.matches[1] == 0 && counts.totals[1] == 6);
  CHECK(counts.totals[3] == 4);
  CHECK(counts.hypothesis == 7 && counts.reference == 6);
}

static void equal_texts_score_a_hundred_and_empty_ones_nothing(void) {
  lks_bleu_counts counts;
  memset(&counts, 0, sizeof counts);
  CHECK_OK(lks_bleu_add_lines(&counts, "a b c d e", " a  b\tc d e "));
  CHECK_CLOSE(lks_bleu_score(&counts), 100, CLOSE);
  CHECK_CLOSE(lks_bleu_smoothed(&counts), 100, CLOSE);
  memset(&counts, 0, sizeof counts);
  CHECK_OK(lks_bleu_add_lines(&counts, "", "a b c d e"));
  CHECK(lks_bleu_score(&counts) == 0);
  CHECK(lks_bleu_smoothed(&counts) == 0);
}

static void scores_are_those_of_nltk(void) {
  lks_bleu_counts counts;
  memset(&counts, 0, sizeof counts);
  for (int i = 0; i < GOLDEN_PAIRS; i++)
    CHECK_OK(lks_bleu_add_lines(&counts, golden_hypotheses[i], golden_references[i]));
  CHECK_CLOSE(lks_bleu_score(&counts), golden_bleu, CLOSE);
  memset(&counts, 0, sizeof counts); /* the shortest pairs alone: an order without a match */
  for (int i = 0; i < GOLDEN_SMOOTHED_PAIRS; i++)
    CHECK_OK(lks_bleu_add_lines(&counts, golden_hypotheses[i], golden_references[i]));
  CHECK(lks_bleu_score(&counts) == 0);
  CHECK_CLOSE(lks_bleu_smoothed(&counts), golden_bleu_smoothed, CLOSE);
}

static void tokens_are_those_of_the_regular_expressions(void) {
  for (int i = 0; i < GOLDEN_LINES; i++) {
    lks_text tokens = {0};
    CHECK_OK(lks_bleu_tokenize_13a(golden_lines[i], &tokens));
    CHECK_TEXT(tokens.data, golden_tokens[i]);
    lks_text_release(&tokens);
  }
}

static void signature_says_what_was_done(void) {
  lks_text text = {0};
  CHECK_OK(lks_bleu_signature(false, &text));
  CHECK_CONTAINS(text.data, "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:lockstep-");
  lks_text_release(&text);
}

static void chrf_is_that_of_its_definition(void) {
  lks_chrf_counts counts;
  memset(&counts, 0, sizeof counts);
  for (int i = 0; i < GOLDEN_PAIRS; i++)
    CHECK_OK(lks_chrf_add_lines(&counts, golden_hypotheses[i], golden_references[i]));
  CHECK_CLOSE(lks_chrf_score(&counts), golden_chrf, CLOSE);
}

static void chrf_of_orders_that_no_text_has_is_left_out(void) {
  lks_chrf_counts counts;
  memset(&counts, 0, sizeof counts);
  CHECK(lks_chrf_score(&counts) == 0);
  CHECK_OK(lks_chrf_add_lines(&counts, "a b", "ab\xC3\xA4")); /* 2 of 2 and 2 of 3, 1 and 1/2 */
  double recall = (2.0 / 3 + 1.0 / 2) / 2;
  CHECK_CLOSE(lks_chrf_score(&counts), 100 * 5 * recall / (4 + recall), CLOSE);
  CHECK_FAILS(lks_chrf_add_lines(&counts, "a", "\xFF"), LKS_DATA, "UTF-8");
}

const lks_test bleu_tests[] = {TEST(counts_are_clipped),
                               TEST(equal_texts_score_a_hundred_and_empty_ones_nothing),
                               TEST(scores_are_those_of_nltk),
                               TEST(tokens_are_those_of_the_regular_expressions),
                               TEST(signature_says_what_was_done),
                               TEST(chrf_is_that_of_its_definition),
                               TEST(chrf_of_orders_that_no_text_has_is_left_out),
                               TEST_END};
