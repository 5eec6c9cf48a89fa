/* SPDX-License-Identifier: Apache-2.0 */
/* test_number_text.c - numbers are those of strtod, bit by bit. */
#include "base/random.h"
#include "check.h"
#include "text/number_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 300000 };

static int digit(const uint32_t word, int place) {
  return (int)((word >> (3 * place)) % 10);
}

/* A number with 1 to 20 digits, a point somewhere, and mostly no exponent. */
static void make_number(uint32_t i, char *text) {
  uint32_t word[4];
  memset(word, 0, sizeof word);
  lks_philox(lks_random_key_of(7), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, i, 0, 0), word);
  int digits = 1 + (int)(word[0] % 20), point = (int)(word[0] >> 8) % (digits + 1);
  if (word[1] % 3 == 0)
    *text++ = '-';
  for (int d = 0; d < digits; d++) {
    if (d == point)
      *text++ = '.';
    *text++ = (char)('0' + digit(word[2 + d / 10], d % 10));
  }
  *text = '\0';
  if (word[1] % 5 == 0)
    (void)sprintf(text, "e%d", (int)(word[1] >> 8) % 40 - 20);
}

static void numbers_are_the_nearest_ones(void) {
  int wrong = 0;
  for (uint32_t i = 0; i < NUMBERS; i++) {
    char text[64], comma[64];
    double value = NAN, other = NAN;
    make_number(i, text);
    (void)strcpy(comma, text);
    if (strchr(comma, '.') != NULL)
      *strchr(comma, '.') = ',';
    double expected = strtod(text, NULL);
    wrong += lks_number_read(text, strlen(text), '.', &value) != LKS_NUMBER_FINITE;
    wrong += lks_number_read(comma, strlen(comma), ',', &other) != LKS_NUMBER_FINITE;
    wrong += memcmp(&value, &expected, sizeof value) != 0;
    wrong += memcmp(&other, &expected, sizeof other) != 0;
  }
  CHECK_EQUAL(wrong, 0);
}

static void what_is_a_number_is_told_from_what_is_none(void) {
  static const struct {
    const char *text;
    lks_number_kind kind;
    double value;
  } cases[] = {
      {"0", LKS_NUMBER_FINITE, 0},
      {"-0.0", LKS_NUMBER_FINITE, 0},
      {"+5", LKS_NUMBER_FINITE, 5},
      {".5", LKS_NUMBER_FINITE, 0.5},
      {"5.", LKS_NUMBER_FINITE, 5},
      {"1e3", LKS_NUMBER_FINITE, 1000},
      {"1E+03", LKS_NUMBER_FINITE, 1000},
      {"2.5e-3", LKS_NUMBER_FINITE, 0.0025},
      {"0000000000000000000000000012", LKS_NUMBER_FINITE, 12},
      {"9007199254740993", LKS_NUMBER_FINITE, 9007199254740992.0},
      {"1e-400", LKS_NUMBER_FINITE, 0},
      {"1e308", LKS_NUMBER_FINITE, 1e308},
      {"1e309", LKS_NUMBER_INFINITE, 0},
      {"1e999999999999", LKS_NUMBER_INFINITE, 0},
      {"inf", LKS_NUMBER_INFINITE, 0},
      {"-Infinity", LKS_NUMBER_INFINITE, 0},
      {"", LKS_NUMBER_NONE, 0},
      {"-", LKS_NUMBER_NONE, 0},
      {".", LKS_NUMBER_NONE, 0},
      {"e5", LKS_NUMBER_NONE, 0},
      {"1e", LKS_NUMBER_NONE, 0},
      {"1e+", LKS_NUMBER_NONE, 0},
      {"1 000", LKS_NUMBER_NONE, 0},
      {"1,000", LKS_NUMBER_NONE, 0},
      {"1.2.3", LKS_NUMBER_NONE, 0},
      {"0x10", LKS_NUMBER_NONE, 0},
      {"12abc", LKS_NUMBER_NONE, 0},
      {"nan", LKS_NUMBER_NONE, 0},
      {"--1", LKS_NUMBER_NONE, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double value = 0;
    const char *text = cases[i].text;
    CHECK_EQUAL(lks_number_read(text, strlen(text), '.', &value), cases[i].kind);
    if (cases[i].kind == LKS_NUMBER_FINITE)
      CHECK(value == cases[i].value);
  }
  double value;
  CHECK_EQUAL(lks_number_read("1\0002", 3, '.', &value), LKS_NUMBER_NONE); /* a zero byte */
  CHECK_EQUAL(lks_number_read("1.5", 3, ',', &value), LKS_NUMBER_NONE);
}

static void thousands_set_apart_are_told_from_what_is_none(void) {
  static const struct {
    const char *text;
    char point;
    bool expected;
  } cases[] = {{"1,022", '.', true},       {"-1,022.5", '.', true},  {"1 022 333.", '.', true},
               {"12'345", '.', true},      {"1.022", ',', true},     {"1.022.333,5", ',', true},
               {"1,5", '.', false},        {"1022,333", '.', false}, {"1,022 333", '.', false},
               {"1,022,33", '.', false},   {",022", '.', false},     {"1.022", '.', false},
               {"1,022.5x", '.', false},   {"", '.', false},         {"17", '.', false},
               {"01,022,3333", '.', false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK_EQUAL(lks_number_is_grouped(cases[i].text, strlen(cases[i].text), cases[i].point),
                cases[i].expected);
}

static bool has(const lks_missing_list *missing, const char *text) {
  return lks_missing_has(missing, text, strlen(text));
}

static void missing_values_are_those_of_the_list(void) {
  static const char *const usual[] = {"", "NA", "NaN", "nan", "null", "?", "-"};
  lks_missing_list missing;
  CHECK_OK(lks_missing_create(&missing, NULL));
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
    CHECK(has(&missing, usual[i]));
  CHECK(!has(&missing, "0"));
  CHECK(!has(&missing, "N"));
  CHECK(!has(&missing, "NAN"));
  lks_missing_release(&missing);
  CHECK_OK(lks_missing_create(&missing, "-200,n/a"));
  CHECK(has(&missing, "-200"));
  CHECK(has(&missing, "n/a"));
  CHECK(has(&missing, ""));
  CHECK(!has(&missing, "NA"));
  lks_missing_release(&missing);
}

const lks_test number_text_tests[] = {TEST(numbers_are_the_nearest_ones),
                                      TEST(what_is_a_number_is_told_from_what_is_none),
                                      TEST(thousands_set_apart_are_told_from_what_is_none),
                                      TEST(missing_values_are_those_of_the_list), TEST_END};
