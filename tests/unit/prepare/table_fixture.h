/* SPDX-License-Identifier: Apache-2.0 */
/* table_fixture.h - a table in a temporary folder, and the dataset that is made of it. */
#ifndef LOCKSTEP_TESTS_TABLE_FIXTURE_H
#define LOCKSTEP_TESTS_TABLE_FIXTURE_H

#include "base/text.h"
#include "data/series.h"
#include "prepare/prepare_table.h"
#include "temporary_folder.h"

typedef struct {
  lks_temporary_folder folder;
  char input[256], out[256];
  lks_io_thread *io;
  lks_dataset *dataset; /* NULL when nothing was made */
  const lks_series_table *table;
} lks_table_fixture;

/* A request in which nothing is given but where the dataset goes. */
lks_prepare_table lks_test_table_setup(lks_table_fixture *fixture);

void lks_table_fixture_create(lks_table_fixture *fixture);
void lks_table_fixture_destroy(lks_table_fixture *fixture);

/* Writes the input. */
void lks_test_table_input(lks_table_fixture *fixture, const char *name, const void *data,
                          size_t bytes);

/* Writes `csv` as the input, prepares it, and opens what was made. */
void lks_test_table_prepare(lks_table_fixture *fixture, const char *csv,
                            const lks_prepare_table *setup);

/* Prepares the input as it is, and opens what was made. */
void lks_test_table_open(lks_table_fixture *fixture, const lks_prepare_table *setup);

/* Preparing `csv` fails with `status` and a message with `part`, and leaves nothing. */
void lks_test_table_refuse(lks_table_fixture *fixture, const char *csv,
                           const lks_prepare_table *setup, lks_status status, const char *part);

/* All rows of a series as stored: [rows, columns]; free() them. */
float *lks_test_table_rows(lks_table_fixture *fixture, int64_t series);

/* Appends the rows of a column in original units, rounded to 3 digits: "1.5 nan 2". */
void lks_test_table_describe(lks_table_fixture *fixture, int64_t series, int column,
                             lks_text *text);

#endif
