/* SPDX-License-Identifier: Apache-2.0 */
/* series_check.c - writer and reader ask the same, so that what was written can be read.
 *
 * Names end up in messages, in configurations and in CSV files that are matched with the
 * dataset: they are UTF-8 without control characters, and differ. */
#include "data/series_check.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Seconds, or rows, that a time may be away from 0, and a series may last: 35 million
 * years, far below what overflows. */
static const int64_t time_max = (int64_t)1 << 50;
static const int64_t months_max = 1 << 28;

static bool prints(const char *name) {
  size_t bytes = strlen(name);
  for (size_t i = 0; i < bytes; i++)
    if ((unsigned char)name[i] < ' ' || name[i] == 127)
      return false;
  return lks_text_check_utf8(name, bytes) == bytes;
}

static lks_status check_name(const char *path, const char *what, int64_t number,
                             const char *name, bool may_be_empty) {
  if (!prints(name))
    return LKS_FAIL(LKS_DATA,
                    "%s: %s %lld: expected a name in UTF-8 without control characters", path,
                    what, (long long)number);
  if (!may_be_empty && *name == '\0')
    return LKS_FAIL(LKS_DATA, "%s: %s %lld has no name", path, what, (long long)number);
  return LKS_OK;
}

static int compare_names(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Sorts `names`. */
static lks_status check_distinct(const char *path, const char *what, char **names,
                                 size_t count) {
  qsort(names, count, sizeof *names, compare_names);
  for (size_t i = 1; i < count; i++)
    if (strcmp(names[i - 1], names[i]) == 0)
      return LKS_FAIL(LKS_DATA, "%s: two %s are called '%s'", path, what, names[i]);
  return LKS_OK;
}

static lks_status check_distinct_columns(const lks_series_table *table, const char *path) {
  char **names;
  int count = table->columns + table->static_count;
  LKS_TRY(lks_allocate(&names, (size_t)count, sizeof *names));
  for (int c = 0; c < table->columns; c++)
    names[c] = table->column[c].name;
  for (int k = 0; k < table->static_count; k++)
    names[table->columns + k] = table->static_names[k];
  lks_status status = check_distinct(path, "columns", names, (size_t)count);
  lks_release(names);
  return status;
}

static lks_status check_distinct_series(const lks_series_table *table, const char *path) {
  char **names;
  LKS_TRY(lks_allocate(&names, (size_t)table->count, sizeof *names));
  for (int64_t s = 0; s < table->count; s++)
    names[s] = table->series[s].name;
  lks_status status = check_distinct(path, "series", names, (size_t)table->count);
  lks_release(names);
  return status;
}

static lks_status check_roles(const lks_series_table *table, const char *path) {
  int count_of[LKS_ROLE_COUNT] = {0};
  for (int c = 0; c < table->columns; c++) {
    unsigned role = (unsigned)table->column[c].role;
    if (role >= LKS_ROLE_COUNT || (c > 0 && role < (unsigned)table->column[c - 1].role))
      return LKS_FAIL(LKS_DATA,
                      "%s: column '%s' has role %u"
                      ", expected targets, then past, then known columns",
                      path, table->column[c].name, role);
    count_of[role]++;
  }
  LKS_ASSERT(memcmp(count_of, table->count_of, sizeof count_of) == 0);
  if (count_of[LKS_ROLE_TARGET] == 0)
    return LKS_FAIL(LKS_DATA, "%s: expected a target among the columns, found none", path);
  return LKS_OK;
}

static lks_status check_columns(const lks_series_table *table, const char *path) {
  if (table->columns < 1 || table->columns > LKS_SERIES_COLUMNS_MAX ||
      table->static_count < 0 || table->static_count > LKS_SERIES_COLUMNS_MAX)
    return LKS_FAIL(LKS_DATA, "%s: expected 1 to %d columns, found %d and %d static ones", path,
                    (int)LKS_SERIES_COLUMNS_MAX, table->columns, table->static_count);
  for (int c = 0; c < table->columns; c++)
    LKS_TRY(check_name(path, "column", c, table->column[c].name, false));
  for (int k = 0; k < table->static_count; k++)
    LKS_TRY(check_name(path, "static column", k, table->static_names[k], false));
  LKS_TRY(check_name(path, "the time column,", 0, table->time_name, true));
  LKS_TRY(check_name(path, "the column of series' names,", 0, table->group_name, true));
  LKS_TRY(check_roles(table, path));
  LKS_TRY(check_distinct_columns(table, path));
  return LKS_OK;
}

static lks_status check_frequency(const lks_series_table *table, const char *path) {
  char text[64];
  lks_frequency again = {LKS_STEP_ROW, 0};
  bool known = (unsigned)table->frequency.unit <= LKS_STEP_MONTH && table->frequency.count > 0;
  if (known)
    lks_frequency_print(table->frequency, text, sizeof text);
  if (!known || !lks_frequency_parse(text, &again) || again.unit != table->frequency.unit ||
      again.count != table->frequency.count)
    return LKS_FAIL(LKS_DATA, "%s: the step between rows, %lld units, is out of range", path,
                    (long long)table->frequency.count);
  if (table->season < 1 || table->season > INT32_MAX / 2)
    return LKS_FAIL(LKS_DATA, "%s: expected a season of 1 row or more, found %d", path,
                    table->season);
  return LKS_OK;
}

/* Its rows begin on the calendar and end before time does. */
static lks_status check_times(const lks_series_table *table, const lks_series *series,
                              const char *path) {
  lks_frequency frequency = table->frequency;
  int64_t most = (frequency.unit == LKS_STEP_MONTH ? months_max : time_max) / frequency.count;
  if (frequency.unit == LKS_STEP_WEEKDAY)
    most /= 86400 * 2;
  if (series->start < -time_max || series->start > time_max || lks_series_rows(series) > most)
    return LKS_FAIL(LKS_DATA, "%s: series '%s': %lld rows from time %lld are out of range",
                    path, series->name, (long long)lks_series_rows(series),
                    (long long)series->start);
  if (lks_calendar_steps(frequency, series->start, series->start) != 0)
    return LKS_FAIL(LKS_DATA, "%s: series '%s' does not start on a weekday", path,
                    series->name);
  return LKS_OK;
}

static bool is_size(double value) { /* NaN: there is none */
  return isnan(value) || (isfinite(value) && value >= 0);
}

static lks_status check_fits(const lks_series_table *table, const lks_series *series,
                             const char *path) {
  for (int c = 0; c < table->columns; c++) {
    const lks_series_fit *fit = &series->fit[c];
    if (!isfinite(fit->centre) || !isfinite(fit->scale) || fit->scale <= 0)
      return LKS_FAIL(LKS_DATA,
                      "%s: series '%s', column '%s': expected a finite centre and a scale "
                      "above 0, found %g and %g",
                      path, series->name, table->column[c].name, fit->centre, fit->scale);
    if (isinf(fit->difference_mean) || !is_size(fit->difference_deviation) ||
        !is_size(fit->naive_error) || !is_size(fit->seasonal_error))
      return LKS_FAIL(LKS_DATA,
                      "%s: series '%s', column '%s': expected finite differences, found "
                      "%g, %g, %g, %g",
                      path, series->name, table->column[c].name, fit->difference_mean,
                      fit->difference_deviation, fit->naive_error, fit->seasonal_error);
  }
  for (int k = 0; k < table->static_count; k++)
    if (!isfinite(series->statics[k]))
      return LKS_FAIL(LKS_DATA,
                      "%s: series '%s', static column '%s': expected a finite "
                      "value, found %g",
                      path, series->name, table->static_names[k], (double)series->statics[k]);
  return LKS_OK;
}

static lks_status check_one(const lks_series_table *table, int64_t number, const char *path) {
  const lks_series *series = &table->series[number];
  LKS_TRY(check_name(path, "series", number, series->name, table->count == 1));
  for (int split = 0; split < LKS_SPLIT_COUNT; split++)
    if (series->rows[split] < 0 || series->rows[split] > time_max / LKS_SPLIT_COUNT)
      return LKS_FAIL(LKS_DATA, "%s: series '%s': %lld rows are out of range", path,
                      series->name, (long long)series->rows[split]);
  LKS_TRY(check_times(table, series, path));
  LKS_TRY(check_fits(table, series, path));
  return LKS_OK;
}

lks_status lks_series_check(const lks_series_table *table, const char *path) {
  int64_t rows = 0;
  LKS_TRY(check_columns(table, path));
  LKS_TRY(check_frequency(table, path));
  if (table->count < 1 || table->count > INT32_MAX)
    return LKS_FAIL(LKS_DATA, "%s: expected 1 to %d series, found %lld", path, INT32_MAX,
                    (long long)table->count);
  for (int64_t s = 0; s < table->count; s++) {
    LKS_TRY(check_one(table, s, path));
    rows += lks_series_rows(&table->series[s]);
    if (rows > time_max / table->columns)
      return LKS_FAIL(LKS_DATA, "%s: more than %lld values", path, (long long)time_max);
  }
  LKS_TRY(check_distinct_series(table, path));
  return LKS_OK;
}
