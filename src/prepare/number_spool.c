/* SPDX-License-Identifier: Apache-2.0 */
/* number_spool.c - a row is its length, then its numbers. */
#include "prepare/number_spool.h"

#include "base/fail.h"
#include "base/memory.h"
#include "prepare/unnamed_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 20 };

struct lks_number_spool {
  char *path; /* for messages; the file has no name */
  FILE *file;
};

lks_status lks_number_row_resize(lks_number_row *row, size_t count) {
  if (count > row->capacity) {
    size_t wider = count > 2 * row->capacity ? count : 2 * row->capacity;
    LKS_TRY(lks_reallocate(&row->value, row->capacity, wider, sizeof *row->value));
    row->capacity = wider;
  }
  row->count = count;
  return LKS_OK;
}

static lks_status fail_file(const lks_number_spool *spool, const char *what) {
  return LKS_FAIL(LKS_IO,
                  "%s: cannot %s: %s\n  hint: the training samples are kept there while the "
                  "dataset is made, 4 bytes a symbol",
                  spool->path, what, strerror(errno));
}

lks_status lks_number_spool_create(lks_number_spool **spool, const char *out) {
  lks_status status;
  int descriptor = -1;
  LKS_TRY(lks_allocate(spool, 1, sizeof **spool));
  lks_number_spool *s = *spool;
  LKS_TRY_OR(failed, status, lks_unnamed_file(out, &s->path, &descriptor));
  s->file = fdopen(descriptor, "w+");
  if (s->file == NULL || setvbuf(s->file, NULL, _IOFBF, BUFFER_BYTES) != 0) {
    status = fail_file(s, "use the temporary file");
    goto failed;
  }
  return LKS_OK;
failed:
  if (s->file == NULL && descriptor >= 0)
    (void)close(descriptor);
  lks_number_spool_destroy(s);
  *spool = NULL;
  return status;
}

void lks_number_spool_destroy(lks_number_spool *spool) {
  if (spool == NULL)
    return;
  if (spool->file != NULL)
    (void)fclose(spool->file);
  lks_release(spool->path);
  lks_release(spool);
}

lks_status lks_number_spool_append(lks_number_spool *spool, const lks_number_row *row) {
  const int32_t count = (int32_t)row->count;
  LKS_ASSERT(row->count <= INT32_MAX);
  if (fwrite(&count, sizeof count, 1, spool->file) != 1 ||
      fwrite(row->value, sizeof *row->value, row->count, spool->file) != row->count)
    return fail_file(spool, "write to the temporary file");
  return LKS_OK;
}

lks_status lks_number_spool_rewind(lks_number_spool *spool) {
  if (fflush(spool->file) != 0 || fseek(spool->file, 0, SEEK_SET) != 0)
    return fail_file(spool, "write to the temporary file");
  return LKS_OK;
}

lks_status lks_number_spool_next(lks_number_spool *spool, lks_number_row *row) {
  int32_t count;
  if (fread(&count, sizeof count, 1, spool->file) != 1)
    return fail_file(spool, "read the temporary file");
  LKS_TRY(lks_number_row_resize(row, (size_t)count));
  if (fread(row->value, sizeof *row->value, row->count, spool->file) != row->count)
    return fail_file(spool, "read the temporary file");
  return LKS_OK;
}
