/* SPDX-License-Identifier: Apache-2.0 */
/* array_matlab.c - a matrix of a MATLAB file of version 4 to 7, read by libmatio.
 *
 * Matrices lie by columns, and mostly compressed as a whole: each block of rows makes
 * libmatio unpack the matrix again, so blocks are large (they are at most 2 GiB). */
#include "prepare/array_source.h"

#include "base/fail.h"
#include "base/memory.h"

#include <limits.h>
#include <matio.h>
#include <stdint.h>
#include <string.h>

typedef struct {
  mat_t *file;
  matvar_t *matrix;
  char *path;
  char *block; /* [columns, block_rows] of the matrix' class */
  size_t block_rows;
} matlab;

static void close_matlab(void *state) {
  matlab *m = state;
  Mat_VarFree(m->matrix); /* fine with NULL, unlike Mat_Close */
  if (m->file != NULL)
    (void)Mat_Close(m->file);
  lks_release(m->block);
  lks_release(m->path);
  lks_release(m);
}

/* The matrix' element `i` of the block. */
static double element(const matlab *m, size_t i) {
  const void *block = m->block;
  switch (m->matrix->class_type) {
  case MAT_C_DOUBLE: return ((const double *)block)[i];
  case MAT_C_SINGLE: return ((const float *)block)[i];
  case MAT_C_INT8: return ((const int8_t *)block)[i];
  case MAT_C_UINT8: return ((const uint8_t *)block)[i];
  case MAT_C_INT16: return ((const int16_t *)block)[i];
  case MAT_C_UINT16: return ((const uint16_t *)block)[i];
  case MAT_C_INT32: return ((const int32_t *)block)[i];
  case MAT_C_UINT32: return ((const uint32_t *)block)[i];
  case MAT_C_INT64: return (double)((const int64_t *)block)[i];
  case MAT_C_UINT64: return (double)((const uint64_t *)block)[i];
  default: return 0; /* is_table lets none through */
  }
}

static lks_status read_matlab(void *state, size_t first, size_t count, double *values) {
  matlab *m = state;
  size_t columns = m->matrix->dims[1];
  int start[2] = {(int)first, 0}, stride[2] = {1, 1}, edge[2] = {(int)count, (int)columns};
  if (count > m->block_rows) {
    lks_release(m->block);
    LKS_TRY(
        lks_allocate(&m->block, columns * count, Mat_SizeOfClass((int)m->matrix->class_type)));
    m->block_rows = count;
  }
  if (Mat_VarReadData(m->file, m->matrix, m->block, start, stride, edge) != 0)
    return LKS_FAIL(LKS_DATA, "%s: '%s': rows %zu to %zu cannot be read: the file is damaged",
                    m->path, m->matrix->name, first + 1, first + count);
  for (size_t row = 0; row < count; row++)
    for (size_t c = 0; c < columns; c++)
      *values++ = element(m, c * count + row);
  return LKS_OK;
}

/* ---- which matrix ---- */

static bool is_table(const matvar_t *variable) {
  return variable->class_type >= MAT_C_DOUBLE && variable->class_type <= MAT_C_UINT64 &&
         !variable->isComplex && variable->rank == 2 && variable->dims[0] <= INT_MAX &&
         variable->dims[1] <= INT_MAX;
}

/* Of several tables the only one with more than one element. */
static lks_status find_only(matlab *m) {
  matvar_t *next;
  int found = 0;
  while ((next = Mat_VarReadNextInfo(m->file)) != NULL) {
    bool fits = is_table(next) && next->dims[0] * next->dims[1] > 1;
    found += fits;
    if (fits && found == 1)
      m->matrix = next;
    else
      Mat_VarFree(next);
  }
  if (found == 0)
    return LKS_FAIL(LKS_DATA, "%s: expected a matrix of numbers, found none", m->path);
  if (found > 1)
    return LKS_FAIL(LKS_USAGE,
                    "%s: holds several matrices\n  hint: --variable NAME names the one to read",
                    m->path);
  return LKS_OK;
}

static lks_status find_named(matlab *m, const char *name) {
  m->matrix = Mat_VarReadInfo(m->file, name);
  if (m->matrix == NULL)
    return LKS_FAIL(LKS_DATA, "%s: expected a variable '%s', found none", m->path, name);
  if (!is_table(m->matrix))
    return LKS_FAIL(LKS_DATA,
                    "%s: '%s': expected a matrix of real numbers with two axes, found "
                    "something else",
                    m->path, name);
  return LKS_OK;
}

lks_status lks_array_open_matlab(lks_array_source *source, const char *path, const char *name) {
  matlab *m;
  lks_status status;
  LKS_TRY(lks_allocate(&m, 1, sizeof *m));
  LKS_TRY_OR(fail, status, lks_copy_text(&m->path, path));
  m->file = Mat_Open(path, MAT_ACC_RDONLY);
  if (m->file == NULL) {
    status =
        LKS_FAIL(LKS_DATA, "%s: expected a MATLAB file, found none that can be read", path);
    goto fail;
  }
  LKS_TRY_OR(fail, status, name != NULL ? find_named(m, name) : find_only(m));
  source->rows = m->matrix->dims[0];
  source->columns = m->matrix->dims[1];
  source->read = read_matlab;
  source->close = close_matlab;
  source->state = m;
  return LKS_OK;
fail:
  close_matlab(m);
  return status;
}
