/* SPDX-License-Identifier: Apache-2.0 */
/* file_replace.c - a file is there whole or not at all.
 *
 * The bytes go to a temporary name in the same folder and to the disk; only then does
 * a rename put them in place, which file systems do in one step, and the folder is
 * flushed so that the rename outlives a power cut.  Until the rename nothing touches
 * the old file. */
#include "io/file_replace.h"

#include "base/fail.h"
#include "base/memory.h"
#include "io/sealed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The process is in the name: two that write one file do not mix their bytes. */
lks_status lks_sealed_temporary(const char *path, char **temporary) {
  size_t bytes = strlen(path) + sizeof ".tmp-" + 20;
  LKS_TRY(lks_allocate(temporary, bytes, 1));
  (void)snprintf(*temporary, bytes, "%s.tmp-%ld", path, (long)getpid());
  return LKS_OK;
}

lks_status lks_file_write_at(int descriptor, const char *path, uint64_t offset,
                             const void *data, size_t bytes) {
  const char *next = data;
  while (bytes > 0) {
    ssize_t part = pwrite(descriptor, next, bytes, (off_t)offset);
    if (part < 0 && errno == EINTR)
      continue;
    if (part <= 0)
      return LKS_FAIL(LKS_IO,
                      "%s: cannot write %zu bytes at %llu: %s\n"
                      "  hint: make room on this file system, or choose another folder",
                      path, bytes, (unsigned long long)offset,
                      strerror(part < 0 ? errno : ENOSPC));
    next += part;
    offset += (uint64_t)part;
    bytes -= (size_t)part;
  }
  return LKS_OK;
}

/* Some file systems cannot flush a folder and say so with EINVAL: their business. */
static lks_status flush_folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder = NULL;
  int descriptor;
  lks_status status = LKS_OK;
  LKS_TRY(lks_copy_text(&folder, slash == path ? "/" : slash ? path : "."));
  if (slash && slash != path)
    folder[slash - path] = 0;
  descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 && errno == EACCES) { /* it may be written to, but not read */
    lks_release(folder);
    return LKS_OK;
  }
  if (descriptor < 0 || (fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP))
    status =
        LKS_FAIL(LKS_IO, "%s: cannot flush the folder to disk: %s", folder, strerror(errno));
  if (descriptor >= 0)
    (void)close(descriptor);
  lks_release(folder);
  return status;
}

/* A close may bring the first news of a full disk (network file systems). */
lks_status lks_file_settle(int descriptor, const char *temporary, const char *path) {
  int error = fsync(descriptor) != 0 ? errno : 0;
  if (close(descriptor) != 0 && error == 0)
    error = errno;
  if (error != 0)
    return LKS_FAIL(LKS_IO,
                    "%s: cannot flush the file to disk: %s\n"
                    "  hint: make room on this file system, or choose another folder",
                    temporary, strerror(error));
  if (rename(temporary, path) != 0)
    return LKS_FAIL(LKS_IO, "%s: cannot move the new file into its place from %s: %s", path,
                    temporary, strerror(errno));
  LKS_TRY(flush_folder_of(path));
  return LKS_OK;
}

static lks_status write_temporary(const char *temporary, const char *path, const void *data,
                                  size_t bytes) {
  lks_status status;
  int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0)
    return LKS_FAIL(LKS_IO, "%s: cannot create the file: %s", temporary, strerror(errno));
  status = lks_file_write_at(descriptor, temporary, 0, data, bytes);
  if (status != LKS_OK) {
    (void)close(descriptor);
    return status;
  }
  LKS_TRY(lks_file_settle(descriptor, temporary, path));
  return LKS_OK;
}

lks_status lks_file_replace(const char *path, const void *data, size_t bytes) {
  char *temporary;
  lks_status status;
  LKS_TRY(lks_sealed_temporary(path, &temporary));
  status = write_temporary(temporary, path, data, bytes);
  if (status != LKS_OK)
    (void)unlink(temporary);
  lks_release(temporary);
  return status;
}

/* mkdir first and look afterwards: another process may make it at the same time. */
static lks_status make_one(const char *path) {
  struct stat facts;
  if (mkdir(path, 0777) == 0)
    return LKS_OK;
  if (errno == EEXIST && stat(path, &facts) == 0 && S_ISDIR(facts.st_mode))
    return LKS_OK;
  return LKS_FAIL(LKS_IO, "%s: cannot make the folder: %s", path, strerror(errno));
}

lks_status lks_folder_make(const char *path) {
  char *part;
  lks_status status = LKS_OK;
  LKS_TRY(lks_copy_text(&part, path));
  for (char *slash = strchr(part, '/'); slash && status == LKS_OK;
       slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (slash > part)
      status = make_one(part);
    *slash = '/';
  }
  if (status == LKS_OK)
    status = make_one(path);
  lks_release(part);
  return status;
}
