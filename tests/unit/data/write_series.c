/* SPDX-License-Identifier: Apache-2.0 */
/* write_series.c - datasets of series for check_in_h5py.py: the table of series_fixture.h
 * as FOLDER/panel.h5, its first series alone as FOLDER/one.h5; prints their digests.
 *
 *   write_series FOLDER */
#include "base/fail.h"
#include "series_fixture.h"

#include <stdio.h>

static lks_status write_table(lks_test_table *t, const char *folder, const char *name) {
  char path[256], hex[LKS_DIGEST_HEX];
  lks_digest digest;
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  LKS_TRY(lks_test_table_write(t, path, 200, 17, &digest));
  lks_digest_to_hex(&digest, hex);
  (void)printf("%s\n", hex);
  return LKS_OK;
}

static lks_status write_tables(const char *folder) {
  lks_test_table t;
  lks_test_table_set(&t);
  LKS_TRY(write_table(&t, folder, "panel.h5"));
  lks_test_table_set(&t);
  t.table.count = 1;
  t.table.static_count = 0;
  t.table.frequency = (lks_frequency){LKS_STEP_MONTH, 3};
  t.table.season = 4;
  t.table.group_name = t.series[0].name = "";
  t.series[0].rows[LKS_SPLIT_VALID] = 0;
  LKS_TRY(write_table(&t, folder, "one.h5"));
  return LKS_OK;
}

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  if (write_tables(argv[1]) == LKS_OK)
    return 0;
  (void)fprintf(stderr, "%s\n%s\n", lks_error_message(), lks_error_trail());
  return 1;
}
