/* SPDX-License-Identifier: Apache-2.0 */
/* table_series.c - series after series, in the order in which they were met. */
#include "prepare/table_series.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"
#include "prepare/table_fit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS_MIN = 3, PROGRESS_ROWS = 1 << 16, NAME_BYTES = 160 };

typedef struct {
  lks_table_series *out;
  const lks_series_request *request;
  lks_table_rows *rows;
  lks_table_fit fit;
  int64_t number;                /* of the series at hand … */
  lks_series *series;            /* … which is this one */
  int64_t first_line, last_line; /* of its training rows */
} building;

/* ---- messages ---- */

/* "series 'x', " in text, or nothing when there is only one. */
static const char *series_text(const building *b, char text[NAME_BYTES]) {
  const char *name = b->request->intake->series[b->number].name;
  text[0] = '\0';
  if (name[0] != '\0' && !b->request->intake->melt)
    (void)snprintf(text, NAME_BYTES, "series '%.120s', ", name);
  return text;
}

/* A melted target is known by its own name. */
static const char *column_name(const building *b, int column) {
  const lks_table_intake *intake = b->request->intake;
  return intake->melt && column == 0 ? intake->series[b->number].name
                                     : b->out->table.column[column].name;
}

static const char *place_of(const building *b, int64_t line, char text[LKS_PLACE_BYTES]) {
  return lks_table_place(b->request->intake->layout, line, text);
}

static lks_status fail_rows(const building *b, const char *expected, int64_t rows) {
  const lks_intake_series *read = &b->request->intake->series[b->number];
  char place[LKS_PLACE_BYTES], series[NAME_BYTES];
  return LKS_FAIL(LKS_DATA, "%s: %sexpected %s, found %lld, up to line %lld",
                  place_of(b, read->first_line, place), series_text(b, series), expected,
                  (long long)rows, (long long)read->last_line);
}

static lks_status fail_split(const building *b, lks_split split, int64_t rows) {
  const lks_intake_series *read = &b->request->intake->series[b->number];
  char place[LKS_PLACE_BYTES], series[NAME_BYTES];
  return LKS_FAIL(LKS_DATA,
                  "%s: %ssplit '%s' is empty: there are %lld rows, up to line %lld\n"
                  "  hint: cut the splits elsewhere, or leave the series out",
                  place_of(b, read->first_line, place), series_text(b, series),
                  lks_split_text(split), (long long)rows, (long long)read->last_line);
}

static lks_status fail_missing(const building *b, int column) {
  char place[LKS_PLACE_BYTES], series[NAME_BYTES];
  const char *name = column_name(b, column);
  return LKS_FAIL(LKS_DATA,
                  "%s: %scolumn '%s': there is no value in the training rows, up to line %lld\n"
                  "  hint: --ignore '%s' leaves the column out",
                  place_of(b, b->first_line, place), series_text(b, series), name,
                  (long long)b->last_line, name);
}

static lks_status fail_constant(const building *b, int column, double value) {
  char place[LKS_PLACE_BYTES], series[NAME_BYTES];
  const char *name = column_name(b, column);
  return LKS_FAIL(LKS_DATA,
                  "%s: %scolumn '%s': all values of the training rows, up to line %lld, are "
                  "%.10g\n  hint: --ignore '%s' leaves the column out, --constant keep keeps "
                  "it with a scale of 1",
                  place_of(b, b->first_line, place), series_text(b, series), name,
                  (long long)b->last_line, value, name);
}

static lks_status fail_scale(const building *b, int column) {
  char place[LKS_PLACE_BYTES], series[NAME_BYTES];
  return LKS_FAIL(LKS_DATA,
                  "%s: %scolumn '%s': the values are too large to be scaled\n  hint: give "
                  "them in a larger unit, or leave the column out with --ignore '%s'",
                  place_of(b, b->first_line, place), series_text(b, series),
                  column_name(b, column), column_name(b, column));
}

/* ---- the columns ---- */

/* Name of column c, as of the file, as melted, or of the calendar. */
static const char *name_of(const building *b, int c, char made[LKS_CYCLE_NAME_BYTES]) {
  const lks_table_intake *intake = b->request->intake;
  const lks_table_layout *layout = intake->layout;
  int skipped = intake->melt ? layout->count_of[LKS_USE_TARGET] - 1 : 0;
  if (intake->melt && c == 0)
    return "value";
  if (c < intake->width)
    return layout->column[layout->value_column[c + skipped]].name;
  lks_table_calendar_name(b->request->calendar, c - intake->width, made);
  return made;
}

/* Copies all names into one text, then points at them. */
static lks_status copy_names(building *b) {
  lks_series_table *table = &b->out->table;
  const lks_table_layout *layout = b->request->intake->layout;
  char made[LKS_CYCLE_NAME_BYTES];
  lks_text text = {0};
  lks_status status = LKS_OK;
  for (int c = 0; c < table->columns && status == LKS_OK; c++) {
    const char *name = name_of(b, c, made);
    status = lks_text_add(&text, name, strlen(name) + 1);
  }
  for (int k = 0; k < table->static_count && status == LKS_OK; k++) {
    const char *name = layout->column[layout->static_column[k]].name;
    status = lks_text_add(&text, name, strlen(name) + 1);
  }
  b->out->columns_text = text.data;
  LKS_TRY(status);
  char *next = b->out->columns_text;
  LKS_ASSERT(next != NULL);
  for (int i = 0; i < table->columns + table->static_count; i++) {
    if (i < table->columns)
      table->column[i].name = next;
    else
      table->static_names[i - table->columns] = next;
    next += strlen(next) + 1;
  }
  return LKS_OK;
}

static lks_status make_columns(building *b) {
  lks_series_table *table = &b->out->table;
  const lks_table_intake *intake = b->request->intake;
  const int *count_of = intake->layout->count_of;
  table->columns = b->rows->columns;
  table->count_of[LKS_ROLE_TARGET] = intake->melt ? 1 : count_of[LKS_USE_TARGET];
  table->count_of[LKS_ROLE_PAST] = count_of[LKS_USE_PAST];
  table->count_of[LKS_ROLE_KNOWN] = count_of[LKS_USE_KNOWN] + 2 * b->request->calendar->count;
  table->static_count = count_of[LKS_USE_STATIC];
  LKS_TRY(lks_allocate(&table->column, (size_t)table->columns, sizeof *table->column));
  LKS_TRY(lks_allocate(&table->static_names, (size_t)table->static_count,
                       sizeof *table->static_names));
  LKS_TRY(lks_allocate(&b->out->missing, (size_t)table->columns, sizeof *b->out->missing));
  int role = 0, left = table->count_of[0];
  for (int c = 0; c < table->columns; c++, left--) {
    while (left == 0)
      left = table->count_of[++role];
    table->column[c].role = (lks_role)role;
  }
  return copy_names(b);
}

/* ---- statics ---- */

static lks_status check_statics(const building *b, const lks_intake_series *read) {
  const lks_table_layout *layout = b->request->intake->layout;
  char place[LKS_PLACE_BYTES];
  for (int k = 0; k < layout->count_of[LKS_USE_STATIC]; k++)
    if (isnan(read->statics[k]))
      return LKS_FAIL(LKS_DATA, "%s: series '%s', column '%s': there is no value in any row",
                      lks_table_place(layout, read->first_line, place), read->name,
                      layout->column[layout->static_column[k]].name);
  return LKS_OK;
}

/* Each static is standardised over the series; one that is equal in all becomes 0. */
static lks_status make_statics(building *b) {
  lks_series_table *table = &b->out->table;
  const lks_intake_series *read = b->request->intake->series;
  int count = table->static_count;
  LKS_TRY(lks_allocate(&b->out->statics, (size_t)table->count * (size_t)count,
                       sizeof *b->out->statics));
  for (int64_t s = 0; s < table->count; s++)
    LKS_TRY(check_statics(b, &read[s]));
  for (int k = 0; k < count; k++) {
    lks_moments moments = {.count = 0};
    for (int64_t s = 0; s < table->count; s++)
      lks_moments_add(&moments, read[s].statics[k]);
    double scale = lks_moments_deviation(&moments);
    bool scaled = !b->request->setup->unscaled;
    double centre = scaled ? moments.mean : 0;
    for (int64_t s = 0; s < table->count; s++)
      b->out->statics[s * count + k] =
          (float)((read[s].statics[k] - centre) / (scaled && scale > 0 ? scale : 1));
  }
  for (int64_t s = 0; s < table->count; s++)
    table->series[s].statics = b->out->statics + s * count;
  return LKS_OK;
}

/* ---- a series ---- */

/* Reads on until the row that is not on the grid: there is one. */
static lks_status fail_grid(building *b) {
  bool found = true;
  LKS_TRY(lks_table_rows_begin(b->rows, b->number));
  while (found)
    LKS_TRY(lks_table_rows_next(b->rows, &found));
  return LKS_OK;
}

/* Rows of the splits; their sum is at most *rows, all rows of the series. */
static lks_status cut(building *b, int64_t *rows) {
  const lks_intake_series *read = &b->request->intake->series[b->number];
  const lks_table_split *split = b->request->split;
  char expected[64];
  *rows = lks_calendar_steps(b->rows->frequency, read->first_time, read->last_time) + 1;
  if (*rows < read->rows)
    LKS_TRY(fail_grid(b));
  if (*rows < ROWS_MIN)
    return fail_rows(b, "at least 3 rows", *rows);
  lks_table_split_cut(split, b->rows->frequency, read->first_time, *rows, b->series->rows);
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    bool may_be_empty =
        !lks_table_split_wants(split, (lks_split)s) || (split->by_time && s != LKS_SPLIT_TRAIN);
    if (b->series->rows[s] == 0 && !may_be_empty)
      return fail_split(b, (lks_split)s, *rows);
  }
  int64_t sum = lks_series_rows(b->series);
  (void)snprintf(expected, sizeof expected, "%lld rows for the splits", (long long)sum);
  return sum > *rows ? fail_rows(b, expected, *rows) : LKS_OK;
}

/* Reads the rows of the splits. */
static lks_status read_rows(building *b) {
  int64_t train = b->series->rows[LKS_SPLIT_TRAIN], rows = lks_series_rows(b->series);
  const lks_prepare_table *setup = b->request->setup;
  bool found = true;
  b->first_line = b->last_line = 0;
  lks_table_fit_begin(&b->fit);
  LKS_TRY(lks_table_rows_begin(b->rows, b->number));
  for (int64_t row = 0; row < rows; row++, b->out->rows++) {
    LKS_TRY(lks_table_rows_next(b->rows, &found));
    LKS_ASSERT(found);
    if (row < train) {
      lks_table_fit_add(&b->fit, b->rows->value);
      b->first_line = b->first_line > 0 ? b->first_line : b->rows->line;
      b->last_line = b->rows->line > 0 ? b->rows->line : b->last_line;
    }
    for (int c = 0; c < b->rows->columns; c++)
      b->out->missing[c] += isnan(b->rows->value[c]);
    b->out->gaps += b->rows->line == 0;
    if (setup->progress != NULL && b->out->rows % PROGRESS_ROWS == 0)
      setup->progress(setup->progress_context, "fit", b->out->rows, b->out->total);
  }
  return LKS_OK;
}

/* Columns of the calendar are what they are. */
static lks_status fit_column(const building *b, int c, lks_series_fit *fit) {
  const lks_moments *moments = &b->fit.column[c].values;
  bool made = c >= b->request->intake->width;
  double deviation = lks_moments_deviation(moments);
  if (!made && moments->count == 0)
    return fail_missing(b, c);
  if (!isfinite(deviation))
    return fail_scale(b, c);
  if (!made && !(deviation > 0) && !b->request->setup->keep_constant)
    return fail_constant(b, c, moments->mean);
  bool scaled = !made && !b->request->setup->unscaled;
  *fit = lks_table_fit_column(&b->fit, c, scaled ? moments->mean : 0,
                              scaled && deviation > 0 ? deviation : 1);
  return LKS_OK;
}

static lks_status build_series(building *b) {
  const lks_intake_series *read = &b->request->intake->series[b->number];
  int columns = b->out->table.columns;
  int64_t rows;
  *b->series = (lks_series){
      .name = read->name, .start = read->first_time, .fit = b->out->fits + b->number * columns};
  LKS_TRY(cut(b, &rows));
  LKS_TRY(read_rows(b));
  b->out->left_over += rows - lks_series_rows(b->series);
  for (int c = 0; c < columns; c++)
    LKS_TRY(fit_column(b, c, &b->series->fit[c]));
  return LKS_OK;
}

/* ---- all of them ---- */

static lks_status check_splits(const building *b) {
  const lks_series_table *table = &b->out->table;
  for (int split = 0; split < LKS_SPLIT_COUNT; split++) {
    int64_t rows = 0;
    for (int64_t s = 0; s < table->count; s++)
      rows += table->series[s].rows[split];
    if (rows == 0 && lks_table_split_wants(b->request->split, (lks_split)split))
      return LKS_FAIL(LKS_DATA,
                      "%s: split '%s' is empty: all rows are before or after its times",
                      b->request->intake->layout->path, lks_split_text((lks_split)split));
  }
  return LKS_OK;
}

static lks_status build(building *b) {
  lks_series_table *table = &b->out->table;
  const lks_table_intake *intake = b->request->intake;
  const lks_table_layout *layout = intake->layout;
  const lks_prepare_table *setup = b->request->setup;
  table->count = intake->count;
  for (int64_t s = 0; s < intake->count; s++)
    b->out->total += intake->series[s].rows;
  table->frequency = b->rows->frequency;
  table->season =
      setup->season > 0 ? (int)setup->season : lks_calendar_season(table->frequency);
  table->time_name = layout->time >= 0 ? layout->column[layout->time].name : "";
  table->group_name = layout->group >= 0 ? layout->column[layout->group].name : "";
  LKS_TRY(make_columns(b));
  LKS_TRY(lks_allocate(&table->series, (size_t)table->count, sizeof *table->series));
  LKS_TRY(lks_allocate(&b->out->fits, (size_t)table->count * (size_t)table->columns,
                       sizeof *b->out->fits));
  LKS_TRY(lks_table_fit_create(&b->fit, table->columns, table->season));
  for (b->number = 0; b->number < table->count; b->number++) {
    b->series = &table->series[b->number];
    LKS_TRY(build_series(b));
  }
  LKS_TRY(make_statics(b));
  return check_splits(b);
}

lks_status lks_table_series_create(lks_table_series *series, const lks_series_request *request,
                                   lks_table_rows *rows) {
  building b = {.out = series, .request = request, .rows = rows};
  *series = (lks_table_series){.rows = 0};
  lks_status status = build(&b);
  lks_table_fit_release(&b.fit);
  if (status != LKS_OK)
    lks_table_series_release(series);
  return status;
}

void lks_table_series_release(lks_table_series *series) {
  lks_release(series->statics);
  lks_release(series->fits);
  lks_release(series->table.series);
  lks_release(series->missing);
  lks_release(series->columns_text);
  lks_release(series->table.static_names);
  lks_release(series->table.column);
  *series = (lks_table_series){.rows = 0};
}
