/* SPDX-License-Identifier: Apache-2.0 */
/* temporary_folder.h - a folder of a test's own, and whole files in it. */
#ifndef LOCKSTEP_TESTS_TEMPORARY_FOLDER_H
#define LOCKSTEP_TESTS_TEMPORARY_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  char path[128];
} lks_temporary_folder;

/* A new empty folder (in TMPDIR, or /tmp); ends the program when there is none. */
void lks_temporary_folder_create(lks_temporary_folder *folder);

/* Deletes it with all that is in it. */
void lks_temporary_folder_destroy(lks_temporary_folder *folder);

/* The path of `name` in the folder; valid for the next seven calls. */
const char *lks_temporary_path(const lks_temporary_folder *folder, const char *name);

/* Number of entries in the folder itself. */
int lks_temporary_count(const lks_temporary_folder *folder);

/* A whole file, with a zero byte behind it; free() it.  NULL when there is none. */
char *lks_test_read_file(const char *path, size_t *bytes);

/* Writes a whole file; says whether it could. */
bool lks_test_write_file(const char *path, const void *data, size_t bytes);

#endif
