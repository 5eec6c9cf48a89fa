/* SPDX-License-Identifier: Apache-2.0 */
#include "series_fixture.h"

#include "base/fail.h"
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t rows[LKS_TEST_SERIES][LKS_SPLIT_COUNT] = {
    {100, 17, 23}, {61, 9, 0}, {1, 0, 0}, {333, 0, 40}, {50, 5, 7}};

void lks_test_table_set(lks_test_table *t) {
  static char *const column_names[] = {"load", "wind", "hour"};
  memset(t, 0, sizeof *t);
  t->static_names[0] = "area";
  t->static_names[1] = "age";
  for (int c = 0; c < LKS_TEST_COLUMNS; c++)
    t->column[c] = (lks_series_column){.name = column_names[c], .role = (lks_role)c};
  for (int s = 0; s < LKS_TEST_SERIES; s++) {
    (void)snprintf(t->names[s], sizeof t->names[s], "s%d", s);
    t->series[s] = (lks_series){.name = t->names[s],
                                .start = 1467331200 + 3600 * s,
                                .fit = t->fit[s],
                                .statics = t->statics[s]};
    memcpy(t->series[s].rows, rows[s], sizeof rows[s]);
    for (int c = 0; c < LKS_TEST_COLUMNS; c++)
      t->fit[s][c] = (lks_series_fit){.centre = s - 1.5 * c,
                                      .scale = 0.25 + s + c,
                                      .difference_mean = 0.01 * c,
                                      .difference_deviation = 0.5,
                                      .naive_error = 1.0 / (1 + s),
                                      .seasonal_error = s == 2 ? NAN : 2};
    t->statics[s][0] = (float)s - 2;
    t->statics[s][1] = 0.3F * (float)s;
  }
  t->table = (lks_series_table){.columns = LKS_TEST_COLUMNS,
                                .count_of = {1, 1, 1},
                                .column = t->column,
                                .static_count = LKS_TEST_STATICS,
                                .static_names = t->static_names,
                                .count = LKS_TEST_SERIES,
                                .series = t->series,
                                .frequency = {LKS_STEP_SECONDS, 3600},
                                .season = 24,
                                .time_name = "date",
                                .group_name = "household"};
}

double lks_test_series_value(int64_t series, int64_t row, int column) {
  if (column == 1 && (row + series) % 13 == 5)
    return NAN;
  return (double)((row * 31 + series * 7 + column * 3) % 101) / 7;
}

float lks_test_series_stored(const lks_test_table *t, int64_t series, int64_t row, int column) {
  const lks_series_fit *fit = &t->fit[series][column];
  double value = lks_test_series_value(series, row, column);
  return isnan(value) ? NAN : (float)((value - fit->centre) / fit->scale);
}

static lks_status append_rows(lks_series_writer *writer, const lks_test_table *t, int64_t piece,
                              double *values) {
  int64_t gathered = 0;
  for (int64_t s = 0; s < t->table.count; s++)
    for (int64_t row = 0; row < lks_series_rows(&t->series[s]); row++) {
      for (int c = 0; c < LKS_TEST_COLUMNS; c++)
        values[gathered * LKS_TEST_COLUMNS + c] = lks_test_series_value(s, row, c);
      if (++gathered == piece) {
        LKS_TRY(lks_series_writer_append(writer, gathered, values));
        gathered = 0;
      }
    }
  LKS_TRY(lks_series_writer_append(writer, gathered, values));
  return LKS_OK;
}

lks_status lks_test_table_write(lks_test_table *t, const char *path, size_t chunk,
                                int64_t piece, lks_digest *digest) {
  lks_series_writer *writer = NULL;
  lks_digest unused;
  lks_status status;
  double *values = calloc((size_t)piece * LKS_TEST_COLUMNS, sizeof *values);
  LKS_TRY_OR(cleanup, status, lks_series_writer_create(&writer, path, &t->table, chunk));
  LKS_TRY_OR(cleanup, status, append_rows(writer, t, piece, values));
  LKS_TRY_OR(cleanup, status,
             lks_series_writer_commit(writer, "", digest != NULL ? digest : &unused));
cleanup:
  lks_series_writer_destroy(writer);
  free(values);
  return status;
}

void lks_series_fixture_create(lks_series_fixture *fixture, lks_test_table *t, size_t chunk) {
  lks_temporary_folder_create(&fixture->folder);
  (void)snprintf(fixture->path, sizeof fixture->path, "%s/series.h5", fixture->folder.path);
  CHECK_OK(lks_test_table_write(t, fixture->path, chunk, 19, NULL));
  CHECK_OK(lks_io_thread_create(&fixture->io));
  CHECK_OK(lks_dataset_open(&fixture->dataset, fixture->path, fixture->io));
}

void lks_series_fixture_destroy(lks_series_fixture *fixture) {
  lks_dataset_close(fixture->dataset);
  lks_io_thread_destroy(fixture->io);
  lks_temporary_folder_destroy(&fixture->folder);
}

typedef struct {
  lks_dataset *dataset;
  int64_t series, first, count;
  float *values;
} reading;

static lks_status read_job(void *context) {
  const reading *r = context;
  return lks_dataset_read_series(r->dataset, r->series, r->first, r->count, r->values);
}

lks_status lks_test_read_series(const lks_series_fixture *fixture, int64_t series,
                                int64_t first, int64_t count, float *values) {
  reading r = {fixture->dataset, series, first, count, values};
  return lks_io_run(fixture->io, read_job, &r);
}
