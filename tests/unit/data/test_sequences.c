/* SPDX-License-Identifier: Apache-2.0 */
/* test_sequences.c - samples of fields come back as they were written, and every one of them
 * is in an epoch once, on any number of ranks, in batches that are evenly dealt. */
#include "check.h"
#include "data/batcher.h"
#include "data/deal.h"
#include "data/sequence_writer.h"
#include "temporary_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 203, VALID_SAMPLES = 37, SYMBOLS = 300, RANKS_MAX = 4, LONGEST = 40 };

/* Lengths and symbols as functions of split, field, sample and place. */
static int length_of(lks_split split, int field, int64_t sample) {
  return field == 1 ? 1 + (int)(sample * 7 % 11) : (int)((sample * 13 + split) % LONGEST);
}

static int32_t symbol_of(int field, int64_t sample, int place) {
  return (int32_t)((sample * 31 + place * 7 + field) % (field == 1 ? 5 : SYMBOLS));
}

typedef struct {
  lks_temporary_folder folder;
  lks_vocabulary *vocabulary[2];
  lks_io_thread *io;
  lks_dataset *dataset;
  lks_digest digest;
  char path[256];
} fixture;

static lks_vocabulary *make_vocabulary(int size) {
  lks_vocabulary *vocabulary = NULL;
  char symbol[16];
  CHECK_OK(lks_vocabulary_create(&vocabulary));
  for (int i = 0; i < size; i++) {
    int bytes = snprintf(symbol, sizeof symbol, "s%d", i);
    CHECK_OK(lks_vocabulary_append(vocabulary, symbol, (size_t)bytes));
  }
  return vocabulary;
}

static void write_split(lks_sequence_writer *writer, lks_split split, int samples) {
  int32_t values[2][LONGEST];
  const int32_t *symbols[2] = {values[0], values[1]};
  for (int64_t s = 0; s < samples; s++) {
    int lengths[2];
    for (int f = 0; f < 2; f++) {
      lengths[f] = length_of(split, f, s);
      for (int i = 0; i < lengths[f]; i++)
        values[f][i] = symbol_of(f, s, i);
    }
    CHECK_OK(lks_sequence_writer_append(writer, split, symbols, lengths));
  }
}

static void create(fixture *f) {
  lks_sequence_writer *writer = NULL;
  lks_temporary_folder_create(&f->folder);
  snprintf(f->path, sizeof f->path, "%s/data.h5", f->folder.path);
  f->vocabulary[0] = make_vocabulary(SYMBOLS);
  f->vocabulary[1] = make_vocabulary(5);
  const lks_sequence_field_setup fields[] = {
      {.name = "words", .vocabulary = f->vocabulary[0], .tokenizer = "words"},
      {.name = "tags",
       .vocabulary = f->vocabulary[1],
       .tokenizer = "",
       .model = "abc",
       .model_bytes = 3}};
  const lks_sequence_setup setup = {
      .path = f->path, .kind = "tags", .fields = fields, .field_count = 2, .chunk = 64};
  CHECK_OK(lks_sequence_writer_create(&writer, &setup));
  write_split(writer, LKS_SPLIT_TRAIN, SAMPLES);
  write_split(writer, LKS_SPLIT_VALID, VALID_SAMPLES);
  CHECK_OK(lks_sequence_writer_describe(writer, ""));
  CHECK_OK(lks_sequence_writer_commit(writer, &f->digest));
  lks_sequence_writer_destroy(writer);
  CHECK_OK(lks_io_thread_create(&f->io));
  CHECK_OK(lks_dataset_open(&f->dataset, f->path, f->io));
}

static void destroy(fixture *f) {
  lks_dataset_close(f->dataset);
  lks_io_thread_destroy(f->io);
  for (int i = 0; i < 2; i++)
    lks_vocabulary_destroy(f->vocabulary[i]);
  lks_temporary_folder_destroy(&f->folder);
}

static void what_was_written_is_read(void) {
  fixture f;
  create(&f);
  const lks_sequence_table *table = lks_dataset_sequences(f.dataset);
  CHECK(table != NULL);
  CHECK_TEXT(lks_dataset_task(f.dataset), "sequences");
  CHECK_TEXT(table->kind, "tags");
  CHECK_EQUAL(table->count, 2);
  CHECK_EQUAL(lks_sequence_field_find(table, "tags"), 1);
  CHECK_EQUAL(lks_sequence_field_find(table, "target"), -1);
  CHECK_TEXT(table->field[0].tokenizer, "words");
  CHECK_EQUAL(table->field[1].model_bytes, 3);
  CHECK(memcmp(table->field[1].model, "abc", 3) == 0);
  CHECK_EQUAL(table->samples[LKS_SPLIT_TRAIN], SAMPLES);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_VALID), VALID_SAMPLES);
  CHECK_EQUAL(lks_dataset_count(f.dataset, LKS_SPLIT_TEST), 0);
  int longest = 0;
  for (int64_t s = 0; s < SAMPLES; s++)
    longest =
        length_of(LKS_SPLIT_TRAIN, 0, s) > longest ? length_of(LKS_SPLIT_TRAIN, 0, s) : longest;
  CHECK_EQUAL(table->field[0].longest[LKS_SPLIT_TRAIN], longest);
  CHECK(memcmp(lks_dataset_digest(f.dataset), &f.digest, sizeof f.digest) == 0);
  CHECK_OK(lks_dataset_verify(f.dataset));
  destroy(&f);
}

/* ---- batches ---- */

typedef struct {
  int seen[SAMPLES];
  int64_t terms;
  int batches;
  int64_t most, least;     /* symbols of ranks, of all batches together */
  uint32_t order[SAMPLES]; /* samples by global row, batch after batch */
  int listed;
} epoch_count;

static void check_row(const lks_batch *batch, lks_split split, int row) {
  int wrong = 0;
  for (int f = 0; f < 2; f++) {
    int from = batch->field[f].offsets[row], to = batch->field[f].offsets[row + 1];
    CHECK_EQUAL(to - from, length_of(split, f, batch->sample[row]));
    for (int i = from; i < to; i++)
      wrong += batch->field[f].values[i] != symbol_of(f, batch->sample[row], i - from);
  }
  CHECK_EQUAL(wrong, 0);
}

/* One epoch on all ranks, which agree about everything that is not theirs. */
static void count_epoch(const fixture *f, lks_batcher_setup setup, int ranks, int64_t epoch,
                        epoch_count *count) {
  lks_batcher *batchers[RANKS_MAX] = {NULL};
  int64_t symbols[RANKS_MAX] = {0};
  double waited = 0;
  memset(count, 0, sizeof *count);
  setup.ranks = ranks;
  setup.sequences = true;
  for (setup.rank = 0; setup.rank < ranks; setup.rank++) {
    CHECK_OK(lks_batcher_create(&batchers[setup.rank], f->dataset, f->io, &setup));
    CHECK_OK(lks_batcher_seek(batchers[setup.rank], epoch, 0));
  }
  int64_t batches = lks_batcher_batches(batchers[0]);
  for (int64_t b = 0; b < batches; b++) {
    int64_t terms = 0;
    const lks_batch *batch = NULL;
    for (int r = 0; r < ranks; r++) {
      CHECK_OK(lks_batcher_next(batchers[r], &batch, &waited));
      CHECK_EQUAL(batch->ends, b + 1 == batches);
      CHECK(batch->rows <= lks_batcher_rows_max(batchers[r]));
      for (int row = 0; row < batch->rows && batch->lengths[row] > 0; row++) {
        check_row(batch, setup.split, row);
        terms += batch->row_terms[row];
        count->seen[batch->sample[row]]++;
        count->order[count->listed++] = batch->sample[row];
        for (int k = 0; k < 2; k++)
          symbols[r] += batch->field[k].offsets[row + 1] - batch->field[k].offsets[row];
      }
    }
    CHECK_EQUAL(terms, batch->terms);
    count->terms += terms;
    count->batches++;
  }
  count->most = count->least = symbols[0];
  for (int r = 0; r < ranks; r++) {
    count->most = symbols[r] > count->most ? symbols[r] : count->most;
    count->least = symbols[r] < count->least ? symbols[r] : count->least;
    lks_batcher_destroy(batchers[r]);
  }
}

static const lks_batcher_setup setups[] = {
    {.split = LKS_SPLIT_TRAIN, .rows = 16, .shards = 16, .shuffled = true, .seed = 3},
    {.split = LKS_SPLIT_TRAIN,
     .rows = 16,
     .shards = 8,
     .shuffled = true,
     .seed = 3,
     .bucket = 4},
    {.split = LKS_SPLIT_TRAIN,
     .rows = 1,
     .tokens = 200,
     .shards = 8,
     .shuffled = true,
     .seed = 3},
    {.split = LKS_SPLIT_VALID, .rows = 8, .shards = 8, .carried = true},
};

static void an_epoch_has_every_sample_once_on_any_number_of_ranks(void) {
  fixture f;
  create(&f);
  for (size_t s = 0; s < sizeof setups / sizeof *setups; s++) {
    lks_batcher_setup setup = setups[s];
    epoch_count alone, shared;
    setup.window = 1;
    setup.terms_field = 1;
    setup.terms_more = 1;
    int samples = setup.split == LKS_SPLIT_TRAIN ? SAMPLES : VALID_SAMPLES;
    int64_t terms = 0;
    for (int i = 0; i < samples; i++)
      terms += length_of(setup.split, 1, i) + 1;
    count_epoch(&f, setup, 1, 1, &alone);
    CHECK_EQUAL(alone.terms, terms);
    for (int i = 0; i < samples; i++)
      CHECK_EQUAL(alone.seen[i], 1);
    for (int ranks = 2; ranks <= RANKS_MAX; ranks++) {
      count_epoch(&f, setup, ranks, 1, &shared);
      CHECK_EQUAL(shared.batches, alone.batches);
      CHECK_EQUAL(shared.listed, samples);
      CHECK(memcmp(shared.order, alone.order, sizeof shared.order) == 0);
    }
  }
  destroy(&f);
}

static void epochs_differ_in_order(void) {
  fixture f;
  create(&f);
  for (size_t s = 0; s < 3; s++) {
    lks_batcher_setup setup = setups[s];
    epoch_count first, second;
    setup.window = 1;
    setup.terms_field = -1;
    setup.terms_more = 1;
    count_epoch(&f, setup, 1, 0, &first);
    count_epoch(&f, setup, 1, 1, &second);
    CHECK(memcmp(first.order, second.order, sizeof first.order) != 0);
    CHECK_EQUAL(first.terms, SAMPLES);
  }
  destroy(&f);
}

static void ranks_have_nearly_equal_costs(void) {
  fixture f;
  create(&f);
  lks_batcher_setup setup = setups[0];
  epoch_count count;
  setup.window = 1;
  setup.terms_field = -1;
  setup.terms_more = 1;
  for (int ranks = 2; ranks <= 4; ranks += 2) {
    count_epoch(&f, setup, ranks, 0, &count);
    CHECK((double)count.most <= 1.1 * (double)count.least);
  }
  destroy(&f);
}

static void batches_keep_to_their_tokens(void) {
  fixture f;
  create(&f);
  lks_batcher_setup setup = setups[2];
  lks_batcher *batcher = NULL;
  const lks_batch *batch;
  double waited = 0;
  setup.window = setup.ranks = setup.terms_more = 1;
  setup.sequences = true;
  CHECK_OK(lks_batcher_create(&batcher, f.dataset, f.io, &setup));
  for (int64_t b = lks_batcher_batches(batcher); b > 0; b--) {
    CHECK_OK(lks_batcher_next(batcher, &batch, &waited));
    int longest = 0;
    for (int row = 0; row < batch->rows; row++)
      for (int k = 0; k < 2; k++) {
        int length = batch->field[k].offsets[row + 1] - batch->field[k].offsets[row];
        longest = length > longest ? length : longest;
      }
    CHECK(batch->rows * longest <= 200);
  }
  lks_batcher_destroy(batcher);
  setup.tokens = LONGEST - 2;
  CHECK_FAILS(lks_batcher_create(&batcher, f.dataset, f.io, &setup), LKS_DATA,
              "[train] batch_tokens is 38");
  setup.split = LKS_SPLIT_TEST;
  CHECK_FAILS(lks_batcher_create(&batcher, f.dataset, f.io, &setup), LKS_DATA,
              "there is no 'test' split");
  destroy(&f);
}

/* Every row is dealt once, and sums of falling costs over halves and quarters differ by no
 * more than the largest cost. */
static void deals_balance_subtrees(void) {
  enum { ROWS = 64 };
  static const int rows_of[] = {1, 7, 32, 50, 64};
  int row[ROWS], filled[ROWS];
  for (size_t r = 0; r < sizeof rows_of / sizeof *rows_of; r++)
    for (int shards = 1; shards <= 32; shards *= 2) {
      lks_shards plan = {shards, rows_of[r], rows_of[r]};
      int taken[ROWS] = {0}, halves[2] = {0};
      lks_deal(&plan, row, filled);
      for (int i = 0; i < rows_of[r]; i++) {
        taken[row[i]]++;
        halves[row[i] >= lks_shards_row(&plan, shards / 2)] += 100 - i;
      }
      for (int i = 0; i < rows_of[r]; i++)
        CHECK_EQUAL(taken[i], 1);
      if (shards > 1 && rows_of[r] % shards == 0)
        CHECK(abs(halves[0] - halves[1]) <= 100);
    }
}

const lks_test sequences_tests[] = {
    TEST(what_was_written_is_read),
    TEST(an_epoch_has_every_sample_once_on_any_number_of_ranks),
    TEST(epochs_differ_in_order),
    TEST(ranks_have_nearly_equal_costs),
    TEST(batches_keep_to_their_tokens),
    TEST(deals_balance_subtrees),
    TEST_END,
};
