/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_writer.c - one growing array and one running SHA-256 a split.
 *
 * Values are kept in the smallest type that holds the vocabulary's numbers, but
 * hashed as 32 bits each: the digest is one of content, not of storage. */
#include "data/dataset_writer.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/dataset_content.h"
#include "io/hdf5_file.h"
#include "io/sealed_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFERED_VALUES = 4096 };

typedef struct {
  lks_hdf5_array *array; /* NULL until the first value */
  lks_digest_stream *digest;
  int64_t count;
  int buffered;
  int32_t buffer[BUFFERED_VALUES];
} split_writer;

struct lks_dataset_writer {
  char *path;
  char *temporary; /* NULL when there is no such file any more */
  char *unit;
  const lks_vocabulary *vocabulary; /* borrowed; outlives this */
  size_t chunk;
  lks_hdf5_file *file;
  split_writer splits[LKS_SPLIT_COUNT];
  lks_hole *holes;
  size_t hole_count;
};

static lks_type type_for(int size) {
  if (size <= UINT8_MAX + 1)
    return LKS_U8;
  return size <= UINT16_MAX + 1 ? LKS_U16 : LKS_I32;
}

static lks_status open_temporary(lks_dataset_writer *writer, const lks_dataset_setup *setup) {
  LKS_TRY(lks_copy_text(&writer->path, setup->path));
  LKS_TRY(lks_copy_text(&writer->unit, setup->unit));
  LKS_TRY(lks_sealed_temporary(setup->path, &writer->temporary));
  LKS_TRY(lks_hdf5_create(&writer->file, writer->temporary, LKS_SEAL_BYTES));
  return LKS_OK;
}

lks_status lks_dataset_writer_create(lks_dataset_writer **writer,
                                     const lks_dataset_setup *setup) {
  LKS_TRY(lks_allocate(writer, 1, sizeof **writer));
  (*writer)->vocabulary = setup->vocabulary;
  (*writer)->chunk = setup->chunk > 0 ? setup->chunk : LKS_DATASET_BLOCK;
  lks_status status = open_temporary(*writer, setup);
  if (status != LKS_OK) {
    lks_dataset_writer_destroy(*writer);
    *writer = NULL;
  }
  return status;
}

/* Closes what is open; the first failure counts. */
static lks_status close_file(lks_dataset_writer *writer) {
  lks_status status = LKS_OK;
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    lks_status closed = lks_hdf5_array_close(writer->splits[s].array);
    writer->splits[s].array = NULL;
    if (status == LKS_OK)
      status = closed;
  }
  if (writer->file != NULL) {
    lks_status closed = lks_hdf5_close(writer->file);
    writer->file = NULL;
    if (status == LKS_OK)
      status = closed;
  }
  return status;
}

void lks_dataset_writer_destroy(lks_dataset_writer *writer) {
  if (writer == NULL)
    return;
  (void)close_file(writer);
  if (writer->temporary != NULL)
    (void)unlink(writer->temporary);
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    lks_digest_stream_destroy(writer->splits[s].digest);
  lks_release(writer->holes);
  lks_release(writer->unit);
  lks_release(writer->temporary);
  lks_release(writer->path);
  lks_release(writer);
}

static lks_status start_split(lks_dataset_writer *writer, lks_split split) {
  char name[LKS_DATASET_NAME_BYTES];
  lks_type type = type_for(lks_vocabulary_size(writer->vocabulary));
  lks_dataset_name(split, "values", name);
  LKS_TRY(lks_digest_stream_create(&writer->splits[split].digest));
  LKS_TRY(lks_hdf5_array_create(&writer->splits[split].array, writer->file, name, type,
                                writer->chunk));
  return LKS_OK;
}

/* Hands the buffered values on. */
static lks_status empty(lks_dataset_writer *writer, lks_split split) {
  split_writer *s = &writer->splits[split];
  if (s->array == NULL)
    LKS_TRY(start_split(writer, split));
  LKS_TRY(lks_dataset_digest_add(s->digest, s->buffer, s->buffered));
  LKS_TRY(lks_hdf5_array_append(s->array, LKS_I32, s->buffer, (size_t)s->buffered));
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
  LKS_TRY(lks_hdf5_write_integer(writer->file, group, "text_bytes", text_bytes));
  LKS_TRY(lks_hdf5_write_integer(writer->file, group, "unknown", unknown));
  return LKS_OK;
}

lks_status lks_dataset_writer_describe(lks_dataset_writer *writer, const char *sources) {
  LKS_TRY(lks_hdf5_write_text(writer->file, "", "sources", sources));
  return LKS_OK;
}

static lks_status write_vocabulary(lks_dataset_writer *writer) {
  int size = lks_vocabulary_size(writer->vocabulary);
  lks_text bytes = {0};
  int64_t *offsets = NULL;
  lks_status status;
  LKS_TRY_OR(cleanup, status, lks_allocate(&offsets, (size_t)size + 1, sizeof *offsets));
  for (int i = 0; i < size; i++) {
    const char *symbol = lks_vocabulary_symbol(writer->vocabulary, i);
    LKS_TRY_OR(cleanup, status, lks_text_add(&bytes, symbol, strlen(symbol)));
    offsets[i + 1] = (int64_t)bytes.bytes;
  }
  lks_shape byte_shape = lks_shape_1(bytes.bytes);
  lks_shape offset_shape = lks_shape_1((size_t)size + 1);
  LKS_TRY_OR(cleanup, status,
             lks_hdf5_write(writer->file, "vocabulary/bytes", LKS_U8, &byte_shape, bytes.data));
  LKS_TRY_OR(
      cleanup, status,
      lks_hdf5_write(writer->file, "vocabulary/offsets", LKS_I64, &offset_shape, offsets));
cleanup:
  lks_text_release(&bytes);
  lks_release(offsets);
  return status;
}

/* Offsets and SHA-256 of a split, and its line of the content. */
static lks_status finish_split(lks_dataset_writer *writer, lks_split split,
                               lks_dataset_content *content) {
  char name[LKS_DATASET_NAME_BYTES];
  split_writer *s = &writer->splits[split];
  const int64_t offsets[2] = {0, s->count};
  const lks_shape shape = lks_shape_1(2);
  lks_digest digest;
  if (s->buffered > 0)
    LKS_TRY(empty(writer, split));
  LKS_TRY(lks_digest_stream_finish(s->digest, &digest));
  lks_digest_to_hex(&digest, content->split[split].hex);
  content->split[split].count = s->count;
  lks_dataset_name(split, "offsets", name);
  LKS_TRY(lks_hdf5_write(writer->file, name, LKS_I64, &shape, offsets));
  LKS_TRY(lks_hdf5_write_text(writer->file, lks_split_text(split), "sha256",
                              content->split[split].hex));
  return LKS_OK;
}

static lks_status write_head(lks_dataset_writer *writer, const lks_dataset_content *content,
                             lks_digest *digest) {
  char hex[LKS_DIGEST_HEX];
  LKS_TRY(lks_dataset_content_digest(content, digest));
  lks_digest_to_hex(digest, hex);
  LKS_TRY(lks_hdf5_write_text(writer->file, "", "format", LKS_DATASET_FORMAT));
  LKS_TRY(lks_hdf5_write_integer(writer->file, "", "version", LKS_DATASET_VERSION));
  LKS_TRY(lks_hdf5_write_text(writer->file, "", "task", content->task));
  LKS_TRY(lks_hdf5_write_text(writer->file, "", "unit", content->unit));
  LKS_TRY(lks_hdf5_write_integer(writer->file, "", "chunk", content->block));
  LKS_TRY(lks_hdf5_write_text(writer->file, "", "digest", hex));
  return LKS_OK;
}

/* ---- sealing ---- */

/* Where the chunks of a split lie: they are left out of the seal. */
static lks_status add_holes(lks_dataset_writer *writer, lks_split split) {
  size_t chunks = 1;
  for (size_t i = 0; i < chunks; i++) {
    lks_hole hole;
    LKS_TRY(lks_hdf5_array_chunk(writer->splits[split].array, i, &chunks, &hole.first,
                                 &hole.bytes));
    if (i == 0)
      LKS_TRY(lks_reallocate(&writer->holes, writer->hole_count, writer->hole_count + chunks,
                             sizeof *writer->holes));
    if (i < chunks)
      writer->holes[writer->hole_count++] = hole;
  }
  return LKS_OK;
}

static int compare_holes(const void *left, const void *right) {
  const lks_hole *a = left, *b = right;
  return (a->first > b->first) - (a->first < b->first);
}

lks_status lks_dataset_writer_commit(lks_dataset_writer *writer, lks_digest *digest) {
  lks_dataset_content content = {.task = "text",
                                 .unit = writer->unit,
                                 .block = (int64_t)writer->chunk,
                                 .vocabulary = writer->vocabulary};
  LKS_TRY(write_vocabulary(writer));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (writer->splits[s].count > 0)
      LKS_TRY(finish_split(writer, (lks_split)s, &content));
  LKS_TRY(write_head(writer, &content, digest));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (writer->splits[s].count > 0)
      LKS_TRY(add_holes(writer, (lks_split)s));
  qsort(writer->holes, writer->hole_count, sizeof *writer->holes, compare_holes);
  LKS_TRY(close_file(writer));
  LKS_TRY(lks_sealed_commit(writer->temporary, writer->path, LKS_FILE_DATASET, writer->holes,
                            writer->hole_count, NULL));
  lks_release(writer->temporary);
  writer->temporary = NULL;
  return LKS_OK;
}
