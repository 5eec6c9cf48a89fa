/* SPDX-License-Identifier: Apache-2.0 */
/* array_npy.c - NumPy's file format, versions 1 to 3 (numpy.lib.format): a magic, a
 * version, a header that is a Python literal, the bytes.
 *
 *   {'descr': '<f8', 'fortran_order': False, 'shape': (365, 8), }  */
#include "prepare/array_source.h"

#include "base/fail.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HEADER_BYTES_MAX = 1 << 16, BLOCK_BYTES = 1 << 16 };

typedef enum { F4, F8, I4, I8, KINDS } element;

static const char *const kinds[KINDS] = {"<f4", "<f8", "<i4", "<i8"};
static const size_t kind_bytes[KINDS] = {4, 8, 4, 8};

typedef struct {
  FILE *file;
  char *path;
  element kind;
  size_t columns;
  size_t start; /* of the values in the file */
  char block[BLOCK_BYTES];
} npy;

static void close_npy(void *state) {
  npy *n = state;
  if (n->file != NULL)
    (void)fclose(n->file);
  lks_release(n->path);
  lks_release(n);
}

static double value_at(const char *from, element kind) {
  float f4;
  double f8;
  int32_t i4;
  int64_t i8;
  switch (kind) {
  case F4: memcpy(&f4, from, sizeof f4); return f4;
  case F8: memcpy(&f8, from, sizeof f8); return f8;
  case I4: memcpy(&i4, from, sizeof i4); return i4;
  default: memcpy(&i8, from, sizeof i8); return (double)i8;
  }
}

static lks_status read_npy(void *state, size_t first, size_t count, double *values) {
  npy *n = state;
  size_t bytes = kind_bytes[n->kind], left = count * n->columns;
  if (fseeko(n->file, (off_t)(n->start + first * n->columns * bytes), SEEK_SET) != 0)
    return LKS_FAIL(LKS_IO, "%s: cannot be read: %s", n->path, strerror(errno));
  while (left > 0) {
    size_t part = left < BLOCK_BYTES / bytes ? left : BLOCK_BYTES / bytes;
    if (fread(n->block, bytes, part, n->file) != part)
      return LKS_FAIL(LKS_IO, "%s: cannot be read to its end", n->path);
    for (size_t i = 0; i < part; i++)
      *values++ = value_at(n->block + i * bytes, n->kind);
    left -= part;
  }
  return LKS_OK;
}

/* ---- the header ---- */

static lks_status fail_header(const npy *n, const char *expected, const char *found) {
  return LKS_FAIL(LKS_DATA,
                  "%s: expected %s, found %.80s\n  hint: numpy.save(file, "
                  "numpy.ascontiguousarray(array, 'float32')) writes what can be read",
                  n->path, expected, found);
}

/* The text behind "'key':", or NULL. */
static const char *find_key(const char *header, const char *key) {
  const char *at = strstr(header, key);
  if (at == NULL)
    return NULL;
  at += strlen(key);
  return at + strspn(at, ": ");
}

/* "(365, 8)", "(365,)" */
static lks_status parse_shape(npy *n, const char *text, lks_array_source *source) {
  char *end;
  errno = 0;
  if (*text != '(' || text[1] < '0' || text[1] > '9')
    return fail_header(n, "an array of one or two axes", text);
  uintmax_t rows = strtoumax(text + 1, &end, 10), columns = 1;
  end += strspn(end, ", ");
  if (*end >= '0' && *end <= '9')
    columns = strtoumax(end, &end, 10);
  end += strspn(end, ", ");
  if (*end != ')' || errno != 0 || rows > INT64_MAX / 16 || columns > INT32_MAX)
    return fail_header(n, "an array of one or two axes", text);
  source->rows = (size_t)rows;
  source->columns = n->columns = (size_t)columns;
  return LKS_OK;
}

static lks_status parse_header(npy *n, const char *header, lks_array_source *source) {
  const char *type = find_key(header, "'descr'"), *order = find_key(header, "'fortran_order'");
  const char *shape = find_key(header, "'shape'");
  if (type == NULL || order == NULL || shape == NULL)
    return fail_header(n, "a header of NumPy", header);
  for (n->kind = F4; n->kind < KINDS; n->kind++)
    if (strncmp(type + 1, kinds[n->kind], 3) == 0 && type[4] == type[0])
      break;
  if (n->kind == KINDS)
    return fail_header(n, "elements of type '<f4', '<f8', '<i4' or '<i8'", type);
  LKS_TRY(parse_shape(n, shape, source));
  if (strncmp(order, "False", 5) != 0 && source->columns > 1)
    return fail_header(n, "an array in C order", "one in Fortran order");
  return LKS_OK;
}

/* The values begin behind the header, whose length is told. */
static lks_status read_header(npy *n, lks_array_source *source) {
  unsigned char head[12] = {0};
  char *header = NULL;
  lks_status status;
  if (fread(head, 1, 10, n->file) != 10 || memcmp(head, "\x93NUMPY", 6) != 0 || head[6] < 1 ||
      head[6] > 3)
    return fail_header(n, "a file of NumPy, version 1 to 3", "another");
  bool wide = head[6] > 1;
  if (wide && fread(head + 10, 1, 2, n->file) != 2)
    return fail_header(n, "a header of NumPy", "the file's end");
  size_t bytes = head[8] | (size_t)head[9] << 8;
  bytes |= wide ? (size_t)head[10] << 16 | (size_t)head[11] << 24 : 0;
  if (bytes > HEADER_BYTES_MAX)
    return fail_header(n, "a header of NumPy", "one that is far too long");
  n->start = (wide ? 12 : 10) + bytes;
  LKS_TRY(lks_allocate(&header, bytes + 1, 1));
  if (fread(header, 1, bytes, n->file) != bytes)
    status = fail_header(n, "a header of NumPy", "the file's end");
  else
    status = parse_header(n, header, source);
  lks_release(header);
  return status;
}

/* The rows that the file says it has are there. */
static lks_status check_length(const npy *n, const lks_array_source *source) {
  struct stat state;
  size_t row_bytes = n->columns * kind_bytes[n->kind];
  if (fstat(fileno(n->file), &state) != 0)
    return LKS_FAIL(LKS_IO, "%s: cannot be read: %s", n->path, strerror(errno));
  size_t bytes = (size_t)state.st_size - n->start;
  if (row_bytes > 0 && bytes / row_bytes < source->rows)
    return LKS_FAIL(LKS_DATA, "%s: expected %zu rows of %zu numbers, found only %zu", n->path,
                    source->rows, n->columns, bytes / row_bytes);
  return LKS_OK;
}

lks_status lks_array_open_npy(lks_array_source *source, const char *path) {
  npy *n;
  lks_status status;
  LKS_TRY(lks_allocate(&n, 1, sizeof *n));
  LKS_TRY_OR(fail, status, lks_copy_text(&n->path, path));
  n->file = fopen(path, "rb");
  if (n->file == NULL) {
    status = LKS_FAIL(LKS_DATA, "%s: cannot be read: %s", path, strerror(errno));
    goto fail;
  }
  LKS_TRY_OR(fail, status, read_header(n, source));
  LKS_TRY_OR(fail, status, check_length(n, source));
  source->read = read_npy;
  source->close = close_npy;
  source->state = n;
  return LKS_OK;
fail:
  close_npy(n);
  return status;
}
