/* SPDX-License-Identifier: Apache-2.0 */
/* workload_sequences.c - one vocabulary for all fields: words "<unk>", "<eos>", "w2" …; no
 * sample holds the first two. */
#include "measure/workload_sequences.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/sequence_writer.h"

#include <stdio.h>
#include <string.h>

enum { SYMBOLS = 1 << 20, BATCHES_MIN = 64, SPECIAL = 2 };

static lks_status make_vocabulary(lks_vocabulary **vocabulary, int width) {
  LKS_TRY(lks_vocabulary_create(vocabulary));
  for (int i = 0; i < width; i++) {
    char word[16];
    snprintf(word, sizeof word, "w%d", i);
    const char *symbol = i == 0 ? LKS_UNKNOWN_SYMBOL : i == 1 ? LKS_LINE_END_SYMBOL : word;
    LKS_TRY(lks_vocabulary_append(*vocabulary, symbol, strlen(symbol)));
  }
  return LKS_OK;
}

static void draw(int64_t sample, int field, int width, int count, int32_t *symbols) {
  for (int i = 0; i < count; i++) {
    uint32_t words[4];
    lks_philox(lks_random_key_of(1),
               lks_random_counter_of(LKS_RANDOM_BENCH, (unsigned)field + 1, 0, 0,
                                     (uint32_t)sample, (uint32_t)i),
               words);
    symbols[i] =
        (int32_t)lks_random_below(words[0], words[1], (uint64_t)(width - SPECIAL)) + SPECIAL;
  }
}

static lks_status append_samples(lks_sequence_writer *writer, const lks_workload *work,
                                 const lks_config *config, int32_t *symbols) {
  int64_t batch = lks_config_integer(config, "train", "batch");
  int window = (int)lks_config_integer(config, "data", "window");
  int64_t batches = SYMBOLS / (2 * batch * window);
  int64_t samples = (batches > BATCHES_MIN ? batches : BATCHES_MIN) * batch;
  const int32_t *fields[] = {symbols, symbols + window};
  const int lengths[] = {window, window};
  for (int64_t s = 0; s < samples; s++) {
    for (int f = 0; f < 2; f++)
      draw(s, f, work->width, window, symbols + f * window);
    LKS_TRY(lks_sequence_writer_append(writer, LKS_SPLIT_TRAIN, fields, lengths));
  }
  return LKS_OK;
}

lks_status lks_workload_write_sequences(const char *path, const lks_workload *work,
                                        const lks_config *config) {
  lks_status status;
  lks_vocabulary *vocabulary = NULL;
  lks_sequence_writer *writer = NULL;
  int32_t *symbols = NULL;
  lks_digest digest;
  size_t window = (size_t)lks_config_integer(config, "data", "window");
  LKS_TRY_OR(cleanup, status, make_vocabulary(&vocabulary, work->width));
  LKS_TRY_OR(cleanup, status, lks_allocate(&symbols, 2 * window, sizeof *symbols));
  const lks_sequence_field_setup fields[] = {
      {.name = "source", .vocabulary = vocabulary, .tokenizer = "words"},
      {.name = "target", .vocabulary = vocabulary, .tokenizer = "words"}};
  const lks_sequence_setup setup = {
      .path = path, .kind = work->kind, .fields = fields, .field_count = 2};
  LKS_TRY_OR(cleanup, status, lks_sequence_writer_create(&writer, &setup));
  LKS_TRY_OR(cleanup, status, append_samples(writer, work, config, symbols));
  LKS_TRY_OR(cleanup, status, lks_sequence_writer_describe(writer, ""));
  LKS_TRY_OR(cleanup, status, lks_sequence_writer_commit(writer, &digest));
cleanup:
  lks_sequence_writer_destroy(writer);
  lks_release(symbols);
  lks_vocabulary_destroy(vocabulary);
  return status;
}
