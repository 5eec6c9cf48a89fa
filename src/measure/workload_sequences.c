/* SPDX-License-Identifier: Apache-2.0 */
/* workload_sequences.c - one vocabulary for all fields that are drawn: words "<unk>",
 * "<eos>", "w2" …; no sample holds the first two.  Tags are drawn from nine of their own,
 * and every word is spelt "a". */
#include "measure/workload_sequences.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/special.h"
#include "data/sequence_writer.h"

#include <stdio.h>
#include <string.h>

enum { SYMBOLS = 1 << 20, BATCHES_MIN = 64, SPECIAL = 2, TAGS = 9, FIELDS_MAX = 3 };
enum { LONGEST = 4 /* windows: what longer sequences are cut to */ };

static const double log_deviation = 0.385; /* deviation of the logarithm of lengths */

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

/* Letters "<unk>", " " and "a", or the tags "0" to "8". */
static lks_status make_symbols(lks_vocabulary **vocabulary, bool letters) {
  const char *const names[] = {LKS_UNKNOWN_SYMBOL, " ", "a"};
  LKS_TRY(lks_vocabulary_create(vocabulary));
  for (int i = 0; i < (letters ? 3 : TAGS); i++) {
    char tag[2] = {(char)('0' + i), '\0'};
    const char *symbol = letters ? names[i] : tag;
    LKS_TRY(lks_vocabulary_append(*vocabulary, symbol, strlen(symbol)));
  }
  return LKS_OK;
}

/* Symbols first .. first + range - 1. */
static void draw(int64_t sample, int field, int first, int range, int count, int32_t *symbols) {
  for (int i = 0; i < count; i++) {
    uint32_t words[4];
    lks_philox(lks_random_key_of(1),
               lks_random_counter_of(LKS_RANDOM_BENCH, (unsigned)field + 1, 0, 0,
                                     (uint32_t)sample, (uint32_t)i),
               words);
    symbols[i] = (int32_t)lks_random_below(words[0], words[1], (uint64_t)range) + first;
  }
}

static bool has_tags(const lks_workload *work) {
  return strcmp(work->kind, "tags") == 0;
}

/* A standard normal number. */
static double draw_normal(int64_t sample, int number) {
  uint32_t words[4];
  lks_philox(
      lks_random_key_of(1),
      lks_random_counter_of(LKS_RANDOM_BENCH, 0, (unsigned)number + 1, 0, (uint32_t)sample, 0),
      words);
  double share = (double)lks_random_unit(words[0]);
  return lks_normal_quantile_f64(share > 0 ? share : 0.5);
}

/* exp(normal x d - d^2 / 2) has the mean 1. */
static int length_of(double normal, int window) {
  double d = log_deviation;
  int length = (int)(window * lks_exp_f64(normal * d - d * d / 2) + 0.5);
  return length < 1 ? 1 : length > LONGEST * window ? LONGEST * window : length;
}

/* Lengths of all fields of a sample; those of a pair are alike. */
static void draw_lengths(const lks_workload *work, int64_t sample, int window,
                         int lengths[FIELDS_MAX]) {
  double normal = work->ragged ? draw_normal(sample, 0) : 0;
  double other = work->ragged ? 0.9 * normal + 0.436 * draw_normal(sample, 1) : 0;
  lengths[0] = work->ragged ? length_of(normal, window) : window;
  lengths[1] = work->ragged ? length_of(other, window) : window;
  lengths[2] = lengths[0];
  if (has_tags(work))
    lengths[1] = 2 * lengths[0];
}

/* Draws all fields of a sample; "a " for every word. */
static void draw_sample(const lks_workload *work, int64_t sample, const int lengths[FIELDS_MAX],
                        int32_t *const symbols[FIELDS_MAX]) {
  draw(sample, 0, SPECIAL, work->width - SPECIAL, lengths[0], symbols[0]);
  if (!has_tags(work)) {
    draw(sample, 1, SPECIAL, work->width - SPECIAL, lengths[1], symbols[1]);
    return;
  }
  for (int i = 0; i < lengths[1]; i++)
    symbols[1][i] = i % 2 == 0 ? 2 : 1;
  draw(sample, 2, 0, TAGS, lengths[2], symbols[2]);
}

static lks_status append_samples(lks_sequence_writer *writer, const lks_workload *work,
                                 const lks_config *config, int32_t *symbols) {
  int64_t batch = lks_config_integer(config, "train", "batch");
  int window = (int)lks_config_integer(config, "data", "window");
  int64_t batches = SYMBOLS / (2 * batch * window);
  int64_t samples = (batches > BATCHES_MIN ? batches : BATCHES_MIN) * batch;
  int most = LONGEST * window, lengths[FIELDS_MAX];
  int32_t *const into[] = {symbols, symbols + most, symbols + 3 * most};
  const int32_t *const fields[] = {into[0], into[1], into[2]};
  for (int64_t s = 0; s < samples; s++) {
    draw_lengths(work, s, window, lengths);
    draw_sample(work, s, lengths, into);
    LKS_TRY(lks_sequence_writer_append(writer, LKS_SPLIT_TRAIN, fields, lengths));
  }
  return LKS_OK;
}

lks_status lks_workload_write_sequences(const char *path, const lks_workload *work,
                                        const lks_config *config) {
  lks_status status;
  lks_vocabulary *words = NULL, *letters = NULL, *tags = NULL;
  lks_sequence_writer *writer = NULL;
  int32_t *symbols = NULL;
  lks_digest digest;
  size_t window = (size_t)lks_config_integer(config, "data", "window");
  LKS_TRY_OR(cleanup, status, make_vocabulary(&words, work->width));
  LKS_TRY_OR(cleanup, status, make_symbols(&letters, true));
  LKS_TRY_OR(cleanup, status, make_symbols(&tags, false));
  LKS_TRY_OR(cleanup, status, lks_allocate(&symbols, 4 * LONGEST * window, sizeof *symbols));
  const lks_sequence_field_setup pairs[] = {
      {.name = "source", .vocabulary = words, .tokenizer = "words"},
      {.name = "target", .vocabulary = words, .tokenizer = "words"}};
  const lks_sequence_field_setup tagged[] = {
      {.name = "words", .vocabulary = words, .tokenizer = "words"},
      {.name = "characters", .vocabulary = letters, .tokenizer = ""},
      {.name = "tags", .vocabulary = tags, .tokenizer = ""}};
  const lks_sequence_setup setup = {.path = path,
                                    .kind = work->kind,
                                    .fields = has_tags(work) ? tagged : pairs,
                                    .field_count = has_tags(work) ? 3 : 2};
  LKS_TRY_OR(cleanup, status, lks_sequence_writer_create(&writer, &setup));
  LKS_TRY_OR(cleanup, status, append_samples(writer, work, config, symbols));
  LKS_TRY_OR(cleanup, status, lks_sequence_writer_describe(writer, ""));
  LKS_TRY_OR(cleanup, status, lks_sequence_writer_commit(writer, &digest));
cleanup:
  lks_sequence_writer_destroy(writer);
  lks_release(symbols);
  lks_vocabulary_destroy(tags);
  lks_vocabulary_destroy(letters);
  lks_vocabulary_destroy(words);
  return status;
}
