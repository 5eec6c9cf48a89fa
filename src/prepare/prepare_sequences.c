/* SPDX-License-Identifier: Apache-2.0 */
/* prepare_sequences.c - one pass over the training text counts its symbols and spools their
 * numbers; the vocabularies made, the spool is renumbered into the dataset, and the other
 * splits follow in one pass each. */
#include "prepare/prepare_sequences.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/sequence_writer.h"
#include "prepare/keep_words.h"
#include "prepare/prepare_output.h"
#include "prepare/prepare_subwords.h"
#include "prepare/sequence_fields.h"

#include <stdio.h>

enum { FIELDS_MAX = LKS_PREPARED_FIELDS_MAX };

typedef struct {
  const lks_prepare_sequences *setup;
  lks_tokenizer tokenizer;
  uint8_t *model; /* of subwords */
  size_t model_bytes;
  lks_io_thread *helper;
  lks_sequence_fields fields;
  lks_sequence_count split[LKS_SPLIT_COUNT];
  lks_sequence_writer *writer;
  lks_text listing;
  lks_digest digest;
} preparation;

static lks_status open_source(const preparation *p, lks_split split,
                              lks_sequence_source **source) {
  const lks_prepare_sequences *setup = p->setup;
  const lks_sequence_source_setup s = {.kind = setup->kind,
                                       .first = setup->file[split],
                                       .second = setup->second[split],
                                       .tokenizer = &p->tokenizer,
                                       .repairs = setup->repairs,
                                       .helper = p->helper,
                                       .max_length = setup->max_length};
  return lks_sequence_source_open(source, &s);
}

/* A bad sample ends the work, or is counted.  One that is only too long is always left out:
 * that is what --max-length asks for. */
static lks_status judge(const preparation *p, const lks_source_sample *sample,
                        lks_sequence_count *count) {
  lks_bad bad = lks_source_bad(sample);
  if (bad != LKS_BAD_NOTHING && bad != LKS_BAD_LENGTH && !p->setup->skips)
    return LKS_FAIL(LKS_DATA, "%s", lks_source_message(sample));
  if (bad != LKS_BAD_NOTHING)
    count->bad[bad]++;
  else
    count->samples++;
  return LKS_OK;
}

/* At the end of a source. */
static lks_status finish_source(preparation *p, lks_split split, lks_sequence_source *source) {
  p->split[split].repaired = lks_sequence_source_repaired(source);
  LKS_TRY(lks_sequence_source_list(source, &p->listing));
  if (p->split[split].samples == 0)
    return LKS_FAIL(LKS_DATA, "%s: no sample is left for split '%s'", p->setup->file[split],
                    lks_split_text(split));
  return LKS_OK;
}

/* Takes all samples of a split into the fields. */
static lks_status take_split(preparation *p, lks_split split) {
  lks_sequence_source *source;
  lks_status status;
  LKS_TRY(open_source(p, split, &source));
  for (int count = 1; count > 0;) {
    lks_source_sample *samples;
    LKS_TRY_OR(cleanup, status, lks_sequence_source_next(source, &samples, &count));
    LKS_TRY_OR(cleanup, status,
               lks_sequence_fields_take(&p->fields, p->setup->file[split], samples, count));
    for (int i = 0; i < count; i++)
      LKS_TRY_OR(cleanup, status, judge(p, &samples[i], &p->split[split]));
  }
  status = finish_source(p, split, source);
cleanup:
  lks_sequence_source_close(source);
  return status;
}

static lks_status make_vocabularies(preparation *p) {
  const lks_prepare_sequences *setup = p->setup;
  LKS_TRY(lks_sequence_fields_create(&p->fields, setup->kind, setup->lowercase, setup->out,
                                     p->helper));
  if (setup->keep_words != NULL)
    LKS_TRY(lks_keep_words(p->fields.field[0].vocabulary, setup->keep_words, setup->lowercase));
  LKS_TRY(take_split(p, LKS_SPLIT_TRAIN));
  return lks_sequence_fields_finish(&p->fields, setup->vocab_size, setup->vocab_count);
}

/* The rows of the fields, behind those before. */
static lks_status write_sample(preparation *p, lks_split split) {
  lks_sequence_count *count = &p->split[split];
  const int32_t *symbols[FIELDS_MAX];
  int lengths[FIELDS_MAX];
  for (int f = 0; f < p->fields.count; f++) {
    const lks_prepared_field *field = &p->fields.field[f];
    symbols[f] = field->row.value;
    lengths[f] = (int)field->row.count;
    count->symbols[f] += lengths[f];
    count->unknown[f] += field->unknowns;
    count->longest[f] = lengths[f] > count->longest[f] ? lengths[f] : count->longest[f];
  }
  return lks_sequence_writer_append(p->writer, split, symbols, lengths);
}

/* The training split is taken already. */
static lks_status write_split(preparation *p, lks_split split) {
  char name[64];
  if (split != LKS_SPLIT_TRAIN) {
    LKS_TRY(lks_sequence_fields_begin(&p->fields));
    LKS_TRY(take_split(p, split));
    LKS_TRY(lks_sequence_fields_rewind(&p->fields));
  }
  for (int64_t i = 0; i < p->split[split].samples; i++) {
    LKS_TRY(lks_sequence_fields_next(&p->fields));
    LKS_TRY(write_sample(p, split));
  }
  for (int bad = 1; bad < LKS_BAD_COUNT; bad++)
    if (p->split[split].bad[bad] > 0) {
      snprintf(name, sizeof name, "left out: %s", lks_bad_text((lks_bad)bad));
      LKS_TRY(
          lks_sequence_writer_describe_split(p->writer, split, name, p->split[split].bad[bad]));
    }
  return LKS_OK;
}

static lks_status write_dataset(preparation *p) {
  lks_sequence_field_setup setups[FIELDS_MAX];
  for (int f = 0; f < p->fields.count; f++) {
    const lks_field_plan *plan = p->fields.field[f].plan;
    bool split = !plan->classes && !plan->characters && !plan->numbers;
    setups[f] =
        (lks_sequence_field_setup){.name = plan->name,
                                   .vocabulary = p->fields.field[f].vocabulary,
                                   .tokenizer = split ? lks_tokenizer_text(&p->tokenizer)
                                                : plan->numbers ? LKS_NUMBERS_TOKENIZER
                                                                : "",
                                   .model = split ? p->model : NULL,
                                   .model_bytes = split ? p->model_bytes : 0};
    if (plan->numbers) {
      setups[f].model = p->fields.field[f].scales;
      setups[f].model_bytes = p->fields.field[f].width * sizeof(lks_number_scale);
    }
  }
  const lks_sequence_setup setup = {.path = p->setup->out,
                                    .kind = lks_sequences_text(p->setup->kind),
                                    .fields = setups,
                                    .field_count = p->fields.count};
  LKS_TRY(lks_sequence_writer_create(&p->writer, &setup));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (p->setup->file[s] != NULL)
      LKS_TRY(write_split(p, (lks_split)s));
  LKS_TRY(lks_sequence_writer_describe(p->writer, p->listing.data));
  return lks_sequence_writer_commit(p->writer, &p->digest);
}

static void print_summary(const preparation *p) {
  const char *names[FIELDS_MAX] = {NULL};
  lks_vocabulary *vocabulary[FIELDS_MAX] = {NULL};
  for (int f = 0; f < p->fields.count; f++) {
    names[f] = p->fields.field[f].plan->name;
    vocabulary[f] = p->fields.field[f].vocabulary;
  }
  lks_sequence_summary_print(p->split, p->fields.count, names, vocabulary);
  lks_prepare_print_file(p->setup->out, &p->digest);
}

static lks_status check(const lks_prepare_sequences *setup) {
  LKS_TRY(lks_prepare_check_out(setup->out));
  if (setup->keep_words != NULL)
    LKS_TRY(lks_prepare_check_input(setup->keep_words, setup->out));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    if (setup->file[s] != NULL)
      LKS_TRY(lks_prepare_check_input(setup->file[s], setup->out));
    if (setup->second[s] != NULL)
      LKS_TRY(lks_prepare_check_input(setup->second[s], setup->out));
  }
  return LKS_OK;
}

/* The tokenizer; subwords are learnt from the training split. */
static lks_status make_tokenizer(preparation *p) {
  const lks_prepare_sequences *setup = p->setup;
  lks_tokenizer named = {.kind = setup->tokens, .lowercase = setup->lowercase};
  if (setup->tokens == LKS_TOKENS_SUBWORDS)
    LKS_TRY(lks_prepare_subwords(setup, p->helper, &p->model, &p->model_bytes));
  return lks_tokenizer_open(&p->tokenizer, lks_tokenizer_text(&named), p->model,
                            p->model_bytes);
}

static lks_status prepare(preparation *p) {
  LKS_TRY(check(p->setup));
  LKS_TRY(lks_io_thread_create(&p->helper));
  LKS_TRY(make_tokenizer(p));
  LKS_TRY(make_vocabularies(p));
  return write_dataset(p);
}

lks_status lks_prepare_sequences_run(const lks_prepare_sequences *setup) {
  preparation p = {.setup = setup};
  lks_status status = prepare(&p);
  if (status == LKS_OK && !setup->quiet)
    print_summary(&p);
  lks_sequence_writer_destroy(p.writer);
  lks_sequence_fields_release(&p.fields);
  lks_text_release(&p.listing);
  lks_tokenizer_close(&p.tokenizer);
  lks_release(p.model);
  lks_io_thread_destroy(p.helper);
  return status;
}
