/* SPDX-License-Identifier: Apache-2.0 */
/* table_text.c - fields become numbers and times; what cannot is named by file, line and
 * column, with what may help. */
#include "prepare/table_text.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "prepare/prepare_output.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- a row ---- */

/* Where the values of a row are put. */
typedef struct {
  const lks_table_text *text;
  const lks_csv_row *from;
  lks_table_row row;
  double *statics;
} row_parser;

static lks_status fail_width(const lks_table_text *text, const lks_csv_row *row) {
  char place[LKS_PLACE_BYTES];
  return LKS_FAIL(LKS_DATA,
                  "%s: expected %zu columns, found %zu\n"
                  "  hint: every row has as many as the first; the separator is '%s'",
                  lks_table_place(&text->layout, row->line, place), text->layout.count,
                  row->count, text->separator == '\t' ? "tab" : (char[]){text->separator, 0});
}

/* Names of the columns of numbers whose field in this row is none, for --ignore. */
static lks_status list_texts(const row_parser *p, lks_text *list) {
  double unused;
  for (size_t c = 0; c < p->from->count; c++) {
    const lks_table_column *column = &p->text->layout.column[c];
    const char *field = p->from->field[c];
    if (column->use < LKS_USE_STATIC ||
        lks_missing_has(&p->text->missing, field, p->from->bytes[c]) ||
        lks_number_read(field, p->from->bytes[c], p->text->point, &unused) != LKS_NUMBER_NONE)
      continue;
    LKS_TRY(lks_text_print(list, "%s%s", list->bytes > 0 ? "," : "", column->name));
  }
  return LKS_OK;
}

/* A hint for what is a number but for commas, points or blanks in it; NULL for what is
 * none.  A comma that separates columns is not the decimal point. */
static const char *hint_of_marks(const lks_table_text *text, const char *field, size_t bytes) {
  double unused;
  bool has_groups = lks_number_is_grouped(field, bytes, text->point);
  bool has_decimals =
      text->point == '.' && lks_number_read(field, bytes, ',', &unused) == LKS_NUMBER_FINITE;
  if (has_decimals && text->separator == ',' && !has_groups)
    return "write numbers with a decimal point; --decimal-comma is for columns that something "
           "else than the comma separates, as ';'";
  if (has_decimals && text->separator != ',')
    return has_groups ? "--decimal-comma reads numbers with a decimal comma; if it separates "
                        "thousands, remove it"
                      : "--decimal-comma reads numbers with a decimal comma";
  return has_groups ? "this looks like thousands set apart, which are not read: remove what "
                      "separates them"
                    : NULL;
}

static lks_status fail_number(const row_parser *p, size_t c, const char *expected) {
  const lks_table_text *text = p->text;
  const char *field = p->from->field[c];
  char place[LKS_PLACE_BYTES];
  lks_text list = {0};
  lks_table_place(&text->layout, p->from->line, place);
  const char *name = text->layout.column[c].name;
  const char *hint = hint_of_marks(text, field, p->from->bytes[c]);
  if (hint != NULL)
    return LKS_FAIL(LKS_DATA, "%s: column '%s': expected %s, found '%.60s'\n  hint: %s", place,
                    name, expected, field, hint);
  LKS_TRY(list_texts(p, &list));
  lks_status status = LKS_FAIL(
      LKS_DATA,
      "%s: column '%s': expected %s, found '%.60s'\n"
      "  hint: --missing LIST names texts for missing values; --ignore '%.200s' leaves "
      "columns out",
      place, name, expected, field, list.bytes > 0 ? list.data : name);
  lks_text_release(&list);
  return status;
}

static lks_status read_number(const row_parser *p, size_t c, double *value) {
  const char *field = p->from->field[c];
  size_t bytes = p->from->bytes[c];
  *value = NAN;
  if (lks_missing_has(&p->text->missing, field, bytes))
    return LKS_OK;
  switch (lks_number_read(field, bytes, p->text->point, value)) {
  case LKS_NUMBER_FINITE: return LKS_OK;
  case LKS_NUMBER_INFINITE: return fail_number(p, c, "a finite number");
  case LKS_NUMBER_NONE: break;
  }
  return fail_number(p, c, "a number");
}

static lks_status fail_time(const lks_table_text *text, const lks_csv_row *row) {
  char place[LKS_PLACE_BYTES];
  size_t c = (size_t)text->layout.time;
  return LKS_FAIL(LKS_DATA,
                  "%s: column '%s': expected a time like %s, found '%.60s'\n"
                  "  hint: --time-format says how times are written, --time which column "
                  "holds them, --no-time that there are none",
                  lks_table_place(&text->layout, row->line, place), text->layout.column[c].name,
                  lks_time_format_example(text->format), row->field[c]);
}

static lks_status fail_group(const row_parser *p, size_t c) {
  char place[LKS_PLACE_BYTES];
  bool is_empty = p->from->bytes[c] == 0;
  return LKS_FAIL(LKS_DATA,
                  "%s: column '%s': expected the name of a series, found %s\n  hint: %s",
                  lks_table_place(&p->text->layout, p->from->line, place),
                  p->text->layout.column[c].name, is_empty ? "nothing" : "what is not UTF-8",
                  is_empty ? "every row names its series"
                           : "if it is Latin-1, convert it: iconv -f LATIN1 -t UTF-8");
}

static bool is_name(const char *field, size_t bytes) {
  return bytes > 0 && lks_text_check_utf8(field, bytes) == bytes && strlen(field) == bytes;
}

static lks_status parse_row(row_parser *p) {
  const lks_table_layout *layout = &p->text->layout;
  p->row.line = p->from->line;
  if (p->from->count != layout->count)
    return fail_width(p->text, p->from);
  for (size_t c = 0; c < layout->count; c++) {
    const lks_table_column *column = &layout->column[c];
    switch (column->use) {
    case LKS_USE_NONE: break;
    case LKS_USE_TIME:
      if (!lks_time_read_offset(p->from->field[c], p->text->format, &p->row.time,
                                &p->row.offset))
        return fail_time(p->text, p->from);
      break;
    case LKS_USE_GROUP:
      if (!is_name(p->from->field[c], p->from->bytes[c]))
        return fail_group(p, c);
      p->row.group = p->from->field[c];
      break;
    case LKS_USE_STATIC: LKS_TRY(read_number(p, c, &p->statics[column->place])); break;
    case LKS_USE_TARGET:
    case LKS_USE_PAST:
    case LKS_USE_KNOWN: LKS_TRY(read_number(p, c, &p->row.value[column->place])); break;
    }
  }
  return LKS_OK;
}

/* ---- all rows ---- */

static void tell(const lks_prepare_table *setup, int64_t *told, const lks_csv_reader *reader) {
  int64_t done = lks_csv_done(reader);
  if (setup->progress != NULL && done != *told)
    setup->progress(setup->progress_context, "read", done, lks_csv_total(reader));
  *told = done;
}

static lks_status read_rows(lks_table_text *text, lks_table_intake *intake,
                            lks_csv_reader *reader, row_parser *p) {
  int64_t told = 0;
  LKS_TRY(lks_csv_next(reader, &p->from));
  if (text->has_header)
    LKS_TRY(lks_csv_next(reader, &p->from));
  if (p->from != NULL && text->layout.time >= 0 && (size_t)text->layout.time < p->from->count)
    (void)snprintf(text->first_time, sizeof text->first_time, "%.*s", LKS_FIRST_TIME_BYTES - 1,
                   p->from->field[text->layout.time]);
  while (p->from != NULL) {
    LKS_TRY(parse_row(p));
    LKS_TRY(lks_table_intake_add(intake, &p->row));
    LKS_TRY(lks_csv_next(reader, &p->from));
    tell(text->setup, &told, reader);
  }
  return LKS_OK;
}

lks_status lks_table_text_read(lks_table_text *text, lks_table_intake *intake,
                               lks_text *listing) {
  const lks_table_layout *layout = &text->layout;
  lks_csv_reader *reader = NULL;
  lks_digest_stream *stream = NULL;
  row_parser p = {.text = text, .row = {.group = ""}};
  lks_status status;
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&p.row.value, (size_t)lks_table_values(layout), sizeof(double)));
  LKS_TRY_OR(
      cleanup, status,
      lks_allocate(&p.statics, (size_t)layout->count_of[LKS_USE_STATIC], sizeof(double)));
  p.row.statics = p.statics;
  LKS_TRY_OR(cleanup, status, lks_digest_stream_create(&stream));
  LKS_TRY_OR(cleanup, status, lks_csv_open(&reader, layout->path, text->separator));
  lks_csv_digest(reader, stream);
  LKS_TRY_OR(cleanup, status, read_rows(text, intake, reader, &p));
  LKS_TRY_OR(cleanup, status, lks_prepare_list_source(stream, layout->path, listing));
cleanup:
  lks_csv_close(reader);
  lks_digest_stream_destroy(stream);
  lks_release(p.statics);
  lks_release(p.row.value);
  return status;
}
