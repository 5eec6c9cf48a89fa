/* SPDX-License-Identifier: Apache-2.0 */
/* series.c - rows of one series, which may lie in several splits. */
#include "data/series.h"

#include "base/fail.h"
#include "data/dataset_handle.h"

const lks_series_table *lks_dataset_series(const lks_dataset *dataset) {
  return dataset->series == NULL ? NULL : &dataset->series->table;
}

int64_t lks_series_first_row(const lks_series *series, lks_split split) {
  int64_t rows = 0;
  for (int s = 0; s < (int)split; s++)
    rows += series->rows[s];
  return rows;
}

int64_t lks_series_rows(const lks_series *series) {
  return lks_series_first_row(series, LKS_SPLIT_COUNT);
}

/* Rows first .. first+count-1 of a series' part of a split. */
static lks_status read_part(lks_dataset *dataset, lks_split split, int64_t series,
                            int64_t first, int64_t count, float *values) {
  const lks_series_store *store = dataset->series;
  int columns = store->table.columns;
  int64_t place = store->offsets[split][series] + first * columns, infinite;
  LKS_TRY(
      lks_blocks_read(store->blocks, (int)split, place, count * columns, values, &infinite));
  if (infinite >= 0)
    return LKS_FAIL(LKS_DATA,
                    "%s: split '%s', value %lld: expected a finite number or NaN, found an "
                    "infinite one",
                    dataset->path, lks_split_text(split), (long long)infinite);
  return LKS_OK;
}

lks_status lks_dataset_read_series(lks_dataset *dataset, int64_t series, int64_t first,
                                   int64_t count, float *values) {
  LKS_ASSERT(dataset->series != NULL && series >= 0 && series < dataset->series->table.count);
  const lks_series *one = &dataset->series->table.series[series];
  LKS_ASSERT(first >= 0 && count >= 0 && first <= lks_series_rows(one) - count);
  for (int s = 0; s < LKS_SPLIT_COUNT && count > 0; s++) {
    int64_t rows = one->rows[s] - first;
    if (rows > 0) {
      int64_t part = rows < count ? rows : count;
      LKS_TRY(read_part(dataset, (lks_split)s, series, first, part, values));
      values += part * dataset->series->table.columns;
      first += part;
      count -= part;
    }
    first -= one->rows[s];
  }
  return LKS_OK;
}
