/* SPDX-License-Identifier: Apache-2.0 */
/* table_text_open.c - how a CSV is written, found from its first rows.
 *
 * Whether 01/02/2016 is in January or in February only a later row may tell: times are
 * read on until one does, and a file whose times all can be read both ways is refused. */
#include "prepare/table_text.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

enum { ROWS_TO_TELL = 1000 };

static const char *const time_names[] = {"date",      "time",     "timestamp",
                                         "date_time", "datetime", "ds"};

/* ---- the header ---- */

static lks_status choose_separator(lks_table_text *text) {
  const char *given = text->setup->separator;
  if (given == NULL)
    return lks_csv_find_separator(text->setup->input, &text->separator);
  text->separator = strcasecmp(given, "tab") == 0 ? '\t' : given[0];
  if (text->separator != '\t' && (given[0] == '\0' || given[1] != '\0'))
    return LKS_FAIL(LKS_USAGE, "--separator: expected one character or tab, found '%s'", given);
  if (strchr("\"\r\n", text->separator) != NULL)
    return LKS_FAIL(LKS_USAGE, "--separator: a quote or line end cannot be one");
  return LKS_OK;
}

/* A row without words, in which something is a number or a date. */
static bool is_data(const lks_table_text *text, const lks_csv_row *row) {
  double unused;
  bool found = false;
  for (size_t c = 0; c < row->count; c++) {
    if (lks_missing_has(&text->missing, row->field[c], row->bytes[c]))
      continue;
    if (lks_number_read(row->field[c], row->bytes[c], text->point, &unused) ==
            LKS_NUMBER_NONE &&
        !lks_time_is_date(row->field[c]))
      return false;
    found = true;
  }
  return found;
}

/* The first column called like a time, else the first whose first value is a date. */
static int guess_time(const lks_table_text *text, const char *const *names, size_t count,
                      const lks_csv_row *first) {
  for (size_t c = 0; text->has_header && c < count; c++)
    for (size_t i = 0; i < sizeof time_names / sizeof *time_names; i++)
      if (strcasecmp(names[c], time_names[i]) == 0)
        return (int)c;
  for (size_t c = 0; c < first->count && c < count; c++)
    if (lks_time_is_date(first->field[c]))
      return (int)c;
  return -1;
}

/* Names as they are before the reader goes on. */
static lks_status copy_names(const lks_csv_row *row, bool has_header, lks_text *bytes,
                             const char ***names) {
  LKS_TRY(lks_allocate(names, row->count, sizeof **names));
  for (size_t c = 0; has_header && c < row->count; c++)
    LKS_TRY(lks_text_add(bytes, row->field[c], strlen(row->field[c]) + 1));
  const char *next = bytes->data;
  for (size_t c = 0; c < row->count; c++) {
    (*names)[c] = has_header ? next : "";
    next += has_header ? strlen(next) + 1 : 0;
  }
  return LKS_OK;
}

static lks_status read_head(lks_table_text *text, lks_csv_reader *reader) {
  const lks_prepare_table *setup = text->setup;
  const lks_csv_row *row;
  const char **names = NULL;
  lks_text bytes = {0};
  lks_status status;
  LKS_TRY(lks_csv_next(reader, &row));
  if (row == NULL)
    return LKS_FAIL(LKS_DATA, "%s: there are only empty lines", setup->input);
  size_t count = row->count;
  text->has_header = !setup->no_header && !is_data(text, row);
  LKS_TRY_OR(cleanup, status, copy_names(row, text->has_header, &bytes, &names));
  if (text->has_header)
    LKS_TRY_OR(cleanup, status, lks_csv_next(reader, &row));
  if (row == NULL)
    status = LKS_FAIL(LKS_DATA, "%s: there is no row below the header", setup->input);
  else
    status = lks_table_layout_create(&text->layout, setup, names, count,
                                     guess_time(text, names, count, row), true);
cleanup:
  lks_release(names);
  lks_text_release(&bytes);
  return status;
}

/* ---- the time ---- */

static lks_status fail_first_time(const lks_table_text *text, const lks_csv_row *row) {
  char place[LKS_PLACE_BYTES];
  size_t c = (size_t)text->layout.time;
  return LKS_FAIL(
      LKS_DATA,
      "%s: column '%s': expected a time, found '%.60s'\n"
      "  hint: times look like 2016-07-31 13:00, 31.07.2016, 07/31/2016, "
      "20160731 or 1469970000 (seconds); --time COL names their column, --no-time says "
      "that there is none",
      lks_table_place(&text->layout, row->line, place), text->layout.column[c].name,
      row->field[c]);
}

/* Reads on from `row` until it is clear how times are written.  What does not fit is left
 * to the main pass to refuse. */
static lks_status find_format(lks_table_text *text, lks_csv_reader *reader,
                              const lks_csv_row *row) {
  const unsigned both = 1U << LKS_TIME_DMY | 1U << LKS_TIME_MDY;
  const lks_table_layout *layout = &text->layout;
  size_t c = (size_t)layout->time;
  unsigned set = ~0U;
  char place[LKS_PLACE_BYTES];
  int64_t first_line = row->line, line = first_line;
  for (int rows = 0; row != NULL && row->count == layout->count; rows++) {
    unsigned next = set & lks_time_formats_of(row->field[c]);
    if (next == 0 && rows == 0)
      return fail_first_time(text, row);
    if (next == 0 || (rows >= ROWS_TO_TELL && (next & both) != both))
      break;
    set = next;
    line = row->line;
    if ((set & (set - 1)) == 0)
      break;
    LKS_TRY(lks_csv_next(reader, &row));
  }
  if (set == ~0U || lks_time_format_choose(set, &text->format))
    return LKS_OK;
  return LKS_FAIL(LKS_DATA,
                  "%s: column '%s': the times from here to line %lld can be read with the day "
                  "first as well as with the month first\n"
                  "  hint: --time-format dmy or --time-format mdy says which",
                  lks_table_place(layout, first_line, place), layout->column[c].name,
                  (long long)line);
}

static lks_status choose_format(lks_table_text *text) {
  lks_csv_reader *reader;
  const lks_csv_row *row;
  lks_status status;
  if (text->setup->time_format != NULL)
    return lks_time_format_find(text->setup->time_format, &text->format);
  LKS_TRY(lks_csv_open(&reader, text->setup->input, text->separator));
  LKS_TRY_OR(cleanup, status, lks_csv_next(reader, &row));
  if (text->has_header)
    LKS_TRY_OR(cleanup, status, lks_csv_next(reader, &row));
  if (row != NULL)
    LKS_TRY_OR(cleanup, status, find_format(text, reader, row));
cleanup:
  lks_csv_close(reader);
  return status;
}

/* ---- opening ---- */

static lks_status open_text(lks_table_text *text) {
  lks_csv_reader *reader;
  LKS_TRY(lks_missing_create(&text->missing, text->setup->missing));
  LKS_TRY(choose_separator(text));
  if (text->separator == ',' && text->point == ',')
    return LKS_FAIL(LKS_USAGE,
                    "%s: the comma cannot separate columns and be the decimal point too\n"
                    "  hint: --separator names what separates columns",
                    text->setup->input);
  LKS_TRY(lks_csv_open(&reader, text->setup->input, text->separator));
  lks_status status = read_head(text, reader);
  lks_csv_close(reader);
  LKS_TRY(status);
  if (text->layout.time >= 0)
    LKS_TRY(choose_format(text));
  return LKS_OK;
}

lks_status lks_table_text_open(lks_table_text *text, const lks_prepare_table *setup) {
  *text = (lks_table_text){.setup = setup, .point = setup->decimal_comma ? ',' : '.'};
  lks_status status = open_text(text);
  if (status != LKS_OK)
    lks_table_text_close(text);
  return status;
}

void lks_table_text_close(lks_table_text *text) {
  lks_missing_release(&text->missing);
  lks_table_layout_release(&text->layout);
}

lks_dialect lks_table_text_dialect(const lks_table_text *text) {
  const lks_prepare_table *setup = text->setup;
  const char *missing = setup->missing != NULL ? setup->missing : LKS_MISSING_USUAL;
  return (lks_dialect){.is_known = true,
                       .has_header = text->has_header,
                       .separator = setup->separator != NULL ? text->separator : '\0',
                       .point = text->point,
                       .missing = (char *)(uintptr_t)missing,
                       .time_format = text->format};
}
