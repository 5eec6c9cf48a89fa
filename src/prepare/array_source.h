/* array_source.h - an array of numbers in somebody else's file, read by blocks of rows.
 *
 * An array of one axis is a column.  Life cycle: open -> read ... -> close. */
#ifndef LOCKSTEP_PREPARE_ARRAY_SOURCE_H
#define LOCKSTEP_PREPARE_ARRAY_SOURCE_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  size_t rows, columns;
  /* Rows first .. first+count-1 into values [count, columns]. */
  lks_status (*read)(void *state, size_t first, size_t count, double *values);
  void (*close)(void *state);
  void *state;
} lks_array_source;

typedef enum {
  LKS_ARRAY_NONE, /* not an array: a text */
  LKS_ARRAY_NPY,
  LKS_ARRAY_HDF5,
  LKS_ARRAY_MATLAB, /* up to version 7 */
  LKS_ARRAY_MATLAB_HDF5
} lks_array_kind;

/* What the file starts with, or its name where that says nothing. */
lks_array_kind lks_array_kind_of(const char *path);

/* Opens by kind; `name` is that of the array in the file, NULL for the only one that is a
 * table.  Fails with LKS_DATA when the file cannot be read or holds no such array, with
 * LKS_USAGE when there are several and no name tells which. */
lks_status lks_array_open(lks_array_source *source, lks_array_kind kind, const char *path,
                          const char *name);

/* Fine for a source that is all zero. */
void lks_array_close(lks_array_source *source);

/* Of each kind: array_npy.c, array_hdf5.c, array_matlab.c.
 *
 *   by_columns  rows are the array's last axis, as MATLAB writes them */
lks_status lks_array_open_npy(lks_array_source *source, const char *path);
lks_status lks_array_open_hdf5(lks_array_source *source, const char *path, const char *name,
                               bool by_columns);
lks_status lks_array_open_matlab(lks_array_source *source, const char *path, const char *name);

#endif
