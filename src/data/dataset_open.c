/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_open.c - first the seal, as bytes, then HDF5, then what the file says.
 *
 * A seal only tells that a file is as it was written, not that a sound program wrote
 * it, so whatever could lead out of bounds later is checked: the vocabulary's offsets
 * here, the values when they are read. */
#include "data/dataset_handle.h"

#include "base/fail.h"
#include "base/memory.h"
#include "io/sealed_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A text attribute of the root that has to be one of two. */
static lks_status read_choice(lks_dataset *dataset, const char *name, const char *one,
                              const char *other, char **value) {
  LKS_TRY(lks_hdf5_read_text(dataset->file, "", name, value));
  if (strcmp(*value, one) == 0 || strcmp(*value, other) == 0)
    return LKS_OK;
  bool choice = strcmp(one, other) != 0;
  return LKS_FAIL(LKS_DATA, "%s: attribute '%s': expected '%s'%s%s%s, found '%.64s'",
                  dataset->path, name, one, choice ? " or '" : "", choice ? other : "",
                  choice ? "'" : "", *value);
}

static lks_status read_head(lks_dataset *dataset) {
  char *format = NULL;
  int64_t version;
  lks_status status =
      read_choice(dataset, "format", LKS_DATASET_FORMAT, LKS_DATASET_FORMAT, &format);
  lks_release(format);
  LKS_TRY(status);
  LKS_TRY(lks_hdf5_read_integer(dataset->file, "", "version", &version));
  if (version != LKS_DATASET_VERSION)
    return LKS_FAIL(LKS_DATA,
                    "%s: expected version %d of the dataset format, found %lld"
                    "\n  hint: prepare it again with this program",
                    dataset->path, LKS_DATASET_VERSION, (long long)version);
  LKS_TRY(read_choice(dataset, "task", "text", "text", &dataset->task));
  LKS_TRY(read_choice(dataset, "unit", "word", "character", &dataset->unit));
  LKS_TRY(lks_hdf5_read_integer(dataset->file, "", "chunk", &dataset->content.block));
  if (dataset->content.block < 1 || dataset->content.block > INT32_MAX / 64)
    return LKS_FAIL(LKS_DATA, "%s: attribute 'chunk': %lld is out of range", dataset->path,
                    (long long)dataset->content.block);
  return LKS_OK;
}

/* Reads an array of one axis as a whole; *data is lks_released by the caller. */
static lks_status read_whole(lks_dataset *dataset, const char *name, lks_type type, void *data,
                             size_t *count) {
  lks_type stored;
  lks_shape shape;
  LKS_TRY(lks_hdf5_describe(dataset->file, name, &stored, &shape));
  if (shape.axes != 1)
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected one axis, found %d", dataset->path, name,
                    shape.axes);
  *count = shape.extent[0];
  LKS_TRY(lks_allocate(data, *count, lks_type_bytes(type)));
  void *block;
  memcpy(&block, data, sizeof block);
  LKS_TRY(lks_hdf5_read(dataset->file, name, type, &shape, block));
  return LKS_OK;
}

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
             read_whole(dataset, "vocabulary/bytes", LKS_U8, &bytes, &byte_count));
  LKS_TRY_OR(cleanup, status,
             read_whole(dataset, "vocabulary/offsets", LKS_I64, &offsets, &offset_count));
  LKS_TRY_OR(cleanup, status,
             append_symbols(dataset, bytes, byte_count, offsets, offset_count));
cleanup:
  lks_release(offsets);
  lks_release(bytes);
  return status;
}

/* A text's values are one sequence: its offsets are 0 and their number. */
static lks_status check_offsets(lks_dataset *dataset, lks_split split, int64_t values) {
  char name[LKS_DATASET_NAME_BYTES];
  int64_t *offsets = NULL;
  size_t count;
  lks_dataset_name(split, "offsets", name);
  lks_status status = read_whole(dataset, name, LKS_I64, &offsets, &count);
  if (status == LKS_OK && (count != 2 || offsets[0] != 0 || offsets[1] != values))
    status = LKS_FAIL(LKS_DATA, "%s: '%s': expected 0 and %lld", dataset->path, name,
                      (long long)values);
  lks_release(offsets);
  return status;
}

static lks_status read_split(lks_dataset *dataset, lks_split split) {
  char name[LKS_DATASET_NAME_BYTES];
  lks_type type;
  lks_shape shape;
  char *hex = NULL;
  lks_dataset_name(split, "values", name);
  if (!lks_hdf5_exists(dataset->file, name))
    return LKS_OK;
  LKS_TRY(lks_hdf5_describe(dataset->file, name, &type, &shape));
  if (type != LKS_U8 && type != LKS_U16 && type != LKS_I32)
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected values of type u8, u16 or i32, found %s",
                    dataset->path, name, lks_type_text(type));
  LKS_TRY(lks_hdf5_array_open(&dataset->values[split], dataset->file, name));
  int64_t count = (int64_t)lks_hdf5_array_count(dataset->values[split]);
  LKS_TRY(check_offsets(dataset, split, count));
  LKS_TRY(lks_hdf5_read_text(dataset->file, lks_split_text(split), "sha256", &hex));
  bool valid = strlen(hex) == LKS_DIGEST_HEX - 1;
  if (valid)
    memcpy(dataset->content.split[split].hex, hex, LKS_DIGEST_HEX);
  lks_release(hex);
  if (!valid)
    return LKS_FAIL(LKS_DATA, "%s: attribute 'sha256' of '%s': expected %d digits",
                    dataset->path, lks_split_text(split), LKS_DIGEST_HEX - 1);
  dataset->content.split[split].count = count;
  return LKS_OK;
}

static lks_status check_digest(lks_dataset *dataset) {
  char hex[LKS_DIGEST_HEX];
  char *stated;
  dataset->content.task = dataset->task;
  dataset->content.unit = dataset->unit;
  dataset->content.vocabulary = dataset->vocabulary;
  LKS_TRY(lks_dataset_content_digest(&dataset->content, &dataset->digest));
  lks_digest_to_hex(&dataset->digest, hex);
  LKS_TRY(lks_hdf5_read_text(dataset->file, "", "digest", &stated));
  bool equal = strcmp(stated, hex) == 0;
  lks_release(stated);
  if (!equal)
    return LKS_FAIL(LKS_DATA, "%s: attribute 'digest' is not that of the content, %s",
                    dataset->path, hex);
  return LKS_OK;
}

/* What a user is most likely to have mistaken, before the seal speaks of bytes. */
static lks_status check_path(const char *path) {
  if (access(path, F_OK) != 0)
    return LKS_FAIL(LKS_DATA,
                    "%s: there is no such dataset"
                    "\n  hint: lockstep prepare makes one; or check [data] path",
                    path);
  if (!lks_sealed_is_kind(path, LKS_FILE_DATASET) &&
      !lks_sealed_is_kind(path, LKS_FILE_CHECKPOINT))
    return LKS_FAIL(LKS_DATA,
                    "%s: expected a dataset, found something else"
                    "\n  hint: lockstep prepare makes a dataset from text",
                    path);
  return LKS_OK;
}

lks_status lks_dataset_open_job(void *context) {
  lks_dataset *dataset = context;
  LKS_TRY(check_path(dataset->path));
  LKS_TRY(lks_sealed_check(dataset->path, LKS_FILE_DATASET, NULL));
  LKS_TRY(lks_hdf5_open(&dataset->file, dataset->path));
  LKS_TRY(read_head(dataset));
  LKS_TRY(read_vocabulary(dataset));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    LKS_TRY(read_split(dataset, (lks_split)s));
  LKS_TRY(check_digest(dataset));
  return LKS_OK;
}

lks_status lks_dataset_close_job(void *context) {
  lks_dataset *dataset = context;
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    (void)lks_hdf5_array_close(dataset->values[s]);
  if (dataset->file != NULL)
    (void)lks_hdf5_close(dataset->file);
  return LKS_OK;
}
