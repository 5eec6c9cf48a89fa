/* SPDX-License-Identifier: Apache-2.0 */
/* table_summary.c - numbers that tell at a glance whether the file was understood. */
#include "prepare/table_summary.h"

#include "prepare/prepare_output.h"

#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS_SHOWN = 24, TIME_BYTES = 64, OFFSET_BYTES = 16 };

static const char *const role_names[LKS_ROLE_COUNT] = {"target", "past", "known"};

static const char *const format_notes[LKS_TIME_FORMAT_COUNT] = {
    [LKS_TIME_YMD] = "",
    [LKS_TIME_DMY] = " (day first)",
    [LKS_TIME_MDY] = " (month first)",
    [LKS_TIME_EPOCH] = " (seconds since 1970)",
    [LKS_TIME_NUMBER] = " (a whole number)"};

static void print_series(const lks_table_series *series) {
  const lks_series_table *table = &series->table;
  char count[32], rows[32], gaps[32], left[32];
  printf("%-10s  %s", "series", lks_prepare_group_digits(table->count, count));
  if (*table->group_name != '\0')
    printf(", named by '%s'", table->group_name);
  else if (table->count > 1)
    printf(", one a column");
  printf("\n%-10s  %s", "rows", lks_prepare_group_digits(series->rows, rows));
  if (series->gaps > 0)
    printf(", %s of them gaps in the file", lks_prepare_group_digits(series->gaps, gaps));
  if (series->left_over > 0)
    printf("; %s more after the last split are left out",
           lks_prepare_group_digits(series->left_over, left));
  printf("\n");
}

/* "+02:00" */
static const char *print_offset(int seconds, char text[OFFSET_BYTES]) {
  int minutes = abs(seconds) / 60;
  (void)snprintf(text, OFFSET_BYTES, "%c%02d:%02d", seconds < 0 ? '-' : '+', minutes / 60,
                 minutes % 60);
  return text;
}

/* Says that times are not moved to UTC, where that makes a difference. */
static void print_offsets(const lks_table_intake *intake) {
  int least = intake->least_offset, most = intake->most_offset;
  char from[OFFSET_BYTES], to[OFFSET_BYTES];
  if (least == 0 && most == 0)
    return;
  printf("%-10s  %s%s%s from UTC, left out: times are those of the local clock\n", "offset",
         print_offset(least, from), least < most ? " to " : "",
         least < most ? print_offset(most, to) : "");
}

/* A time of the file itself, and what it does not show. */
static void print_time(const lks_series_table *table, lks_time_format format,
                       const char *first_time) {
  char step[TIME_BYTES];
  if (*table->time_name != '\0')
    printf("%-10s  '%s', written like %s%s\n", "time", table->time_name, first_time,
           format_notes[format]);
  lks_frequency_print(table->frequency, step, sizeof step);
  printf("%-10s  %s, season ", "frequency", step);
  if (table->season > 1)
    printf("%d rows\n", table->season);
  else
    printf("none\n");
}

/* First and last time of a split, over all series. */
static void print_split(const lks_series_table *table, lks_split split) {
  int64_t rows = 0, first = INT64_MAX, last = INT64_MIN;
  char count[32], first_text[TIME_BYTES], last_text[TIME_BYTES];
  for (int64_t s = 0; s < table->count; s++) {
    const lks_series *series = &table->series[s];
    int64_t before = lks_series_first_row(series, split), here = series->rows[split];
    int64_t from = lks_calendar_add(table->frequency, series->start, before);
    int64_t to = lks_calendar_add(table->frequency, series->start, before + here - 1);
    rows += here;
    first = here > 0 && from < first ? from : first;
    last = here > 0 && to > last ? to : last;
  }
  if (rows == 0)
    return;
  lks_calendar_print(table->frequency, first, first_text, sizeof first_text);
  lks_calendar_print(table->frequency, last, last_text, sizeof last_text);
  printf("%-10s  %15s  %19s  %19s\n", lks_split_text(split),
         lks_prepare_group_digits(rows, count), first_text, last_text);
}

static void print_columns(const lks_table_series *series) {
  const lks_series_table *table = &series->table;
  printf("%-10s  %9s  name\n", "column", "missing");
  for (int c = 0; c < table->columns && c < COLUMNS_SHOWN; c++)
    printf("%-10s  %7.2f %%  %s\n", role_names[table->column[c].role],
           100.0 * (double)series->missing[c] / (double)series->rows, table->column[c].name);
  if (table->columns > COLUMNS_SHOWN)
    printf("%-10s  %9s  and %d more: %d targets, %d past, %d known in all\n", "...", "",
           table->columns - COLUMNS_SHOWN, table->count_of[LKS_ROLE_TARGET],
           table->count_of[LKS_ROLE_PAST], table->count_of[LKS_ROLE_KNOWN]);
  for (int k = 0; k < table->static_count && k < COLUMNS_SHOWN; k++)
    printf("%-10s  %9s  %s\n", "static", "", table->static_names[k]);
}

/* Columns that were read, and are in no role. */
static void print_left_out(const lks_table_layout *layout) {
  int shown = 0;
  for (size_t c = 0; c < layout->count && shown < COLUMNS_SHOWN; c++)
    if (layout->column[c].use == LKS_USE_NONE)
      printf("%s%s", shown++ == 0 ? "left out    " : ", ", layout->column[c].name);
  if (shown == COLUMNS_SHOWN && layout->count_of[LKS_USE_NONE] > shown)
    printf(", ...");
  if (shown > 0)
    printf("\n");
}

void lks_table_summary_print(const lks_table_series *series, const lks_table_intake *intake,
                             lks_time_format format, const char *first_time) {
  print_series(series);
  print_time(&series->table, format, first_time);
  print_offsets(intake);
  printf("%-10s  %15s  %19s  %19s\n", "split", "rows", "first", "last");
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    print_split(&series->table, (lks_split)s);
  print_columns(series);
  print_left_out(intake->layout);
}
