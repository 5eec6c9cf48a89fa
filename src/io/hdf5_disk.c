/* SPDX-License-Identifier: Apache-2.0 */
/* hdf5_disk.c - the file driver below HDF5: plain reads and writes of one descriptor.
 *
 * HDF5 1.10 does not survive a write that fails while it closes a file: it keeps a
 * freed file in its tables and crashes when the process ends.  So a full disk must
 * not become HDF5's problem.  This driver remembers the first error, drops what is
 * written afterwards and reports success; our functions ask for the error after each
 * write and at the close.  The file is useless then, and never moved into place.
 *
 * The driver takes no locks: files are written under a temporary name and renamed. */
#include "io/hdf5_handle.h"

#include "base/fail.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct lks_hdf5_disk {
  H5FD_t base; /* first: HDF5 holds a pointer to it */
  hid_t driver;
  haddr_t end_allocated; /* end of what HDF5 uses */
  haddr_t end_file;      /* end of what the file has */
  int descriptor;
  int error;
  bool writing;
  bool held; /* by HDF5 */
};

static lks_hdf5_disk *of(H5FD_t *base) {
  return (lks_hdf5_disk *)(void *)base;
}

static const lks_hdf5_disk *of_const(const H5FD_t *base) {
  return (const lks_hdf5_disk *)(const void *)base;
}

/* ---- what HDF5 calls ---- */

/* The file is open already: the access list carries it here. */
static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t limit) {
  lks_hdf5_disk *const *disk = H5Pget_driver_info(access);
  (void)name;
  (void)flags;
  (void)limit;
  if (!disk)
    return NULL;
  (*disk)->held = true;
  return &(*disk)->base;
}

static herr_t driver_close(H5FD_t *base) {
  of(base)->held = false;
  return 0;
}

/* HDF5 gathers small pieces of metadata and of data into larger writes, as it does for
 * its own drivers. */
static herr_t driver_query(const H5FD_t *base, unsigned long *flags) {
  (void)base;
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

static haddr_t driver_get_eoa(const H5FD_t *base, H5FD_mem_t kind) {
  (void)kind;
  return of_const(base)->end_allocated;
}

static herr_t driver_set_eoa(H5FD_t *base, H5FD_mem_t kind, haddr_t end) {
  (void)kind;
  of(base)->end_allocated = end;
  return 0;
}

static haddr_t driver_get_eof(const H5FD_t *base, H5FD_mem_t kind) {
  (void)kind;
  return of_const(base)->end_file;
}

/* Bytes behind the end of the file read as zero. */
static herr_t driver_read(H5FD_t *base, H5FD_mem_t kind, hid_t transfer, haddr_t first,
                          size_t bytes, void *data) {
  char *next = data;
  (void)kind;
  (void)transfer;
  while (bytes > 0) {
    ssize_t part = pread(of(base)->descriptor, next, bytes, (off_t)first);
    if (part < 0 && errno == EINTR)
      continue;
    if (part < 0)
      return -1;
    if (part == 0) {
      memset(next, 0, bytes);
      return 0;
    }
    next += part;
    first += (haddr_t)part;
    bytes -= (size_t)part;
  }
  return 0;
}

/* Always a success: the first error is kept, and what follows it is dropped. */
static herr_t driver_write(H5FD_t *base, H5FD_mem_t kind, hid_t transfer, haddr_t first,
                           size_t bytes, const void *data) {
  lks_hdf5_disk *disk = of(base);
  const char *next = data;
  (void)kind;
  (void)transfer;
  while (bytes > 0 && disk->error == 0) {
    ssize_t part = pwrite(disk->descriptor, next, bytes, (off_t)first);
    if (part < 0 && errno == EINTR)
      continue;
    if (part <= 0) {
      disk->error = part < 0 ? errno : ENOSPC;
      break;
    }
    next += part;
    first += (haddr_t)part;
    bytes -= (size_t)part;
  }
  if (first + bytes > disk->end_file)
    disk->end_file = first + bytes;
  return 0;
}

/* Makes the file as long as HDF5 believes it is. */
static herr_t driver_truncate(H5FD_t *base, hid_t transfer, hbool_t closing) {
  lks_hdf5_disk *disk = of(base);
  (void)transfer;
  (void)closing;
  if (!disk->writing || disk->end_file == disk->end_allocated)
    return 0;
  if (disk->error == 0 && ftruncate(disk->descriptor, (off_t)disk->end_allocated) != 0)
    disk->error = errno;
  disk->end_file = disk->end_allocated;
  return 0;
}

static const H5FD_class_t driver = {
#ifdef H5FD_CLASS_VERSION /* fields that came with 1.13; the value is any free number */
    .version = H5FD_CLASS_VERSION,
    .value = 19531,
#endif
    .name = "lockstep",
    .maxaddr = ((haddr_t)1 << 62) - 1,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(lks_hdf5_disk *),
    .open = driver_open,
    .close = driver_close,
    .query = driver_query,
    .get_eoa = driver_get_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_get_eof,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* ---- what hdf5_file.c calls ---- */

/* Opened here rather than by HDF5, so that the reason of a failure is the system's. */
static lks_status open_descriptor(lks_hdf5_disk *disk, const char *path) {
  int flags = disk->writing ? O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC : O_RDONLY | O_CLOEXEC;
  struct stat facts;
  disk->descriptor = open(path, flags, 0666);
  if (disk->descriptor < 0)
    return LKS_FAIL(LKS_IO, "%s: cannot %s the file: %s", path,
                    disk->writing ? "create" : "open", strerror(errno));
  if (fstat(disk->descriptor, &facts) != 0)
    return LKS_FAIL(LKS_IO, "%s: cannot look at the file: %s", path, strerror(errno));
  if (!S_ISREG(facts.st_mode))
    return LKS_FAIL(LKS_IO, "%s: expected a regular file, found something else", path);
  disk->end_file = (haddr_t)facts.st_size;
  disk->driver = H5FDregister(&driver);
  if (disk->driver < 0)
    return LKS_FAIL(LKS_IO, "%s: HDF5 does not accept the file driver", path);
  return LKS_OK;
}

lks_status lks_hdf5_disk_open(lks_hdf5_disk **disk, const char *path, bool writing) {
  lks_status status;
  LKS_TRY(lks_allocate(disk, 1, sizeof **disk));
  (*disk)->descriptor = -1;
  (*disk)->driver = -1;
  (*disk)->writing = writing;
  LKS_TRY_OR(fail, status, open_descriptor(*disk, path));
  return LKS_OK;
fail:
  (void)lks_hdf5_disk_close(*disk);
  *disk = NULL;
  return status;
}

int lks_hdf5_disk_close(lks_hdf5_disk *disk) {
  int error;
  if (!disk)
    return 0;
  if (disk->descriptor >= 0 && close(disk->descriptor) != 0 && disk->error == 0 &&
      disk->writing)
    disk->error = errno;
  disk->descriptor = -1;
  error = disk->error;
  if (disk->held) /* an HDF5 that could not close still points here: never free it */
    return error;
  lks_hdf5_drop(disk->driver);
  lks_release(disk);
  return error;
}

int lks_hdf5_disk_error(const lks_hdf5_disk *disk) {
  return disk->error;
}

/* New files keep to the format of HDF5 1.8 whatever library writes them: every tool
 * reads it, and the bytes do not depend on the library's defaults. */
hid_t lks_hdf5_disk_access(lks_hdf5_disk *disk) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0)
    return access;
  if (H5Pset_driver(access, disk->driver, &disk) < 0 ||
      H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) < 0 ||
      (disk->writing && H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) < 0)) {
    lks_hdf5_drop(access);
    return -1;
  }
  return access;
}
