/* SPDX-License-Identifier: Apache-2.0 */
/* test_batcher.c - batches of all ranks, put together, are the text: each token is
 * predicted once, from the one before it, whatever the ranks; and a seek leads to
 * where a straight run would be. */
#include "base/memory.h"
#include "check.h"
#include "data/batcher.h"
#include "data/order.h"
#include "data/samples.h"
#include "dataset_fixture.h"

#include <stdlib.h>
#include <string.h>

enum { RANKS_MAX = 6, TOKENS_MAX = 1000, ROWS_MAX = 64, CHUNK = 40 };

/* A global batch as a plain description of the definition. */
typedef struct {
  int rows, present, steps;
  int64_t tokens, position;
  bool starts, ends;
  int64_t first[ROWS_MAX]; /* place of a row's first target in the text */
  int length[ROWS_MAX];
  int64_t sample[ROWS_MAX];
} expectation;

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Walks through the streams one token at a time. */
static void expect_streams(int64_t count, const lks_batcher_setup *setup, int64_t index,
                           expectation *e) {
  int64_t start = 0, longest = (count + setup->rows - 1) / setup->rows;
  *e = (expectation){.rows = setup->rows,
                     .position = index * setup->window,
                     .starts = index == 0,
                     .ends = (index + 1) * setup->window >= longest};
  for (int r = 0; r < setup->rows; r++) {
    int64_t length = count / setup->rows + (r < count % setup->rows);
    for (int64_t i = e->position; i < length && i < e->position + setup->window; i++)
      e->length[r]++;
    e->first[r] = start + e->position;
    e->sample[r] = r;
    e->present += e->length[r] > 0;
    e->tokens += e->length[r];
    e->steps = e->length[r] > e->steps ? e->length[r] : e->steps;
    start += length;
  }
}

/* The samples of the order, the short one last. */
static void expect_samples(int64_t count, const lks_batcher_setup *setup, int64_t epoch,
                           int64_t index, expectation *e) {
  lks_order *order = NULL;
  int64_t samples = (count + setup->window - 1) / setup->window;
  int64_t block = CHUNK / setup->window > 0 ? CHUNK / setup->window : 1;
  *e = (expectation){.starts = true, .ends = (index + 1) * setup->rows >= samples};
  CHECK_OK(lks_order_create(&order, samples, block, LKS_SAMPLES_ORDER_WINDOW, setup->seed,
                            setup->shuffled));
  lks_order_start(order, epoch);
  for (int turn = 0; turn < 2; turn++) /* first the full ones, then the short one */
    for (int64_t i = index * setup->rows; i < least(samples, (index + 1) * setup->rows); i++) {
      int64_t sample = lks_order_at(order, i);
      int length = (int)least(setup->window, count - sample * setup->window);
      if ((length < setup->window) != (turn == 1))
        continue;
      e->first[e->rows] = sample * setup->window;
      e->length[e->rows] = length;
      e->sample[e->rows++] = sample;
      e->tokens += length;
      e->steps = length > e->steps ? length : e->steps;
    }
  e->present = e->rows;
  lks_order_destroy(order);
}

static void check_row(const lks_batch *batch, int row, const expectation *e) {
  int global = batch->first_row + row;
  int wrong = 0;
  CHECK_EQUAL(batch->lengths[row], e->length[global]);
  CHECK_EQUAL(batch->sample[row], e->sample[global]);
  for (int t = 0; t < batch->steps; t++) {
    int64_t place = e->first[global] + t;
    int32_t input = place == 0 ? LKS_TEST_LINE_END : lks_test_value(place - 1);
    int32_t target = lks_test_value(place);
    if (t >= e->length[global])
      input = target = 0;
    wrong += batch->inputs[t * batch->rows + row] != input;
    wrong += batch->targets[t * batch->rows + row] != target;
  }
  CHECK_EQUAL(wrong, 0);
}

/* The batch of one rank; *next_row is where its rows have to begin, and moves on. */
static void check_batch(const lks_batch *batch, const lks_batcher_setup *setup, const int *cuts,
                        const expectation *e, int *next_row) {
  CHECK_EQUAL(batch->shards.shards, setup->shards);
  CHECK_EQUAL(batch->shards.rows, e->rows);
  CHECK_EQUAL(batch->shards.present, e->present);
  CHECK_EQUAL(batch->terms, e->tokens);
  CHECK_EQUAL(batch->position, e->position);
  CHECK_EQUAL(batch->starts, e->starts);
  CHECK_EQUAL(batch->ends, e->ends);
  CHECK_EQUAL(batch->steps, e->steps);
  CHECK_EQUAL(batch->first_row, *next_row);
  CHECK_EQUAL(batch->first_row, lks_shards_row(&batch->shards, cuts[setup->rank]));
  CHECK_EQUAL(batch->first_row + batch->rows,
              lks_shards_row(&batch->shards, cuts[setup->rank + 1]));
  for (int row = 0; row < batch->rows; row++) {
    check_row(batch, row, e);
    if (row > 0)
      CHECK(batch->lengths[row] <= batch->lengths[row - 1]);
  }
  *next_row += batch->rows;
}

/* Two epochs on `ranks` ranks; every token is a target once an epoch. */
static void check_epochs(lks_dataset_fixture *fixture, lks_batcher_setup setup, int ranks) {
  lks_batcher *batchers[RANKS_MAX] = {NULL};
  int64_t count = lks_dataset_count(fixture->dataset, setup.split);
  int64_t whole = setup.rows * (int64_t)setup.window, batches = (count + whole - 1) / whole;
  double waited = 0;
  setup.ranks = ranks;
  for (setup.rank = 0; setup.rank < ranks; setup.rank++) {
    CHECK_OK(lks_batcher_create(&batchers[setup.rank], fixture->dataset, fixture->io, &setup));
    CHECK_EQUAL(lks_batcher_batches(batchers[setup.rank]), batches);
    CHECK_EQUAL(lks_batcher_cuts(batchers[setup.rank])[ranks], setup.shards);
  }
  for (int64_t epoch = 0; epoch < 2; epoch++) {
    int seen[TOKENS_MAX] = {0};
    for (int64_t index = 0; index < batches; index++) {
      expectation e;
      int next_row = 0;
      if (setup.carried)
        expect_streams(count, &setup, index, &e);
      else
        expect_samples(count, &setup, epoch, index, &e);
      for (setup.rank = 0; setup.rank < ranks; setup.rank++) {
        const lks_batch *batch;
        CHECK_OK(lks_batcher_next(batchers[setup.rank], &batch, &waited));
        check_batch(batch, &setup, lks_batcher_cuts(batchers[setup.rank]), &e, &next_row);
        CHECK(batch->rows <= lks_batcher_rows_max(batchers[setup.rank]));
        CHECK(batch->steps <= lks_batcher_steps_max(batchers[setup.rank]));
      }
      CHECK_EQUAL(next_row, e.rows);
      for (int r = 0; r < e.rows; r++)
        for (int t = 0; t < e.length[r]; t++)
          seen[e.first[r] + t]++;
    }
    int wrong = 0;
    for (int64_t i = 0; i < count; i++)
      wrong += seen[i] != 1;
    CHECK_EQUAL(wrong, 0);
  }
  for (int r = 0; r < ranks; r++)
    lks_batcher_destroy(batchers[r]);
}

/* Counts around every border: rows, a window, a row more or less, a last step of one. */
static const int64_t counts[] = {8, 9, 15, 16, 41, 160, 161, 167, 168, 241};

static void check_all(bool carried, bool shuffled) {
  static const struct {
    int rows, window, shards;
  } shapes[] = {{1, 5, 1}, {2, 20, 2}, {5, 8, 4}, {8, 5, 8}, {8, 1, 4}, {3, 300, 4}};
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    lks_dataset_fixture fixture;
    lks_dataset_fixture_create(&fixture, counts[c], CHUNK);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
      for (int ranks = 1; ranks <= 4; ranks++) {
        lks_batcher_setup setup = {.rows = shapes[s].rows,
                                   .window = shapes[s].window,
                                   .shards = shapes[s].shards,
                                   .carried = carried,
                                   .shuffled = shuffled,
                                   .seed = 5};
        check_epochs(&fixture, setup, ranks);
      }
    lks_dataset_fixture_destroy(&fixture);
  }
}

static void streams_of_all_ranks_are_the_text(void) {
  check_all(true, false);
}

static void samples_of_all_ranks_are_the_text(void) {
  check_all(false, false);
}

static void shuffled_samples_of_all_ranks_are_the_text(void) {
  check_all(false, true);
}

/* Ranks past the shards get every batch's description and no row. */
static void more_ranks_than_shards_leaves_some_without_rows(void) {
  lks_dataset_fixture fixture;
  lks_dataset_fixture_create(&fixture, 161, CHUNK);
  lks_batcher_setup setup = {.rows = 8, .window = 5, .shards = 2, .carried = true, .seed = 1};
  check_epochs(&fixture, setup, 6);
  setup.carried = false;
  setup.shuffled = true;
  check_epochs(&fixture, setup, 6);
  lks_dataset_fixture_destroy(&fixture);
}

/* Compares what two batchers give next. */
static void check_same_next(lks_batcher *a, lks_batcher *b) {
  const lks_batch *x = NULL, *y = NULL;
  double waited = 0;
  CHECK_OK(lks_batcher_next(a, &x, &waited));
  CHECK_OK(lks_batcher_next(b, &y, &waited));
  size_t rows = (size_t)x->rows, items = rows * (size_t)x->steps;
  CHECK_EQUAL(x->position, y->position);
  CHECK_EQUAL(x->starts, y->starts);
  CHECK_EQUAL(x->ends, y->ends);
  CHECK_EQUAL(x->terms, y->terms);
  CHECK_EQUAL(x->rows, y->rows);
  CHECK_EQUAL(x->steps, y->steps);
  CHECK(memcmp(x->sample, y->sample, rows * sizeof *x->sample) == 0);
  CHECK(memcmp(x->lengths, y->lengths, rows * sizeof *x->lengths) == 0);
  CHECK(memcmp(x->inputs, y->inputs, items * sizeof *x->inputs) == 0);
  CHECK(memcmp(x->targets, y->targets, items * sizeof *x->targets) == 0);
}

/* From every batch of two epochs on, a batcher that sought it goes on like one that
 * came there batch by batch. */
static void check_seek(lks_dataset_fixture *fixture, const lks_batcher_setup *setup) {
  lks_batcher *straight = NULL, *sought = NULL;
  const lks_batch *batch;
  double waited = 0;
  CHECK_OK(lks_batcher_create(&straight, fixture->dataset, fixture->io, setup));
  CHECK_OK(lks_batcher_create(&sought, fixture->dataset, fixture->io, setup));
  int64_t batches = lks_batcher_batches(straight);
  for (int64_t from = 2 * batches; from >= 0; from -= 3) {
    CHECK_OK(lks_batcher_seek(straight, 0, 0));
    for (int64_t i = 0; i < from; i++)
      CHECK_OK(lks_batcher_next(straight, &batch, &waited));
    CHECK_OK(lks_batcher_seek(sought, from / batches, from % batches));
    for (int i = 0; i < 3; i++)
      check_same_next(straight, sought);
  }
  CHECK_OK(lks_batcher_seek(straight, 3, batches)); /* the end of an epoch … */
  CHECK_OK(lks_batcher_seek(sought, 4, 0));         /* … is the start of the next */
  check_same_next(straight, sought);
  lks_batcher_destroy(sought);
  lks_batcher_destroy(straight);
}

static void seek_leads_to_where_a_straight_run_is(void) {
  lks_dataset_fixture fixture;
  lks_dataset_fixture_create(&fixture, 241, CHUNK);
  lks_batcher_setup setup = {
      .rows = 4, .window = 6, .shards = 4, .carried = true, .rank = 1, .ranks = 3, .seed = 9};
  check_seek(&fixture, &setup);
  setup.carried = false;
  setup.shuffled = true;
  check_seek(&fixture, &setup);
  lks_dataset_fixture_destroy(&fixture);
}

static void seek_refuses_what_is_not_there(void) {
  lks_dataset_fixture fixture;
  lks_batcher *batcher = NULL;
  lks_dataset_fixture_create(&fixture, 100, CHUNK);
  lks_batcher_setup setup = {.rows = 2, .window = 10, .shards = 2, .carried = true, .ranks = 1};
  CHECK_OK(lks_batcher_create(&batcher, fixture.dataset, fixture.io, &setup));
  CHECK_FAILS(lks_batcher_seek(batcher, 1, 6), LKS_DATA,
              "batch 6 of epoch 1 was asked for, an epoch has 5 batches");
  CHECK_FAILS(lks_batcher_seek(batcher, -1, 0), LKS_DATA, "batch 0 of epoch -1");
  lks_batcher_destroy(batcher);
  lks_dataset_fixture_destroy(&fixture);
}

static void splits_that_are_too_small_are_refused(void) {
  lks_dataset_fixture fixture;
  lks_batcher *batcher = NULL;
  lks_dataset_fixture_create(&fixture, 8, CHUNK);
  lks_batcher_setup setup = {.rows = 5, .window = 10, .shards = 2, .carried = true, .ranks = 1};
  setup.split = LKS_SPLIT_VALID;
  CHECK_FAILS(
      lks_batcher_create(&batcher, fixture.dataset, fixture.io, &setup), LKS_DATA,
      "data.h5: split 'valid' has 4 tokens, fewer than the 5 streams of a batch\n  hint: ");
  setup.split = LKS_SPLIT_TEST;
  CHECK_FAILS(lks_batcher_create(&batcher, fixture.dataset, fixture.io, &setup), LKS_DATA,
              "data.h5: there is no 'test' split\n  hint: ");
  setup.rows = 0;
  CHECK_FAILS(lks_batcher_create(&batcher, fixture.dataset, fixture.io, &setup), LKS_USAGE,
              "a batch of 0 rows and 10 steps\n  hint: ");
  CHECK(batcher == NULL);
  lks_dataset_fixture_destroy(&fixture);
}

/* Flips a bit in the last chunk: the last 16 bytes of a sealed file are the place and
 * length of its last one. */
static void damage_a_chunk(const char *path) {
  size_t bytes = 0;
  uint64_t place;
  char *data = lks_test_read_file(path, &bytes);
  memcpy(&place, data + bytes - 16, sizeof place);
  data[place + 5] ^= 4;
  CHECK(lks_test_write_file(path, data, bytes));
  free(data);
}

static void a_damaged_chunk_fails_the_batch_and_every_new_try(void) {
  lks_dataset_fixture fixture;
  lks_batcher *batcher = NULL;
  const lks_batch *batch;
  double waited = 0;
  lks_dataset_fixture_create(&fixture, 100, 100); /* train is one chunk, valid another */
  lks_dataset_close(fixture.dataset);
  damage_a_chunk(fixture.path);
  CHECK_OK(lks_dataset_open(&fixture.dataset, fixture.path, fixture.io));
  lks_batcher_setup setup = {.rows = 2, .window = 10, .shards = 2, .ranks = 1, .carried = true};
  int failures = 0;
  for (int split = LKS_SPLIT_TRAIN; split <= LKS_SPLIT_VALID; split++) {
    setup.split = (lks_split)split;
    CHECK_OK(lks_batcher_create(&batcher, fixture.dataset, fixture.io, &setup));
    if (lks_batcher_next(batcher, &batch, &waited) != LKS_OK) {
      failures++;
      CHECK_FAILS(lks_batcher_next(batcher, &batch, &waited), LKS_DATA,
                  split == LKS_SPLIT_TRAIN ? "train/values" : "valid/values");
      CHECK_CONTAINS(lks_error_message(), "data.h5");
      CHECK_FAILS(lks_batcher_next(batcher, &batch, &waited), LKS_DATA, "data.h5");
    }
    lks_batcher_destroy(batcher);
  }
  CHECK_EQUAL(failures, 1);
  lks_dataset_fixture_destroy(&fixture);
}

/* Streams of more tokens than one read-ahead takes, and several chunks each. */
static void streams_longer_than_the_read_ahead_are_whole(void) {
  enum { COUNT = 300000, ROWS = 2, WINDOW = 1000 };
  lks_dataset_fixture fixture;
  lks_batcher *batcher = NULL;
  const lks_batch *batch;
  double waited = 0;
  int wrong = 0;
  int64_t tokens = 0;
  lks_dataset_fixture_create(&fixture, COUNT, 4096);
  lks_batcher_setup setup = {
      .rows = ROWS, .window = WINDOW, .shards = 2, .carried = true, .ranks = 1};
  CHECK_OK(lks_batcher_create(&batcher, fixture.dataset, fixture.io, &setup));
  for (int64_t i = 0; i < lks_batcher_batches(batcher); i++) {
    CHECK_OK(lks_batcher_next(batcher, &batch, &waited));
    for (int r = 0; r < batch->rows; r++)
      for (int t = 0; t < batch->lengths[r]; t++, tokens++)
        wrong += batch->targets[t * batch->rows + r] !=
                 lks_test_value((int64_t)r * (COUNT / ROWS) + batch->position + t);
  }
  CHECK_EQUAL(wrong, 0);
  CHECK_EQUAL(tokens, COUNT);
  lks_batcher_destroy(batcher);
  lks_dataset_fixture_destroy(&fixture);
}

static void nothing_is_allocated_after_creation(void) {
  lks_dataset_fixture fixture;
  lks_dataset_fixture_create(&fixture, 900, CHUNK);
  lks_batcher_setup setup = {.rows = 4, .window = 6, .shards = 4, .ranks = 1, .seed = 9};
  for (int carried = 0; carried < 2; carried++) {
    lks_batcher *batcher = NULL;
    const lks_batch *batch;
    double waited = 0;
    setup.carried = carried;
    setup.shuffled = !carried;
    CHECK_OK(lks_batcher_create(&batcher, fixture.dataset, fixture.io, &setup));
    size_t before = lks_allocation_count();
    for (int64_t i = 0; i < 2 * lks_batcher_batches(batcher); i++)
      CHECK_OK(lks_batcher_next(batcher, &batch, &waited));
    CHECK_EQUAL(lks_allocation_count(), before);
    CHECK(waited >= 0);
    lks_batcher_destroy(batcher);
  }
  lks_dataset_fixture_destroy(&fixture);
}

static void memory_that_runs_out_is_reported_and_leaks_nothing(void) {
  lks_dataset_fixture fixture;
  lks_dataset_fixture_create(&fixture, 100, CHUNK);
  lks_batcher_setup setup = {.rows = 4, .window = 6, .shards = 4, .ranks = 2, .seed = 9};
  for (int carried = 0; carried < 2; carried++) {
    lks_status status = LKS_NO_MEMORY;
    size_t n = 0;
    setup.carried = carried;
    setup.shuffled = !carried;
    while (status != LKS_OK && n < 100) {
      lks_batcher *batcher = NULL;
      lks_allocation_fail_at(++n);
      status = lks_batcher_create(&batcher, fixture.dataset, fixture.io, &setup);
      lks_allocation_fail_at(0);
      CHECK(status == LKS_OK || (status == LKS_NO_MEMORY && batcher == NULL));
      lks_batcher_destroy(batcher);
    }
    CHECK(n > 10 && n < 100);
  }
  lks_dataset_fixture_destroy(&fixture);
}

const lks_test batcher_tests[] = {TEST(streams_of_all_ranks_are_the_text),
                                  TEST(samples_of_all_ranks_are_the_text),
                                  TEST(shuffled_samples_of_all_ranks_are_the_text),
                                  TEST(more_ranks_than_shards_leaves_some_without_rows),
                                  TEST(seek_leads_to_where_a_straight_run_is),
                                  TEST(seek_refuses_what_is_not_there),
                                  TEST(splits_that_are_too_small_are_refused),
                                  TEST(a_damaged_chunk_fails_the_batch_and_every_new_try),
                                  TEST(streams_longer_than_the_read_ahead_are_whole),
                                  TEST(nothing_is_allocated_after_creation),
                                  TEST(memory_that_runs_out_is_reported_and_leaks_nothing),
                                  TEST_END};
