/* SPDX-License-Identifier: Apache-2.0 */
/* prepare_table.c - the table is read once, into a spool; the spool is read twice, to fit
 * the columns and to write the dataset. */
#include "prepare/prepare_table.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/series_writer.h"
#include "prepare/prepare_output.h"
#include "prepare/table_array.h"
#include "prepare/table_summary.h"
#include "prepare/table_text.h"

#include <string.h>

enum { BLOCK_BYTES = 1 << 20 };

typedef struct {
  const lks_prepare_table *setup;
  bool is_text;
  lks_table_text text;
  lks_array_source array;
  lks_table_layout array_layout;
  const lks_table_layout *layout; /* of the text or of the array */
  lks_time_format format;
  lks_frequency frequency;
  lks_table_calendar calendar;
  lks_table_split split;
  lks_table_spool *spool;
  lks_table_intake intake;
  lks_text listing; /* the file and its SHA-256 */
  lks_table_rows rows;
  lks_table_series series;
  lks_series_writer *writer;
  int64_t written; /* rows */
  lks_digest digest;
} preparation;

/* ---- what was asked for ---- */

static bool has_time(const preparation *p) {
  return p->layout->time >= 0;
}

/* Row numbers, of a column or not, have no place in a calendar. */
static bool is_numbered(const preparation *p) {
  return !has_time(p) || p->format == LKS_TIME_NUMBER;
}

static lks_status check_setup(const lks_prepare_table *setup) {
  if (setup->no_time && setup->time != NULL)
    return LKS_FAIL(LKS_USAGE, "a time column is named, and said to be none\n"
                               "  hint: leave out --time or --no-time");
  if (setup->melt && (setup->group != NULL || setup->statics != NULL))
    return LKS_FAIL(LKS_USAGE, "melted columns are series by themselves: there is no column "
                               "that names the series, and none that is static\n"
                               "  hint: leave out --melt, or --group and --static");
  if (setup->season < 0 || setup->season > INT32_MAX / 2)
    return LKS_FAIL(LKS_USAGE, "a season of %lld rows is out of range",
                    (long long)setup->season);
  return LKS_OK;
}

static lks_status check_times(preparation *p) {
  const lks_prepare_table *setup = p->setup;
  if (p->calendar.count > 0 && is_numbered(p))
    return LKS_FAIL(LKS_USAGE,
                    "%s: --calendar needs a column of dates\n"
                    "  hint: --time COL names it",
                    setup->input);
  if (setup->frequency != NULL && !has_time(p))
    return LKS_FAIL(LKS_USAGE,
                    "%s: --frequency needs a column of times\n"
                    "  hint: without one --season is enough",
                    setup->input);
  if (setup->frequency == NULL)
    return LKS_OK;
  if (!lks_frequency_parse(setup->frequency, &p->frequency))
    return LKS_FAIL(LKS_USAGE,
                    "--frequency: expected a number and a unit, like '15 minutes', '1 hour', "
                    "'1 day', '1 weekday', '1 week', '3 months', found '%s'",
                    setup->frequency);
  if ((p->frequency.unit == LKS_STEP_ROW) != is_numbered(p))
    return LKS_FAIL(LKS_USAGE, "--frequency: '%s' does not go with times like %s",
                    setup->frequency, lks_time_format_example(p->format));
  return LKS_OK;
}

/* ---- reading ---- */

static lks_status open_input(preparation *p) {
  const lks_prepare_table *setup = p->setup;
  lks_array_kind kind = lks_array_kind_of(setup->input);
  p->is_text = kind == LKS_ARRAY_NONE;
  if (p->is_text) {
    LKS_TRY(lks_table_text_open(&p->text, setup));
    p->layout = &p->text.layout;
    p->format = p->text.format;
  } else {
    LKS_TRY(lks_table_array_open(&p->array, &p->array_layout, setup, kind));
    p->layout = &p->array_layout;
  }
  if (is_numbered(p))
    p->format = LKS_TIME_NUMBER;
  return LKS_OK;
}

static lks_status read_input(preparation *p) {
  const lks_prepare_table *setup = p->setup;
  int width = lks_table_intake_width(p->layout, setup->melt);
  LKS_TRY(lks_spool_create(&p->spool, setup->out, width, setup->memory_bytes));
  LKS_TRY(
      lks_table_intake_create(&p->intake, p->layout, setup->melt, is_numbered(p), p->spool));
  if (p->is_text)
    LKS_TRY(lks_table_text_read(&p->text, &p->intake, &p->listing));
  else
    LKS_TRY(lks_table_array_read(&p->array, setup, &p->intake, &p->listing));
  LKS_TRY(lks_spool_finish(p->spool));
  return LKS_OK;
}

/* ---- writing ---- */

/* Appends the rows of a series block by block: block [room, columns]. */
static lks_status write_series(preparation *p, int64_t number, double *block, int64_t room) {
  const lks_prepare_table *setup = p->setup;
  size_t columns = (size_t)p->rows.columns;
  int64_t rows = lks_series_rows(&p->series.table.series[number]), gathered = 0;
  bool found;
  LKS_TRY(lks_table_rows_begin(&p->rows, number));
  for (int64_t row = 0; row < rows; row++) {
    LKS_TRY(lks_table_rows_next(&p->rows, &found));
    memcpy(block + (size_t)gathered * columns, p->rows.value, columns * sizeof *block);
    if (++gathered < room && row + 1 < rows)
      continue;
    LKS_TRY(lks_series_writer_append(p->writer, gathered, block));
    p->written += gathered;
    gathered = 0;
    if (setup->progress != NULL)
      setup->progress(setup->progress_context, "write", p->written, p->series.rows);
  }
  return LKS_OK;
}

static lks_status write_dataset(preparation *p) {
  const lks_prepare_table *setup = p->setup;
  size_t row_bytes = (size_t)p->rows.columns * sizeof(double);
  int64_t room = row_bytes < BLOCK_BYTES ? (int64_t)(BLOCK_BYTES / row_bytes) : 1;
  double *block;
  lks_status status = LKS_OK;
  LKS_TRY(lks_series_writer_create(&p->writer, setup->out, &p->series.table, 0));
  LKS_TRY(lks_allocate(&block, (size_t)room, row_bytes));
  for (int64_t s = 0; s < p->series.table.count && status == LKS_OK; s++)
    status = write_series(p, s, block, room);
  lks_release(block);
  LKS_TRY(status);
  return lks_series_writer_commit(p->writer, p->listing.data, &p->digest);
}

static lks_status prepare(preparation *p) {
  const lks_prepare_table *setup = p->setup;
  bool given = setup->frequency != NULL;
  LKS_TRY(check_setup(setup));
  LKS_TRY(lks_table_calendar_parse(&p->calendar, setup->calendar));
  LKS_TRY(open_input(p));
  LKS_TRY(check_times(p));
  LKS_TRY(lks_table_split_parse(&p->split, setup, p->format));
  LKS_TRY(lks_prepare_check_input(setup->input, setup->out));
  LKS_TRY(lks_prepare_check_out(setup->out));
  LKS_TRY(read_input(p));
  if (!given)
    p->frequency = lks_grid_frequency(&p->intake.grid, is_numbered(p));
  LKS_TRY(lks_table_rows_create(&p->rows, &p->intake, &p->calendar, p->frequency, given));
  const lks_series_request request = {setup, &p->intake, &p->calendar, &p->split};
  LKS_TRY(lks_table_series_create(&p->series, &request, &p->rows));
  if (p->is_text)
    p->series.table.dialect = lks_table_text_dialect(&p->text);
  LKS_TRY(write_dataset(p));
  return LKS_OK;
}

lks_status lks_prepare_table_run(const lks_prepare_table *setup) {
  preparation p = {.setup = setup};
  lks_status status = prepare(&p);
  if (status == LKS_OK && !setup->quiet) {
    lks_table_summary_print(&p.series, &p.intake, p.format, p.text.first_time);
    lks_prepare_print_file(setup->out, &p.digest);
  }
  lks_series_writer_destroy(p.writer);
  lks_table_series_release(&p.series);
  lks_table_rows_release(&p.rows);
  lks_text_release(&p.listing);
  lks_table_intake_release(&p.intake);
  lks_spool_destroy(p.spool);
  lks_table_layout_release(&p.array_layout);
  lks_array_close(&p.array);
  lks_table_text_close(&p.text);
  return status;
}
