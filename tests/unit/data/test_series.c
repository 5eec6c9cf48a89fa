/* SPDX-License-Identifier: Apache-2.0 */
/* test_series.c - what is written of a table is what is read of it. */
#include "check.h"
#include "data/dataset_content.h"
#include "series_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64, VALUES_MAX = 400 * LKS_TEST_COLUMNS };

static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* Values that are not what the table says; a NaN has to be the canonical one. */
static int count_wrong(const lks_test_table *t, int64_t series, int64_t first, int64_t count,
                       const float *values) {
  int wrong = 0;
  for (int64_t i = 0; i < count; i++)
    for (int c = 0; c < LKS_TEST_COLUMNS; c++) {
      float expected = lks_test_series_stored(t, series, first + i, c);
      uint32_t bits = isnan(expected) ? 0x7fc00000U : bits_of(expected);
      wrong += bits_of(*values++) != bits;
    }
  return wrong;
}

static void an_open_dataset_tells_what_the_table_said(void) {
  lks_test_table t;
  lks_series_fixture f;
  lks_test_table_set(&t);
  lks_series_fixture_create(&f, &t, CHUNK);
  const lks_series_table *table = lks_dataset_series(f.dataset);
  CHECK_TEXT(lks_dataset_task(f.dataset), "series");
  CHECK_TEXT(lks_dataset_unit(f.dataset), "1 hour");
  CHECK(lks_dataset_vocabulary(f.dataset) == NULL);
  CHECK_EQUAL(lks_dataset_block(f.dataset), CHUNK);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_TRAIN), 545);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_VALID), 31);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_TEST), 70);
  CHECK_EQUAL(table->columns, 3);
  CHECK_EQUAL(table->count, LKS_TEST_SERIES);
  CHECK_EQUAL(table->season, 24);
  CHECK_EQUAL(table->frequency.unit, LKS_STEP_SECONDS);
  CHECK_EQUAL(table->frequency.count, 3600);
  CHECK_TEXT(table->time_name, "date");
  CHECK_TEXT(table->group_name, "household");
  CHECK_TEXT(table->static_names[0], "area");
  CHECK_TEXT(table->static_names[1], "age");
  for (int c = 0; c < LKS_TEST_COLUMNS; c++) {
    CHECK_TEXT(table->column[c].name, t.column[c].name);
    CHECK_EQUAL(table->column[c].role, c);
    CHECK_EQUAL(table->column[c].has_missing, c == 1);
    CHECK_EQUAL(table->count_of[c], 1);
  }
  for (int s = 0; s < LKS_TEST_SERIES; s++) {
    CHECK_TEXT(table->series[s].name, t.series[s].name);
    CHECK_EQUAL(table->series[s].start, t.series[s].start);
    CHECK(memcmp(table->series[s].rows, t.series[s].rows, sizeof t.series[s].rows) == 0);
    CHECK(memcmp(table->series[s].fit, t.fit[s], sizeof t.fit[s]) == 0);
    CHECK_SAME_BITS(table->series[s].statics, t.statics[s], 2);
  }
  CHECK_OK(lks_dataset_verify(f.dataset));
  lks_series_fixture_destroy(&f);
}

static void windows_are_read_across_chunks_and_splits(void) {
  static const size_t chunks[] = {1, 7, CHUNK, 65536};
  float values[VALUES_MAX];
  for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
    lks_test_table t;
    lks_series_fixture f;
    int wrong = 0;
    lks_test_table_set(&t);
    lks_series_fixture_create(&f, &t, chunks[i]);
    for (int64_t s = 0; s < LKS_TEST_SERIES; s++) {
      int64_t rows = lks_series_rows(&t.series[s]);
      for (int64_t first = 0; first <= rows; first += 13)
        for (int64_t count = 0; first + count <= rows; count += 11) {
          CHECK_OK(lks_test_read_series(&f, s, first, count, values));
          wrong += count_wrong(&t, s, first, count, values);
        }
    }
    CHECK_EQUAL(wrong, 0);
    lks_series_fixture_destroy(&f);
  }
}

static void a_window_looks_back_over_a_border(void) {
  lks_test_table t;
  lks_series_fixture f;
  float values[VALUES_MAX];
  lks_test_table_set(&t);
  lks_series_fixture_create(&f, &t, CHUNK);
  const lks_series *series = &lks_dataset_series(f.dataset)->series[0];
  int64_t border = lks_series_first_row(series, LKS_SPLIT_TEST);
  CHECK_EQUAL(border, 117);
  CHECK_EQUAL(lks_series_first_row(series, LKS_SPLIT_VALID), 100);
  CHECK_EQUAL(lks_series_rows(series), 140);
  CHECK_OK(lks_test_read_series(&f, 0, border - 30, 40, values));
  CHECK_EQUAL(count_wrong(&t, 0, border - 30, 40, values), 0);
  lks_series_fixture_destroy(&f);
}

static void one_series_needs_no_name_and_no_splits(void) {
  lks_test_table t;
  lks_series_fixture f;
  float values[VALUES_MAX];
  lks_test_table_set(&t);
  t.table.count = 1;
  t.table.static_count = 0;
  t.table.group_name = t.series[0].name = "";
  t.series[0].rows[LKS_SPLIT_VALID] = t.series[0].rows[LKS_SPLIT_TEST] = 0;
  lks_series_fixture_create(&f, &t, CHUNK);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_TRAIN), 100);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_VALID), 0);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_TEST), 0);
  CHECK_TEXT(lks_dataset_series(f.dataset)->series[0].name, "");
  CHECK_EQUAL(lks_dataset_series(f.dataset)->static_count, 0);
  CHECK_OK(lks_test_read_series(&f, 0, 0, 100, values));
  CHECK_EQUAL(count_wrong(&t, 0, 0, 100, values), 0);
  CHECK_OK(lks_dataset_verify(f.dataset));
  lks_series_fixture_destroy(&f);
}

const lks_test series_tests[] = {TEST(an_open_dataset_tells_what_the_table_said),
                                 TEST(windows_are_read_across_chunks_and_splits),
                                 TEST(a_window_looks_back_over_a_border),
                                 TEST(one_series_needs_no_name_and_no_splits), TEST_END};
