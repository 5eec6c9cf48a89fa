/* SPDX-License-Identifier: Apache-2.0 */
/* labels_golden.h - written by make_language_golden.py. */
#ifndef LOCKSTEP_TESTS_LABELS_GOLDEN_H
#define LOCKSTEP_TESTS_LABELS_GOLDEN_H

#include <stdint.h>

static const char *const golden_gold_tags[] = {
    "B-loc", "B-per", "I-per", "I-per", "O",     "B-org", "B-loc", "I-loc", "I-loc", "O",
    "O",     "O",     "O",     "O",     "O",     "B-per", "O",     "B-org", "I-org", "O",
    "O",     "O",     "O",     "B-org", "B-org", "I-org", "I-org", "B-per", "O",     "B-org",
    "B-loc", "I-loc", "O",     "O",     "O",     "O",     "O",     "O",     "B-loc", "I-loc",
    "I-loc", "O",     "B-org", "I-org", "I-org", "O",     "O",     "O",     "O",     "O",
    "O",     "O",     "O",     "O",     "O",     "O",     "O",     "O",     "B-org", "I-org",
    "B-loc", "I-loc", "B-org", "I-org", "B-loc", "I-loc", "O",     "O",     "B-org", "I-org",
    "B-org", "I-org", "B-loc", "I-loc", "I-loc", "B-per", "I-per", "B-org", "O",     "O",
    "O",     "B-per", "B-loc", "B-per", "I-per", "O",     "O",     "O",     "O",     "O",
    "O",     "B-org", "I-org", "B-loc", "I-loc", "I-loc", "B-loc", "I-loc", "I-loc", "B-per",
    "I-per", "I-per", "B-per", "O",     "O",     "B-per", "I-per", "I-per", "O",     "B-loc",
    "I-loc", "I-loc", "B-org", "I-org", "I-org", "B-per", "I-per", "B-per", "I-per", "I-per",
    "B-loc", "B-per", "I-per", "O",     "O",     "O",     "O",     "O",     "O",     "B-loc",
    "O",     "O",     "B-per", "I-per", "O",     "B-per", "I-per", "B-org", "I-org", "O",
    "O",     "B-org", "I-org", "B-per", "I-per", "B-per", "O",     "O",     "O",     "O",
    "O",     "O",     "B-per", "I-per", "I-per", "O",     "O",     "B-loc", "O",     "O",
    "B-org", "I-org", "B-org", "I-org", "I-org", "B-loc", "B-org", "I-org", "I-org", "O",
    "O",     "B-org", "I-org", "B-per", "I-per", "B-per", "B-per", "I-per", "I-per", "B-per",
    "O",     "O",     "O",     "O",     "B-loc", "I-loc", "I-loc", "O",     "O",     "O",
    "O",     "O",     "O",     "O",     "O",     "O",     "B-org", "O",     "B-org", "I-org",
    "O",     "O",     "O",     "B-loc", "I-loc", "B-org", "I-org", "B-per", "O",     "O",
    "B-per", "I-per", "B-per", "I-per", "O",     "O",     "O",     "O",     "B-loc", "I-loc",
    "I-loc", "B-loc", "I-loc", "O",     "O",     "O",     "O",     "B-org", "I-org", "O",
    "O",     "O",     "B-org", "B-org", "I-org", "O",     "O",     "O",     "B-loc", "I-loc",
    "I-loc", "B-loc", "B-loc", "B-org", "I-org", "I-org", "B-org", "I-org", "O",     "O",
    "O",     "O",     "B-per", "I-per", "I-per", "O",     "B-org", "I-org", "B-loc", "I-loc",
    "I-loc", "O",     "B-loc", "I-loc", "B-loc", "B-org", "I-org", "B-per", "I-per", "I-per",
    "B-loc", "I-loc", "O",     "O",     "B-per", "B-loc", "B-per", "I-per", "I-per", "B-org",
    "B-per", "I-per", "I-per", "B-loc", "I-loc", "I-loc", "O",     "O",     "O",     "O",
    "O",     "O",     "O",     "O",     "O",     "B-loc", "B-per", "I-per", "B-per", "I-per",
    "I-per", "O",     "O",     "O",     "O",     "O",     "O",     "O",     "O",     "B-per",
    "I-per", "I-per", "O",     "O",     "O",     "B-org", "I-org", "B-loc", "B-org", "I-org",
    "I-org", "O",     "O",     "O",     "O",     "O",     "O",     "O",     "O",     "O",
    "O",     "O",     "O",     "O",     "O",     "B-org", "B-org", "I-org", "B-loc", "I-loc",
    "I-loc", "B-per", "O",     "O",     "O",     "B-loc", "I-loc", "B-org", "I-org", "I-org",
    "B-per", "I-per", "I-per", "O",     "O",     "O",     "O",     "O",     "O",     "B-org",
    "B-per", "B-org", "O",     "O",     "O",     "B-org", "I-org", "I-org", "O",     "O",
    "O",     "O",     "O",     "B-org", "I-org", "I-org", "B-org", "I-org", "O",     "O",
    "O",     "O",     "O",     "O",     "O",     "B-org", "I-org", "B-org", "O",     "O",
    "B-loc", "I-loc", "I-loc", "B-org", "I-org", "I-org", "B-org", "B-loc", "I-loc", "B-org",
};
static const char *const golden_guessed_tags[] = {
    "B-loc", "B-per", "I-per", "I-per", "O",     "B-org", "B-loc", "I-loc", "I-loc", "O",
    "O",     "O",     "O",     "O",     "O",     "O",     "O",     "B-org", "I-org", "O",
    "O",     "O",     "O",     "B-org", "B-org", "I-org", "I-org", "B-per", "O",     "B-org",
    "B-loc", "I-loc", "O",     "O",     "O",     "O",     "O",     "O",     "B-loc", "I-loc",
    "I-loc", "O",     "O",     "O",     "B-org", "O",     "O",     "O",     "O",     "O",
    "O",     "O",     "O",     "O",     "O",     "O",     "O",     "O",     "B-per", "I-per",
    "B-per", "B-loc", "I-loc", "O",     "O",     "B-loc", "O",     "O",     "B-org", "I-org",
    "B-org", "I-org", "B-loc", "I-loc", "I-loc", "B-per", "I-per", "B-org", "O",     "O",
    "O",     "B-per", "B-loc", "B-per", "I-per", "O",     "O",     "O",     "O",     "O",
    "O",     "O",     "B-loc", "I-loc", "O",     "B-loc", "B-per", "I-per", "I-per", "B-per",
    "I-per", "I-per", "B-per", "O",     "B-org", "I-org", "B-loc", "B-loc", "O",     "O",
    "O",     "O",     "O",     "O",     "O",     "B-per", "I-per", "B-per", "I-per", "I-per",
    "B-loc", "B-per", "I-per", "B-org", "O",     "O",     "O",     "O",     "O",     "O",
    "O",     "O",     "B-per", "I-per", "O",     "B-per", "I-per", "B-org", "I-org", "O",
    "O",     "B-org", "I-org", "B-per", "I-per", "B-per", "O",     "O",     "O",     "O",
    "O",     "O",     "B-per", "I-per", "O",     "B-org", "O",     "B-loc", "O",     "O",
    "B-org", "I-org", "B-org", "I-org", "I-org", "B-loc", "B-org", "I-org", "I-org", "O",
    "O",     "B-org", "I-org", "B-per", "I-per", "B-per", "B-per", "I-per", "I-per", "B-per",
    "B-per", "I-per", "I-per", "B-loc", "I-loc", "I-loc", "O",     "B-loc", "O",     "O",
    "O",     "O",     "O",     "B-loc", "I-loc", "O",     "B-org", "O",     "B-loc", "I-loc",
    "I-loc", "O",     "O",     "O",     "B-loc", "B-org", "I-org", "B-per", "O",     "O",
    "B-per", "I-per", "B-per", "I-per", "O",     "O",     "O",     "O",     "B-loc", "I-loc",
    "I-loc", "B-loc", "I-loc", "B-org", "I-org", "O",     "B-loc", "B-loc", "O",     "O",
    "O",     "O",     "B-org", "B-org", "I-org", "O",     "O",     "O",     "B-loc", "I-loc",
    "I-loc", "B-loc", "B-loc", "B-org", "I-org", "I-org", "B-org", "I-org", "O",     "O",
    "O",     "O",     "B-per", "I-per", "I-per", "O",     "B-org", "I-org", "O",     "O",
    "O",     "B-org", "I-org", "B-loc", "I-loc", "I-loc", "B-per", "O",     "B-org", "I-org",
    "I-org", "B-per", "O",     "O",     "B-per", "B-loc", "B-per", "I-per", "I-per", "B-org",
    "B-per", "B-org", "B-org", "I-org", "I-org", "O",     "O",     "O",     "O",     "O",
    "B-per", "I-per", "B-org", "O",     "O",     "O",     "B-per", "I-per", "B-per", "I-per",
    "I-per", "O",     "O",     "O",     "O",     "O",     "O",     "O",     "O",     "B-per",
    "I-per", "I-per", "O",     "B-org", "I-org", "I-org", "O",     "O",     "O",     "B-org",
    "B-per", "O",     "O",     "O",     "O",     "O",     "O",     "O",     "O",     "O",
    "O",     "O",     "O",     "O",     "O",     "B-org", "B-org", "I-org", "B-loc", "I-loc",
    "I-loc", "B-per", "B-org", "I-org", "I-org", "O",     "B-org", "B-org", "I-org", "I-org",
    "B-per", "I-per", "I-per", "O",     "O",     "O",     "O",     "O",     "O",     "B-org",
    "B-per", "B-org", "O",     "O",     "O",     "B-org", "I-org", "I-org", "O",     "O",
    "O",     "O",     "O",     "B-org", "I-org", "I-org", "B-org", "I-org", "O",     "O",
    "O",     "O",     "O",     "O",     "O",     "B-org", "I-org", "B-org", "O",     "B-org",
    "B-loc", "I-loc", "I-loc", "B-org", "I-org", "I-org", "B-org", "B-loc", "I-loc", "B-org",
};
static const double golden_loc[] = {0.5625, 0.5294117647058824, 0.5454545454545455};
static const double golden_org[] = {0.7, 0.7777777777777778, 0.7368421052631577};
static const double golden_per[] = {0.75, 0.8571428571428571, 0.7999999999999999};
static const double golden_span_f1 = 0.7033898305084746;
static const int32_t golden_classes[] = {
    2, 4, 1, 1, 1, 1, 0, 1, 4, 2, 4, 0, 1, 4, 4, 0, 2, 1, 2, 2, 1, 1, 1, 0, 0, 1, 4, 4, 0, 2,
    0, 1, 1, 1, 2, 0, 1, 1, 2, 1, 1, 0, 1, 0, 2, 0, 2, 2, 1, 0, 1, 2, 0, 4, 0, 0, 4, 1, 1, 1};
static const int32_t golden_guesses[] = {
    2, 4, 1, 1, 1, 1, 1, 1, 4, 2, 4, 0, 0, 4, 4, 0, 2, 0, 2, 0, 1, 1, 2, 0, 0, 1, 4, 1, 0, 2,
    2, 1, 1, 1, 2, 0, 1, 1, 0, 1, 1, 0, 1, 0, 2, 2, 1, 0, 1, 0, 2, 2, 0, 1, 0, 0, 4, 1, 1, 1};
static const double golden_accuracy = 0.7833333333333333;
static const double golden_macro_f1 = 0.78125;

#endif
