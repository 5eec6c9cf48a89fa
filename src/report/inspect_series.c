/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_series.c - a table's step, series, splits and columns. */
#include "base/fail.h"
#include "base/text.h"
#include "report/inspect_parts.h"

#include <string.h>

enum { FIRST_SERIES = 5, FIRST_COLUMNS = 20, TIME_BYTES = 64 };

static const char *const role_names[LKS_ROLE_COUNT] = {"targets", "past", "known"};

/* First and last time of all series. */
static void print_times(const lks_series_table *table, FILE *out) {
  char first_text[TIME_BYTES], last_text[TIME_BYTES];
  int64_t first = INT64_MAX, last = INT64_MIN;
  for (int64_t s = 0; s < table->count; s++) {
    const lks_series *series = &table->series[s];
    int64_t rows = lks_series_rows(series);
    int64_t end = lks_calendar_add(table->frequency, series->start, rows > 0 ? rows - 1 : 0);
    first = series->start < first ? series->start : first;
    last = end > last ? end : last;
  }
  lks_calendar_print(table->frequency, first, first_text, sizeof first_text);
  lks_calendar_print(table->frequency, last, last_text, sizeof last_text);
  lks_inspect_row(out, "time", "%s to %s", first_text, last_text);
}

static lks_status print_series(const lks_series_table *table, FILE *out) {
  char count_text[32], least_text[32], most_text[32];
  lks_text names = {0};
  int64_t least = INT64_MAX, most = 0;
  lks_status status = LKS_OK;
  for (int64_t s = 0; s < table->count; s++) {
    int64_t rows = lks_series_rows(&table->series[s]);
    least = rows < least ? rows : least;
    most = rows > most ? rows : most;
    if (s < FIRST_SERIES)
      LKS_TRY_OR(cleanup, status, lks_inspect_quote(&names, table->series[s].name));
  }
  lks_inspect_count(table->count, count_text);
  lks_inspect_count(least, least_text);
  lks_inspect_count(most, most_text);
  if (least == most)
    lks_inspect_row(out, "series", "%s of %s rows", count_text, most_text);
  else
    lks_inspect_row(out, "series", "%s of %s to %s rows", count_text, least_text, most_text);
  if (table->count > 1 || *table->series[0].name != '\0')
    lks_inspect_row(out, "", "%s%s", names.data, table->count > FIRST_SERIES ? " …" : "");
cleanup:
  lks_text_release(&names);
  return status;
}

static void print_splits(const lks_dataset *dataset, FILE *out) {
  char count[32];
  for (lks_split split = LKS_SPLIT_TRAIN; split < LKS_SPLIT_COUNT; split++) {
    int64_t rows = lks_dataset_count(dataset, split);
    lks_inspect_count(rows, count);
    lks_inspect_row(out, lks_split_text(split), rows > 0 ? "%s rows" : "none", count);
  }
}

/* "3: 'load' 'wind' 'hour'", the columns from `first` on. */
static lks_status print_columns(const lks_series_table *table, const char *label, int first,
                                int count, FILE *out) {
  lks_text names = {0};
  lks_status status = LKS_OK;
  for (int c = first; c < first + count && c < first + FIRST_COLUMNS; c++)
    LKS_TRY_OR(cleanup, status, lks_inspect_quote(&names, table->column[c].name));
  if (count > 0)
    lks_inspect_row(out, label, "%d: %s%s", count, names.data,
                    count > FIRST_COLUMNS ? " …" : "");
cleanup:
  lks_text_release(&names);
  return status;
}

static lks_status print_statics(const lks_series_table *table, FILE *out) {
  lks_text names = {0};
  lks_status status = LKS_OK;
  for (int k = 0; k < table->static_count && k < FIRST_COLUMNS; k++)
    LKS_TRY_OR(cleanup, status, lks_inspect_quote(&names, table->static_names[k]));
  if (table->static_count > 0)
    lks_inspect_row(out, "statics", "%d: %s%s", table->static_count, names.data,
                    table->static_count > FIRST_COLUMNS ? " …" : "");
cleanup:
  lks_text_release(&names);
  return status;
}

static lks_status print_missing(const lks_series_table *table, FILE *out) {
  lks_text names = {0};
  lks_status status = LKS_OK;
  int count = 0;
  for (int c = 0; c < table->columns; c++)
    if (table->column[c].has_missing && count++ < FIRST_COLUMNS)
      LKS_TRY_OR(cleanup, status, lks_inspect_quote(&names, table->column[c].name));
  if (count > 0)
    lks_inspect_row(out, "missing", "values of %d: %s%s", count, names.data,
                    count > FIRST_COLUMNS ? " …" : "");
  else
    lks_inspect_row(out, "missing", "none");
cleanup:
  lks_text_release(&names);
  return status;
}

/* The fit of each column; of one series, a panel has as many as series. */
static lks_status print_scaling(const lks_series_table *table, FILE *out) {
  lks_text name = {0};
  lks_status status = LKS_OK;
  if (table->count > 1) {
    lks_inspect_row(out, "scaling", "of each series");
    return LKS_OK;
  }
  lks_inspect_row(out, "scaling", "%14s %14s", "centre", "scale");
  for (int c = 0; c < table->columns && c < FIRST_COLUMNS; c++) {
    lks_text_clear(&name);
    LKS_TRY_OR(cleanup, status, lks_inspect_quote(&name, table->column[c].name));
    lks_inspect_row(out, "", "%14.6g %14.6g  %s", table->series[0].fit[c].centre,
                    table->series[0].fit[c].scale, name.data);
  }
  if (table->columns > FIRST_COLUMNS)
    lks_inspect_row(out, "", "…");
cleanup:
  lks_text_release(&name);
  return status;
}

/* How the CSV was written that the table comes from: so must be that of new rows. */
static lks_status print_dialect(const lks_series_table *table, FILE *out) {
  const lks_dialect *dialect = &table->dialect;
  const char separator[2] = {dialect->separator, '\0'};
  lks_text text = {0};
  lks_status status = LKS_OK;
  if (!dialect->is_known)
    return LKS_OK;
  LKS_TRY_OR(cleanup, status,
             lks_text_print(&text, "%s header, decimal %s", dialect->has_header ? "a" : "no",
                            dialect->point == ',' ? "comma" : "point"));
  if (dialect->separator != '\0') {
    LKS_TRY_OR(cleanup, status, lks_text_print(&text, ", separator"));
    LKS_TRY_OR(cleanup, status, lks_inspect_quote(&text, separator));
  }
  if (table->time_name[0] != '\0')
    LKS_TRY_OR(
        cleanup, status,
        lks_text_print(&text, ", times as %s", lks_time_format_example(dialect->time_format)));
  LKS_TRY_OR(cleanup, status, lks_text_print(&text, ", missing"));
  LKS_TRY_OR(cleanup, status, lks_inspect_quote(&text, dialect->missing));
  lks_inspect_row(out, "csv", "%s", text.data);
cleanup:
  lks_text_release(&text);
  return status;
}

lks_status lks_inspect_series(const lks_dataset *dataset, FILE *out) {
  const lks_series_table *table = lks_dataset_series(dataset);
  int first = 0;
  lks_inspect_row(out, "step", "%s", lks_dataset_unit(dataset));
  lks_inspect_row(out, "season", "%d row%s", table->season, table->season == 1 ? "" : "s");
  print_times(table, out);
  LKS_TRY(print_series(table, out));
  print_splits(dataset, out);
  for (int role = 0; role < LKS_ROLE_COUNT; role++) {
    LKS_TRY(print_columns(table, role_names[role], first, table->count_of[role], out));
    first += table->count_of[role];
  }
  LKS_TRY(print_statics(table, out));
  LKS_TRY(print_missing(table, out));
  LKS_TRY(print_dialect(table, out));
  LKS_TRY(print_scaling(table, out));
  return LKS_OK;
}
