/* sealed_file.h - files that a reader can trust before a library parses them.
 *
 * A sealed file starts with a block of 512 bytes: magic, kind, length of the file
 * and SHA-256 of everything but itself.  It is written under a temporary
 * name, closed, sealed, flushed to disk, renamed, and its folder flushed: at any
 * moment the old file or the new one is there, whole.
 *
 * Datasets are too large to hash at every start: there the digest leaves out the
 * raw chunks (which carry Fletcher32), whose extents are given as `holes`.
 * datasets/format.md has the layout, byte by byte. */
#ifndef LOCKSTEP_IO_SEALED_FILE_H
#define LOCKSTEP_IO_SEALED_FILE_H

#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LKS_SEAL_BYTES = 512 };

typedef enum { LKS_FILE_DATASET = 1, LKS_FILE_CHECKPOINT = 2 } lks_file_kind;

/* Bytes [first, first + bytes) of the file that the digest leaves out. */
typedef struct {
  uint64_t first;
  uint64_t bytes;
} lks_hole;

/* "path.tmp-PID" in *temporary (lks_release it). */
lks_status lks_sealed_temporary(const char *path, char **temporary);

/* Seals the closed file `temporary` and moves it to `path`.  `holes` (sorted, may
 * be NULL) are stored in a list behind the file's end, inside the digest.
 * *digest (may be NULL) is the digest that was written.  On failure `temporary` is
 * deleted and `path` is as it was, but for a folder that cannot be flushed: then the new file
 * is in its place. */
lks_status lks_sealed_commit(const char *temporary, const char *path, lks_file_kind kind,
                             const lks_hole *holes, size_t hole_count, lks_digest *digest);

/* Checks magic, kind, length and digest of `path`, which is not opened by HDF5: reads
 * the whole file but its holes.  Fails with LKS_DATA, naming what was expected and
 * found, or with LKS_IO when the file cannot be read.  *digest (may be NULL) is the
 * digest in the seal. */
lks_status lks_sealed_check(const char *path, lks_file_kind kind, lks_digest *digest);

/* Whether the file starts with a seal of `kind`; nothing else of it is checked. */
bool lks_sealed_is_kind(const char *path, lks_file_kind kind);

/* Writes bytes as path in the same safe way (temporary, flush, rename).  On failure
 * (LKS_IO) nothing is left beside it, and `path` is as it was unless only its folder could
 * not be flushed. */
lks_status lks_file_replace(const char *path, const void *data, size_t bytes);

/* Makes a folder and those above it; fine when it is there. */
lks_status lks_folder_make(const char *path);

#endif
