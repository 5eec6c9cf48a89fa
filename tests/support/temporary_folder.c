/* SPDX-License-Identifier: Apache-2.0 */
/* temporary_folder.c - made with mkdtemp, deleted from the leaves up.
 *
 * It uses the C library alone: what is tested must not help to test itself. */
#include "temporary_folder.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void lks_temporary_folder_create(lks_temporary_folder *folder) {
  const char *place = getenv("TMPDIR");
  (void)snprintf(folder->path, sizeof folder->path, "%s/lockstep-test-XXXXXX",
                 place ? place : "/tmp");
  if (!mkdtemp(folder->path)) {
    perror(folder->path);
    exit(EXIT_FAILURE);
  }
}

static int delete_entry(const char *path, const struct stat *facts, int kind,
                        struct FTW *place) {
  (void)facts;
  (void)kind;
  (void)place;
  return remove(path);
}

void lks_temporary_folder_destroy(lks_temporary_folder *folder) {
  (void)nftw(folder->path, delete_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *lks_temporary_path(const lks_temporary_folder *folder, const char *name) {
  static char joined[8][256];
  static int next;
  next = (next + 1) % 8;
  (void)snprintf(joined[next], sizeof joined[next], "%s/%s", folder->path, name);
  return joined[next];
}

int lks_temporary_count(const lks_temporary_folder *folder) {
  int count = 0;
  const struct dirent *entry;
  DIR *listing = opendir(folder->path);
  if (!listing)
    return -1;
  while ((entry = readdir(listing)) != NULL)
    count += entry->d_name[0] != '.';
  (void)closedir(listing);
  return count;
}

char *lks_test_read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  char *data = NULL;
  long length;
  if (!file)
    return NULL;
  if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 &&
      (data = calloc((size_t)length + 1, 1)) != NULL) {
    rewind(file);
    *bytes = fread(data, 1, (size_t)length, file);
  }
  (void)fclose(file);
  return data;
}

bool lks_test_write_file(const char *path, const void *data, size_t bytes) {
  FILE *file = fopen(path, "wb");
  bool written;
  if (!file)
    return false;
  written = fwrite(data, 1, bytes, file) == bytes;
  return fclose(file) == 0 && written;
}
