/* SPDX-License-Identifier: Apache-2.0 */
/* series_fixture.h - a table of series whose every value is a function of its place. */
#ifndef LOCKSTEP_TESTS_SERIES_FIXTURE_H
#define LOCKSTEP_TESTS_SERIES_FIXTURE_H

#include "data/series_writer.h"
#include "temporary_folder.h"

enum { LKS_TEST_COLUMNS = 3, LKS_TEST_SERIES = 5, LKS_TEST_STATICS = 2 };

/* A table that a test may change before it is written.  Columns: "load" target, "wind"
 * past, "hour" known; series "s0" to "s4" with odd numbers of rows, one without a
 * validation split, one of a single row; statics "area" and "age". */
typedef struct {
  lks_series_table table;
  lks_series_column column[LKS_TEST_COLUMNS];
  lks_series series[LKS_TEST_SERIES];
  lks_series_fit fit[LKS_TEST_SERIES][LKS_TEST_COLUMNS];
  float statics[LKS_TEST_SERIES][LKS_TEST_STATICS];
  char *static_names[LKS_TEST_STATICS];
  char names[LKS_TEST_SERIES][4];
} lks_test_table;

void lks_test_table_set(lks_test_table *t);

/* The value in the table at a place, in original units; NaN at some places of "wind". */
double lks_test_series_value(int64_t series, int64_t row, int column);

/* What is stored of it. */
float lks_test_series_stored(const lks_test_table *t, int64_t series, int64_t row, int column);

/* Writes the table in pieces of `piece` rows; *digest may be NULL. */
lks_status lks_test_table_write(lks_test_table *t, const char *path, size_t chunk,
                                int64_t piece, lks_digest *digest);

typedef struct {
  lks_temporary_folder folder;
  char path[160];
  lks_io_thread *io;
  lks_dataset *dataset;
} lks_series_fixture;

/* Writes the table and opens the file. */
void lks_series_fixture_create(lks_series_fixture *fixture, lks_test_table *t, size_t chunk);
void lks_series_fixture_destroy(lks_series_fixture *fixture);

/* lks_dataset_read_series in a job. */
lks_status lks_test_read_series(const lks_series_fixture *fixture, int64_t series,
                                int64_t first, int64_t count, float *values);

#endif
