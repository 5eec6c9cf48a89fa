/* SPDX-License-Identifier: Apache-2.0 */
/* hdf5_handle.h - what the files behind hdf5_file.h share, and nobody else sees.
 *
 * HDF5 reports through an error stack that every further call clears: a failure is
 * turned into a message before anything is closed. */
#ifndef LOCKSTEP_IO_HDF5_HANDLE_H
#define LOCKSTEP_IO_HDF5_HANDLE_H

#include "io/hdf5_file.h"
#include "io/io_thread.h"

#include <hdf5.h>
#if H5_VERSION_GE(1, 13, 0) /* file drivers have a header of their own from here on */
#include <H5FDdevelop.h>
#endif

/* ---- hdf5_disk.c: the bytes below HDF5 ---- */

typedef struct lks_hdf5_disk lks_hdf5_disk;

/* Opens `path` for reading, or a new empty file for writing. */
lks_status lks_hdf5_disk_open(lks_hdf5_disk **disk, const char *path, bool writing);

/* An access list with which H5Fcreate and H5Fopen use `disk`; negative on failure. */
hid_t lks_hdf5_disk_access(lks_hdf5_disk *disk);

/* Closes the descriptor; returns the errno of the first write that failed, or 0. */
int lks_hdf5_disk_close(lks_hdf5_disk *disk);

/* The errno of the first write that failed, or 0. */
int lks_hdf5_disk_error(const lks_hdf5_disk *disk);

/* ---- hdf5_file.c ---- */

struct lks_hdf5_file {
  hid_t id;
  hid_t transfer; /* transfer list: a value that does not fit its type is an error */
  hid_t quiet;    /* creation lists without time stamps: groups */
  size_t user_block;
  bool misfit; /* a conversion was refused; told by the next failure */
  char *path;
  lks_hdf5_disk *disk;
  lks_io_thread *worker; /* packs chunks; NULL until an array grows */
};

/* "PATH: cannot WHAT 'OBJECT': REASON" with HDF5's innermost reason: LKS_DATA when a
 * checksum is wrong or a value does not fit its type, else LKS_IO. */
lks_status lks_hdf5_failure(lks_hdf5_file *file, const char *what, const char *object);

/* LKS_OK, or the failure of a write of `object` that did not reach the file. */
lks_status lks_hdf5_check_written(const lks_hdf5_file *file, const char *object);

/* Makes the groups above the last part of `path`. */
lks_status lks_hdf5_make_groups(lks_hdf5_file *file, const char *path);

/* Lets go of an identifier of any kind; negative ones are left alone. */
void lks_hdf5_drop(hid_t id);

/* ---- hdf5_tensor.c ---- */

hid_t lks_hdf5_memory_type(lks_type type);
hid_t lks_hdf5_stored_type(lks_type type);

/* Opens an array; LKS_DATA when it is not there, or holds no numbers. */
lks_status lks_hdf5_open_array(lks_hdf5_file *file, const char *path, hid_t *id, lks_type *type,
                               lks_shape *shape);

#endif
