/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_input.c - columns by name, values scaled as the table's.
 *
 * The file is read as the CSV was that the table comes from (data/dialect.h). */
#include "predict/forecast_input.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/calendar_columns.h"
#include "text/csv_reader.h"
#include "text/number_text.h"
#include "text/time_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = -1 };

typedef struct {
  const char *path;
  const lks_series_table *table;
  int64_t *next; /* [series] */
  lks_forecast_input_visit visit;
  void *context;
  lks_csv_reader *reader;
  lks_dialect dialect; /* borrows from the table */
  lks_missing_list missing;
  size_t fields;   /* of the first row */
  int *field;      /* [columns] where a column of the table stands; NONE: it is computed */
  int time, group; /* fields, or NONE */
  int *melted;     /* [series] where each one's target stands; NULL: a row is of one series */
  lks_time_format format;
  bool format_known;
  int64_t row_series; /* of the row before: panels are often sorted by series */
  float *values;      /* [columns] */
} input;

/* A column without a name is called by its number. */
static int find_field(const input *in, const lks_csv_row *row, const char *name) {
  char *end;
  unsigned long number = strtoul(name, &end, 10);
  for (size_t i = 0; in->dialect.has_header && i < row->count; i++)
    if (strcmp(row->field[i], name) == 0)
      return (int)i;
  if (*end != '\0' || number < 1 || number > row->count)
    return NONE;
  bool has_name = in->dialect.has_header && row->bytes[number - 1] > 0;
  return has_name ? NONE : (int)number - 1;
}

static lks_status need_field(const input *in, const lks_csv_row *row, const char *name,
                             const char *what, int *field) {
  *field = find_field(in, row, name);
  if (*field != NONE)
    return LKS_OK;
  char suggestion[256];
  if (!in->dialect.has_header)
    return LKS_FAIL(
        LKS_DATA,
        "%s:%" PRId64 ": expected the %s '%s' of the model's table, which has no "
        "header, found %zu columns\n  hint: the file has the columns that the table "
        "was prepared from, and no header either",
        in->path, row->line, what, name, row->count);
  lks_text_suggest(name, (const char *const *)row->field, row->count, suggestion,
                   sizeof suggestion);
  return LKS_FAIL(LKS_DATA,
                  "%s:%" PRId64 ": expected the %s '%s' of the model's table, which is not "
                  "there%s\n  hint: the file has the columns that the table was prepared from",
                  in->path, row->line, what, name, suggestion);
}

/* A table that was melted: each of its series is a column of the file. */
static lks_status find_melted(input *in, const lks_csv_row *row) {
  LKS_TRY(lks_allocate(&in->melted, (size_t)in->table->count, sizeof *in->melted));
  for (int64_t s = 0; s < in->table->count; s++)
    LKS_TRY(need_field(in, row, in->table->series[s].name, "column", &in->melted[s]));
  return LKS_OK;
}

/* From the first row of the file, which is a header where there is one. */
static lks_status find_columns(input *in, const lks_csv_row *row) {
  const lks_series_table *table = in->table;
  in->fields = row->count;
  in->time = in->group = NONE;
  if (table->time_name[0])
    LKS_TRY(need_field(in, row, table->time_name, "time column", &in->time));
  bool is_melted = !table->group_name[0] && table->series[0].name[0];
  if (is_melted)
    LKS_TRY(find_melted(in, row));
  else if (table->group_name[0])
    LKS_TRY(need_field(in, row, table->group_name, "column that names the series", &in->group));
  for (int c = 0; c < table->columns; c++) {
    double unused;
    bool computed = table->column[c].role == LKS_ROLE_KNOWN && in->time != NONE &&
                    lks_calendar_column(table->column[c].name, 0, &unused);
    in->field[c] = NONE;
    if (!computed && !(in->melted && table->column[c].role == LKS_ROLE_TARGET))
      LKS_TRY(need_field(in, row, table->column[c].name, "column", &in->field[c]));
  }
  return LKS_OK;
}

static lks_status find_series(input *in, const lks_csv_row *row, int64_t *series) {
  const lks_series_table *table = in->table;
  *series = 0;
  if (in->group == NONE)
    return LKS_OK;
  const char *name = row->field[in->group];
  for (int64_t i = 0; i < table->count; i++) {
    *series = (in->row_series + i) % table->count;
    if (strcmp(table->series[*series].name, name) == 0) {
      in->row_series = *series;
      return LKS_OK;
    }
  }
  return LKS_FAIL(LKS_DATA,
                  "%s:%" PRId64 ": column '%s': the model knows no series '%s'\n  hint: it "
                  "forecasts the series that it was trained on",
                  in->path, row->line, table->group_name, name);
}

/* Times are written as in the table.  Dates may be in another way, if the first row tells
 * which: what cannot be told apart, 01/02/2023, is as in the table, or refused where the
 * table does not say how. */
static void choose_format(input *in, const char *text) {
  const lks_dialect *dialect = &in->table->dialect;
  unsigned formats = lks_time_formats_of(text);
  lks_time_format found;
  int64_t unused;
  in->format_known = true;
  in->format = dialect->is_known ? dialect->time_format : LKS_TIME_YMD;
  if (dialect->is_known &&
      (in->format == LKS_TIME_NUMBER || lks_time_read(text, in->format, &unused)))
    return;
  if (dialect->is_known)
    formats &= ~(1U << LKS_TIME_NUMBER);
  if (formats != 0 && lks_time_format_choose(formats, &found))
    in->format = found;
}

static lks_status find_step(input *in, const lks_csv_row *row, int64_t series, int64_t *step) {
  const lks_series_table *table = in->table;
  int64_t time = 0;
  if (in->time == NONE) {
    *step = in->next[series]++;
    return LKS_OK;
  }
  const char *text = row->field[in->time];
  if (!in->format_known)
    choose_format(in, text);
  if (!lks_time_read(text, in->format, &time))
    return LKS_FAIL(LKS_DATA,
                    "%s:%" PRId64 ": column '%s': expected a time like %s, found '%.40s'\n"
                    "  hint: %s",
                    in->path, row->line, table->time_name, lks_time_format_example(in->format),
                    text,
                    table->dialect.is_known
                        ? "times are written as in the table that the model was trained on"
                        : "the dataset does not say how its table was written: put the year "
                          "first, or prepare it anew");
  *step = lks_calendar_steps(table->frequency, table->series[series].start, time);
  if (*step >= 0)
    return LKS_OK;
  char frequency[64], start[64];
  lks_frequency_print(table->frequency, frequency, sizeof frequency);
  lks_calendar_print(table->frequency, table->series[series].start, start, sizeof start);
  return LKS_FAIL(LKS_DATA,
                  "%s:%" PRId64
                  ": column '%s': expected a time that is a whole number of steps "
                  "of %s after %s, found '%.40s'",
                  in->path, row->line, table->time_name, frequency, start, text);
}

static lks_status fail_number(const input *in, const lks_csv_row *row, const char *column,
                              const char *found) {
  const lks_dialect *dialect = &in->dialect;
  const char *missing = dialect->missing ? dialect->missing : LKS_MISSING_USUAL;
  return LKS_FAIL(LKS_DATA,
                  "%s:%" PRId64
                  ": column '%s': expected a number, found '%.40s'\n  hint: as in "
                  "the model's table, numbers are like 1%c5, and missing values are nothing or "
                  "one of %.80s",
                  in->path, row->line, column, found, dialect->point, missing);
}

static lks_status read_values(input *in, const lks_csv_row *row, int64_t series) {
  const lks_series_table *table = in->table;
  for (int c = 0; c < table->columns; c++) {
    double value;
    const lks_series_fit *fit = &table->series[series].fit[c];
    in->values[c] = NAN;
    int field = in->melted && c == 0 ? in->melted[series] : in->field[c];
    if (field == NONE)
      continue;
    const char *text = row->field[field];
    size_t bytes = row->bytes[field];
    if (lks_missing_has(&in->missing, text, bytes))
      continue;
    if (lks_number_read(text, bytes, in->dialect.point, &value) != LKS_NUMBER_FINITE)
      return fail_number(
          in, row, in->melted && c == 0 ? table->series[series].name : table->column[c].name,
          text);
    in->values[c] = (float)((value - fit->centre) / fit->scale);
  }
  return LKS_OK;
}

/* What the row says of one series. */
static lks_status pass_on(input *in, const lks_csv_row *row, int64_t series) {
  int64_t step;
  LKS_TRY(find_step(in, row, series, &step));
  LKS_TRY(read_values(in, row, series));
  lks_calendar_columns_fill(in->table, series, step, in->values);
  return in->visit(in->context, series, step, in->values, (size_t)row->line);
}

static lks_status read_row(input *in, const lks_csv_row *row) {
  int64_t series;
  if (row->count != in->fields)
    return LKS_FAIL(LKS_DATA, "%s:%" PRId64 ": expected %zu columns, found %zu", in->path,
                    row->line, in->fields, row->count);
  for (series = 0; in->melted && series < in->table->count; series++)
    LKS_TRY(pass_on(in, row, series));
  if (in->melted)
    return LKS_OK;
  LKS_TRY(find_series(in, row, &series));
  return pass_on(in, row, series);
}

static lks_status read_all(input *in) {
  const lks_csv_row *row;
  LKS_TRY(lks_csv_open_stream(&in->reader, in->path, in->dialect.separator));
  in->path = lks_csv_name(in->reader);
  LKS_TRY(lks_missing_create(&in->missing, in->dialect.missing));
  LKS_TRY(lks_allocate(&in->field, (size_t)in->table->columns, sizeof *in->field));
  LKS_TRY(lks_allocate(&in->values, (size_t)in->table->columns, sizeof *in->values));
  LKS_TRY(lks_csv_next(in->reader, &row));
  if (!row)
    return LKS_FAIL(LKS_DATA, "%s: expected %s, found nothing", in->path,
                    in->dialect.has_header ? "a header with the names of columns" : "rows");
  LKS_TRY(find_columns(in, row));
  if (in->dialect.has_header)
    LKS_TRY(lks_csv_next(in->reader, &row));
  while (row) {
    LKS_TRY(read_row(in, row));
    LKS_TRY(lks_csv_next(in->reader, &row));
  }
  return LKS_OK;
}

lks_status lks_forecast_input_read(const char *path, const lks_series_table *table,
                                   int64_t *next, lks_forecast_input_visit visit,
                                   void *context) {
  input in = {.path = path, .table = table, .next = next, .visit = visit, .context = context};
  in.dialect = table->dialect.is_known ? table->dialect
                                       : (lks_dialect){.has_header = true, .point = '.'};
  lks_status status = read_all(&in);
  lks_release(in.values);
  lks_release(in.melted);
  lks_release(in.field);
  lks_missing_release(&in.missing);
  lks_csv_close(in.reader);
  return status;
}
