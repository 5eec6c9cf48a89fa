/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_fixture.h - a small dataset whose values tell where they are from.
 *
 * Value i of every split is lks_test_value(i), different for each of the first
 * LKS_TEST_SYMBOLS - 1 places, and never that of the line end. */
#ifndef LOCKSTEP_TESTS_DATASET_FIXTURE_H
#define LOCKSTEP_TESTS_DATASET_FIXTURE_H

#include "data/dataset.h"
#include "temporary_folder.h"

enum { LKS_TEST_SYMBOLS = 1009, LKS_TEST_LINE_END = 1008 };

typedef struct {
  lks_temporary_folder folder;
  char path[160];
  lks_io_thread *io;
  lks_dataset *dataset;
} lks_dataset_fixture;

int32_t lks_test_value(int64_t i);

/* Writes a dataset of words with `count` values in the training split, half as many in
 * validation, none in test, and opens it. */
void lks_dataset_fixture_create(lks_dataset_fixture *fixture, int64_t count, size_t chunk);
void lks_dataset_fixture_destroy(lks_dataset_fixture *fixture);

/* Only writes it. */
void lks_dataset_fixture_write(const char *path, int64_t count, size_t chunk);

#endif
