/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_open.c - first the seal, as bytes, then HDF5, then what the file says.
 *
 * A seal only tells that a file is as it was written, not that a sound program wrote
 * it, so whatever could lead out of bounds later is checked: names and offsets by the
 * part of the file's task (text_open.c, series_open.c), the values when they are read. */
#include "data/dataset_handle.h"

#include "base/fail.h"
#include "base/memory.h"
#include "io/sealed_file.h"

#include <string.h>
#include <unistd.h>

lks_status lks_dataset_read_choice(lks_dataset *dataset, const char *name, const char *one,
                                   const char *other, char **value) {
  LKS_TRY(lks_hdf5_read_text(dataset->file, "", name, value));
  if (strcmp(*value, one) == 0 || strcmp(*value, other) == 0)
    return LKS_OK;
  bool choice = strcmp(one, other) != 0;
  return LKS_FAIL(LKS_DATA, "%s: attribute '%s': expected '%s'%s%s%s, found '%.64s'",
                  dataset->path, name, one, choice ? " or '" : "", choice ? other : "",
                  choice ? "'" : "", *value);
}

static lks_status read_task(lks_dataset *dataset) {
  static const char *const tasks[] = {"text", "series", "sequences"};
  LKS_TRY(lks_hdf5_read_text(dataset->file, "", "task", &dataset->task));
  for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
    if (strcmp(dataset->task, tasks[i]) == 0)
      return LKS_OK;
  return LKS_FAIL(
      LKS_DATA, "%s: attribute 'task': expected 'text', 'series' or 'sequences', found '%.64s'",
      dataset->path, dataset->task);
}

static lks_status read_head(lks_dataset *dataset) {
  char *format = NULL;
  int64_t version;
  lks_status status = lks_dataset_read_choice(dataset, "format", LKS_DATASET_FORMAT,
                                              LKS_DATASET_FORMAT, &format);
  lks_release(format);
  LKS_TRY(status);
  LKS_TRY(lks_hdf5_read_integer(dataset->file, "", "version", &version));
  if (version != LKS_DATASET_VERSION)
    return LKS_FAIL(LKS_DATA,
                    "%s: expected version %d of the dataset format, found %lld"
                    "\n  hint: prepare it again with this program",
                    dataset->path, LKS_DATASET_VERSION, (long long)version);
  LKS_TRY(read_task(dataset));
  LKS_TRY(lks_hdf5_read_integer(dataset->file, "", "chunk", &dataset->content.block));
  if (dataset->content.block < 1 || dataset->content.block > INT32_MAX / 64)
    return LKS_FAIL(LKS_DATA, "%s: attribute 'chunk': %lld is out of range", dataset->path,
                    (long long)dataset->content.block);
  return LKS_OK;
}

lks_status lks_dataset_open_values(lks_dataset *dataset, lks_split split, unsigned types,
                                   const char *types_text) {
  char name[LKS_DATASET_NAME_BYTES];
  lks_type type;
  lks_shape shape;
  char *hex = NULL;
  lks_dataset_name(split, "values", name);
  LKS_TRY(lks_hdf5_describe(dataset->file, name, &type, &shape));
  if ((types >> type & 1) == 0)
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected values of type %s, found %s", dataset->path,
                    name, types_text, lks_type_text(type));
  LKS_TRY(lks_hdf5_array_open(&dataset->values[split], dataset->file, name));
  LKS_TRY(lks_hdf5_read_text(dataset->file, lks_split_text(split), "sha256", &hex));
  bool valid = strlen(hex) == LKS_DIGEST_HEX - 1;
  if (valid)
    memcpy(dataset->content.split[split].hex, hex, LKS_DIGEST_HEX);
  lks_release(hex);
  if (!valid)
    return LKS_FAIL(LKS_DATA, "%s: attribute 'sha256' of '%s': expected %d digits",
                    dataset->path, lks_split_text(split), LKS_DIGEST_HEX - 1);
  dataset->content.split[split].count = (int64_t)lks_hdf5_array_count(dataset->values[split]);
  return LKS_OK;
}

static lks_status check_digest(lks_dataset *dataset) {
  char hex[LKS_DIGEST_HEX];
  char *stated;
  dataset->content.task = dataset->task;
  dataset->content.unit = dataset->unit;
  dataset->content.vocabulary = dataset->vocabulary;
  dataset->content.series = lks_dataset_series(dataset);
  dataset->content.sequences = lks_dataset_sequences(dataset);
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
                    "\n  hint: lockstep prepare makes one; --set data.file=PATH names another",
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
  if (strcmp(dataset->task, "series") == 0)
    LKS_TRY(lks_dataset_open_series(dataset));
  else if (strcmp(dataset->task, "sequences") == 0)
    LKS_TRY(lks_dataset_open_sequences(dataset));
  else
    LKS_TRY(lks_dataset_open_text(dataset));
  LKS_TRY(check_digest(dataset));
  return LKS_OK;
}

lks_status lks_dataset_close_job(void *context) {
  lks_dataset *dataset = context;
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    (void)lks_hdf5_array_close(dataset->values[s]);
  lks_dataset_close_sequences(dataset);
  if (dataset->file != NULL)
    (void)lks_hdf5_close(dataset->file);
  return LKS_OK;
}
