/* SPDX-License-Identifier: Apache-2.0 */
/* write_samples.c - a checkpoint and a sealed file with holes for check_in_h5py.py.
 *
 *   write_samples FOLDER
 *
 * writes FOLDER/checkpoint.h5 and FOLDER/dataset.h5 and prints the checkpoint's two
 * digests, of the parameters and of all. */
#include "base/fail.h"
#include "base/memory.h"
#include "io/sealed_file.h"
#include "sample_state.h"

#include <stdio.h>

enum { COUNT = 1000, CHUNK = 300, CHUNKS = 4 };

static lks_status write_checkpoint(const char *folder) {
  static sample_state state;
  char path[256], hex[LKS_DIGEST_HEX];
  (void)snprintf(path, sizeof path, "%s/checkpoint.h5", folder);
  sample_state_fill(&state, 4321);
  LKS_TRY(lks_checkpoint_save(path, &state.checkpoint));
  for (int full = 0; full < 2; full++) {
    lks_digest digest;
    LKS_TRY(lks_checkpoint_file_digest(path, full, &digest));
    lks_digest_to_hex(&digest, hex);
    (void)printf("%s\n", hex);
  }
  return LKS_OK;
}

/* 'train/values' holds i x i mod 1009 in order. */
static lks_status write_array(lks_hdf5_file *file, lks_hole *holes) {
  lks_hdf5_array *array;
  int32_t data[COUNT];
  size_t chunks;
  for (int i = 0; i < COUNT; i++)
    data[i] = i * i % 1009;
  LKS_TRY(lks_hdf5_array_create(&array, file, "train/values", LKS_U16, CHUNK));
  LKS_TRY(lks_hdf5_array_append(array, LKS_I32, data, COUNT));
  for (size_t i = 0; i < CHUNKS; i++)
    LKS_TRY(lks_hdf5_array_chunk(array, i, &chunks, &holes[i].first, &holes[i].bytes));
  LKS_TRY(lks_hdf5_array_close(array));
  return LKS_OK;
}

static lks_status write_dataset(const char *folder) {
  lks_hdf5_file *file;
  lks_hole holes[CHUNKS];
  char path[256], temporary[256];
  (void)snprintf(path, sizeof path, "%s/dataset.h5", folder);
  (void)snprintf(temporary, sizeof temporary, "%s/dataset.h5.tmp", folder);
  LKS_TRY(lks_hdf5_create(&file, temporary, LKS_SEAL_BYTES));
  LKS_TRY(lks_hdf5_write_text(file, "", "title", "größe → 語"));
  LKS_TRY(write_array(file, holes));
  LKS_TRY(lks_hdf5_close(file));
  LKS_TRY(lks_sealed_commit(temporary, path, LKS_FILE_DATASET, holes, CHUNKS, NULL));
  return LKS_OK;
}

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  if (write_checkpoint(argv[1]) == LKS_OK && write_dataset(argv[1]) == LKS_OK)
    return 0;
  (void)fprintf(stderr, "%s\n%s\n", lks_error_message(), lks_error_trail());
  return 1;
}
