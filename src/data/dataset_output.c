/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_output.c - values are hashed as 32 bits each whatever type stores them: the
 * digest is one of content, not of storage.  The seal leaves out their chunks, which
 * HDF5 tells when all of them are written. */
#include "data/dataset_output.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <unistd.h>

enum { ALL_ARRAYS = LKS_SPLIT_COUNT * LKS_DATASET_ARRAYS };

lks_status lks_dataset_output_open(lks_dataset_output *output, const char *path) {
  LKS_TRY(lks_copy_text(&output->path, path));
  LKS_TRY(lks_sealed_temporary(path, &output->temporary));
  LKS_TRY(lks_hdf5_create(&output->file, output->temporary, LKS_SEAL_BYTES));
  return LKS_OK;
}

/* Array number i of all splits. */
static lks_dataset_array *array_at(lks_dataset_output *output, int i) {
  return &output->split[i / LKS_DATASET_ARRAYS][i % LKS_DATASET_ARRAYS];
}

/* Closes what is open; the first failure counts. */
static lks_status close_file(lks_dataset_output *output) {
  lks_status status = LKS_OK;
  for (int i = 0; i < ALL_ARRAYS; i++) {
    lks_dataset_array *one = array_at(output, i);
    lks_status closed = lks_hdf5_array_close(one->array);
    one->array = NULL;
    if (status == LKS_OK)
      status = closed;
  }
  if (output->file != NULL) {
    lks_status closed = lks_hdf5_close(output->file);
    output->file = NULL;
    if (status == LKS_OK)
      status = closed;
  }
  return status;
}

void lks_dataset_output_close(lks_dataset_output *output) {
  (void)close_file(output);
  if (output->temporary != NULL)
    (void)unlink(output->temporary);
  for (int i = 0; i < ALL_ARRAYS; i++)
    lks_digest_stream_destroy(array_at(output, i)->digest);
  lks_release(output->holes);
  lks_release(output->temporary);
  lks_release(output->path);
}

lks_status lks_dataset_output_start(lks_dataset_output *output, lks_split split, int array,
                                    const char *name, lks_type type, size_t chunk) {
  char path[LKS_DATASET_NAME_BYTES];
  lks_dataset_array *one = &output->split[split][array];
  lks_dataset_name(split, name, path);
  LKS_TRY(lks_digest_stream_create(&one->digest));
  return lks_hdf5_array_create(&one->array, output->file, path, type, chunk);
}

lks_status lks_dataset_output_append(lks_dataset_output *output, lks_split split, int array,
                                     lks_type type, const void *values, int64_t count) {
  lks_dataset_array *one = &output->split[split][array];
  LKS_ASSERT(lks_type_bytes(type) == 4);
  LKS_TRY(lks_dataset_digest_add(one->digest, values, count));
  LKS_TRY(lks_hdf5_array_append(one->array, type, values, (size_t)count));
  one->count += count;
  return LKS_OK;
}

lks_status lks_dataset_output_seal_array(lks_dataset_output *output,
                                         const lks_dataset_array *array, const char *object,
                                         const char *attribute, char hex[LKS_DIGEST_HEX]) {
  lks_digest digest;
  if (array->array == NULL)
    return LKS_OK;
  LKS_TRY(lks_digest_stream_finish(array->digest, &digest));
  lks_digest_to_hex(&digest, hex);
  return lks_hdf5_write_text(output->file, object, attribute, hex);
}

lks_status lks_dataset_output_finish(lks_dataset_output *output, lks_split split,
                                     lks_dataset_content *content) {
  const lks_dataset_array *array = &output->split[split][0];
  content->split[split].count = array->count;
  return lks_dataset_output_seal_array(output, array, lks_split_text(split), "sha256",
                                       content->split[split].hex);
}

lks_status lks_dataset_output_head(lks_dataset_output *output,
                                   const lks_dataset_content *content, lks_digest *digest) {
  char hex[LKS_DIGEST_HEX];
  LKS_TRY(lks_dataset_content_digest(content, digest));
  lks_digest_to_hex(digest, hex);
  LKS_TRY(lks_hdf5_write_text(output->file, "", "format", LKS_DATASET_FORMAT));
  LKS_TRY(lks_hdf5_write_integer(output->file, "", "version", LKS_DATASET_VERSION));
  LKS_TRY(lks_hdf5_write_text(output->file, "", "task", content->task));
  LKS_TRY(lks_hdf5_write_text(output->file, "", "unit", content->unit));
  LKS_TRY(lks_hdf5_write_integer(output->file, "", "chunk", content->block));
  LKS_TRY(lks_hdf5_write_text(output->file, "", "digest", hex));
  return LKS_OK;
}

/* Where the chunks of an array lie: they are left out of the seal. */
static lks_status add_holes(lks_dataset_output *output, lks_hdf5_array *array) {
  size_t chunks = 1;
  for (size_t i = 0; i < chunks; i++) {
    lks_hole hole;
    LKS_TRY(lks_hdf5_array_chunk(array, i, &chunks, &hole.first, &hole.bytes));
    if (i == 0)
      LKS_TRY(lks_reallocate(&output->holes, output->hole_count, output->hole_count + chunks,
                             sizeof *output->holes));
    if (i < chunks)
      output->holes[output->hole_count++] = hole;
  }
  return LKS_OK;
}

static int compare_holes(const void *left, const void *right) {
  const lks_hole *a = left, *b = right;
  return (a->first > b->first) - (a->first < b->first);
}

lks_status lks_dataset_output_commit(lks_dataset_output *output) {
  for (int i = 0; i < ALL_ARRAYS; i++)
    if (array_at(output, i)->array != NULL)
      LKS_TRY(add_holes(output, array_at(output, i)->array));
  qsort(output->holes, output->hole_count, sizeof *output->holes, compare_holes);
  LKS_TRY(close_file(output));
  LKS_TRY(lks_sealed_commit(output->temporary, output->path, LKS_FILE_DATASET, output->holes,
                            output->hole_count, NULL));
  lks_release(output->temporary);
  output->temporary = NULL;
  return LKS_OK;
}
