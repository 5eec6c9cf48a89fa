/* SPDX-License-Identifier: Apache-2.0 */
/* file_replace.h - the last steps of writing a file safely, shared inside this layer. */
#ifndef LOCKSTEP_IO_FILE_REPLACE_H
#define LOCKSTEP_IO_FILE_REPLACE_H

#include <lockstep/status.h>

#include <stddef.h>
#include <stdint.h>

/* Writes all of data at `offset`; `path` is for the message.  Fails with LKS_IO. */
lks_status lks_file_write_at(int descriptor, const char *path, uint64_t offset,
                             const void *data, size_t bytes);

/* Flushes and closes `descriptor`, which is `temporary`, renames it to `path` and
 * flushes the folder, where it may be read.  The descriptor is closed in any case.  Fails
 * with LKS_IO; when only the folder could not be flushed, the new file is in its place. */
lks_status lks_file_settle(int descriptor, const char *temporary, const char *path);

#endif
