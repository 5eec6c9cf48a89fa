/* SPDX-License-Identifier: Apache-2.0 */
/* table_array.c - rows come in blocks; NaN is a missing value. */
#include "prepare/table_array.h"

#include "base/fail.h"
#include "base/memory.h"
#include "prepare/prepare_output.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 64 << 20, HASHED_BYTES = 1 << 20 };

static lks_status check_setup(const lks_prepare_table *setup) {
  const char *option = setup->time != NULL          ? "--time"
                       : setup->group != NULL       ? "--group"
                       : setup->time_format != NULL ? "--time-format"
                       : setup->separator != NULL   ? "--separator"
                       : setup->missing != NULL     ? "--missing"
                       : setup->decimal_comma       ? "--decimal-comma"
                                                    : NULL;
  if (option != NULL)
    return LKS_FAIL(LKS_USAGE, "%s: %s is for texts; in an array there are numbers only",
                    setup->input, option);
  return LKS_OK;
}

lks_status lks_table_array_open(lks_array_source *source, lks_table_layout *layout,
                                const lks_prepare_table *setup, lks_array_kind kind) {
  bool matlab = kind == LKS_ARRAY_MATLAB || kind == LKS_ARRAY_MATLAB_HDF5;
  const char *name = matlab && setup->variable != NULL ? setup->variable : setup->dataset;
  const char **names = NULL;
  LKS_TRY(check_setup(setup));
  LKS_TRY(lks_array_open(source, kind, setup->input, name));
  lks_status status = lks_allocate(&names, source->columns, sizeof *names);
  for (size_t c = 0; status == LKS_OK && c < source->columns; c++)
    names[c] = "";
  if (status == LKS_OK)
    status = lks_table_layout_create(layout, setup, names, source->columns, -1, false);
  lks_release(names);
  if (status != LKS_OK)
    lks_array_close(source);
  return status;
}

/* A row of all columns: those that are used go to their places. */
static lks_status take_row(const lks_table_layout *layout, const double *from, int64_t line,
                           double *value, double *statics) {
  char place[LKS_PLACE_BYTES];
  for (size_t c = 0; c < layout->count; c++) {
    const lks_table_column *column = &layout->column[c];
    if (column->use < LKS_USE_STATIC)
      continue;
    if (isinf(from[c]))
      return LKS_FAIL(LKS_DATA, "%s: column '%s': expected a finite number, found %g",
                      lks_table_place(layout, line, place), column->name, from[c]);
    (column->use == LKS_USE_STATIC ? statics : value)[column->place] = from[c];
  }
  return LKS_OK;
}

/* Memory for a block of rows of the array, and for one of the table. */
typedef struct {
  size_t rows; /* of a block */
  double *block, *value, *statics;
} buffers;

static lks_status allocate(buffers *b, const lks_array_source *source,
                           const lks_table_layout *layout) {
  size_t row_bytes = source->columns * sizeof(double);
  b->rows = row_bytes < BLOCK_BYTES ? BLOCK_BYTES / row_bytes : 1;
  if (b->rows > source->rows)
    b->rows = source->rows;
  LKS_TRY(lks_allocate(&b->block, b->rows, row_bytes));
  LKS_TRY(lks_allocate(&b->value, (size_t)lks_table_values(layout), sizeof *b->value));
  LKS_TRY(
      lks_allocate(&b->statics, (size_t)layout->count_of[LKS_USE_STATIC], sizeof *b->statics));
  return LKS_OK;
}

static lks_status read_rows(lks_array_source *source, const lks_prepare_table *setup,
                            lks_table_intake *intake, buffers *b) {
  lks_table_row row = {.group = "", .value = b->value, .statics = b->statics};
  size_t part;
  for (size_t first = 0; first < source->rows; first += part) {
    part = source->rows - first < b->rows ? source->rows - first : b->rows;
    LKS_TRY(source->read(source->state, first, part, b->block));
    for (size_t i = 0; i < part; i++) {
      row.line = (int64_t)(first + i) + 1;
      LKS_TRY(take_row(intake->layout, b->block + i * source->columns, row.line, b->value,
                       b->statics));
      LKS_TRY(lks_table_intake_add(intake, &row));
    }
    if (setup->progress != NULL)
      setup->progress(setup->progress_context, "read", (int64_t)(first + part),
                      (int64_t)source->rows);
  }
  return LKS_OK;
}

/* Hashes the whole file into the listing. */
static lks_status list_file(const char *path, lks_text *listing) {
  lks_digest_stream *stream = NULL;
  char *block = NULL;
  size_t bytes;
  lks_status status;
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return LKS_FAIL(LKS_IO, "%s: cannot be read: %s", path, strerror(errno));
  LKS_TRY_OR(cleanup, status, lks_digest_stream_create(&stream));
  LKS_TRY_OR(cleanup, status, lks_allocate(&block, HASHED_BYTES, 1));
  while ((bytes = fread(block, 1, HASHED_BYTES, file)) > 0)
    LKS_TRY_OR(cleanup, status, lks_digest_stream_add(stream, block, bytes));
  if (ferror(file))
    status = LKS_FAIL(LKS_IO, "%s: cannot be read to its end", path);
  else
    status = lks_prepare_list_source(stream, path, listing);
cleanup:
  lks_release(block);
  lks_digest_stream_destroy(stream);
  (void)fclose(file);
  return status;
}

lks_status lks_table_array_read(lks_array_source *source, const lks_prepare_table *setup,
                                lks_table_intake *intake, lks_text *listing) {
  buffers b = {.rows = 0};
  lks_status status = allocate(&b, source, intake->layout);
  if (status == LKS_OK)
    status = read_rows(source, setup, intake, &b);
  lks_release(b.statics);
  lks_release(b.value);
  lks_release(b.block);
  LKS_TRY(status);
  return list_file(setup->input, listing);
}
