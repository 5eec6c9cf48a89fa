/* SPDX-License-Identifier: Apache-2.0 */
/* text_open.c - what a dataset of task `text` has: a vocabulary, and splits that are one
 * sequence each. */
#include "data/dataset_handle.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/names.h"

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
  LKS_TRY(lks_names_read_vocabulary(dataset->file, dataset->path, "vocabulary",
                                    &dataset->vocabulary));
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
