/* SPDX-License-Identifier: Apache-2.0 */
/* hdf5_array.c - long arrays that grow at the end and are read in slices.
 *
 * Appended elements are gathered into whole chunks, each of which a thread packs while the
 * next one is gathered, and HDF5 gets once, in the order of the calls: so the file's bytes do
 * not depend on how the data was cut into calls, and no chunk is compressed twice.  What the
 * last chunk has goes through HDF5's own filters.  The pipeline is shuffle, deflate,
 * Fletcher32: the checksum is over the bytes as they lie in the file, which the seal leaves
 * out. */
#include "io/hdf5_chunk.h"
#include "io/hdf5_handle.h"

#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

/* Of a last chunk, most of which may be zero. */
enum { DEFLATE_LEVEL = 4 };

enum { CACHED_CHUNKS = 32, CACHE_SLOTS = 3203, BYTES_MAX = 8 };

struct lks_hdf5_array {
  lks_hdf5_file *file; /* borrowed; outlives this */
  char *path;
  hid_t id;
  lks_type type;
  size_t chunk;   /* elements; 0 when the array is not chunked */
  size_t written; /* elements in HDF5's hands */
  size_t packing; /* elements behind those that the packer has: a chunk, or 0 */
  size_t pending; /* elements in `buffer` */
  size_t chunks;  /* in the file when `written` was `counted`: HDF5 counts slowly */
  size_t counted;
  char *buffer;            /* [chunk] of the largest type; NULL when open for reading */
  lks_hdf5_packer *packer; /* the same */
};

/* The fill value stays on: it makes the unused end of the last chunk zero. */
static hid_t chunked_options(size_t chunk) {
  hsize_t extent = chunk;
  hid_t options = H5Pcreate(H5P_DATASET_CREATE);
  if (options >= 0 && H5Pset_obj_track_times(options, false) >= 0 &&
      H5Pset_chunk(options, 1, &extent) >= 0 && H5Pset_shuffle(options) >= 0 &&
      H5Pset_deflate(options, DEFLATE_LEVEL) >= 0 && H5Pset_fletcher32(options) >= 0)
    return options;
  lks_hdf5_drop(options);
  return -1;
}

static lks_status create_dataset(lks_hdf5_array *array) {
  hsize_t none = 0, unlimited = H5S_UNLIMITED;
  hid_t options = chunked_options(array->chunk);
  hid_t space = H5Screate_simple(1, &none, &unlimited);
  lks_status status = LKS_OK;
  if (options >= 0 && space >= 0)
    array->id = H5Dcreate2(array->file->id, array->path, lks_hdf5_stored_type(array->type),
                           space, H5P_DEFAULT, options, H5P_DEFAULT);
  if (array->id < 0)
    status = lks_hdf5_failure(array->file, "create array", array->path);
  lks_hdf5_drop(space);
  lks_hdf5_drop(options);
  return status;
}

lks_status lks_hdf5_array_create(lks_hdf5_array **array, lks_hdf5_file *file, const char *path,
                                 lks_type type, size_t chunk) {
  lks_status status;
  LKS_ASSERT(chunk > 0);
  LKS_TRY(lks_allocate(array, 1, sizeof **array));
  (*array)->file = file;
  (*array)->id = -1;
  (*array)->type = type;
  (*array)->chunk = chunk;
  LKS_TRY_OR(fail, status, lks_copy_text(&(*array)->path, path));
  LKS_TRY_OR(fail, status, lks_allocate(&(*array)->buffer, chunk, BYTES_MAX));
  if (file->worker == NULL)
    LKS_TRY_OR(fail, status, lks_io_thread_create(&file->worker));
  LKS_TRY_OR(
      fail, status,
      lks_hdf5_packer_create(&(*array)->packer, chunk, lks_type_bytes(type), file->worker));
  LKS_TRY_OR(fail, status, lks_hdf5_make_groups(file, path));
  LKS_TRY_OR(fail, status, create_dataset(*array));
  return LKS_OK;
fail:
  (void)lks_hdf5_array_close(*array);
  *array = NULL;
  return status;
}

/* Reads or writes elements first .. first+count-1. */
static lks_status transfer(lks_hdf5_array *array, lks_type type, size_t first, size_t count,
                           void *to, const void *from) {
  hsize_t start = first, length = count;
  hid_t memory = H5Screate_simple(1, &length, NULL);
  hid_t stored = H5Dget_space(array->id);
  hid_t id = array->id, list = array->file->transfer;
  herr_t result = -1;
  if (memory >= 0 && stored >= 0 &&
      H5Sselect_hyperslab(stored, H5S_SELECT_SET, &start, NULL, &length, NULL) >= 0)
    result = to ? H5Dread(id, lks_hdf5_memory_type(type), memory, stored, list, to)
                : H5Dwrite(id, lks_hdf5_memory_type(type), memory, stored, list, from);
  lks_status status = LKS_OK; /* told before the ids are dropped, which clears HDF5's stack */
  if (result < 0)
    status = lks_hdf5_failure(array->file, to ? "read array" : "append to", array->path);
  lks_hdf5_drop(stored);
  lks_hdf5_drop(memory);
  return status;
}

/* Hands the chunk that is being packed, if there is one, to HDF5. */
static lks_status write_packed(lks_hdf5_array *array) {
  hsize_t first = array->written, extent = array->written + array->packing;
  const void *packed;
  size_t size;
  uint32_t mask;
  if (array->packing == 0)
    return LKS_OK;
  lks_hdf5_packer_take(array->packer, &packed, &size, &mask);
  array->packing = 0;
  if (H5Dset_extent(array->id, &extent) < 0 ||
      H5Dwrite_chunk(array->id, array->file->transfer, mask, &first, size, packed) < 0)
    return lks_hdf5_failure(array->file, "append to", array->path);
  array->written = extent;
  return lks_hdf5_check_written(array->file, array->path);
}

/* Hands all that there is to HDF5. */
static lks_status write_pending(lks_hdf5_array *array) {
  LKS_TRY(write_packed(array));
  hsize_t extent = array->written + array->pending;
  if (array->pending == 0)
    return LKS_OK;
  if (H5Dset_extent(array->id, &extent) < 0)
    return lks_hdf5_failure(array->file, "append to", array->path);
  LKS_TRY(transfer(array, array->type, array->written, array->pending, NULL, array->buffer));
  array->written += array->pending;
  array->pending = 0;
  return lks_hdf5_check_written(array->file, array->path);
}

/* The pending elements end a chunk. */
static lks_status finish_chunk(lks_hdf5_array *array) {
  if (array->pending < array->chunk) /* and it was begun by an early write_pending */
    return write_pending(array);
  LKS_TRY(write_packed(array));
  lks_hdf5_packer_begin(array->packer, array->buffer);
  array->packing = array->pending;
  array->pending = 0;
  return LKS_OK;
}

/* Puts `count` elements behind the pending ones; the conversion is done in place,
 * for which the buffer has room whatever the types. */
static lks_status gather(lks_hdf5_array *array, lks_type type, const char *data, size_t count) {
  char *target = array->buffer + array->pending * lks_type_bytes(array->type);
  memcpy(target, data, count * lks_type_bytes(type));
  if (type != array->type &&
      H5Tconvert(lks_hdf5_memory_type(type), lks_hdf5_memory_type(array->type), count, target,
                 NULL, array->file->transfer) < 0)
    return lks_hdf5_failure(array->file, "append to", array->path);
  array->pending += count;
  return LKS_OK;
}

/* After an early write_pending the first piece fills up the chunk begun there. */
lks_status lks_hdf5_array_append(lks_hdf5_array *array, lks_type type, const void *data,
                                 size_t count) {
  const char *next = data;
  LKS_ASSERT(array->buffer);
  while (count > 0) {
    size_t room = array->chunk - array->written % array->chunk - array->pending;
    size_t part = count < room ? count : room;
    LKS_TRY(gather(array, type, next, part));
    if (part == room)
      LKS_TRY(finish_chunk(array));
    next += part * lks_type_bytes(type);
    count -= part;
  }
  return LKS_OK;
}

/* The chunk's extent, and a cache of as many chunks as a window of shuffled samples can
 * touch (data/samples.h): each is decompressed once. */
static lks_status open_dataset(lks_hdf5_array *array) {
  hsize_t chunk = 0;
  hid_t access, options;
  lks_shape shape;
  LKS_TRY(lks_hdf5_open_array(array->file, array->path, &array->id, &array->type, &shape));
  if (shape.axes != 1)
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected one axis, found %d", array->file->path,
                    array->path, shape.axes);
  array->written = shape.extent[0];
  options = H5Dget_create_plist(array->id);
  if (options >= 0 && H5Pget_layout(options) == H5D_CHUNKED)
    (void)H5Pget_chunk(options, 1, &chunk);
  lks_hdf5_drop(options);
  array->chunk = (size_t)chunk;
  if (chunk == 0)
    return LKS_OK;
  lks_hdf5_drop(array->id);
  access = H5Pcreate(H5P_DATASET_ACCESS);
  (void)H5Pset_chunk_cache(access, CACHE_SLOTS,
                           CACHED_CHUNKS * array->chunk * lks_type_bytes(array->type), 1.0);
  array->id = H5Dopen2(array->file->id, array->path, access);
  lks_hdf5_drop(access);
  return array->id < 0 ? lks_hdf5_failure(array->file, "open array", array->path) : LKS_OK;
}

lks_status lks_hdf5_array_open(lks_hdf5_array **array, lks_hdf5_file *file, const char *path) {
  lks_status status;
  LKS_TRY(lks_allocate(array, 1, sizeof **array));
  (*array)->file = file;
  (*array)->id = -1;
  LKS_TRY_OR(fail, status, lks_copy_text(&(*array)->path, path));
  LKS_TRY_OR(fail, status, open_dataset(*array));
  return LKS_OK;
fail:
  (void)lks_hdf5_array_close(*array);
  *array = NULL;
  return status;
}

lks_status lks_hdf5_array_read(lks_hdf5_array *array, lks_type type, size_t first, size_t count,
                               void *data) {
  size_t total = lks_hdf5_array_count(array);
  if (first > total || count > total - first)
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected elements %zu to %zu, found only %zu",
                    array->file->path, array->path, first, first + count - 1, total);
  LKS_TRY(write_pending(array));
  return count > 0 ? transfer(array, type, first, count, data, NULL) : LKS_OK;
}

size_t lks_hdf5_array_count(const lks_hdf5_array *array) {
  return array->written + array->packing + array->pending;
}

/* The first failure counts; everything is released in any case. */
lks_status lks_hdf5_array_close(lks_hdf5_array *array) {
  lks_status status = LKS_OK;
  if (!array)
    return LKS_OK;
  if (array->id >= 0) {
    status = write_pending(array);
    if (H5Dclose(array->id) < 0 && status == LKS_OK)
      status = lks_hdf5_failure(array->file, "close array", array->path);
    if (status == LKS_OK)
      status = lks_hdf5_check_written(array->file, array->path);
  }
  lks_hdf5_packer_destroy(array->packer);
  lks_release(array->buffer);
  lks_release(array->path);
  lks_release(array);
  return status;
}

/* Up to 1.14.3 HDF5 forgets the user block in the addresses of chunks (its issue
 * 3003). */
static uint64_t forgotten_user_block(const lks_hdf5_file *file) {
  unsigned major = 0, minor = 0, release = 0;
  (void)H5get_libversion(&major, &minor, &release);
  if (major * 1000000 + minor * 1000 + release < 1014004)
    return file->user_block;
  return 0;
}

static lks_status count_chunks(lks_hdf5_array *array, hid_t space) {
  hsize_t count = 0;
  if (array->counted == array->written)
    return LKS_OK;
  if (H5Dget_num_chunks(array->id, space, &count) < 0)
    return lks_hdf5_failure(array->file, "count the chunks of", array->path);
  array->chunks = (size_t)count;
  array->counted = array->written;
  return LKS_OK;
}

/* HDF5 walks through the chunks to find number i, at some nanoseconds each. */
lks_status lks_hdf5_array_chunk(lks_hdf5_array *array, size_t i, size_t *chunks,
                                uint64_t *offset, uint64_t *bytes) {
  hsize_t first = 0, size = 0;
  haddr_t address = 0;
  unsigned mask = 0;
  hid_t space;
  lks_status status;
  *chunks = 0;
  *offset = *bytes = 0;
  LKS_TRY(write_pending(array));
  if (array->chunk == 0 || array->written == 0)
    return LKS_OK;
  space = H5Dget_space(array->id);
  LKS_TRY_OR(cleanup, status, count_chunks(array, space));
  *chunks = array->chunks;
  if (i >= array->chunks)
    goto cleanup;
  if (H5Dget_chunk_info(array->id, space, i, &first, &mask, &address, &size) < 0)
    status = lks_hdf5_failure(array->file, "find the chunks of", array->path);
  else {
    *offset = address + forgotten_user_block(array->file);
    *bytes = size;
  }
cleanup:
  lks_hdf5_drop(space);
  return status;
}
