/* SPDX-License-Identifier: Apache-2.0 */
/* array_source.c - which kind of file it is. */
#include "prepare/array_source.h"

#include "base/fail.h"

#include <stdio.h>
#include <string.h>

/* HDF5 lets a file begin with a block of somebody else's: MATLAB's has 512 bytes. */
enum { HEAD_BYTES = 520, HDF5_BLOCK = 512, MARK_BYTES = 8 };

static bool ends_with(const char *path, const char *end) {
  size_t bytes = strlen(path), end_bytes = strlen(end);
  return bytes >= end_bytes && strcmp(path + bytes - end_bytes, end) == 0;
}

lks_array_kind lks_array_kind_of(const char *path) {
  static const char hdf5_mark[] = "\x89HDF\r\n\x1a\n";
  char head[HEAD_BYTES] = {0};
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return LKS_ARRAY_NONE; /* whoever opens it as a text will say so */
  size_t bytes = fread(head, 1, sizeof head, file);
  (void)fclose(file);
  if (bytes >= 6 && memcmp(head, "\x93NUMPY", 6) == 0)
    return LKS_ARRAY_NPY;
  if (bytes == HEAD_BYTES && memcmp(head, "MATLAB", 6) == 0 &&
      memcmp(head + HDF5_BLOCK, hdf5_mark, MARK_BYTES) == 0)
    return LKS_ARRAY_MATLAB_HDF5;
  if (memcmp(head, hdf5_mark, MARK_BYTES) == 0 ||
      memcmp(head + HDF5_BLOCK, hdf5_mark, MARK_BYTES) == 0)
    return LKS_ARRAY_HDF5;
  if (memcmp(head, "MATLAB 5", 8) == 0 || ends_with(path, ".mat"))
    return LKS_ARRAY_MATLAB;
  if (ends_with(path, ".npy"))
    return LKS_ARRAY_NPY;
  return ends_with(path, ".h5") || ends_with(path, ".hdf5") ? LKS_ARRAY_HDF5 : LKS_ARRAY_NONE;
}

lks_status lks_array_open(lks_array_source *source, lks_array_kind kind, const char *path,
                          const char *name) {
  *source = (lks_array_source){.rows = 0};
  lks_status status;
  if (kind == LKS_ARRAY_NPY)
    status = lks_array_open_npy(source, path);
  else if (kind == LKS_ARRAY_MATLAB)
    status = lks_array_open_matlab(source, path, name);
  else
    status = lks_array_open_hdf5(source, path, name, kind == LKS_ARRAY_MATLAB_HDF5);
  LKS_TRY(status);
  if (source->rows > 0 && source->columns > 0)
    return LKS_OK;
  lks_array_close(source);
  return LKS_FAIL(LKS_DATA, "%s: expected rows and columns, found an empty array", path);
}

void lks_array_close(lks_array_source *source) {
  if (source->close != NULL)
    source->close(source->state);
  *source = (lks_array_source){.rows = 0};
}
