/* SPDX-License-Identifier: Apache-2.0 */
/* windows.c - windows are numbered series by series, in the order of their origins;
 * a number is found again by bisection. */
#include "data/windows.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/order.h"
#include "data/samples.h"

#include <math.h>

struct lks_windows {
  lks_windows_setup setup;
  lks_dataset *dataset; /* borrowed; outlives this */
  const lks_series_table *table;
  int64_t *first;      /* [series + 1] number of each series' first window */
  lks_order *order;    /* NULL with streams */
  int64_t epoch;       /* which the order is set to */
  lks_rows full, last; /* of all batches but the last of an epoch, and of that one */
};

int lks_window_span(const lks_window_plan *plan) {
  return plan->history + plan->lead - 1 + plan->horizon;
}

void lks_window_borders(const lks_window_plan *plan, const lks_series *series, lks_split split,
                        int64_t *first, int64_t *end) {
  *first = lks_series_first_row(series, split);
  *end = *first + series->rows[split];
  if (plan->fold == 0)
    return;
  int64_t rows = series->rows[LKS_SPLIT_TEST];
  int64_t test =
      lks_series_first_row(series, LKS_SPLIT_TEST) + rows * (plan->fold - 1) / plan->folds;
  int64_t valid = test - series->rows[LKS_SPLIT_VALID];
  *first = split == LKS_SPLIT_TRAIN ? 0 : split == LKS_SPLIT_VALID ? valid : test;
  *end = split == LKS_SPLIT_TRAIN ? valid
         : split == LKS_SPLIT_VALID
             ? test
             : lks_series_first_row(series, LKS_SPLIT_TEST) + rows * plan->fold / plan->folds;
}

/* The origins of a series: *first, and how many from there. */
static int64_t origins_of(const lks_windows_setup *setup, const lks_series *series,
                          int64_t *first) {
  const lks_window_plan *plan = &setup->plan;
  int64_t start, end;
  lks_window_borders(plan, series, setup->split, &start, &end);
  bool trains = setup->split == LKS_SPLIT_TRAIN;
  *first = trains ? start + plan->window - 1 : start - plan->lead;
  if (*first < plan->window - 1)
    *first = plan->window - 1;
  int64_t last = end - plan->lead - plan->horizon;
  return last < *first ? 0 : (last - *first) / plan->stride + 1;
}

static lks_status count_windows(lks_windows *w) {
  int64_t longest = 0, unused;
  LKS_TRY(lks_allocate(&w->first, (size_t)w->table->count + 1, sizeof *w->first));
  for (int64_t s = 0; s < w->table->count; s++) {
    const lks_series *series = &w->table->series[s];
    w->first[s + 1] = w->first[s] + origins_of(&w->setup, series, &unused);
    int64_t rows = lks_series_rows(series);
    longest = rows > longest ? rows : longest;
  }
  int64_t count = lks_windows_count(w);
  if (count == 0)
    return LKS_FAIL(
        LKS_DATA,
        "%s: split '%s' has no window: expected %d rows of history, %d to the first "
        "forecast and a horizon of %d rows, the longest series has %lld rows in all"
        "\n  hint: set a shorter [data] window or horizon",
        lks_dataset_path(w->dataset), lks_split_text(w->setup.split), w->setup.plan.window,
        w->setup.plan.lead, w->setup.plan.horizon, (long long)longest);
  if (count > UINT32_MAX)
    return LKS_FAIL(LKS_DATA,
                    "%s: split '%s' has %lld windows, the most is %lld"
                    "\n  hint: set a larger [data] stride",
                    lks_dataset_path(w->dataset), lks_split_text(w->setup.split),
                    (long long)count, (long long)UINT32_MAX);
  return LKS_OK;
}

static lks_status make_rows(lks_windows *w, lks_rows *rows, int64_t count) {
  return lks_rows_create(rows, (int)count, w->setup.shards, w->setup.rank, w->setup.ranks);
}

static lks_status make_order(lks_windows *w) {
  int64_t count = lks_windows_count(w), rest = count % w->setup.rows;
  int64_t block = lks_dataset_block(w->dataset) / w->table->columns / w->setup.plan.stride;
  LKS_TRY(make_rows(w, &w->full, w->setup.rows));
  LKS_TRY(make_rows(w, &w->last, rest > 0 ? rest : w->setup.rows));
  return lks_order_create(&w->order, count, block > 0 ? block : 1, LKS_SAMPLES_ORDER_WINDOW,
                          w->setup.seed, w->setup.shuffled);
}

static lks_status create(lks_windows *w) {
  LKS_TRY(count_windows(w));
  if (!w->setup.streams)
    return make_order(w);
  int64_t count = lks_windows_count(w);
  if (count < w->setup.rows)
    w->setup.rows = (int)count;
  while (w->setup.shards > w->setup.rows)
    w->setup.shards /= 2;
  return make_rows(w, &w->full, w->setup.rows);
}

lks_status lks_windows_create(lks_windows **windows, lks_dataset *dataset,
                              const lks_windows_setup *setup) {
  LKS_ASSERT(lks_dataset_series(dataset) && setup->plan.history >= setup->plan.window);
  LKS_TRY(lks_allocate(windows, 1, sizeof **windows));
  (*windows)->setup = *setup;
  (*windows)->dataset = dataset;
  (*windows)->table = lks_dataset_series(dataset);
  (*windows)->epoch = -1;
  if (setup->split != LKS_SPLIT_TRAIN)
    (*windows)->setup.plan.stride = 1;
  lks_status status = create(*windows);
  if (status != LKS_OK) {
    lks_windows_destroy(*windows);
    *windows = NULL;
  }
  return status;
}

void lks_windows_destroy(lks_windows *w) {
  if (w == NULL)
    return;
  lks_rows_release(&w->last);
  lks_rows_release(&w->full);
  lks_order_destroy(w->order);
  lks_release(w->first);
  lks_release(w);
}

int64_t lks_windows_count(const lks_windows *w) {
  return w->first[w->table->count];
}

int64_t lks_windows_batches(const lks_windows *w) {
  return (lks_windows_count(w) + w->setup.rows - 1) / w->setup.rows;
}

int lks_windows_rows(const lks_windows *w) {
  if (w->setup.streams)
    return w->full.count;
  if (lks_windows_batches(w) == 1 || w->last.count > w->full.count)
    return w->last.count;
  return w->full.count;
}

const lks_rows *lks_windows_full_rows(const lks_windows *w) {
  return &w->full;
}

/* The series that window `number` is of. */
static int64_t series_of(const lks_windows *w, int64_t number) {
  int64_t low = 0, high = w->table->count;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    if (w->first[middle] <= number)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static lks_status put(lks_windows *w, lks_batch_slot *slot, int row, int64_t number) {
  const lks_window_plan *plan = &w->setup.plan;
  int64_t series = series_of(w, number), origin;
  const lks_series *one = &w->table->series[series];
  (void)origins_of(&w->setup, one, &origin);
  origin += (number - w->first[series]) * plan->stride;
  int64_t from = origin - plan->history + 1, rows = lks_window_span(plan);
  float *values = slot->windows + (size_t)row * (size_t)rows * (size_t)w->table->columns;
  for (; from < 0; from++, rows--)
    for (int c = 0; c < w->table->columns; c++)
      *values++ = NAN;
  slot->lengths[row] = plan->window;
  slot->sample[row] = (uint32_t)number;
  slot->series[row] = (int32_t)series;
  slot->origin[row] = origin;
  return lks_dataset_read_series(w->dataset, series, from, rows, values);
}

static lks_status fill_samples(lks_windows *w, int64_t epoch, int64_t index,
                               lks_batch_slot *slot) {
  bool ends = index + 1 == lks_windows_batches(w);
  if (epoch != w->epoch) {
    lks_order_start(w->order, epoch);
    w->epoch = epoch;
  }
  lks_batch_slot_start(slot, ends ? &w->last : &w->full);
  lks_batch *batch = &slot->batch;
  batch->starts = true;
  batch->ends = ends;
  batch->steps = w->setup.plan.window;
  batch->terms = (int64_t)batch->shards.rows * w->setup.terms;
  for (int row = 0; row < batch->rows; row++)
    LKS_TRY(put(w, slot, row,
                lks_order_at(w->order, index * w->setup.rows + batch->first_row + row)));
  return LKS_OK;
}

static lks_status fill_streams(lks_windows *w, int64_t index, lks_batch_slot *slot) {
  int64_t count = lks_windows_count(w), rows = w->setup.rows;
  int64_t shortest = count / rows, longer = count % rows;
  lks_batch_slot_start(slot, &w->full);
  lks_batch *batch = &slot->batch;
  int64_t present = index < shortest ? rows : longer;
  batch->shards.present = (int)present;
  batch->starts = true;
  batch->ends = index + 1 == lks_windows_batches(w);
  batch->steps = w->setup.plan.window;
  batch->terms = present * w->setup.terms;
  for (int row = 0; row < batch->rows; row++) {
    int64_t stream = batch->first_row + row;
    slot->lengths[row] = 0;
    if (stream < present)
      LKS_TRY(
          put(w, slot, row, stream * shortest + (stream < longer ? stream : longer) + index));
  }
  return LKS_OK;
}

lks_status lks_windows_fill(lks_windows *w, int64_t epoch, int64_t index,
                            lks_batch_slot *slot) {
  if (w->setup.streams)
    return fill_streams(w, index, slot);
  return fill_samples(w, epoch, index, slot);
}
