/* hdf5_file.h - the one door to HDF5: arrays, attributes and strings of a file.
 *
 * Paths inside a file are "group/name"; groups on the way are made as needed.
 * The library is not thread safe: while an I/O thread runs, it alone may call
 * these functions (io_thread.h).  Failures name file and object. */
#ifndef LOCKSTEP_IO_HDF5_FILE_H
#define LOCKSTEP_IO_HDF5_FILE_H

#include "tensor/shape.h"

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Types of elements, in memory and in files: unsigned, signed, IEEE floats. */
typedef enum { LKS_U8, LKS_U16, LKS_I32, LKS_U32, LKS_I64, LKS_U64, LKS_F32, LKS_F64 } lks_type;

/* Bytes of one element, and the type's name: "f32". */
size_t lks_type_bytes(lks_type type);
const char *lks_type_text(lks_type type);

typedef struct lks_hdf5_file lks_hdf5_file;

/* A new file at `path`, with `user_block` bytes (0 or 512) kept free at its start.
 * Metadata carries no time stamps: equal contents give equal files.  An older file
 * is emptied: write under a temporary name (sealed_file.h).  Fails with LKS_IO when
 * the folder is not there or not writable. */
lks_status lks_hdf5_create(lks_hdf5_file **file, const char *path, size_t user_block);

/* An existing file, for reading.  Its metadata is trusted: check a seal before.
 * Fails with LKS_IO when it cannot be opened, with LKS_DATA when it is not HDF5. */
lks_status lks_hdf5_open(lks_hdf5_file **file, const char *path);

/* Closes; the status tells whether everything reached the file (a full disk may show
 * only here).  Arrays are closed before their file. */
lks_status lks_hdf5_close(lks_hdf5_file *file);

/* "HDF5 1.10.8" of the library at run time, in text. */
void lks_hdf5_version(char *text, size_t bytes);

/* ---- whole arrays ---- */

/* A new array; no axes make a scalar.  Fails when the name is taken.
 *
 *   data  [shape] elements of `type`, which is also the type in the file */
lks_status lks_hdf5_write(lks_hdf5_file *file, const char *path, lks_type type,
                          const lks_shape *shape, const void *data);
/* Type and shape of an array; LKS_DATA when it is not there, or holds no numbers. */
lks_status lks_hdf5_describe(lks_hdf5_file *file, const char *path, lks_type *type,
                             lks_shape *shape);
/* The array converted to `type`; its shape must be `shape`, or LKS_SHAPE.  A value that
 * does not fit in `type` is LKS_DATA, here and in appending and reading slices; floats
 * are rounded, and keep their infinities and NaN. */
lks_status lks_hdf5_read(lks_hdf5_file *file, const char *path, lks_type type,
                         const lks_shape *shape, void *data);
/* Part of an array converted to `type`: from element `first` [shape->axes] on, `shape`
 * elements.  Fails as lks_hdf5_read, and with LKS_SHAPE when the array has another number
 * of axes or ends before. */
lks_status lks_hdf5_read_part(lks_hdf5_file *file, const char *path, lks_type type,
                              const size_t *first, const lks_shape *shape, void *data);
/* Whether there is an array or a group at `path`. */
bool lks_hdf5_exists(lks_hdf5_file *file, const char *path);

/* Calls visit for every array below `group` ("" for all), in the order of their paths
 * (bytes compared); a failure of visit ends it and is returned. */
lks_status lks_hdf5_visit(lks_hdf5_file *file, const char *group,
                          lks_status (*visit)(void *context, const char *path, lks_type type,
                                              const lks_shape *shape),
                          void *context);

/* ---- long one-dimensional arrays, chunked, compressed, checksummed ---- */

typedef struct lks_hdf5_array lks_hdf5_array;

/* A growing array: chunks of `chunk` elements, shuffle + deflate + Fletcher32.  Keeps
 * one chunk in memory.  `file` is borrowed and outlives the array. */
lks_status lks_hdf5_array_create(lks_hdf5_array **array, lks_hdf5_file *file, const char *path,
                                 lks_type type, size_t chunk);
/* Adds elements data[0..count) of `type` at the end, converted to the array's type. */
lks_status lks_hdf5_array_append(lks_hdf5_array *array, lks_type type, const void *data,
                                 size_t count);
/* An existing array of one axis, chunked or not, for reading. */
lks_status lks_hdf5_array_open(lks_hdf5_array **array, lks_hdf5_file *file, const char *path);
/* Elements first .. first+count-1 converted to `type`.  Fails with LKS_DATA when there
 * are fewer, or when a chunk's checksum tells that it is damaged. */
lks_status lks_hdf5_array_read(lks_hdf5_array *array, lks_type type, size_t first, size_t count,
                               void *data);
/* Elements so far, those included that are still in memory. */
size_t lks_hdf5_array_count(const lks_hdf5_array *array);

/* Closes; the status tells whether everything was written.  NULL is fine. */
lks_status lks_hdf5_array_close(lks_hdf5_array *array);

/* Where chunk i of an array lies in the file (bytes), as stored; *chunks of them.
 * Past the last one *offset and *bytes are 0; an array that is not chunked has none. */
lks_status lks_hdf5_array_chunk(lks_hdf5_array *array, size_t i, size_t *chunks,
                                uint64_t *offset, uint64_t *bytes);

/* ---- attributes of a group or array; "" is the root ----
 *
 * Writing makes a group that is not there, and replaces an older value.  Reading
 * fails with LKS_DATA when the attribute is not there or is of another kind. */

lks_status lks_hdf5_write_text(lks_hdf5_file *file, const char *object, const char *name,
                               const char *text);
lks_status lks_hdf5_read_text(lks_hdf5_file *file, const char *object, const char *name,
                              char **text); /* lks_release it; NULL on failure */
lks_status lks_hdf5_write_integer(lks_hdf5_file *file, const char *object, const char *name,
                                  int64_t value);
lks_status lks_hdf5_read_integer(lks_hdf5_file *file, const char *object, const char *name,
                                 int64_t *value);
lks_status lks_hdf5_write_real(lks_hdf5_file *file, const char *object, const char *name,
                               double value);
lks_status lks_hdf5_read_real(lks_hdf5_file *file, const char *object, const char *name,
                              double *value);
bool lks_hdf5_has_attribute(lks_hdf5_file *file, const char *object, const char *name);

typedef enum {
  LKS_ATTRIBUTE_INTEGER,
  LKS_ATTRIBUTE_REAL,
  LKS_ATTRIBUTE_TEXT,
  LKS_ATTRIBUTE_OTHER /* not written here: arrays, strings of variable length */
} lks_attribute_kind;

/* Calls visit for every attribute of an object, in name order. */
lks_status lks_hdf5_visit_attributes(lks_hdf5_file *file, const char *object,
                                     lks_status (*visit)(void *context, const char *name,
                                                         lks_attribute_kind kind),
                                     void *context);

#endif
