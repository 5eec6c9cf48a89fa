/* SPDX-License-Identifier: Apache-2.0 */
/* text_open.c - what a dataset of task `text` has: a vocabulary, and splits that are one
 * sequence each. */
#include "data/dataset_handle.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/names.h"

#include <stdio.h>

/* Puts the path in front of a message that does not know it. */
static lks_status name_file(const char *path, lks_status status) {
  char message[512];
  (void)snprintf(message, sizeof message, "%s", lks_error_message());
  return LKS_FAIL(status, "%s: %s", path, message);
}

static lks_status append_symbols(lks_dataset *dataset, const char *bytes, size_t byte_count,
                                 const int64_t *offsets, size_t offset_count) {
  if (offset_count < 2 || offsets[0] != 0 || offsets[offset_count - 1] != (int64_t)byte_count)
    return LKS_FAIL(LKS_DATA, "%s: the vocabulary's offsets do not span its %zu bytes",
                    dataset->path, byte_count);
  for (size_t i = 0; i + 1 < offset_count; i++) {
    int64_t first = offsets[i], end = offsets[i + 1];
    if (end < first || end > (int64_t)byte_count)
      return LKS_FAIL(LKS_DATA, "%s: the vocabulary's offset %zu is out of order",
                      dataset->path, i + 1);
    lks_status status =
        lks_vocabulary_append(dataset->vocabulary, bytes + first, (size_t)(end - first));
    if (status == LKS_DATA)
      return name_file(dataset->path, status);
    LKS_TRY(status);
  }
  return LKS_OK;
}

static lks_status read_vocabulary(lks_dataset *dataset) {
  char *bytes = NULL;
  int64_t *offsets = NULL;
  size_t byte_count = 0, offset_count = 0;
  lks_status status;
  LKS_TRY_OR(cleanup, status, lks_vocabulary_create(&dataset->vocabulary));
  LKS_TRY_OR(cleanup, status,
             lks_read_whole(dataset->file, dataset->path, "vocabulary/bytes", LKS_U8, &bytes,
                            &byte_count));
  LKS_TRY_OR(cleanup, status,
             lks_read_whole(dataset->file, dataset->path, "vocabulary/offsets", LKS_I64,
                            &offsets, &offset_count));
  LKS_TRY_OR(cleanup, status,
             append_symbols(dataset, bytes, byte_count, offsets, offset_count));
cleanup:
  lks_release(offsets);
  lks_release(bytes);
  return status;
}

/* A text's values are one sequence: its offsets are 0 and their number. */
static lks_status check_offsets(lks_dataset *dataset, lks_split split) {
  char name[LKS_DATASET_NAME_BYTES];
  int64_t *offsets = NULL;
  size_t count = 0;
  int64_t values = dataset->content.split[split].count;
  lks_dataset_name(split, "offsets", name);
  lks_status status =
      lks_read_whole(dataset->file, dataset->path, name, LKS_I64, &offsets, &count);
  if (status == LKS_OK && (count != 2 || offsets[0] != 0 || offsets[1] != values))
    status = LKS_FAIL(LKS_DATA, "%s: '%s': expected 0 and %lld", dataset->path, name,
                      (long long)values);
  lks_release(offsets);
  return status;
}

lks_status lks_dataset_open_text(lks_dataset *dataset) {
  LKS_TRY(lks_dataset_read_choice(dataset, "unit", "word", "character", &dataset->unit));
  LKS_TRY(read_vocabulary(dataset));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    char name[LKS_DATASET_NAME_BYTES];
    lks_dataset_name((lks_split)s, "values", name);
    if (!lks_hdf5_exists(dataset->file, name))
      continue;
    LKS_TRY(lks_dataset_open_values(
        dataset, (lks_split)s, 1u << LKS_U8 | 1u << LKS_U16 | 1u << LKS_I32, "u8, u16 or i32"));
    LKS_TRY(check_offsets(dataset, (lks_split)s));
  }
  return LKS_OK;
}
