/* SPDX-License-Identifier: Apache-2.0 */
/* test_series.c - what is written of a table is what is read of it. */
#include "base/memory.h"
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

/* ---- the content digest ---- */

static void digest_depends_on_nothing_but_the_content(void) {
  static const int64_t pieces[] = {1, 2, 19, 1000};
  lks_temporary_folder folder;
  lks_test_table t;
  lks_digest first, digest;
  size_t first_bytes, bytes;
  lks_temporary_folder_create(&folder);
  lks_test_table_set(&t);
  const char *path = lks_temporary_path(&folder, "a.h5");
  CHECK_OK(lks_test_table_write(&t, path, CHUNK, 7, &first));
  char *expected = lks_test_read_file(path, &first_bytes);
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    CHECK_OK(lks_test_table_write(&t, path, CHUNK, pieces[i], &digest));
    CHECK_EQUAL(lks_digest_compare(&digest, &first), 0);
    char *found = lks_test_read_file(path, &bytes);
    CHECK(bytes == first_bytes && memcmp(found, expected, bytes) == 0);
    free(found);
  }
  free(expected);
  lks_temporary_folder_destroy(&folder);
}

/* One change of the table each. */
static void change(lks_test_table *t, int number) {
  switch (number) {
  case 0: break;
  case 1: t->table.time_name = "time"; break;
  case 2: t->table.group_name = "d"; break;
  case 3: t->table.season = 25; break;
  case 4: t->table.frequency.count = 1800; break;
  case 5: t->column[1].name = "gust"; break;
  case 6:
    t->column[1].role = LKS_ROLE_TARGET;
    t->table.count_of[LKS_ROLE_TARGET]++;
    t->table.count_of[LKS_ROLE_PAST]--;
    break;
  case 7: t->series[1].name = "s9"; break;
  case 8: t->series[1].start += 1; break;
  case 9: /* the same rows in the same splits, of other series */
    t->series[0].rows[LKS_SPLIT_TRAIN]--;
    t->series[1].rows[LKS_SPLIT_TRAIN]++;
    break;
  case 10: /* another border */
    t->series[0].rows[LKS_SPLIT_TRAIN]--;
    t->series[0].rows[LKS_SPLIT_VALID]++;
    break;
  case 11: t->static_names[1] = "agf"; break;
  case 12: t->statics[3][1] += 1; break;
  case 13: t->table.static_count = 0; break;
  case 14: t->fit[4][2].centre += 1; break; /* 14 and 15 change values too */
  case 15: t->fit[4][2].scale += 1; break;
  case 16: t->fit[4][2].difference_mean += 1; break;
  case 17: t->fit[4][2].difference_deviation += 1; break;
  case 18: t->fit[4][2].naive_error += 1; break;
  case 19: t->fit[4][2].seasonal_error = NAN; break;
  default: break;
  }
}

static void every_change_of_the_content_changes_the_digest(void) {
  enum { CHANGES = 20 };
  lks_temporary_folder folder;
  lks_digest digests[CHANGES + 1];
  lks_test_table t;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "a.h5");
  for (int i = 0; i <= CHANGES; i++) {
    lks_test_table_set(&t);
    change(&t, i);
    CHECK_OK(lks_test_table_write(&t, path, i < CHANGES ? CHUNK : CHUNK + 1, 19, &digests[i]));
    for (int j = 0; j < i; j++)
      CHECK(lks_digest_compare(&digests[i], &digests[j]) != 0);
  }
  lks_temporary_folder_destroy(&folder);
}

/* ---- what the writer refuses ---- */

static void check_refused(void (*spoil)(lks_test_table *t), const char *message) {
  lks_temporary_folder folder;
  lks_test_table t;
  lks_temporary_folder_create(&folder);
  lks_test_table_set(&t);
  spoil(&t);
  CHECK_FAILS(lks_test_table_write(&t, lks_temporary_path(&folder, "a.h5"), CHUNK, 19, NULL),
              LKS_DATA, message);
  CHECK_EQUAL(lks_temporary_count(&folder), 0);
  lks_temporary_folder_destroy(&folder);
}

static void spoil_name(lks_test_table *t) {
  t->column[2].name = "a\tb";
}
static void spoil_utf8(lks_test_table *t) {
  t->series[3].name = "\xff";
}
static void spoil_empty(lks_test_table *t) {
  t->column[0].name = "";
}
static void spoil_series_without_name(lks_test_table *t) {
  t->series[2].name = "";
}
static void spoil_twins(lks_test_table *t) {
  t->static_names[0] = "wind";
}
static void spoil_series_twins(lks_test_table *t) {
  t->series[4].name = "s1";
}
static void spoil_order(lks_test_table *t) {
  t->column[0].role = LKS_ROLE_PAST;
  t->column[1].role = LKS_ROLE_TARGET;
}
static void spoil_targets(lks_test_table *t) {
  t->column[0].role = LKS_ROLE_PAST;
  t->table.count_of[LKS_ROLE_TARGET] = 0;
  t->table.count_of[LKS_ROLE_PAST] = 2;
}
static void spoil_season(lks_test_table *t) {
  t->table.season = 0;
}
static void spoil_step(lks_test_table *t) {
  t->table.frequency.count = 0;
}
static void spoil_long_step(lks_test_table *t) {
  t->table.frequency.count = (int64_t)1 << 49;
}
static void spoil_start(lks_test_table *t) {
  t->series[1].start = INT64_MAX;
}
static void spoil_weekday(lks_test_table *t) {
  t->table.frequency = (lks_frequency){LKS_STEP_WEEKDAY, 1};
  t->series[0].start = 2 * 86400; /* 1970-01-03, a Saturday */
}
static void spoil_rows(lks_test_table *t) {
  t->series[1].rows[LKS_SPLIT_TEST] = -1;
}
static void spoil_scale(lks_test_table *t) {
  t->fit[1][2].scale = 0;
}
static void spoil_centre(lks_test_table *t) {
  t->fit[1][2].centre = NAN;
}
static void spoil_error(lks_test_table *t) {
  t->fit[1][2].naive_error = -1;
}
static void spoil_static(lks_test_table *t) {
  t->statics[2][1] = NAN;
}
static void spoil_value(lks_test_table *t) {
  t->fit[3][0].scale = 1e-300;
}

static void tables_that_no_reader_takes_are_refused(void) {
  check_refused(spoil_name, "a.h5: column 2: expected a name in UTF-8 without control");
  check_refused(spoil_utf8, "a.h5: series 3: expected a name in UTF-8 without control");
  check_refused(spoil_empty, "a.h5: column 0 has no name");
  check_refused(spoil_series_without_name, "a.h5: series 2 has no name");
  check_refused(spoil_twins, "a.h5: two columns are called 'wind'");
  check_refused(spoil_series_twins, "a.h5: two series are called 's1'");
  check_refused(spoil_order, "a.h5: column 'wind' has role 0, expected targets, then past");
  check_refused(spoil_targets, "a.h5: expected a target among the columns, found none");
  check_refused(spoil_season, "a.h5: expected a season of 1 row or more, found 0");
  check_refused(spoil_step, "a.h5: the step between rows, 0 units, is out of range");
  check_refused(spoil_long_step, "a.h5: the step between rows, 562949953421312 units, is out");
  check_refused(spoil_start, "a.h5: series 's1': 70 rows from time 9223372036854775807 are");
  check_refused(spoil_weekday, "a.h5: series 's0' does not start on a weekday");
  check_refused(spoil_rows, "a.h5: series 's1': -1 rows are out of range");
  check_refused(spoil_scale, "a.h5: series 's1', column 'hour': expected a finite centre and a "
                             "scale above 0, found -2 and 0");
  check_refused(spoil_centre, "a.h5: series 's1', column 'hour': expected a finite centre");
  check_refused(spoil_error, "a.h5: series 's1', column 'hour': expected finite differences");
  check_refused(spoil_static,
                "a.h5: series 's2', static column 'age': expected a finite value");
  check_refused(
      spoil_value,
      "a.h5: series 's3', row 1 (2016-07-01 04:00:00), column 'load': 7.42857, centred at "
      "3 and scaled by 1e-300, is not a number that 32 bits can hold");
}

static void rows_have_to_be_as_many_as_the_table_says(void) {
  lks_temporary_folder folder;
  lks_test_table t;
  lks_series_writer *writer = NULL;
  lks_digest digest;
  static double values[1000 * LKS_TEST_COLUMNS];
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "a.h5");
  for (int64_t rows = 645; rows <= 647; rows++) {
    lks_test_table_set(&t);
    CHECK_OK(lks_series_writer_create(&writer, path, &t.table, CHUNK));
    lks_status status = lks_series_writer_append(writer, rows, values);
    CHECK_EQUAL(status, rows > 646 ? LKS_DATA : LKS_OK);
    if (rows > 646)
      CHECK_CONTAINS(lks_error_message(), "a.h5: there are more rows than the series were");
    else if (rows < 646)
      CHECK_FAILS(lks_series_writer_commit(writer, "", &digest), LKS_DATA,
                  "a.h5: there are fewer rows than the series were found to have");
    else
      CHECK_OK(lks_series_writer_commit(writer, "", &digest));
    lks_series_writer_destroy(writer);
    CHECK_EQUAL(lks_temporary_count(&folder), rows >= 646);
  }
  CHECK_FAILS(lks_series_writer_create(&writer, "/nowhere/a.h5", &t.table, CHUNK), LKS_IO,
              "/nowhere/a.h5");
  CHECK(writer == NULL);
  lks_temporary_folder_destroy(&folder);
}

static void memory_that_runs_out_is_reported_and_leaks_nothing(void) {
  lks_temporary_folder folder;
  lks_test_table t;
  lks_io_thread *io = NULL;
  lks_status status = LKS_NO_MEMORY;
  size_t n = 0;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "a.h5");
  while (status != LKS_OK && n < 1000) {
    lks_test_table_set(&t);
    lks_allocation_fail_at(++n);
    status = lks_test_table_write(&t, path, CHUNK, 19, NULL);
    lks_allocation_fail_at(0);
    CHECK(status == LKS_OK || status == LKS_NO_MEMORY);
    if (status != LKS_OK)
      (void)remove(path); /* memory may fail behind the renaming */
    CHECK_EQUAL(lks_temporary_count(&folder), status == LKS_OK);
  }
  CHECK(n > 20 && n < 1000);
  CHECK_OK(lks_io_thread_create(&io));
  for (status = LKS_NO_MEMORY, n = 0; status != LKS_OK && n < 1000;) {
    lks_dataset *dataset = NULL;
    lks_allocation_fail_at(++n);
    status = lks_dataset_open(&dataset, path, io);
    lks_allocation_fail_at(0);
    CHECK(status == LKS_OK || (status == LKS_NO_MEMORY && dataset == NULL));
    lks_dataset_close(dataset);
  }
  CHECK(n > 20 && n < 1000);
  lks_io_thread_destroy(io);
  lks_temporary_folder_destroy(&folder);
}

const lks_test series_tests[] = {TEST(an_open_dataset_tells_what_the_table_said),
                                 TEST(windows_are_read_across_chunks_and_splits),
                                 TEST(a_window_looks_back_over_a_border),
                                 TEST(one_series_needs_no_name_and_no_splits),
                                 TEST(digest_depends_on_nothing_but_the_content),
                                 TEST(every_change_of_the_content_changes_the_digest),
                                 TEST(tables_that_no_reader_takes_are_refused),
                                 TEST(rows_have_to_be_as_many_as_the_table_says),
                                 TEST(memory_that_runs_out_is_reported_and_leaks_nothing),
                                 TEST_END};
