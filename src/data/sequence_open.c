/* SPDX-License-Identifier: Apache-2.0 */
/* sequence_open.c - what a dataset of task `sequences` has: fields with vocabularies, and
 * in every split the lengths of the samples, from which come the offsets. */
#include "data/dataset_handle.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/names.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LENGTHS_AT_ONCE = 1 << 14, VALUES_AT_ONCE = 1 << 14 };
enum { KEPT_BYTES = 8 << 20 }; /* of a field in memory: see blocks.h */

/* SPLIT/FIELD/ARRAY. */
static void name_array(lks_split split, const lks_sequence_field *field, const char *array,
                       char path[2 * LKS_DATASET_NAME_BYTES]) {
  snprintf(path, 2 * LKS_DATASET_NAME_BYTES, "%s/%s/%s", lks_split_text(split), field->name,
           array);
}

/* The names of the fields, between blanks. */
static lks_status read_fields(lks_dataset *dataset) {
  lks_sequence_table *table = &dataset->sequences->table;
  char *names = NULL, *rest = NULL;
  lks_status status;
  LKS_TRY_OR(cleanup, status, lks_hdf5_read_text(dataset->file, "", "fields", &names));
  for (char *name = strtok_r(names, " ", &rest); name != NULL;
       name = strtok_r(NULL, " ", &rest)) {
    if (table->count == LKS_BATCH_FIELDS_MAX || strlen(name) > 32) {
      status = LKS_FAIL(LKS_DATA, "%s: attribute 'fields': expected at most %d short names",
                        dataset->path, LKS_BATCH_FIELDS_MAX);
      goto cleanup;
    }
    LKS_TRY_OR(cleanup, status, lks_copy_text(&table->field[table->count++].name, name));
  }
cleanup:
  lks_release(names);
  return status;
}

static lks_status read_vocabulary(lks_dataset *dataset, lks_sequence_field *field) {
  char group[LKS_DATASET_NAME_BYTES], model[LKS_DATASET_NAME_BYTES + 8];
  snprintf(group, sizeof group, "vocabulary/%s", field->name);
  LKS_TRY(lks_names_read_vocabulary(dataset->file, dataset->path, group, &field->vocabulary));
  LKS_TRY(lks_hdf5_read_text(dataset->file, group, "tokenizer", &field->tokenizer));
  field->numbers = strcmp(field->tokenizer, LKS_NUMBERS_TOKENIZER) == 0;
  snprintf(model, sizeof model, "%s/model", group);
  if (!lks_hdf5_exists(dataset->file, model))
    return LKS_OK;
  return lks_read_whole(dataset->file, dataset->path, model, LKS_U8, &field->model,
                        &field->model_bytes);
}

static lks_status read_hex(lks_dataset *dataset, const char *group, const char *name,
                           char hex[LKS_DIGEST_HEX]) {
  char *text;
  LKS_TRY(lks_hdf5_read_text(dataset->file, group, name, &text));
  bool valid = strlen(text) == LKS_DIGEST_HEX - 1;
  if (valid)
    memcpy(hex, text, LKS_DIGEST_HEX);
  lks_release(text);
  if (!valid)
    return LKS_FAIL(LKS_DATA, "%s: attribute '%s' of '%s': expected %d digits", dataset->path,
                    name, group, LKS_DIGEST_HEX - 1);
  return LKS_OK;
}

/* Lengths to offsets: offsets[count + 1]. */
static lks_status add_lengths(lks_dataset *dataset, lks_hdf5_array *lengths, const char *path,
                              int64_t count, int64_t *offsets, int *longest) {
  int32_t part[LENGTHS_AT_ONCE];
  for (int64_t first = 0; first < count; first += LENGTHS_AT_ONCE) {
    int64_t some = count - first < LENGTHS_AT_ONCE ? count - first : LENGTHS_AT_ONCE;
    LKS_TRY(lks_hdf5_array_read(lengths, LKS_I32, (size_t)first, (size_t)some, part));
    for (int64_t i = 0; i < some; i++) {
      if (part[i] < 0 || part[i] > INT32_MAX / 4)
        return LKS_FAIL(LKS_DATA, "%s: '%s', value %lld: %d is no length", dataset->path, path,
                        (long long)(first + i), part[i]);
      offsets[first + i + 1] = offsets[first + i] + part[i];
      *longest = part[i] > *longest ? part[i] : *longest;
    }
  }
  return LKS_OK;
}

static lks_status open_split(lks_dataset *dataset, lks_split split, int f) {
  lks_sequence_table *table = &dataset->sequences->table;
  lks_sequence_field *field = &table->field[f];
  char path[2 * LKS_DATASET_NAME_BYTES], group[LKS_DATASET_NAME_BYTES];
  lks_hdf5_array *lengths = NULL;
  name_array(split, field, "lengths", path);
  LKS_TRY(lks_hdf5_array_open(&lengths, dataset->file, path));
  int64_t count = (int64_t)lks_hdf5_array_count(lengths);
  lks_status status = LKS_OK;
  if (f > 0 && count != table->samples[split])
    status = LKS_FAIL(LKS_DATA, "%s: '%s': expected %lld samples, found %lld", dataset->path,
                      path, (long long)table->samples[split], (long long)count);
  table->samples[split] = count;
  dataset->content.split[split].count = count;
  if (status == LKS_OK)
    status = lks_allocate(&field->offsets[split], (size_t)count + 1, sizeof(int64_t));
  if (status == LKS_OK)
    status = add_lengths(dataset, lengths, path, count, field->offsets[split],
                         &field->longest[split]);
  (void)lks_hdf5_array_close(lengths);
  LKS_TRY(status);
  name_array(split, field, "values", path);
  lks_hdf5_array **values = &dataset->sequences->values[f][split];
  LKS_TRY(lks_hdf5_array_open(values, dataset->file, path));
  if ((int64_t)lks_hdf5_array_count(*values) != field->offsets[split][count])
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected %lld values, found %zu", dataset->path, path,
                    (long long)field->offsets[split][count], lks_hdf5_array_count(*values));
  lks_dataset_name(split, field->name, group);
  LKS_TRY(read_hex(dataset, group, "lengths_sha256", field->lengths_hex[split]));
  return read_hex(dataset, group, "values_sha256", field->values_hex[split]);
}

lks_status lks_dataset_open_sequences(lks_dataset *dataset) {
  char path[2 * LKS_DATASET_NAME_BYTES];
  LKS_TRY(lks_allocate(&dataset->sequences, 1, sizeof *dataset->sequences));
  lks_sequence_table *table = &dataset->sequences->table;
  LKS_TRY(lks_hdf5_read_text(dataset->file, "", "unit", &dataset->unit));
  LKS_TRY(lks_copy_text(&table->kind, dataset->unit));
  LKS_TRY(read_fields(dataset));
  for (int f = 0; f < table->count; f++) {
    LKS_TRY(read_vocabulary(dataset, &table->field[f]));
    for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
      name_array((lks_split)s, &table->field[f], "lengths", path);
      if (lks_hdf5_exists(dataset->file, path))
        LKS_TRY(open_split(dataset, (lks_split)s, f));
    }
    LKS_TRY(lks_blocks_create(&dataset->sequences->blocks[f], dataset->sequences->values[f],
                              LKS_SPLIT_COUNT, table->field[f].numbers ? LKS_F32 : LKS_I32,
                              dataset->content.block, KEPT_BYTES));
  }
  return LKS_OK;
}

void lks_dataset_close_sequences(lks_dataset *dataset) {
  if (dataset->sequences == NULL)
    return;
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    for (int f = 0; f < LKS_BATCH_FIELDS_MAX; f++)
      (void)lks_hdf5_array_close(dataset->sequences->values[f][s]);
}

void lks_dataset_release_sequences(lks_dataset *dataset) {
  if (dataset->sequences == NULL)
    return;
  for (int f = 0; f < LKS_BATCH_FIELDS_MAX; f++)
    lks_blocks_destroy(dataset->sequences->blocks[f]);
  lks_sequence_table_release(&dataset->sequences->table);
  lks_release(dataset->sequences);
}

const lks_sequence_table *lks_dataset_sequences(const lks_dataset *dataset) {
  return dataset->sequences == NULL ? NULL : &dataset->sequences->table;
}

int lks_sequence_field_find(const lks_sequence_table *table, const char *name) {
  for (int f = 0; f < table->count; f++)
    if (strcmp(table->field[f].name, name) == 0)
      return f;
  return -1;
}

static lks_status fail_number(const lks_dataset *dataset, lks_split split, const char *field,
                              int64_t place) {
  return LKS_FAIL(LKS_DATA, "%s: split '%s', field '%s', value %lld: expected a finite number",
                  dataset->path, lks_split_text(split), field, (long long)place);
}

static lks_status check_numbers(const lks_dataset *dataset, lks_split split,
                                const lks_sequence_field *field, int64_t first, int64_t count,
                                const int32_t *bits) {
  for (int64_t i = 0; i < count; i++) {
    float number;
    memcpy(&number, &bits[i], sizeof number);
    if (!isfinite(number))
      return fail_number(dataset, split, field->name, first + i);
  }
  return LKS_OK;
}

/* Symbols first .. first + count - 1 of a field of a split. */
static lks_status read_symbols(const lks_dataset *dataset, lks_split split, int f,
                               int64_t first, int64_t count, int32_t *symbols) {
  const lks_sequence_field *field = &dataset->sequences->table.field[f];
  int64_t infinite;
  LKS_TRY(lks_blocks_read(dataset->sequences->blocks[f], (int)split, first, count, symbols,
                          &infinite));
  if (infinite >= 0)
    return fail_number(dataset, split, field->name, infinite);
  if (field->numbers)
    return check_numbers(dataset, split, field, first, count, symbols);
  int size = lks_vocabulary_size(field->vocabulary);
  for (int64_t i = 0; i < count; i++)
    if (symbols[i] < 0 || symbols[i] >= size)
      return LKS_FAIL(
          LKS_DATA,
          "%s: split '%s', field '%s', value %lld: expected a symbol's number below "
          "%d, found %d",
          dataset->path, lks_split_text(split), field->name, (long long)(first + i), size,
          symbols[i]);
  return LKS_OK;
}

lks_status lks_dataset_read_sequence(lks_dataset *dataset, lks_split split, int field,
                                     int64_t sample, int32_t *symbols) {
  const int64_t *offsets = dataset->sequences->table.field[field].offsets[split];
  return read_symbols(dataset, split, field, offsets[sample],
                      offsets[sample + 1] - offsets[sample], symbols);
}

typedef struct {
  const lks_dataset *dataset;
  lks_split split;
  int field;
  int64_t *counts;
} count_job;

static lks_status run_count(void *context) {
  const count_job *job = context;
  int32_t values[VALUES_AT_ONCE];
  const lks_sequence_table *table = &job->dataset->sequences->table;
  int64_t count = table->field[job->field].offsets[job->split][table->samples[job->split]];
  for (int64_t first = 0; first < count; first += VALUES_AT_ONCE) {
    int64_t part = count - first < VALUES_AT_ONCE ? count - first : VALUES_AT_ONCE;
    LKS_TRY(read_symbols(job->dataset, job->split, job->field, first, part, values));
    for (int64_t i = 0; i < part; i++)
      job->counts[values[i]]++;
  }
  return LKS_OK;
}

lks_status lks_dataset_count_symbols(const lks_dataset *dataset, lks_split split, int field,
                                     int64_t *counts) {
  if (dataset->sequences->table.samples[split] == 0)
    return LKS_OK;
  return lks_io_run(dataset->io, run_count, &(count_job){dataset, split, field, counts});
}

static lks_status digest_field(lks_dataset *dataset, lks_split split, int f,
                               lks_digest_stream *stream, lks_digest *digest) {
  int32_t values[VALUES_AT_ONCE];
  const lks_sequence_table *table = &dataset->sequences->table;
  int64_t count = table->field[f].offsets[split][table->samples[split]];
  for (int64_t first = 0; first < count; first += VALUES_AT_ONCE) {
    int64_t part = count - first < VALUES_AT_ONCE ? count - first : VALUES_AT_ONCE;
    LKS_TRY(read_symbols(dataset, split, f, first, part, values));
    LKS_TRY(lks_dataset_digest_add(stream, values, part));
  }
  return lks_digest_stream_finish(stream, digest);
}

static lks_status verify_field(lks_dataset *dataset, lks_split split, int f) {
  const lks_sequence_field *field = &dataset->sequences->table.field[f];
  lks_digest_stream *stream;
  lks_digest digest;
  char hex[LKS_DIGEST_HEX];
  LKS_TRY(lks_digest_stream_create(&stream));
  lks_status status = digest_field(dataset, split, f, stream, &digest);
  lks_digest_stream_destroy(stream);
  LKS_TRY(status);
  lks_digest_to_hex(&digest, hex);
  if (strcmp(hex, field->values_hex[split]) != 0)
    return LKS_FAIL(LKS_DATA, "%s: the values of '%s/%s' have SHA-256 %s, expected %s",
                    dataset->path, lks_split_text(split), field->name, hex,
                    field->values_hex[split]);
  return LKS_OK;
}

lks_status lks_dataset_verify_sequences(lks_dataset *dataset) {
  const lks_sequence_table *table = &dataset->sequences->table;
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    for (int f = 0; f < table->count && table->samples[s] > 0; f++)
      LKS_TRY(verify_field(dataset, (lks_split)s, f));
  return LKS_OK;
}
