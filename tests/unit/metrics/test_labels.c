/* SPDX-License-Identifier: Apache-2.0 */
/* test_labels.c - spans and classes by hand, and beside scikit-learn
 * (golden/make_language_golden.py). */
#include "../../golden/labels_golden.h"
#include "base/fail.h"
#include "check.h"
#include "metrics/class_scores.h"
#include "metrics/span_f1.h"

#include <string.h>

/* A few roundings of numbers up to 100 in f64. */
static const double CLOSE = 1e-11;

enum { ITEMS = sizeof golden_gold_tags / sizeof *golden_gold_tags, MOST = 32 };

static const char *const names[] = {"O", "B-loc", "I-loc", "B-per", "I-per", "B-org", "I-org"};
enum { TAGS = sizeof names / sizeof *names };

static lks_span_tags *tags_of_three_types(void) {
  lks_span_tags *tags;
  CHECK_OK(lks_span_tags_create(&tags));
  for (int i = 0; i < TAGS; i++)
    CHECK_OK(lks_span_tags_add(tags, names[i]));
  return tags;
}

/* Adds sentences written as words of tags. */
static void add(const lks_span_tags *tags, double *counts, const char *guessed,
                const char *gold) {
  int32_t numbers[2][MOST];
  int count[2] = {0, 0};
  const char *texts[2] = {guessed, gold};
  for (int k = 0; k < 2; k++) {
    char copy[256], *rest = copy;
    strcpy(copy, texts[k]);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
      numbers[k][count[k]++] = lks_span_tags_find(tags, word);
  }
  CHECK_EQUAL(count[0], count[1]);
  lks_span_add(tags, counts, numbers[0], numbers[1], count[0]);
}

static void check_counts(const char *guessed, const char *gold, int right, int found,
                         int expected) {
  double counts[MOST] = {0}, sums[3] = {0};
  lks_span_tags *tags = tags_of_three_types();
  add(tags, counts, guessed, gold);
  for (int k = 0; k < 3 * lks_span_tags_types(tags); k++)
    sums[k % 3] += counts[k];
  CHECK_EQUAL(sums[0], right);
  CHECK_EQUAL(sums[1], found);
  CHECK_EQUAL(sums[2], expected);
  lks_span_tags_destroy(tags);
}

static void spans_are_counted_by_the_rules_of_conlleval(void) {
  check_counts("B-loc I-loc O", "B-loc I-loc O", 1, 1, 1);
  check_counts("B-loc O O", "B-loc I-loc O", 0, 1, 1);     /* too short */
  check_counts("B-per I-per O", "B-loc I-loc O", 0, 1, 1); /* another type */
  check_counts("I-loc I-loc O", "B-loc I-loc O", 1, 1, 1); /* IOB1 */
  check_counts("I-loc B-loc O", "B-loc B-loc O", 2, 2, 2); /* neighbours in IOB1 */
  check_counts("B-loc I-per O", "B-loc B-per O", 2, 2, 2); /* I of another type begins */
  check_counts("O B-loc", "O B-loc", 1, 1, 1);             /* up to the end */
  check_counts("B-loc I-loc I-loc", "B-loc I-loc B-loc", 0, 1, 2);
}

static void span_scores_are_those_of_scikit_learn(void) {
  int32_t guessed[ITEMS], gold[ITEMS];
  double counts[MOST] = {0};
  lks_span_tags *tags = tags_of_three_types();
  for (int i = 0; i < ITEMS; i++) {
    guessed[i] = lks_span_tags_find(tags, golden_guessed_tags[i]);
    gold[i] = lks_span_tags_find(tags, golden_gold_tags[i]);
  }
  lks_span_add(tags, counts, guessed, gold, ITEMS);
  CHECK_CLOSE(lks_span_scores_of(tags, counts, -1).f1, 100 * golden_span_f1, CLOSE);
  const double *of_type[] = {golden_loc, golden_per, golden_org};
  for (int k = 0; k < 3; k++) {
    lks_span_scores scores = lks_span_scores_of(tags, counts, k);
    CHECK_CLOSE(scores.precision, 100 * of_type[k][0], CLOSE);
    CHECK_CLOSE(scores.recall, 100 * of_type[k][1], CLOSE);
    CHECK_CLOSE(scores.f1, 100 * of_type[k][2], CLOSE);
  }
  lks_span_tags_destroy(tags);
}

static void an_impossible_tag_is_refused(void) {
  lks_span_tags *tags = tags_of_three_types();
  CHECK_FAILS(lks_span_tags_add(tags, "S-loc"), LKS_DATA, "found 'S-loc'");
  CHECK_FAILS(lks_span_tags_add(tags, "B-"), LKS_DATA, "found 'B-'");
  CHECK_EQUAL(lks_span_tags_find(tags, "B-loc"), 1);
  CHECK_EQUAL(lks_span_tags_find(tags, "B-dog"), -1);
  lks_span_tags_destroy(tags);
}

static void inside_follows_only_its_own_type(void) {
  lks_span_tags *tags = tags_of_three_types();
  CHECK(!lks_span_tags_may_follow(tags, -1, 2));
  CHECK(!lks_span_tags_may_follow(tags, 0, 2));
  CHECK(!lks_span_tags_may_follow(tags, 3, 2));
  CHECK(lks_span_tags_may_follow(tags, 1, 2));
  CHECK(lks_span_tags_may_follow(tags, 2, 2));
  CHECK(lks_span_tags_may_follow(tags, 4, 1));
  CHECK(lks_span_tags_may_follow(tags, -1, 0));
  lks_span_tags_destroy(tags);
}

static void class_scores_are_those_of_scikit_learn(void) {
  double counts[5 * LKS_CLASS_COUNTS] = {0};
  for (size_t i = 0; i < sizeof golden_classes / sizeof *golden_classes; i++)
    lks_class_counts_add(counts, golden_guesses[i], golden_classes[i]);
  CHECK_CLOSE(lks_class_accuracy(counts, 5), 100 * golden_accuracy, CLOSE);
  CHECK_CLOSE(lks_class_macro_f1(counts, 5), 100 * golden_macro_f1, CLOSE);
}

const lks_test labels_tests[] = {TEST(spans_are_counted_by_the_rules_of_conlleval),
                                 TEST(span_scores_are_those_of_scikit_learn),
                                 TEST(an_impossible_tag_is_refused),
                                 TEST(inside_follows_only_its_own_type),
                                 TEST(class_scores_are_those_of_scikit_learn),
                                 TEST_END};
