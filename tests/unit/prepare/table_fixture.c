/* SPDX-License-Identifier: Apache-2.0 */
#include "table_fixture.h"

#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

lks_prepare_table lks_test_table_setup(lks_table_fixture *fixture) {
  return (lks_prepare_table){.input = fixture->input,
                             .out = fixture->out,
                             .valid_fraction = -1,
                             .test_fraction = -1,
                             .train_rows = -1,
                             .valid_rows = -1,
                             .test_rows = -1,
                             .quiet = true};
}

void lks_table_fixture_create(lks_table_fixture *fixture) {
  *fixture = (lks_table_fixture){.dataset = NULL};
  lks_temporary_folder_create(&fixture->folder);
  (void)snprintf(fixture->input, sizeof fixture->input, "%s/in.csv", fixture->folder.path);
  (void)snprintf(fixture->out, sizeof fixture->out, "%s/out.h5", fixture->folder.path);
  CHECK_OK(lks_io_thread_create(&fixture->io));
}

static void close_dataset(lks_table_fixture *fixture) {
  lks_dataset_close(fixture->dataset);
  fixture->dataset = NULL;
  fixture->table = NULL;
}

void lks_table_fixture_destroy(lks_table_fixture *fixture) {
  close_dataset(fixture);
  lks_io_thread_destroy(fixture->io);
  lks_temporary_folder_destroy(&fixture->folder);
}

void lks_test_table_input(lks_table_fixture *fixture, const char *name, const void *data,
                          size_t bytes) {
  (void)snprintf(fixture->input, sizeof fixture->input, "%s/%s", fixture->folder.path, name);
  CHECK(lks_test_write_file(fixture->input, data, bytes));
}

void lks_test_table_open(lks_table_fixture *fixture, const lks_prepare_table *setup) {
  close_dataset(fixture);
  if (!CHECK_OK(lks_prepare_table_run(setup)))
    return;
  CHECK_OK(lks_dataset_open(&fixture->dataset, fixture->out, fixture->io));
  CHECK_OK(lks_dataset_verify(fixture->dataset));
  fixture->table = lks_dataset_series(fixture->dataset);
}

void lks_test_table_prepare(lks_table_fixture *fixture, const char *csv,
                            const lks_prepare_table *setup) {
  lks_test_table_input(fixture, "in.csv", csv, strlen(csv));
  lks_test_table_open(fixture, setup);
}

void lks_test_table_refuse(lks_table_fixture *fixture, const char *csv,
                           const lks_prepare_table *setup, lks_status status,
                           const char *part) {
  close_dataset(fixture);
  (void)remove(fixture->out);
  if (csv != NULL)
    lks_test_table_input(fixture, "in.csv", csv, strlen(csv));
  int before = lks_temporary_count(&fixture->folder);
  CHECK_FAILS(lks_prepare_table_run(setup), status, part);
  CHECK_EQUAL(lks_temporary_count(&fixture->folder), before);
}

typedef struct {
  lks_dataset *dataset;
  int64_t series, rows;
  float *values;
} reading;

static lks_status read_job(void *context) {
  reading *r = context;
  return lks_dataset_read_series(r->dataset, r->series, 0, r->rows, r->values);
}

float *lks_test_table_rows(lks_table_fixture *fixture, int64_t series) {
  reading r = {.dataset = fixture->dataset,
               .series = series,
               .rows = lks_series_rows(&fixture->table->series[series])};
  r.values = calloc((size_t)r.rows * (size_t)fixture->table->columns, sizeof *r.values);
  CHECK_OK(lks_io_run(fixture->io, read_job, &r));
  return r.values;
}

void lks_test_table_describe(lks_table_fixture *fixture, int64_t series, int column,
                             lks_text *text) {
  if (fixture->table == NULL)
    return;
  const lks_series *one = &fixture->table->series[series];
  const lks_series_fit *fit = &one->fit[column];
  float *values = lks_test_table_rows(fixture, series);
  lks_text_clear(text);
  CHECK_OK(lks_text_add(text, "", 0));
  for (int64_t row = 0; row < lks_series_rows(one); row++) {
    double stored = (double)values[row * fixture->table->columns + column];
    double value = round((fit->centre + stored * fit->scale) * 1000) / 1000;
    if (isnan(stored))
      CHECK_OK(lks_text_print(text, "%snan", row > 0 ? " " : ""));
    else
      CHECK_OK(lks_text_print(text, "%s%g", row > 0 ? " " : "", value + 0.0));
  }
  free(values);
}
