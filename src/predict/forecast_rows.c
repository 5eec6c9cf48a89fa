/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_rows.c - rows from the dataset, and windows of them. */
#include "predict/forecast_rows.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/calendar_columns.h"

#include <math.h>
#include <string.h>

void lks_forecast_rows_release(lks_forecast_rows *rows) {
  lks_release(rows->values);
  *rows = (lks_forecast_rows){.first = 0};
}

static lks_status make_room(lks_forecast_rows *rows, int columns, int64_t count) {
  if (count <= rows->capacity)
    return LKS_OK;
  int64_t capacity = 2 * count;
  LKS_TRY(lks_reallocate(&rows->values, (size_t)(rows->capacity * columns),
                         (size_t)(capacity * columns), sizeof *rows->values));
  rows->capacity = capacity;
  return LKS_OK;
}

lks_status lks_forecast_rows_append(lks_forecast_rows *rows, int columns, const float *values) {
  LKS_TRY(make_room(rows, columns, rows->count + 1));
  memcpy(rows->values + rows->count * columns, values, (size_t)columns * sizeof *values);
  rows->count++;
  return LKS_OK;
}

typedef struct {
  lks_dataset *dataset;
  int64_t series, first, count;
  float *values;
} read_job;

static lks_status run_read(void *context) {
  const read_job *job = context;
  return lks_dataset_read_series(job->dataset, job->series, job->first, job->count,
                                 job->values);
}

lks_status lks_forecast_rows_read(lks_forecast_rows *rows, lks_session *session, int64_t series,
                                  int64_t end, int64_t most) {
  int columns = lks_dataset_series(session->dataset)->columns;
  int64_t count = end < most ? end : most;
  LKS_TRY(make_room(rows, columns, count));
  read_job job = {session->dataset, series, end - count, count, rows->values};
  LKS_TRY(lks_io_run(session->io, run_read, &job));
  rows->first = end - count;
  rows->count = rows->seen = count;
  return LKS_OK;
}

void lks_forecast_rows_window(const lks_forecast_rows *rows, const lks_series_table *table,
                              int64_t series, int64_t origin, int history, int span,
                              float *window) {
  size_t columns = (size_t)table->columns;
  for (int i = 0; i < span; i++, window += columns) {
    int64_t row = origin - history + 1 + i;
    if (row >= 0 && row < rows->count) {
      memcpy(window, rows->values + (size_t)row * columns, columns * sizeof *window);
      continue;
    }
    for (size_t c = 0; c < columns; c++)
      window[c] = NAN;
    lks_calendar_columns_fill(table, series, rows->first + row, window);
  }
}
