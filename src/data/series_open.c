/* SPDX-License-Identifier: Apache-2.0 */
/* series_open.c - what a dataset of task `series` has: columns, statics, series, and
 * where the rows of each series are in the splits.
 *
 * Shapes and offsets are checked here, as they are read; series_check.c asks the rest. */
#include "data/dataset_handle.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/names.h"
#include "data/series_check.h"

#include <string.h>

enum { KEPT_BYTES = 256 << 20 }; /* of values in memory: see blocks.h */

/* An array whose shape is known by now. */
static lks_status read_array(lks_dataset *dataset, const char *name, lks_type type,
                             const lks_shape *shape, void *data) {
  lks_type stored;
  lks_shape found;
  char expected_text[96], found_text[96];
  LKS_TRY(lks_hdf5_describe(dataset->file, name, &stored, &found));
  lks_shape_describe(shape, expected_text, sizeof expected_text);
  lks_shape_describe(&found, found_text, sizeof found_text);
  if (stored != type || !lks_shape_is_equal(shape, &found))
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected %s %s, found %s %s", dataset->path, name,
                    lks_type_text(type), expected_text, lks_type_text(stored), found_text);
  LKS_TRY(lks_hdf5_read(dataset->file, name, type, shape, data));
  return LKS_OK;
}

static lks_status read_attributes(lks_dataset *dataset) {
  lks_series_table *table = &dataset->series->table;
  char again[64];
  int64_t season;
  LKS_TRY(lks_hdf5_read_text(dataset->file, "", "unit", &dataset->unit));
  bool known = lks_frequency_parse(dataset->unit, &table->frequency);
  if (known)
    lks_frequency_print(table->frequency, again, sizeof again);
  if (!known || strcmp(again, dataset->unit) != 0)
    return LKS_FAIL(LKS_DATA,
                    "%s: attribute 'unit': expected a step such as '1 hour', found '%.64s'",
                    dataset->path, dataset->unit);
  LKS_TRY(lks_hdf5_read_integer(dataset->file, "", "season", &season));
  if (season < 1 || season > INT32_MAX)
    return LKS_FAIL(LKS_DATA, "%s: attribute 'season': %lld is out of range", dataset->path,
                    (long long)season);
  table->season = (int)season;
  LKS_TRY(lks_hdf5_read_text(dataset->file, "", "time_name", &table->time_name));
  LKS_TRY(lks_hdf5_read_text(dataset->file, "", "group_name", &table->group_name));
  LKS_TRY(lks_dialect_read(dataset->file, dataset->path, table->time_name[0] != '\0',
                           &table->dialect));
  return LKS_OK;
}

/* Roles and what is missing, one byte a column. */
static lks_status read_marks(lks_dataset *dataset) {
  lks_series_table *table = &dataset->series->table;
  uint8_t *marks;
  size_t columns = (size_t)table->columns;
  const lks_shape shape = lks_shape_1(columns);
  lks_status status;
  LKS_TRY(lks_allocate(&marks, 2 * columns, 1));
  LKS_TRY_OR(cleanup, status, read_array(dataset, "columns/roles", LKS_U8, &shape, marks));
  LKS_TRY_OR(cleanup, status,
             read_array(dataset, "columns/missing", LKS_U8, &shape, marks + columns));
  for (size_t c = 0; c < columns; c++) {
    if (marks[c] >= LKS_ROLE_COUNT || marks[columns + c] > 1) {
      status = LKS_FAIL(LKS_DATA, "%s: column %zu: role %u and missing %u are out of range",
                        dataset->path, c, marks[c], marks[columns + c]);
      break;
    }
    table->column[c].name = dataset->series->column_names[c];
    table->column[c].role = (lks_role)marks[c];
    table->column[c].has_missing = marks[columns + c] != 0;
    table->count_of[marks[c]]++;
  }
cleanup:
  lks_release(marks);
  return status;
}

static lks_status read_columns(lks_dataset *dataset) {
  lks_series_store *store = dataset->series;
  size_t count;
  LKS_TRY(lks_names_read(dataset->file, dataset->path, "columns", &store->column_names,
                         &store->column_text, &count));
  if (count > LKS_SERIES_COLUMNS_MAX)
    return LKS_FAIL(LKS_DATA, "%s: expected at most %d columns, found %zu", dataset->path,
                    (int)LKS_SERIES_COLUMNS_MAX, count);
  store->table.columns = (int)count;
  LKS_TRY(lks_allocate(&store->table.column, count, sizeof *store->table.column));
  LKS_TRY(read_marks(dataset));
  return LKS_OK;
}

static lks_status read_statics(lks_dataset *dataset) {
  lks_series_store *store = dataset->series;
  size_t count, series = (size_t)store->table.count;
  if (!lks_hdf5_exists(dataset->file, "statics"))
    return LKS_OK;
  LKS_TRY(lks_names_read(dataset->file, dataset->path, "statics", &store->table.static_names,
                         &store->static_text, &count));
  if (count > LKS_SERIES_COLUMNS_MAX)
    return LKS_FAIL(LKS_DATA, "%s: expected at most %d static columns, found %zu",
                    dataset->path, (int)LKS_SERIES_COLUMNS_MAX, count);
  store->table.static_count = (int)count;
  const lks_shape shape = lks_shape_2(series, count);
  LKS_TRY(lks_allocate(&store->statics, series * count, sizeof *store->statics));
  LKS_TRY(read_array(dataset, "statics/values", LKS_F32, &shape, store->statics));
  for (size_t s = 0; s < series; s++)
    store->table.series[s].statics = store->statics + s * count;
  return LKS_OK;
}

/* Names, starts and fits. */
static lks_status read_series(lks_dataset *dataset) {
  lks_series_store *store = dataset->series;
  lks_series_table *table = &store->table;
  int64_t *starts;
  size_t count, columns = (size_t)table->columns;
  _Static_assert(sizeof *store->fits == 6 * sizeof(double), "as in the file");
  LKS_TRY(lks_names_read(dataset->file, dataset->path, "series", &store->series_names,
                         &store->series_text, &count));
  if (count > INT32_MAX)
    return LKS_FAIL(LKS_DATA, "%s: %zu series are too many", dataset->path, count);
  table->count = (int64_t)count;
  LKS_TRY(lks_allocate(&table->series, count, sizeof *table->series));
  LKS_TRY(lks_allocate(&store->fits, count * columns, sizeof *store->fits));
  const lks_shape fit_shape = lks_shape_3(count, columns, 6), start_shape = lks_shape_1(count);
  LKS_TRY(read_array(dataset, "series/fit", LKS_F64, &fit_shape, store->fits));
  LKS_TRY(lks_allocate(&starts, count, sizeof *starts));
  lks_status status = read_array(dataset, "series/start", LKS_I64, &start_shape, starts);
  for (size_t s = 0; status == LKS_OK && s < count; s++) {
    table->series[s].name = store->series_names[s];
    table->series[s].start = starts[s];
    table->series[s].fit = store->fits + s * columns;
  }
  lks_release(starts);
  return status;
}

/* Series i has the values offsets[i] … offsets[i+1]-1, whole rows. */
static lks_status read_offsets(lks_dataset *dataset, lks_split split) {
  char name[LKS_DATASET_NAME_BYTES];
  lks_series_store *store = dataset->series;
  size_t count = (size_t)store->table.count;
  const lks_shape shape = lks_shape_1(count + 1);
  int64_t values = dataset->content.split[split].count;
  lks_dataset_name(split, "offsets", name);
  LKS_TRY(lks_allocate(&store->offsets[split], count + 1, sizeof *store->offsets[split]));
  int64_t *offsets = store->offsets[split];
  LKS_TRY(read_array(dataset, name, LKS_I64, &shape, offsets));
  if (offsets[0] != 0 || offsets[count] != values)
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected to begin with 0 and end with %lld",
                    dataset->path, name, (long long)values);
  for (size_t s = 0; s < count; s++) {
    int64_t first = offsets[s], end = offsets[s + 1], columns = store->table.columns;
    if (end < first || end > values || (end - first) % columns != 0)
      return LKS_FAIL(LKS_DATA, "%s: '%s': number %zu is not at the end of a row",
                      dataset->path, name, s + 1);
    store->table.series[s].rows[split] = (end - first) / columns;
  }
  return LKS_OK;
}

lks_status lks_dataset_open_series(lks_dataset *dataset) {
  LKS_TRY(lks_allocate(&dataset->series, 1, sizeof *dataset->series));
  LKS_TRY(read_attributes(dataset));
  LKS_TRY(read_columns(dataset));
  LKS_TRY(read_series(dataset));
  LKS_TRY(read_statics(dataset));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    char name[LKS_DATASET_NAME_BYTES];
    lks_dataset_name((lks_split)s, "values", name);
    if (!lks_hdf5_exists(dataset->file, name))
      continue;
    LKS_TRY(lks_dataset_open_values(dataset, (lks_split)s, 1u << LKS_F32, "f32"));
    LKS_TRY(read_offsets(dataset, (lks_split)s));
  }
  LKS_TRY(lks_series_check(&dataset->series->table, dataset->path));
  LKS_TRY(lks_blocks_create(&dataset->series->blocks, dataset->values, LKS_SPLIT_COUNT, LKS_F32,
                            dataset->content.block, KEPT_BYTES));
  return LKS_OK;
}

void lks_dataset_release_series(lks_dataset *dataset) {
  lks_series_store *store = dataset->series;
  if (store == NULL)
    return;
  lks_blocks_destroy(store->blocks);
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    lks_release(store->offsets[s]);
  lks_release(store->statics);
  lks_release(store->fits);
  lks_release(store->series_text);
  lks_release(store->static_text);
  lks_release(store->column_text);
  lks_release(store->series_names);
  lks_release(store->column_names);
  lks_release(store->table.static_names);
  lks_release(store->table.column);
  lks_release(store->table.series);
  lks_dialect_release(&store->table.dialect);
  lks_release(store->table.group_name);
  lks_release(store->table.time_name);
  lks_release(store);
}
