/* SPDX-License-Identifier: Apache-2.0 */
/* table_rows.c - a table whose steps change from hours to days would become one of hours
 * that is mostly missing: many equal gaps in a row are refused. */
#include "prepare/table_rows.h"

#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Equal gaps in a row that are no accident, and the most gaps of a series. */
enum { RUN_MAX = 10, GAPS_PER_ROW = 10, GAPS_FREE = 100000 };

enum { TEXT_BYTES = 64 };

static const char *column_name(const lks_table_rows *rows) {
  const lks_table_layout *layout = rows->intake->layout;
  return layout->column[layout->time].name;
}

static lks_status fail_grid(const lks_table_rows *rows) {
  const lks_frequency second = {LKS_STEP_SECONDS, 1}, row = {LKS_STEP_ROW, 1};
  bool numbered = rows->frequency.unit == LKS_STEP_ROW;
  char place[LKS_PLACE_BYTES], step[TEXT_BYTES], before[TEXT_BYTES], found[TEXT_BYTES];
  int64_t last = lks_calendar_add(rows->frequency, rows->series->first_time, rows->row);
  lks_frequency_print(rows->frequency, step, sizeof step);
  lks_calendar_print(numbered ? row : second, last, before, sizeof before);
  lks_calendar_print(numbered ? row : second, rows->ahead->time, found, sizeof found);
  lks_table_place(rows->intake->layout, rows->ahead->line, place);
  if (rows->ahead->time == rows->series->first_time)
    return LKS_FAIL(LKS_DATA, "%s: column '%s': expected a time on a grid of %s, found %s",
                    place, column_name(rows), step, found);
  if (rows->frequency_given)
    return LKS_FAIL(LKS_DATA,
                    "%s: column '%s': expected %s or a multiple of it after %s, found %s\n"
                    "  hint: --frequency asks for this step",
                    place, column_name(rows), step, before, found);
  return LKS_FAIL(LKS_DATA,
                  "%s: column '%s': expected %s or a multiple of it after %s, found %s\n"
                  "  hint: all rows lie on one grid; the smallest step of the table, on line "
                  "%lld, was taken for it; --frequency names another",
                  place, column_name(rows), step, before, found,
                  (long long)rows->intake->grid.least_line);
}

static lks_status fail_run(const lks_table_rows *rows) {
  char place[LKS_PLACE_BYTES], step[TEXT_BYTES], found[TEXT_BYTES];
  lks_frequency wide = rows->frequency;
  wide.count *= rows->run_step;
  lks_frequency_print(rows->frequency, step, sizeof step);
  lks_frequency_print(wide, found, sizeof found);
  return LKS_FAIL(LKS_DATA,
                  "%s: column '%s': the frequency changes: %d rows in a row are %s apart, "
                  "where the smallest step, on line %lld, is %s\n"
                  "  hint: prepare the parts by themselves, or take what lies between for "
                  "missing rows with --frequency '%s'",
                  lks_table_place(rows->intake->layout, rows->run_line, place),
                  column_name(rows), (int)RUN_MAX, found,
                  (long long)rows->intake->grid.least_line, step, step);
}

static lks_status fail_gaps(const lks_table_rows *rows, int64_t gaps) {
  char place[LKS_PLACE_BYTES], time[TEXT_BYTES];
  lks_calendar_print(rows->frequency, rows->ahead->time, time, sizeof time);
  return LKS_FAIL(LKS_DATA,
                  "%s: column '%s': %lld rows are missing before %s, in a series of %lld\n"
                  "  hint: is the time right?",
                  lks_table_place(rows->intake->layout, rows->ahead->line, place),
                  column_name(rows), (long long)gaps, time, (long long)rows->series->rows);
}

/* ---- */

lks_status lks_table_rows_create(lks_table_rows *rows, const lks_table_intake *intake,
                                 const lks_table_calendar *calendar, lks_frequency frequency,
                                 bool frequency_given) {
  *rows = (lks_table_rows){.intake = intake,
                           .calendar = calendar,
                           .frequency = frequency,
                           .frequency_given = frequency_given,
                           .columns = intake->width + 2 * calendar->count};
  return lks_allocate(&rows->value, (size_t)rows->columns, sizeof *rows->value);
}

void lks_table_rows_release(lks_table_rows *rows) {
  lks_release(rows->value);
  *rows = (lks_table_rows){.columns = 0};
}

/* Notes a step of `step` rows to the row ahead. */
static lks_status check_step(lks_table_rows *rows, int64_t step) {
  int64_t gaps = rows->gaps + step - 1;
  if (gaps > GAPS_FREE && gaps / GAPS_PER_ROW > rows->series->rows)
    return fail_gaps(rows, step - 1);
  if (step != rows->run_step) {
    rows->run_length = 0;
    rows->run_line = rows->ahead->line;
    rows->run_step = step;
  }
  rows->run_length++;
  if (step > 1 && rows->run_length == RUN_MAX && !rows->frequency_given)
    return fail_run(rows);
  return LKS_OK;
}

/* Reads the next row of the spool. */
static lks_status look_ahead(lks_table_rows *rows) {
  LKS_TRY(lks_spool_next(rows->intake->spool, &rows->ahead));
  if (rows->ahead == NULL)
    return LKS_OK;
  rows->ahead_row =
      lks_calendar_steps(rows->frequency, rows->series->first_time, rows->ahead->time);
  if (rows->ahead_row < 0)
    return fail_grid(rows);
  return rows->row >= 0 ? check_step(rows, rows->ahead_row - rows->row) : LKS_OK;
}

lks_status lks_table_rows_begin(lks_table_rows *rows, int64_t series) {
  rows->series = &rows->intake->series[series];
  rows->row = -1;
  rows->gaps = rows->run_step = rows->run_length = 0;
  lks_spool_begin(rows->intake->spool, series);
  return look_ahead(rows);
}

lks_status lks_table_rows_next(lks_table_rows *rows, bool *found) {
  int width = rows->intake->width;
  *found = rows->ahead != NULL;
  if (!*found)
    return LKS_OK;
  rows->row++;
  if (rows->calendar->count > 0)
    lks_table_calendar_fill(
        rows->calendar, lks_calendar_add(rows->frequency, rows->series->first_time, rows->row),
        rows->value + width);
  if (rows->row == rows->ahead_row) {
    memcpy(rows->value, rows->ahead->value, (size_t)width * sizeof *rows->value);
    rows->line = rows->ahead->line;
    return look_ahead(rows);
  }
  rows->gaps++;
  rows->line = 0;
  for (int c = 0; c < width; c++)
    rows->value[c] = NAN;
  return LKS_OK;
}
