/* SPDX-License-Identifier: Apache-2.0 */
/* hdf5_part.c - blocks of arrays of several axes, which may be larger than memory. */
#include "io/hdf5_handle.h"

#include "base/fail.h"

static lks_status check_part(const lks_hdf5_file *file, const char *path, const size_t *first,
                             const lks_shape *part, const lks_shape *whole) {
  char found[96];
  bool fits = part->axes == whole->axes && part->axes > 0;
  for (int axis = 0; fits && axis < part->axes; axis++)
    fits = first[axis] <= whole->extent[axis] &&
           part->extent[axis] <= whole->extent[axis] - first[axis];
  if (fits)
    return LKS_OK;
  lks_shape_describe(whole, found, sizeof found);
  return LKS_FAIL(LKS_SHAPE, "%s: '%s': a part was asked for that its shape %s does not have",
                  file->path, path, found);
}

static lks_status read_part(lks_hdf5_file *file, const char *path, hid_t id, lks_type type,
                            const size_t *first, const lks_shape *shape, void *data) {
  hsize_t start[LKS_AXES_MAX], count[LKS_AXES_MAX];
  for (int axis = 0; axis < shape->axes; axis++) {
    start[axis] = first[axis];
    count[axis] = shape->extent[axis];
  }
  hid_t memory = H5Screate_simple(shape->axes, count, NULL);
  hid_t stored = H5Dget_space(id);
  herr_t result = -1;
  if (memory >= 0 && stored >= 0 &&
      H5Sselect_hyperslab(stored, H5S_SELECT_SET, start, NULL, count, NULL) >= 0)
    result = H5Dread(id, lks_hdf5_memory_type(type), memory, stored, file->transfer, data);
  lks_status status = LKS_OK; /* told before the ids are dropped, which clears HDF5's stack */
  if (result < 0)
    status = lks_hdf5_failure(file, "read array", path);
  lks_hdf5_drop(stored);
  lks_hdf5_drop(memory);
  return status;
}

lks_status lks_hdf5_read_part(lks_hdf5_file *file, const char *path, lks_type type,
                              const size_t *first, const lks_shape *shape, void *data) {
  hid_t id;
  lks_type stored;
  lks_shape whole;
  lks_status status;
  LKS_TRY(lks_hdf5_open_array(file, path, &id, &stored, &whole));
  LKS_TRY_OR(cleanup, status, check_part(file, path, first, shape, &whole));
  if (lks_shape_count(shape) > 0)
    status = read_part(file, path, id, type, first, shape, data);
cleanup:
  lks_hdf5_drop(id);
  return status;
}
