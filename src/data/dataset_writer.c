/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_writer.c - values are kept in the smallest type that holds the vocabulary's
 * numbers. */
#include "data/dataset_writer.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/dataset_output.h"
#include "data/names.h"

#include <string.h>

enum { BUFFERED_VALUES = 4096 };

typedef struct {
  int64_t count;
  int buffered;
  int32_t buffer[BUFFERED_VALUES];
} split_writer;

struct lks_dataset_writer {
  char *unit;
  const lks_vocabulary *vocabulary; /* borrowed; outlives this */
  size_t chunk;
  lks_dataset_output output;
  split_writer splits[LKS_SPLIT_COUNT];
};

static lks_type type_for(int size) {
  if (size <= UINT8_MAX + 1)
    return LKS_U8;
  return size <= UINT16_MAX + 1 ? LKS_U16 : LKS_I32;
}

lks_status lks_dataset_writer_create(lks_dataset_writer **writer,
                                     const lks_dataset_setup *setup) {
  LKS_TRY(lks_allocate(writer, 1, sizeof **writer));
  (*writer)->vocabulary = setup->vocabulary;
  (*writer)->chunk = setup->chunk > 0 ? setup->chunk : LKS_DATASET_BLOCK;
  lks_status status = lks_copy_text(&(*writer)->unit, setup->unit);
  if (status == LKS_OK)
    status = lks_dataset_output_open(&(*writer)->output, setup->path);
  if (status != LKS_OK) {
    lks_dataset_writer_destroy(*writer);
    *writer = NULL;
  }
  return status;
}

void lks_dataset_writer_destroy(lks_dataset_writer *writer) {
  if (writer == NULL)
    return;
  lks_dataset_output_close(&writer->output);
  lks_release(writer->unit);
  lks_release(writer);
}

/* Hands the buffered values on. */
static lks_status empty(lks_dataset_writer *writer, lks_split split) {
  split_writer *s = &writer->splits[split];
  if (writer->output.split[split][0].array == NULL)
    LKS_TRY(lks_dataset_output_start(&writer->output, split, 0, "values",
                                     type_for(lks_vocabulary_size(writer->vocabulary)),
                                     writer->chunk));
  LKS_TRY(
      lks_dataset_output_append(&writer->output, split, 0, LKS_I32, s->buffer, s->buffered));
  s->buffered = 0;
  return LKS_OK;
}

lks_status lks_dataset_writer_append(lks_dataset_writer *writer, lks_split split,
                                     int32_t value) {
  split_writer *s = &writer->splits[split];
  LKS_ASSERT(value >= 0 && value < lks_vocabulary_size(writer->vocabulary));
  s->buffer[s->buffered++] = value;
  s->count++;
  if (s->buffered == BUFFERED_VALUES)
    LKS_TRY(empty(writer, split));
  return LKS_OK;
}

int64_t lks_dataset_writer_count(const lks_dataset_writer *writer, lks_split split) {
  return writer->splits[split].count;
}

lks_status lks_dataset_writer_describe_split(lks_dataset_writer *writer, lks_split split,
                                             int64_t text_bytes, int64_t unknown) {
  const char *group = lks_split_text(split);
  LKS_TRY(lks_hdf5_write_integer(writer->output.file, group, "text_bytes", text_bytes));
  LKS_TRY(lks_hdf5_write_integer(writer->output.file, group, "unknown", unknown));
  return LKS_OK;
}

lks_status lks_dataset_writer_describe(lks_dataset_writer *writer, const char *sources) {
  LKS_TRY(lks_hdf5_write_text(writer->output.file, "", "sources", sources));
  return LKS_OK;
}

/* A text's values are one sequence. */
static lks_status finish_split(lks_dataset_writer *writer, lks_split split,
                               lks_dataset_content *content) {
  char name[LKS_DATASET_NAME_BYTES];
  split_writer *s = &writer->splits[split];
  const int64_t offsets[2] = {0, s->count};
  const lks_shape shape = lks_shape_1(2);
  if (s->buffered > 0)
    LKS_TRY(empty(writer, split));
  lks_dataset_name(split, "offsets", name);
  LKS_TRY(lks_hdf5_write(writer->output.file, name, LKS_I64, &shape, offsets));
  LKS_TRY(lks_dataset_output_finish(&writer->output, split, content));
  return LKS_OK;
}

lks_status lks_dataset_writer_commit(lks_dataset_writer *writer, lks_digest *digest) {
  lks_dataset_content content = {.task = "text",
                                 .unit = writer->unit,
                                 .block = (int64_t)writer->chunk,
                                 .vocabulary = writer->vocabulary};
  LKS_TRY(lks_names_write_vocabulary(writer->output.file, "vocabulary", writer->vocabulary));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (writer->splits[s].count > 0)
      LKS_TRY(finish_split(writer, (lks_split)s, &content));
  LKS_TRY(lks_dataset_output_head(&writer->output, &content, digest));
  LKS_TRY(lks_dataset_output_commit(&writer->output));
  return LKS_OK;
}
