/* SPDX-License-Identifier: Apache-2.0 */
/* sequence_writer.c - a field has two arrays in every split, the samples' lengths and their
 * symbols, in the smallest type that holds the vocabulary's numbers. */
#include "data/sequence_writer.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/dataset_output.h"
#include "data/names.h"

#include <stdio.h>
#include <string.h>

enum { BUFFERED_VALUES = 4096 };

/* Values on their way to one array. */
typedef struct {
  int buffered;
  int32_t buffer[BUFFERED_VALUES];
} pipe_buffer;

struct lks_sequence_writer {
  const lks_sequence_field_setup *fields; /* borrowed; outlives this */
  int count;
  char *kind;
  size_t chunk;
  lks_dataset_output output;
  int64_t samples[LKS_SPLIT_COUNT];
  pipe_buffer *pipe; /* [LKS_SPLIT_COUNT x LKS_DATASET_ARRAYS]; arrays 2f and 2f + 1 are
                        lengths and symbols of field f */
};

static bool is_numbers(const lks_sequence_writer *writer, int array) {
  return array % 2 == 1 &&
         strcmp(writer->fields[array / 2].tokenizer, LKS_NUMBERS_TOKENIZER) == 0;
}

static lks_type type_of(const lks_sequence_writer *writer, int array) {
  int size = lks_vocabulary_size(writer->fields[array / 2].vocabulary);
  if (array % 2 == 0)
    return LKS_I32;
  if (is_numbers(writer, array))
    return LKS_F32;
  if (size <= UINT8_MAX + 1)
    return LKS_U8;
  return size <= UINT16_MAX + 1 ? LKS_U16 : LKS_I32;
}

lks_status lks_sequence_writer_create(lks_sequence_writer **writer,
                                      const lks_sequence_setup *setup) {
  lks_status status;
  LKS_ASSERT(setup->field_count >= 1 && setup->field_count <= LKS_BATCH_FIELDS_MAX);
  LKS_TRY(lks_allocate(writer, 1, sizeof **writer));
  lks_sequence_writer *w = *writer;
  w->fields = setup->fields;
  w->count = setup->field_count;
  w->chunk = setup->chunk > 0 ? setup->chunk : LKS_DATASET_BLOCK;
  LKS_TRY_OR(failed, status, lks_copy_text(&w->kind, setup->kind));
  LKS_TRY_OR(failed, status,
             lks_allocate(&w->pipe, LKS_SPLIT_COUNT * LKS_DATASET_ARRAYS, sizeof *w->pipe));
  LKS_TRY_OR(failed, status, lks_dataset_output_open(&w->output, setup->path));
  return LKS_OK;
failed:
  lks_sequence_writer_destroy(w);
  *writer = NULL;
  return status;
}

void lks_sequence_writer_destroy(lks_sequence_writer *writer) {
  if (writer == NULL)
    return;
  lks_dataset_output_close(&writer->output);
  lks_release(writer->pipe);
  lks_release(writer->kind);
  lks_release(writer);
}

static pipe_buffer *pipe_of(lks_sequence_writer *w, lks_split split, int array) {
  return &w->pipe[(int)split * LKS_DATASET_ARRAYS + array];
}

/* Hands the buffered values on. */
static lks_status empty(lks_sequence_writer *w, lks_split split, int array) {
  pipe_buffer *pipe = pipe_of(w, split, array);
  char name[LKS_DATASET_NAME_BYTES];
  if (w->output.split[split][array].array == NULL) {
    snprintf(name, sizeof name, "%s/%s", w->fields[array / 2].name,
             array % 2 == 0 ? "lengths" : "values");
    LKS_TRY(
        lks_dataset_output_start(&w->output, split, array, name, type_of(w, array), w->chunk));
  }
  LKS_TRY(lks_dataset_output_append(&w->output, split, array,
                                    is_numbers(w, array) ? LKS_F32 : LKS_I32, pipe->buffer,
                                    pipe->buffered));
  pipe->buffered = 0;
  return LKS_OK;
}

static lks_status put(lks_sequence_writer *w, lks_split split, int array, int32_t value) {
  pipe_buffer *pipe = pipe_of(w, split, array);
  pipe->buffer[pipe->buffered++] = value;
  return pipe->buffered == BUFFERED_VALUES ? empty(w, split, array) : LKS_OK;
}

lks_status lks_sequence_writer_append(lks_sequence_writer *w, lks_split split,
                                      const int32_t *const *symbols, const int *lengths) {
  for (int f = 0; f < w->count; f++) {
    int size = lks_vocabulary_size(w->fields[f].vocabulary);
    bool numbers = is_numbers(w, 2 * f + 1);
    LKS_TRY(put(w, split, 2 * f, lengths[f]));
    for (int i = 0; i < lengths[f]; i++) {
      LKS_ASSERT(numbers || (symbols[f][i] >= 0 && symbols[f][i] < size));
      LKS_TRY(put(w, split, 2 * f + 1, symbols[f][i]));
    }
  }
  w->samples[split]++;
  return LKS_OK;
}

lks_status lks_sequence_writer_describe_split(lks_sequence_writer *writer, lks_split split,
                                              const char *name, int64_t value) {
  return lks_hdf5_write_integer(writer->output.file, lks_split_text(split), name, value);
}

lks_status lks_sequence_writer_describe(lks_sequence_writer *writer, const char *sources) {
  return lks_hdf5_write_text(writer->output.file, "", "sources", sources);
}

/* The vocabulary, and how a line becomes its symbols. */
static lks_status write_field(lks_sequence_writer *w, int f) {
  const lks_sequence_field_setup *field = &w->fields[f];
  char group[LKS_DATASET_NAME_BYTES], model[LKS_DATASET_NAME_BYTES + 8];
  snprintf(group, sizeof group, "vocabulary/%s", field->name);
  LKS_TRY(lks_names_write_vocabulary(w->output.file, group, field->vocabulary));
  LKS_TRY(lks_hdf5_write_text(w->output.file, group, "tokenizer", field->tokenizer));
  if (field->model_bytes == 0)
    return LKS_OK;
  const lks_shape shape = lks_shape_1(field->model_bytes);
  snprintf(model, sizeof model, "%s/model", group);
  return lks_hdf5_write(w->output.file, model, LKS_U8, &shape, field->model);
}

/* Both arrays of a field: an empty one is begun as well. */
static lks_status finish_field(lks_sequence_writer *w, lks_split split, int f,
                               lks_sequence_field *field) {
  char group[LKS_DATASET_NAME_BYTES];
  lks_dataset_name(split, w->fields[f].name, group);
  for (int array = 2 * f; array <= 2 * f + 1; array++)
    LKS_TRY(empty(w, split, array));
  LKS_TRY(lks_dataset_output_seal_array(&w->output, &w->output.split[split][2 * f], group,
                                        "lengths_sha256", field->lengths_hex[split]));
  return lks_dataset_output_seal_array(&w->output, &w->output.split[split][2 * f + 1], group,
                                       "values_sha256", field->values_hex[split]);
}

/* A table that borrows what the setup has. */
static lks_status finish_fields(lks_sequence_writer *w, lks_sequence_table *table) {
  lks_text names = {0};
  lks_status status;
  table->count = w->count;
  for (int f = 0; f < w->count; f++) {
    const lks_sequence_field_setup *setup = &w->fields[f];
    table->field[f] = (lks_sequence_field){
        .name = (char *)(uintptr_t)setup->name,
        .vocabulary = (lks_vocabulary *)(uintptr_t)setup->vocabulary,
        .tokenizer = (char *)(uintptr_t)setup->tokenizer,
        .model = (uint8_t *)(uintptr_t)setup->model,
        .model_bytes = setup->model_bytes,
    };
    LKS_TRY_OR(cleanup, status, lks_text_print(&names, f > 0 ? " %s" : "%s", setup->name));
    LKS_TRY_OR(cleanup, status, write_field(w, f));
    for (int s = 0; s < LKS_SPLIT_COUNT; s++)
      if (w->samples[s] > 0)
        LKS_TRY_OR(cleanup, status, finish_field(w, (lks_split)s, f, &table->field[f]));
  }
  LKS_TRY_OR(cleanup, status, lks_hdf5_write_text(w->output.file, "", "fields", names.data));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    table->samples[s] = w->samples[s];
cleanup:
  lks_text_release(&names);
  return status;
}

lks_status lks_sequence_writer_commit(lks_sequence_writer *w, lks_digest *digest) {
  lks_sequence_table *table;
  LKS_TRY(lks_allocate(&table, 1, sizeof *table));
  lks_dataset_content content = {
      .task = "sequences", .unit = w->kind, .block = (int64_t)w->chunk, .sequences = table};
  lks_status status = finish_fields(w, table);
  if (status == LKS_OK)
    status = lks_dataset_output_head(&w->output, &content, digest);
  if (status == LKS_OK)
    status = lks_dataset_output_commit(&w->output);
  lks_release(table);
  return status;
}
