/* SPDX-License-Identifier: Apache-2.0 */
/* test_inspect_series.c - what a user reads about a table of series. */
#include "series_fixture.h"
#include "check.h"
#include "report/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes the table and checks what is printed behind path and digest. */
static void check_printed(lks_test_table *t, const char *expected) {
  lks_temporary_folder folder;
  lks_digest digest;
  char hex[LKS_DIGEST_HEX], line[LKS_DIGEST_HEX + 16];
  char *text = NULL;
  size_t bytes = 0;
  lks_temporary_folder_create(&folder);
  lks_inspect_setup setup = {.path = lks_temporary_path(&folder, "a.h5")};
  CHECK_OK(lks_test_table_write(t, setup.path, 64, 19, &digest));
  setup.out = open_memstream(&text, &bytes);
  CHECK_OK(lks_inspect_run(&setup));
  (void)fclose(setup.out);
  lks_digest_to_hex(&digest, hex);
  (void)snprintf(line, sizeof line, "digest      %s\n", hex);
  CHECK_CONTAINS(text, line);
  const char *rest = strstr(text, "task ");
  CHECK_TEXT(rest != NULL ? rest : text, expected);
  free(text);
  lks_temporary_folder_destroy(&folder);
}

static void a_panel_is_told_by_its_columns_and_splits(void) {
  lks_test_table t;
  lks_test_table_set(&t);
  check_printed(&t, "task        series\n"
                    "step        1 hour\n"
                    "season      24 rows\n"
                    "time        2016-07-01 00:00:00 to 2016-07-16 15:00:00\n"
                    "series      5 of 1 to 373 rows\n"
                    "            's0' 's1' 's2' 's3' 's4'\n"
                    "train       545 rows\n"
                    "valid       31 rows\n"
                    "test        70 rows\n"
                    "targets     1: 'load'\n"
                    "past        1: 'wind'\n"
                    "known       1: 'hour'\n"
                    "statics     2: 'area' 'age'\n"
                    "missing     values of 1: 'wind'\n"
                    "scaling     of each series\n");
}

static void one_series_is_told_with_its_scaling(void) {
  lks_test_table t;
  lks_test_table_set(&t);
  t.table.count = 1;
  t.table.static_count = 0;
  t.table.frequency = (lks_frequency){LKS_STEP_ROW, 1};
  t.table.season = 1;
  t.series[0].name = "";
  t.series[0].start = 0;
  t.series[0].rows[LKS_SPLIT_VALID] = 0;
  check_printed(&t, "task        series\n"
                    "step        1 row\n"
                    "season      1 row\n"
                    "time        0 to 122\n"
                    "series      1 of 123 rows\n"
                    "train       100 rows\n"
                    "valid       none\n"
                    "test        23 rows\n"
                    "targets     1: 'load'\n"
                    "past        1: 'wind'\n"
                    "known       1: 'hour'\n"
                    "missing     values of 1: 'wind'\n"
                    "scaling             centre          scale\n"
                    "                         0           0.25  'load'\n"
                    "                      -1.5           1.25  'wind'\n"
                    "                        -3           2.25  'hour'\n");
}

const lks_test inspect_series_tests[] = {TEST(a_panel_is_told_by_its_columns_and_splits),
                                         TEST(one_series_is_told_with_its_scaling), TEST_END};
