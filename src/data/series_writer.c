/* SPDX-License-Identifier: Apache-2.0 */
/* series_writer.c - rows are standardised, gathered, and handed on when the buffer is
 * full or a split ends.
 *
 * The writer knows from the table how many rows each split of each series has, so it
 * knows where every row belongs. */
#include "data/series_writer.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/dataset_output.h"
#include "data/names.h"
#include "data/series_check.h"

#include <math.h>
#include <string.h>

enum { BUFFERED_VALUES = 1 << 14 };

struct lks_series_writer {
  lks_series_table *table; /* borrowed; outlives this */
  size_t chunk;
  char unit[64];
  lks_dataset_output output;
  int64_t series; /* which the next row belongs to; table->count: none */
  lks_split split;
  int64_t row; /* of that series in that split */
  float *buffer;
  int64_t room, buffered; /* rows */
};

/* Moves on to a split that has another row; from the last series to none. */
static void find_place(lks_series_writer *writer) {
  const lks_series_table *table = writer->table;
  while (writer->series < table->count &&
         writer->row == table->series[writer->series].rows[writer->split]) {
    writer->row = 0;
    writer->split++;
    if (writer->split == LKS_SPLIT_COUNT) {
      writer->split = LKS_SPLIT_TRAIN;
      writer->series++;
    }
  }
}

static lks_status create(lks_series_writer *writer, const char *path) {
  lks_series_table *table = writer->table;
  LKS_TRY(lks_series_check(table, path));
  for (int c = 0; c < table->columns; c++)
    table->column[c].has_missing = false;
  lks_frequency_print(table->frequency, writer->unit, sizeof writer->unit);
  writer->room = BUFFERED_VALUES / table->columns > 0 ? BUFFERED_VALUES / table->columns : 1;
  LKS_TRY(lks_allocate(&writer->buffer, (size_t)(writer->room * table->columns),
                       sizeof *writer->buffer));
  LKS_TRY(lks_dataset_output_open(&writer->output, path));
  find_place(writer);
  return LKS_OK;
}

lks_status lks_series_writer_create(lks_series_writer **writer, const char *path,
                                    lks_series_table *table, size_t chunk) {
  LKS_TRY(lks_allocate(writer, 1, sizeof **writer));
  (*writer)->table = table;
  (*writer)->chunk = chunk > 0 ? chunk : LKS_DATASET_BLOCK;
  lks_status status = create(*writer, path);
  if (status != LKS_OK) {
    lks_series_writer_destroy(*writer);
    *writer = NULL;
  }
  return status;
}

void lks_series_writer_destroy(lks_series_writer *writer) {
  if (writer == NULL)
    return;
  lks_dataset_output_close(&writer->output);
  lks_release(writer->buffer);
  lks_release(writer);
}

/* Hands the buffered rows on; all of them are of writer->split. */
static lks_status empty(lks_series_writer *writer) {
  if (writer->buffered == 0)
    return LKS_OK;
  if (writer->output.split[writer->split][0].array == NULL)
    LKS_TRY(lks_dataset_output_start(&writer->output, writer->split, 0, "values", LKS_F32,
                                     writer->chunk));
  LKS_TRY(lks_dataset_output_append(&writer->output, writer->split, 0, LKS_F32, writer->buffer,
                                    writer->buffered * writer->table->columns));
  writer->buffered = 0;
  return LKS_OK;
}

/* The NaN of missing values has always the same bits. */
static float missing(void) {
  const uint32_t bits = 0x7fc00000;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static lks_status fail_value(const lks_series_writer *writer, int64_t row, int column,
                             double value) {
  const lks_series *series = &writer->table->series[writer->series];
  const lks_series_fit *fit = &series->fit[column];
  char time[64];
  row += lks_series_first_row(series, writer->split) + writer->row;
  lks_calendar_print(writer->table->frequency,
                     lks_calendar_add(writer->table->frequency, series->start, row), time,
                     sizeof time);
  return LKS_FAIL(LKS_DATA,
                  "%s: series '%s', row %lld (%s), column '%s': %g, centred at %g and scaled "
                  "by %g, is not a number that 32 bits can hold",
                  writer->output.path, series->name, (long long)row, time,
                  writer->table->column[column].name, value, fit->centre, fit->scale);
}

/* Rows of one series and split, behind the buffered ones. */
static lks_status gather(lks_series_writer *writer, int64_t count, const double *values) {
  int columns = writer->table->columns;
  const lks_series_fit *fit = writer->table->series[writer->series].fit;
  lks_series_column *column = writer->table->column;
  float *to = writer->buffer + writer->buffered * columns;
  const float none = missing();
  for (int64_t i = 0; i < count; i++)
    for (int c = 0; c < columns; c++) {
      double value = *values++;
      float stored = (float)((value - fit[c].centre) / fit[c].scale);
      if (isnan(value)) {
        column[c].has_missing = true;
        stored = none;
      } else if (!isfinite(stored)) {
        return fail_value(writer, i, c, value);
      }
      *to++ = stored;
    }
  writer->buffered += count;
  return LKS_OK;
}

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

lks_status lks_series_writer_append(lks_series_writer *writer, int64_t count,
                                    const double *values) {
  const lks_series_table *table = writer->table;
  while (count > 0) {
    if (writer->series == table->count)
      return LKS_FAIL(LKS_DATA, "%s: there are more rows than the series were found to have",
                      writer->output.path);
    int64_t rest = table->series[writer->series].rows[writer->split] - writer->row;
    int64_t part = least(least(count, rest), writer->room - writer->buffered);
    LKS_TRY(gather(writer, part, values));
    writer->row += part;
    values += part * table->columns;
    count -= part;
    if (part == rest || writer->buffered == writer->room)
      LKS_TRY(empty(writer));
    find_place(writer);
  }
  return LKS_OK;
}

/* ---- the rest of the file ---- */

static const char *column_name(const void *context, size_t i) {
  const lks_series_table *table = context;
  return table->column[i].name;
}

static const char *static_name(const void *context, size_t i) {
  const lks_series_table *table = context;
  return table->static_names[i];
}

static const char *series_name(const void *context, size_t i) {
  const lks_series_table *table = context;
  return table->series[i].name;
}

static lks_status write_columns(lks_hdf5_file *file, const lks_series_table *table) {
  size_t columns = (size_t)table->columns;
  const lks_shape shape = lks_shape_1(columns);
  uint8_t *marks;
  lks_status status;
  LKS_TRY(lks_names_write(file, "columns", columns, column_name, table));
  LKS_TRY(lks_allocate(&marks, columns, 1));
  for (size_t c = 0; c < columns; c++)
    marks[c] = (uint8_t)table->column[c].role;
  LKS_TRY_OR(cleanup, status, lks_hdf5_write(file, "columns/roles", LKS_U8, &shape, marks));
  for (size_t c = 0; c < columns; c++)
    marks[c] = table->column[c].has_missing;
  LKS_TRY_OR(cleanup, status, lks_hdf5_write(file, "columns/missing", LKS_U8, &shape, marks));
cleanup:
  lks_release(marks);
  return status;
}

static lks_status write_statics(lks_hdf5_file *file, const lks_series_table *table) {
  size_t count = (size_t)table->static_count, series = (size_t)table->count;
  const lks_shape shape = lks_shape_2(series, count);
  float *values;
  if (count == 0)
    return LKS_OK;
  LKS_TRY(lks_names_write(file, "statics", count, static_name, table));
  LKS_TRY(lks_allocate(&values, series * count, sizeof *values));
  for (size_t s = 0; s < series; s++)
    memcpy(values + s * count, table->series[s].statics, count * sizeof *values);
  lks_status status = lks_hdf5_write(file, "statics/values", LKS_F32, &shape, values);
  lks_release(values);
  return status;
}

/* Names, starts and fits. */
static lks_status write_series(lks_hdf5_file *file, const lks_series_table *table) {
  size_t count = (size_t)table->count, columns = (size_t)table->columns;
  const lks_shape starts_shape = lks_shape_1(count);
  const lks_shape fits_shape = lks_shape_3(count, columns, 6);
  int64_t *starts = NULL;
  lks_series_fit *fits = NULL;
  lks_status status;
  _Static_assert(sizeof *fits == 6 * sizeof(double), "as in the file");
  LKS_TRY(lks_names_write(file, "series", count, series_name, table));
  LKS_TRY_OR(cleanup, status, lks_allocate(&starts, count, sizeof *starts));
  LKS_TRY_OR(cleanup, status, lks_allocate(&fits, count * columns, sizeof *fits));
  for (size_t s = 0; s < count; s++) {
    starts[s] = table->series[s].start;
    memcpy(fits + s * columns, table->series[s].fit, columns * sizeof *fits);
  }
  LKS_TRY_OR(cleanup, status,
             lks_hdf5_write(file, "series/start", LKS_I64, &starts_shape, starts));
  LKS_TRY_OR(cleanup, status, lks_hdf5_write(file, "series/fit", LKS_F64, &fits_shape, fits));
cleanup:
  lks_release(fits);
  lks_release(starts);
  return status;
}

/* Where each series' values are in a split that has any. */
static lks_status write_offsets(lks_series_writer *writer, lks_split split) {
  char name[LKS_DATASET_NAME_BYTES];
  const lks_series_table *table = writer->table;
  size_t count = (size_t)table->count;
  const lks_shape shape = lks_shape_1(count + 1);
  int64_t *offsets;
  if (writer->output.split[split][0].array == NULL)
    return LKS_OK;
  LKS_TRY(lks_allocate(&offsets, count + 1, sizeof *offsets));
  for (size_t s = 0; s < count; s++)
    offsets[s + 1] = offsets[s] + table->series[s].rows[split] * table->columns;
  lks_dataset_name(split, "offsets", name);
  lks_status status = lks_hdf5_write(writer->output.file, name, LKS_I64, &shape, offsets);
  lks_release(offsets);
  return status;
}

static lks_status write_attributes(lks_hdf5_file *file, const lks_series_table *table,
                                   const char *sources) {
  LKS_TRY(lks_hdf5_write_integer(file, "", "season", table->season));
  LKS_TRY(lks_hdf5_write_text(file, "", "time_name", table->time_name));
  LKS_TRY(lks_hdf5_write_text(file, "", "group_name", table->group_name));
  LKS_TRY(lks_hdf5_write_text(file, "", "sources", sources));
  LKS_TRY(lks_dialect_write(file, &table->dialect, table->time_name[0] != '\0'));
  return LKS_OK;
}

lks_status lks_series_writer_commit(lks_series_writer *writer, const char *sources,
                                    lks_digest *digest) {
  const lks_series_table *table = writer->table;
  lks_hdf5_file *file = writer->output.file;
  lks_dataset_content content = {
      .task = "series", .unit = writer->unit, .block = (int64_t)writer->chunk, .series = table};
  if (writer->series != table->count)
    return LKS_FAIL(LKS_DATA, "%s: there are fewer rows than the series were found to have",
                    writer->output.path);
  LKS_TRY(write_columns(file, table));
  LKS_TRY(write_statics(file, table));
  LKS_TRY(write_series(file, table));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    LKS_TRY(write_offsets(writer, (lks_split)s));
    LKS_TRY(lks_dataset_output_finish(&writer->output, (lks_split)s, &content));
  }
  LKS_TRY(write_attributes(file, table, sources));
  LKS_TRY(lks_dataset_output_head(&writer->output, &content, digest));
  LKS_TRY(lks_dataset_output_commit(&writer->output));
  return LKS_OK;
}
