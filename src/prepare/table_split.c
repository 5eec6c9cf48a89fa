/* SPDX-License-Identifier: Apache-2.0 */
/* table_split.c - of N rows the first floor(N x (1 - valid - test)) are for training, those
 * before floor(N x (1 - test)) for validation; of a short series a split that was asked
 * for gets one row all the same. */
#include "prepare/table_split.h"

#include "base/fail.h"
#include "prepare/prepare_output.h"

static lks_status check_one_way(const lks_prepare_table *setup, bool by_share) {
  bool by_rows = setup->train_rows >= 0 || setup->valid_rows >= 0 || setup->test_rows >= 0;
  bool by_time = setup->valid_from != NULL || setup->test_from != NULL;
  if ((int)by_share + (int)by_rows + (int)by_time > 1)
    return LKS_FAIL(LKS_USAGE, "splits are given in several ways\n  hint: by fractions, by "
                               "rows, or by times: --valid-from and --test-from");
  if (by_rows && setup->train_rows <= 0)
    return LKS_FAIL(LKS_USAGE, "splits are given by rows, but training has none\n"
                               "  hint: --train-rows says how many");
  return LKS_OK;
}

static lks_status read_time(const char *option, const char *text, lks_time_format format,
                            int64_t *time) {
  *time = INT64_MAX;
  if (text == NULL)
    return LKS_OK;
  if (lks_time_read(text, format, time) ||
      (format != LKS_TIME_NUMBER && lks_time_read(text, LKS_TIME_YMD, time)))
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE, "%s: expected a time like %s, found '%s'", option,
                  lks_time_format_example(format), text);
}

static int64_t at_least_none(int64_t rows) {
  return rows > 0 ? rows : 0;
}

lks_status lks_table_split_parse(lks_table_split *split, const lks_prepare_table *setup,
                                 lks_time_format format) {
  bool by_share = setup->valid_fraction >= 0 || setup->test_fraction >= 0;
  LKS_TRY(check_one_way(setup, by_share));
  *split = (lks_table_split){.by_rows = setup->train_rows > 0,
                             .by_time = setup->valid_from != NULL || setup->test_from != NULL,
                             .rows = {at_least_none(setup->train_rows),
                                      at_least_none(setup->valid_rows),
                                      at_least_none(setup->test_rows)}};
  double valid = setup->valid_fraction >= 0 ? setup->valid_fraction : LKS_TABLE_VALID_FRACTION;
  double test = setup->test_fraction >= 0 ? setup->test_fraction : LKS_TABLE_TEST_FRACTION;
  if (!lks_prepare_are_fractions(valid, test))
    return LKS_FAIL(LKS_USAGE,
                    "fractions %g for validation and %g for test: expected numbers from 0 to "
                    "below 1, as is their sum",
                    valid, test);
  split->share[LKS_SPLIT_VALID] = lks_prepare_billionths(valid);
  split->share[LKS_SPLIT_TEST] = lks_prepare_billionths(test);
  split->share[LKS_SPLIT_TRAIN] =
      lks_prepare_billionths(1) - split->share[LKS_SPLIT_VALID] - split->share[LKS_SPLIT_TEST];
  int64_t *from = split->from;
  LKS_TRY(read_time("--valid-from", setup->valid_from, format, &from[LKS_SPLIT_VALID]));
  LKS_TRY(read_time("--test-from", setup->test_from, format, &from[LKS_SPLIT_TEST]));
  if (setup->valid_from != NULL && from[LKS_SPLIT_VALID] >= from[LKS_SPLIT_TEST] &&
      setup->test_from != NULL)
    return LKS_FAIL(LKS_USAGE, "--test-from %s is not after --valid-from %s", setup->test_from,
                    setup->valid_from);
  return LKS_OK;
}

/* Rows before `time`: the grid is searched, since its steps may differ in length. */
static int64_t rows_before(lks_frequency frequency, int64_t start, int64_t rows, int64_t time) {
  int64_t low = 0, high = rows;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (lks_calendar_add(frequency, start, middle) < time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void lks_table_split_cut(const lks_table_split *split, lks_frequency frequency, int64_t start,
                         int64_t rows, int64_t rows_of[LKS_SPLIT_COUNT]) {
  int64_t end[LKS_SPLIT_COUNT] = {0, 0, rows}, before = 0;
  if (split->by_time) {
    end[1] = rows_before(frequency, start, rows, split->from[LKS_SPLIT_TEST]);
    end[0] = rows_before(frequency, start, end[1], split->from[LKS_SPLIT_VALID]);
  } else if (!split->by_rows) {
    end[0] = lks_prepare_share(rows, split->share[LKS_SPLIT_TRAIN]);
    end[1] = lks_prepare_share(rows, split->share[LKS_SPLIT_TRAIN] + split->share[1]);
    end[1] -= end[1] == rows && split->share[LKS_SPLIT_TEST] > 0;
    end[0] -= end[0] >= end[1] && split->share[LKS_SPLIT_VALID] > 0;
    end[0] = end[0] < end[1] ? end[0] : end[1];
  }
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    rows_of[s] = split->by_rows ? split->rows[s] : end[s] - before;
    before = end[s];
  }
}

bool lks_table_split_wants(const lks_table_split *split, lks_split which) {
  if (which == LKS_SPLIT_TRAIN)
    return true;
  if (split->by_rows)
    return split->rows[which] > 0;
  return split->by_time ? split->from[which] != INT64_MAX : split->share[which] > 0;
}
