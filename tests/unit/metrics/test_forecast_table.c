/* SPDX-License-Identifier: Apache-2.0 */
/* test_forecast_table.c - the text of the table of scores. */
#include "check.h"
#include "metrics/forecast_scores.h"

#include <math.h>
#include <string.h>

enum { SUMS_MAX = 200, TEXT_BYTES = 2000 };

static void add(double *sums, lks_forecast_method method, double actual, double point,
                double half) {
  lks_forecast_value value = {
      actual, point, isnan(half) ? NAN : 0.5, NAN, point - half, point + half, 0, 1, 2};
  lks_forecast_sums_add(sums, 1, method, 0, &value);
}

static void fill(double *sums, lks_forecast_method method, double error, double half) {
  for (int i = 0; i < 4; i++)
    add(sums, method, i, i + (i % 2 == 0 ? error : 0), half);
}

/* No crps anywhere, so no such column; naive forecasts have no likelihood. */
static void a_line_a_method_and_no_empty_columns(void) {
  double sums[SUMS_MAX] = {0};
  char text[TEXT_BYTES];
  fill(sums, LKS_METHOD_NAIVE, 2, NAN);
  fill(sums, LKS_METHOD_WALK_ROLLING, 300, 0.5);
  fill(sums, LKS_METHOD_MODEL, 1, 0.5);
  CHECK_OK(lks_forecast_table(sums, 1, 0.8, text, sizeof text));
  CHECK_TEXT(
      text,
      "method                     mse      rmse       mae       rse      corr      mase       nll  cover 80 %     width\n"
      "model                   0.5000    0.7071    0.5000    0.6325    0.8944    0.2500    0.5000      50.0 %    1.0000\n"
      "naive                   2.0000    1.4142    1.0000    1.2649    0.6000    0.5000         -           -         -\n"
      "random walk, rolling     45000    212.13       150    189.74   -0.4412   75.0000    0.5000      50.0 %    1.0000");
}

static void an_interval_is_named_by_its_level(void) {
  double sums[SUMS_MAX] = {0};
  char text[TEXT_BYTES];
  fill(sums, LKS_METHOD_MODEL, 1, 0.5);
  CHECK_OK(lks_forecast_table(sums, 1, 0.975, text, sizeof text));
  CHECK_CONTAINS(text, "cover 97.5 %");
}

/* Every line is as long as the first one. */
static void columns_are_aligned(void) {
  double sums[SUMS_MAX] = {0};
  char text[TEXT_BYTES];
  for (int m = 0; m < LKS_METHOD_COUNT; m++)
    fill(sums, (lks_forecast_method)m, pow(10, m), m % 2 == 0 ? 0.5 : NAN);
  CHECK_OK(lks_forecast_table(sums, 1, 0.8, text, sizeof text));
  size_t width = strcspn(text, "\n");
  int lines = 1;
  for (const char *line = text + width; *line == '\n'; line += 1 + width, lines++)
    CHECK_EQUAL(strcspn(line + 1, "\n"), width);
  CHECK_EQUAL(lines, 1 + LKS_METHOD_COUNT);
}

static void large_numbers_keep_to_their_column(void) {
  double sums[SUMS_MAX] = {0};
  char text[TEXT_BYTES];
  fill(sums, LKS_METHOD_MODEL, 1234567, NAN);
  CHECK_OK(lks_forecast_table(sums, 1, 0.8, text, sizeof text));
  CHECK_CONTAINS(text, "\nmodel                  7.6e+11   8.7e+05   6.2e+05");
  CHECK_EQUAL(strlen(text), 2 * strcspn(text, "\n") + 1);
}

static void methods_are_called_what_readers_know(void) {
  static const char *const names[LKS_METHOD_COUNT] = {
      "model", "naive", "seasonal-naive", "drift", "random walk", "random walk, rolling"};
  for (int m = 0; m < LKS_METHOD_COUNT; m++)
    CHECK_TEXT(lks_forecast_method_text((lks_forecast_method)m), names[m]);
}

static void a_table_without_values_is_its_first_line(void) {
  double sums[SUMS_MAX] = {0};
  char text[TEXT_BYTES];
  CHECK_OK(lks_forecast_table(sums, 1, 0.8, text, sizeof text));
  CHECK_CONTAINS(text, "method");
  CHECK(strchr(text, '\n') == NULL);
}

static void a_small_buffer_is_never_overrun(void) {
  double sums[SUMS_MAX] = {0};
  char whole[TEXT_BYTES], text[TEXT_BYTES];
  fill(sums, LKS_METHOD_MODEL, 1, 0.5);
  CHECK_OK(lks_forecast_table(sums, 1, 0.8, whole, sizeof whole));
  for (size_t bytes = 1; bytes <= strlen(whole); bytes++) {
    memset(text, '#', sizeof text);
    CHECK_OK(lks_forecast_table(sums, 1, 0.8, text, bytes));
    CHECK_EQUAL(strlen(text), bytes - 1);
    CHECK(strncmp(text, whole, bytes - 1) == 0 && text[bytes] == '#');
  }
}

const lks_test forecast_table_tests[] = {
    TEST(a_line_a_method_and_no_empty_columns),
    TEST(an_interval_is_named_by_its_level),
    TEST(columns_are_aligned),
    TEST(large_numbers_keep_to_their_column),
    TEST(methods_are_called_what_readers_know),
    TEST(a_table_without_values_is_its_first_line),
    TEST(a_small_buffer_is_never_overrun),
    TEST_END,
};
