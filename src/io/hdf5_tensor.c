/* SPDX-License-Identifier: Apache-2.0 */
/* hdf5_tensor.c - element types, and arrays that are written and read whole.
 *
 * A whole array is contiguous and plain, so that its bytes are where a reader of the
 * format description expects them.  Types in the file are little-endian whatever the
 * machine; a value that does not fit the type asked for is an error, where HDF5 by
 * itself would clip it in silence. */
#include "io/hdf5_handle.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { TYPES = LKS_F64 + 1 };

/* One row a type: what it is called, and how a stored type is recognised. */
static const struct {
  const char *text;
  size_t bytes;
  H5T_class_t class;
  H5T_sign_t sign;
} types[TYPES] = {
    [LKS_U8] = {"u8", 1, H5T_INTEGER, H5T_SGN_NONE},
    [LKS_U16] = {"u16", 2, H5T_INTEGER, H5T_SGN_NONE},
    [LKS_I32] = {"i32", 4, H5T_INTEGER, H5T_SGN_2},
    [LKS_U32] = {"u32", 4, H5T_INTEGER, H5T_SGN_NONE},
    [LKS_I64] = {"i64", 8, H5T_INTEGER, H5T_SGN_2},
    [LKS_U64] = {"u64", 8, H5T_INTEGER, H5T_SGN_NONE},
    [LKS_F32] = {"f32", 4, H5T_FLOAT, H5T_SGN_ERROR},
    [LKS_F64] = {"f64", 8, H5T_FLOAT, H5T_SGN_ERROR},
};

size_t lks_type_bytes(lks_type type) {
  return types[type].bytes;
}

const char *lks_type_text(lks_type type) {
  return types[type].text;
}

/* HDF5's names for types are calls, not constants: they cannot stand in the table. */
hid_t lks_hdf5_memory_type(lks_type type) {
  switch (type) {
  case LKS_U8: return H5T_NATIVE_UINT8;
  case LKS_U16: return H5T_NATIVE_UINT16;
  case LKS_I32: return H5T_NATIVE_INT32;
  case LKS_U32: return H5T_NATIVE_UINT32;
  case LKS_I64: return H5T_NATIVE_INT64;
  case LKS_U64: return H5T_NATIVE_UINT64;
  case LKS_F32: return H5T_NATIVE_FLOAT;
  case LKS_F64: return H5T_NATIVE_DOUBLE;
  }
  return -1;
}

hid_t lks_hdf5_stored_type(lks_type type) {
  switch (type) {
  case LKS_U8: return H5T_STD_U8LE;
  case LKS_U16: return H5T_STD_U16LE;
  case LKS_I32: return H5T_STD_I32LE;
  case LKS_U32: return H5T_STD_U32LE;
  case LKS_I64: return H5T_STD_I64LE;
  case LKS_U64: return H5T_STD_U64LE;
  case LKS_F32: return H5T_IEEE_F32LE;
  case LKS_F64: return H5T_IEEE_F64LE;
  }
  return -1;
}

/* The byte order does not matter: HDF5 converts it. */
static bool find_type(hid_t stored, lks_type *type) {
  H5T_class_t class = H5Tget_class(stored);
  for (int t = 0; t < TYPES; t++)
    if (types[t].class == class && types[t].bytes == H5Tget_size(stored) &&
        (class == H5T_FLOAT || types[t].sign == H5Tget_sign(stored))) {
      *type = (lks_type)t;
      return true;
    }
  return false;
}

static bool find_shape(hid_t space, lks_shape *shape) {
  hsize_t extent[LKS_AXES_MAX];
  int axes = H5Sget_simple_extent_ndims(space);
  if (axes < 0 || axes > LKS_AXES_MAX || H5Sget_simple_extent_dims(space, extent, NULL) < 0)
    return false;
  *shape = (lks_shape){.axes = axes};
  for (int axis = 0; axis < axes; axis++)
    shape->extent[axis] = (size_t)extent[axis];
  return true;
}

/* Type and shape of an open array. */
static lks_status look_at(lks_hdf5_file *file, const char *path, hid_t id, lks_type *type,
                          lks_shape *shape) {
  hid_t stored = H5Dget_type(id);
  hid_t space = H5Dget_space(id);
  lks_status status = LKS_OK;
  if (stored < 0 || space < 0)
    status = lks_hdf5_failure(file, "describe", path);
  else if (!find_type(stored, type))
    status =
        LKS_FAIL(LKS_DATA, "%s: '%s': expected numbers of 1 to 8 bytes, found another type",
                 file->path, path);
  else if (!find_shape(space, shape))
    status = LKS_FAIL(LKS_DATA, "%s: '%s': expected at most %d axes, found more", file->path,
                      path, (int)LKS_AXES_MAX);
  lks_hdf5_drop(space);
  lks_hdf5_drop(stored);
  return status;
}

lks_status lks_hdf5_open_array(lks_hdf5_file *file, const char *path, hid_t *id, lks_type *type,
                               lks_shape *shape) {
  lks_status status;
  *id = -1;
  if (!lks_hdf5_exists(file, path))
    return LKS_FAIL(LKS_DATA, "%s: expected an array '%s', found none", file->path, path);
  *id = H5Dopen2(file->id, path, H5P_DEFAULT);
  if (*id < 0)
    return lks_hdf5_failure(file, "open array", path);
  status = look_at(file, path, *id, type, shape);
  if (status != LKS_OK) {
    lks_hdf5_drop(*id);
    *id = -1;
  }
  return status;
}

/* A scalar for no axes. */
static hid_t space_of(const lks_shape *shape) {
  hsize_t extent[LKS_AXES_MAX];
  for (int axis = 0; axis < shape->axes; axis++)
    extent[axis] = shape->extent[axis];
  return shape->axes == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(shape->axes, extent, NULL);
}

/* Everything is written at once, so HDF5 need not fill the space before. */
static hid_t plain_options(void) {
  hid_t options = H5Pcreate(H5P_DATASET_CREATE);
  if (options >= 0 && H5Pset_obj_track_times(options, false) >= 0 &&
      H5Pset_fill_time(options, H5D_FILL_TIME_NEVER) >= 0)
    return options;
  lks_hdf5_drop(options);
  return -1;
}

lks_status lks_hdf5_write(lks_hdf5_file *file, const char *path, lks_type type,
                          const lks_shape *shape, const void *data) {
  hid_t space, options, id = -1;
  lks_status status = LKS_OK;
  LKS_TRY(lks_hdf5_make_groups(file, path));
  space = space_of(shape);
  options = plain_options();
  if (space >= 0 && options >= 0)
    id = H5Dcreate2(file->id, path, lks_hdf5_stored_type(type), space, H5P_DEFAULT, options,
                    H5P_DEFAULT);
  if (id < 0 ||
      H5Dwrite(id, lks_hdf5_memory_type(type), H5S_ALL, H5S_ALL, file->transfer, data) < 0)
    status = lks_hdf5_failure(file, "write array", path);
  lks_hdf5_drop(id);
  lks_hdf5_drop(options);
  lks_hdf5_drop(space);
  return status == LKS_OK ? lks_hdf5_check_written(file, path) : status;
}

lks_status lks_hdf5_describe(lks_hdf5_file *file, const char *path, lks_type *type,
                             lks_shape *shape) {
  hid_t id;
  LKS_TRY(lks_hdf5_open_array(file, path, &id, type, shape));
  lks_hdf5_drop(id);
  return LKS_OK;
}

static lks_status check_shape(const lks_hdf5_file *file, const char *path,
                              const lks_shape *expected, const lks_shape *found) {
  char expected_text[96], found_text[96];
  if (lks_shape_is_equal(expected, found))
    return LKS_OK;
  lks_shape_describe(expected, expected_text, sizeof expected_text);
  lks_shape_describe(found, found_text, sizeof found_text);
  return LKS_FAIL(LKS_SHAPE, "%s: '%s': expected shape %s, found %s", file->path, path,
                  expected_text, found_text);
}

lks_status lks_hdf5_read(lks_hdf5_file *file, const char *path, lks_type type,
                         const lks_shape *shape, void *data) {
  hid_t id;
  lks_type stored;
  lks_shape found;
  lks_status status;
  LKS_TRY(lks_hdf5_open_array(file, path, &id, &stored, &found));
  LKS_TRY_OR(cleanup, status, check_shape(file, path, shape, &found));
  if (H5Dread(id, lks_hdf5_memory_type(type), H5S_ALL, H5S_ALL, file->transfer, data) < 0)
    status = lks_hdf5_failure(file, "read array", path);
cleanup:
  lks_hdf5_drop(id);
  return status;
}

/* ---- visiting ----
 *
 * HDF5 lists links group by group.  The paths are collected and sorted as wholes, so
 * that the order is that of the names and nothing else ("a.b/x" comes before "a/x"). */

typedef struct {
  char **paths;
  size_t count;
  size_t room;
  lks_status status;
} path_list;

/* Called by HDF5 for every link below a group; `name` is relative to it. */
static herr_t collect(hid_t group, const char *name, const H5L_info_t *facts, void *context) {
  path_list *list = context;
  hid_t id = H5Oopen(group, name, H5P_DEFAULT);
  bool is_array = id >= 0 && H5Iget_type(id) == H5I_DATASET;
  (void)facts;
  lks_hdf5_drop(id);
  if (!is_array)
    return 0;
  if (list->count == list->room) {
    size_t room = 2 * list->room + 16;
    list->status = lks_reallocate(&list->paths, list->room, room, sizeof *list->paths);
    if (list->status != LKS_OK)
      return -1;
    list->room = room;
  }
  list->status = lks_copy_text(&list->paths[list->count], name);
  if (list->status != LKS_OK)
    return -1;
  list->count++;
  return 0;
}

static int compare_paths(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void release_paths(path_list *list) {
  for (size_t i = 0; i < list->count; i++)
    lks_release(list->paths[i]);
  lks_release(list->paths);
}

/* `name` is relative to `group`: the caller sees the path from the root. */
static lks_status visit_one(lks_hdf5_file *file, const char *group, const char *name,
                            lks_status (*visit)(void *context, const char *path, lks_type type,
                                                const lks_shape *shape),
                            void *context) {
  lks_type type = LKS_U8;
  lks_shape shape = {0};
  lks_status status;
  char *path = NULL;
  size_t bytes = strlen(group) + strlen(name) + 2;
  LKS_TRY(lks_allocate(&path, bytes, 1));
  (void)snprintf(path, bytes, "%s%s%s", group, *group ? "/" : "", name);
  LKS_TRY_OR(cleanup, status, lks_hdf5_describe(file, path, &type, &shape));
  LKS_TRY_OR(cleanup, status, visit(context, path, type, &shape));
cleanup:
  lks_release(path);
  return status;
}

lks_status lks_hdf5_visit(lks_hdf5_file *file, const char *group,
                          lks_status (*visit)(void *context, const char *path, lks_type type,
                                              const lks_shape *shape),
                          void *context) {
  path_list list = {.status = LKS_OK};
  lks_status status = LKS_OK;
  hid_t id = H5Oopen(file->id, *group ? group : "/", H5P_DEFAULT);
  if (id < 0)
    return LKS_FAIL(LKS_DATA, "%s: expected a group '%s', found none", file->path, group);
  if (H5Lvisit(id, H5_INDEX_NAME, H5_ITER_INC, collect, &list) < 0)
    status = list.status != LKS_OK ? list.status : lks_hdf5_failure(file, "list", group);
  lks_hdf5_drop(id);
  if (list.count > 1)
    qsort(list.paths, list.count, sizeof *list.paths, compare_paths);
  for (size_t i = 0; status == LKS_OK && i < list.count; i++)
    status = visit_one(file, group, list.paths[i], visit, context);
  release_paths(&list);
  return status;
}
