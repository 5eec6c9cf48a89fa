/* SPDX-License-Identifier: Apache-2.0 */
/* dataset.c - every call of HDF5 is a job of the I/O thread. */
#include "data/dataset.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/dataset_handle.h"

#include <string.h>

enum { VERIFIED_AT_ONCE = 1 << 14 };

static const char *const split_names[LKS_SPLIT_COUNT] = {"train", "valid", "test"};

const char *lks_split_text(lks_split split) {
  return split_names[split];
}

lks_status lks_split_find(const char *name, lks_split *split) {
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (strcmp(name, split_names[s]) == 0) {
      *split = (lks_split)s;
      return LKS_OK;
    }
  char suggestion[256];
  lks_text_suggest(name, split_names, LKS_SPLIT_COUNT, suggestion, sizeof suggestion);
  return LKS_FAIL(LKS_USAGE, "unknown split '%s'%s", name, suggestion);
}

lks_status lks_dataset_open(lks_dataset **dataset, const char *path, lks_io_thread *io) {
  LKS_TRY(lks_allocate(dataset, 1, sizeof **dataset));
  (*dataset)->io = io;
  lks_status status = lks_copy_text(&(*dataset)->path, path);
  if (status == LKS_OK)
    status = lks_io_run(io, lks_dataset_open_job, *dataset);
  if (status != LKS_OK) {
    lks_dataset_close(*dataset);
    *dataset = NULL;
  }
  return status;
}

void lks_dataset_close(lks_dataset *dataset) {
  if (dataset == NULL)
    return;
  (void)lks_io_run(dataset->io, lks_dataset_close_job, dataset);
  lks_dataset_release_sequences(dataset);
  lks_dataset_release_series(dataset);
  lks_vocabulary_destroy(dataset->vocabulary);
  lks_release(dataset->unit);
  lks_release(dataset->task);
  lks_release(dataset->path);
  lks_release(dataset);
}

const char *lks_dataset_path(const lks_dataset *dataset) {
  return dataset->path;
}

const char *lks_dataset_task(const lks_dataset *dataset) {
  return dataset->task;
}

const char *lks_dataset_unit(const lks_dataset *dataset) {
  return dataset->unit;
}

const lks_digest *lks_dataset_digest(const lks_dataset *dataset) {
  return &dataset->digest;
}

int64_t lks_dataset_count(const lks_dataset *dataset, lks_split split) {
  int64_t values = dataset->content.split[split].count;
  return dataset->series == NULL ? values : values / dataset->series->table.columns;
}

int64_t lks_dataset_block(const lks_dataset *dataset) {
  return dataset->content.block;
}

const lks_vocabulary *lks_dataset_vocabulary(const lks_dataset *dataset) {
  return dataset->vocabulary;
}

lks_status lks_dataset_read(lks_dataset *dataset, lks_split split, int64_t first, int64_t count,
                            int32_t *values) {
  LKS_ASSERT(dataset->vocabulary != NULL);
  LKS_ASSERT(dataset->values[split] != NULL && first >= 0 && count >= 0);
  LKS_TRY(lks_hdf5_array_read(dataset->values[split], LKS_I32, (size_t)first, (size_t)count,
                              values));
  int size = lks_vocabulary_size(dataset->vocabulary);
  for (int64_t i = 0; i < count; i++)
    if (values[i] < 0 || values[i] >= size)
      return LKS_FAIL(
          LKS_DATA, "%s: split '%s', value %lld: expected a symbol's number below %d, found %d",
          dataset->path, lks_split_text(split), (long long)(first + i), size, values[i]);
  return LKS_OK;
}

/* Values of either task have 32 bits in memory. */
static lks_status read_values(lks_dataset *dataset, lks_split split, int64_t first,
                              int64_t count, int32_t *values) {
  if (dataset->series == NULL)
    return lks_dataset_read(dataset, split, first, count, values);
  return lks_hdf5_array_read(dataset->values[split], LKS_F32, (size_t)first, (size_t)count,
                             values);
}

static lks_status digest_split(lks_dataset *dataset, lks_split split, lks_digest_stream *stream,
                               lks_digest *digest) {
  int32_t values[VERIFIED_AT_ONCE];
  int64_t count = dataset->content.split[split].count;
  for (int64_t first = 0; first < count; first += VERIFIED_AT_ONCE) {
    int64_t part = count - first < VERIFIED_AT_ONCE ? count - first : VERIFIED_AT_ONCE;
    LKS_TRY(read_values(dataset, split, first, part, values));
    LKS_TRY(lks_dataset_digest_add(stream, values, part));
  }
  LKS_TRY(lks_digest_stream_finish(stream, digest));
  return LKS_OK;
}

static lks_status verify_job(void *context) {
  lks_dataset *dataset = context;
  if (dataset->sequences != NULL)
    return lks_dataset_verify_sequences(dataset);
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    lks_split split = (lks_split)s;
    lks_digest_stream *stream;
    lks_digest digest;
    char hex[LKS_DIGEST_HEX];
    if (lks_dataset_count(dataset, split) == 0)
      continue;
    LKS_TRY(lks_digest_stream_create(&stream));
    lks_status status = digest_split(dataset, split, stream, &digest);
    lks_digest_stream_destroy(stream);
    LKS_TRY(status);
    lks_digest_to_hex(&digest, hex);
    if (strcmp(hex, dataset->content.split[s].hex) != 0)
      return LKS_FAIL(LKS_DATA, "%s: the values of split '%s' have SHA-256 %s, expected %s",
                      dataset->path, lks_split_text(split), hex, dataset->content.split[s].hex);
  }
  return LKS_OK;
}

lks_status lks_dataset_verify(lks_dataset *dataset) {
  LKS_TRY(lks_io_run(dataset->io, verify_job, dataset));
  return LKS_OK;
}
