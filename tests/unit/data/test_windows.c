/* SPDX-License-Identifier: Apache-2.0 */
/* test_windows.c - every window once, none across a border, on any number of ranks. */
#include "check.h"
#include "data/batcher.h"
#include "series_fixture.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 64, RANKS_MAX = 4, ROWS_MAX = 400, COLUMNS = LKS_TEST_COLUMNS };

static const lks_window_plan plans[] = {
    {.window = 1, .history = 1, .lead = 1, .horizon = 1, .stride = 1},
    {.window = 7, .history = 9, .lead = 1, .horizon = 3, .stride = 1},
    {.window = 5, .history = 30, .lead = 4, .horizon = 2, .stride = 3},
};

/* The windows of a series by the definition: every origin is tried. */
static int count_windows(const lks_test_table *t, int64_t series, lks_split split,
                         const lks_window_plan *plan, int seen[ROWS_MAX]) {
  const lks_series *s = &t->series[series];
  int64_t rows = lks_series_rows(s), first = lks_series_first_row(s, split);
  int count = 0, at = 0;
  for (int64_t origin = 0; origin < rows; origin++) {
    int64_t from = origin + plan->lead, to = from + plan->horizon - 1;
    bool fits = from >= first && to < first + s->rows[split] && origin - plan->window + 1 >= 0;
    if (split == LKS_SPLIT_TRAIN)
      fits = fits && origin - plan->window + 1 >= first;
    seen[origin] = fits && (split != LKS_SPLIT_TRAIN || at++ % plan->stride == 0);
    count += seen[origin];
  }
  return count;
}

static void check_row(const lks_test_table *t, const lks_batch *batch, int row,
                      const lks_window_plan *plan) {
  const float *values = batch->windows + (size_t)row * (size_t)(batch->span * batch->columns);
  int64_t series = batch->series[row], origin = batch->origin[row];
  int wrong = 0;
  CHECK_EQUAL(batch->lengths[row], plan->window);
  for (int i = 0; i < batch->span; i++)
    for (int c = 0; c < COLUMNS; c++) {
      int64_t place = origin - plan->history + 1 + i;
      float expected = place < 0 ? NAN : lks_test_series_stored(t, series, place, c);
      float found = values[i * COLUMNS + c];
      wrong += isnan(expected) ? !isnan(found) : found != expected;
    }
  CHECK_EQUAL(wrong, 0);
}

/* Two epochs of a split; each window is there once in each. */
static void check_split(const lks_test_table *t, const lks_series_fixture *f,
                        lks_batcher_setup setup, int ranks) {
  lks_batcher *batchers[RANKS_MAX] = {NULL};
  double waited = 0;
  setup.ranks = ranks;
  setup.terms = 1;
  for (setup.rank = 0; setup.rank < ranks; setup.rank++)
    CHECK_OK(lks_batcher_create(&batchers[setup.rank], f->dataset, f->io, &setup));
  for (int epoch = 0; epoch < 2; epoch++) {
    static int expected[LKS_TEST_SERIES][ROWS_MAX];
    int wrong = 0;
    int64_t terms = 0, windows = 0;
    for (int64_t s = 0; s < LKS_TEST_SERIES; s++)
      windows += count_windows(t, s, setup.split, setup.windows, expected[s]);
    for (int64_t i = 0; i < lks_batcher_batches(batchers[0]); i++)
      for (int r = 0; r < ranks; r++) {
        const lks_batch *batch;
        CHECK_OK(lks_batcher_next(batchers[r], &batch, &waited));
        terms += r == 0 ? batch->terms : 0;
        CHECK(batch->rows <= lks_batcher_rows_max(batchers[r]));
        for (int row = 0; row < batch->rows; row++) {
          if (batch->lengths[row] == 0)
            continue;
          check_row(t, batch, row, setup.windows);
          expected[batch->series[row]][batch->origin[row]]--;
        }
      }
    for (int64_t s = 0; s < LKS_TEST_SERIES; s++)
      for (int64_t row = 0; row < lks_series_rows(&t->series[s]); row++)
        wrong += expected[s][row] != 0;
    CHECK_EQUAL(wrong, 0);
    CHECK_EQUAL(terms, windows);
  }
  for (int r = 0; r < ranks; r++)
    lks_batcher_destroy(batchers[r]);
}

static void check_all(bool streams) {
  lks_test_table t;
  lks_series_fixture f;
  lks_test_table_set(&t);
  lks_series_fixture_create(&f, &t, CHUNK);
  for (size_t p = 0; p < sizeof plans / sizeof *plans; p++)
    for (int split = 0; split < LKS_SPLIT_COUNT; split++)
      for (int ranks = 1; ranks <= RANKS_MAX; ranks++) {
        lks_batcher_setup setup = {.split = (lks_split)split,
                                   .rows = 8,
                                   .window = plans[p].window,
                                   .shards = 4,
                                   .carried = streams,
                                   .shuffled = !streams,
                                   .seed = 3,
                                   .windows = &plans[p]};
        check_split(&t, &f, setup, ranks);
      }
  lks_series_fixture_destroy(&f);
}

static void an_epoch_has_every_window_once(void) {
  check_all(false);
}

static void streams_have_every_window_once(void) {
  check_all(true);
}

static void folds_walk_through_the_test_split(void) {
  lks_test_table t;
  lks_test_table_set(&t);
  const lks_series *s = &t.series[0];
  int64_t expected = lks_series_first_row(s, LKS_SPLIT_TEST), first, end;
  lks_window_plan plan = plans[0];
  plan.folds = 3;
  for (plan.fold = 1; plan.fold <= plan.folds; plan.fold++) {
    int64_t valid_first, valid_end, train_first, train_end;
    lks_window_borders(&plan, s, LKS_SPLIT_TEST, &first, &end);
    lks_window_borders(&plan, s, LKS_SPLIT_VALID, &valid_first, &valid_end);
    lks_window_borders(&plan, s, LKS_SPLIT_TRAIN, &train_first, &train_end);
    CHECK_EQUAL(first, expected);
    CHECK_EQUAL(valid_end, first);
    CHECK_EQUAL(valid_end - valid_first, s->rows[LKS_SPLIT_VALID]);
    CHECK_EQUAL(train_end, valid_first);
    CHECK_EQUAL(train_first, 0);
    CHECK(end > first);
    expected = end;
  }
  CHECK_EQUAL(expected, lks_series_rows(s));
}

static void too_few_rows_are_refused(void) {
  lks_test_table t;
  lks_series_fixture f;
  lks_windows *windows = NULL;
  lks_test_table_set(&t);
  lks_series_fixture_create(&f, &t, CHUNK);
  lks_windows_setup setup = {.plan = plans[0],
                             .split = LKS_SPLIT_TRAIN,
                             .rows = 4,
                             .shards = 2,
                             .terms = 1,
                             .ranks = 1};
  setup.plan.window = setup.plan.history = 5000;
  CHECK_FAILS(lks_windows_create(&windows, f.dataset, &setup), LKS_DATA,
              "split 'train' has no window: expected 5000 rows of history");
  CHECK(windows == NULL);
  lks_series_fixture_destroy(&f);
}

const lks_test windows_tests[] = {
    TEST(an_epoch_has_every_window_once),
    TEST(streams_have_every_window_once),
    TEST(folds_walk_through_the_test_split),
    TEST(too_few_rows_are_refused),
    TEST_END,
};
