/* SPDX-License-Identifier: Apache-2.0 */
/* array_hdf5.c - an array of one or two axes in an HDF5 file.
 *
 * MATLAB 7.3 writes HDF5, and its matrices by columns: rows are the last axis. */
#include "prepare/array_source.h"

#include "base/fail.h"
#include "base/memory.h"
#include "io/hdf5_file.h"

#include <string.h>

typedef struct {
  lks_hdf5_file *file;
  char *name;
  int axes;
  bool by_columns;
  size_t columns;
  double *block; /* [columns, block_rows] as MATLAB stores it */
  size_t block_rows;
} hdf5;

static void close_hdf5(void *state) {
  hdf5 *h = state;
  (void)lks_hdf5_close(h->file);
  lks_release(h->block);
  lks_release(h->name);
  lks_release(h);
}

static lks_status read_columns(hdf5 *h, size_t first, size_t count, double *values) {
  const size_t from[2] = {0, first};
  const lks_shape shape = lks_shape_2(h->columns, count);
  if (count > h->block_rows) {
    lks_release(h->block);
    LKS_TRY(lks_allocate(&h->block, h->columns * count, sizeof *h->block));
    h->block_rows = count;
  }
  LKS_TRY(lks_hdf5_read_part(h->file, h->name, LKS_F64, from, &shape, h->block));
  for (size_t row = 0; row < count; row++)
    for (size_t c = 0; c < h->columns; c++)
      *values++ = h->block[c * count + row];
  return LKS_OK;
}

static lks_status read_hdf5(void *state, size_t first, size_t count, double *values) {
  hdf5 *h = state;
  const size_t from[2] = {first, 0};
  if (h->by_columns)
    return read_columns(h, first, count, values);
  const lks_shape shape = h->axes == 1 ? lks_shape_1(count) : lks_shape_2(count, h->columns);
  return lks_hdf5_read_part(h->file, h->name, LKS_F64, from, &shape, values);
}

/* ---- which array ---- */

typedef struct {
  char *name; /* of the first that can be a table */
  int count;
} candidates;

/* What MATLAB keeps for itself begins with #. */
static lks_status look_at(void *context, const char *path, lks_type type,
                          const lks_shape *shape) {
  candidates *found = context;
  (void)type;
  if (shape->axes < 1 || shape->axes > 2 || path[0] == '#')
    return LKS_OK;
  if (found->count++ == 0)
    return lks_copy_text(&found->name, path);
  return LKS_OK;
}

static lks_status find_only(hdf5 *h, const char *path) {
  candidates found = {.count = 0};
  const char *option = h->by_columns ? "--variable NAME" : "--dataset PATH";
  lks_status status = lks_hdf5_visit(h->file, "", look_at, &found);
  h->name = found.name;
  if (status == LKS_NO_MEMORY)
    return status;
  if (status == LKS_OK && found.count == 0)
    return LKS_FAIL(LKS_DATA, "%s: expected an array of one or two axes, found none", path);
  if (status != LKS_OK || found.count > 1)
    return LKS_FAIL(LKS_USAGE, "%s: holds several arrays\n  hint: %s names the one to read",
                    path, option);
  return LKS_OK;
}

static lks_status open_array(hdf5 *h, lks_array_source *source, const char *path,
                             const char *name) {
  lks_type type;
  lks_shape shape;
  char text[96];
  LKS_TRY(lks_hdf5_open(&h->file, path));
  if (name != NULL)
    LKS_TRY(lks_copy_text(&h->name, name));
  else
    LKS_TRY(find_only(h, path));
  LKS_TRY(lks_hdf5_describe(h->file, h->name, &type, &shape));
  lks_shape_describe(&shape, text, sizeof text);
  if (shape.axes < 1 || shape.axes > 2)
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected one or two axes, found shape %s", path,
                    h->name, text);
  h->axes = shape.axes;
  h->by_columns = h->by_columns && shape.axes == 2;
  source->rows = shape.extent[h->by_columns ? 1 : 0];
  source->columns = shape.axes == 1 ? 1 : shape.extent[h->by_columns ? 0 : 1];
  h->columns = source->columns;
  return LKS_OK;
}

lks_status lks_array_open_hdf5(lks_array_source *source, const char *path, const char *name,
                               bool by_columns) {
  hdf5 *h;
  LKS_TRY(lks_allocate(&h, 1, sizeof *h));
  h->by_columns = by_columns;
  lks_status status = open_array(h, source, path, name);
  if (status != LKS_OK) {
    close_hdf5(h);
    return status;
  }
  source->read = read_hdf5;
  source->close = close_hdf5;
  source->state = h;
  return LKS_OK;
}
