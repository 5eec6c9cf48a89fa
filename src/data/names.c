/* SPDX-License-Identifier: Apache-2.0 */
/* names.c - the file has no zero bytes between names, memory does. */
#include "data/names.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 64 };

lks_status lks_names_write(lks_hdf5_file *file, const char *group, size_t count,
                           const char *(*name)(const void *context, size_t i),
                           const void *context) {
  char object[PATH_BYTES];
  lks_text bytes = {0};
  int64_t *offsets = NULL;
  lks_status status;
  LKS_TRY_OR(cleanup, status, lks_allocate(&offsets, count + 1, sizeof *offsets));
  for (size_t i = 0; i < count; i++) {
    const char *text = name(context, i);
    LKS_TRY_OR(cleanup, status, lks_text_add(&bytes, text, strlen(text)));
    offsets[i + 1] = (int64_t)bytes.bytes;
  }
  lks_shape byte_shape = lks_shape_1(bytes.bytes), offset_shape = lks_shape_1(count + 1);
  (void)snprintf(object, sizeof object, "%s/bytes", group);
  LKS_TRY_OR(cleanup, status, lks_hdf5_write(file, object, LKS_U8, &byte_shape, bytes.data));
  (void)snprintf(object, sizeof object, "%s/offsets", group);
  LKS_TRY_OR(cleanup, status, lks_hdf5_write(file, object, LKS_I64, &offset_shape, offsets));
cleanup:
  lks_text_release(&bytes);
  lks_release(offsets);
  return status;
}

lks_status lks_read_whole(lks_hdf5_file *file, const char *path, const char *name,
                          lks_type type, void *data, size_t *count) {
  lks_type stored;
  lks_shape shape;
  void *block;
  LKS_TRY(lks_hdf5_describe(file, name, &stored, &shape));
  if (shape.axes != 1)
    return LKS_FAIL(LKS_DATA, "%s: '%s': expected one axis, found %d", path, name, shape.axes);
  *count = shape.extent[0];
  LKS_TRY(lks_allocate(data, *count, lks_type_bytes(type)));
  memcpy(&block, data, sizeof block);
  LKS_TRY(lks_hdf5_read(file, name, type, &shape, block));
  return LKS_OK;
}

/* Copies the names apart; `text` has room for their bytes and a zero byte each. */
static lks_status cut(const char *path, const char *group, const char *bytes, size_t byte_count,
                      const int64_t *offsets, size_t count, char **names, char *text) {
  if (offsets[0] != 0 || offsets[count] != (int64_t)byte_count)
    return LKS_FAIL(LKS_DATA, "%s: '%s/offsets' do not span the %zu bytes", path, group,
                    byte_count);
  for (size_t i = 0; i < count; i++) {
    int64_t first = offsets[i], end = offsets[i + 1];
    if (end < first || end > (int64_t)byte_count)
      return LKS_FAIL(LKS_DATA, "%s: '%s/offsets': number %zu is out of order", path, group,
                      i + 1);
    size_t length = (size_t)(end - first);
    if (memchr(bytes + first, 0, length) != NULL)
      return LKS_FAIL(LKS_DATA, "%s: '%s/bytes': name %zu has a zero byte", path, group, i);
    memcpy(text, bytes + first, length);
    names[i] = text;
    text += length + 1;
  }
  return LKS_OK;
}

lks_status lks_names_read(lks_hdf5_file *file, const char *path, const char *group,
                          char ***names, char **text, size_t *count) {
  char object[PATH_BYTES];
  char *bytes = NULL;
  int64_t *offsets = NULL;
  size_t byte_count = 0, offset_count = 0;
  lks_status status;
  *names = NULL;
  *text = NULL;
  *count = 0;
  (void)snprintf(object, sizeof object, "%s/bytes", group);
  LKS_TRY_OR(cleanup, status, lks_read_whole(file, path, object, LKS_U8, &bytes, &byte_count));
  (void)snprintf(object, sizeof object, "%s/offsets", group);
  LKS_TRY_OR(cleanup, status,
             lks_read_whole(file, path, object, LKS_I64, &offsets, &offset_count));
  if (offset_count < 2) {
    status = LKS_FAIL(LKS_DATA, "%s: '%s': expected 2 offsets or more, found %zu", path, object,
                      offset_count);
    goto cleanup;
  }
  LKS_TRY_OR(cleanup, status, lks_allocate(names, offset_count - 1, sizeof **names));
  LKS_TRY_OR(cleanup, status, lks_allocate(text, byte_count + offset_count, 1));
  LKS_TRY_OR(cleanup, status,
             cut(path, group, bytes, byte_count, offsets, offset_count - 1, *names, *text));
  *count = offset_count - 1;
cleanup:
  lks_release(offsets);
  lks_release(bytes);
  return status;
}

static const char *symbol_at(const void *context, size_t i) {
  return lks_vocabulary_symbol(context, (int)i);
}

lks_status lks_names_write_vocabulary(lks_hdf5_file *file, const char *group,
                                      const lks_vocabulary *vocabulary) {
  return lks_names_write(file, group, (size_t)lks_vocabulary_size(vocabulary), symbol_at,
                         vocabulary);
}

/* Puts the path in front of a message that does not know it. */
static lks_status name_file(const char *path, lks_status status) {
  char message[512];
  (void)snprintf(message, sizeof message, "%s", lks_error_message());
  return LKS_FAIL(status, "%s: %s", path, message);
}

static lks_status append_symbols(lks_vocabulary *vocabulary, const char *path,
                                 const char *bytes, size_t byte_count, const int64_t *offsets,
                                 size_t offset_count) {
  if (offset_count < 2 || offsets[0] != 0 || offsets[offset_count - 1] != (int64_t)byte_count)
    return LKS_FAIL(LKS_DATA, "%s: the vocabulary's offsets do not span its %zu bytes", path,
                    byte_count);
  for (size_t i = 0; i + 1 < offset_count; i++) {
    int64_t first = offsets[i], end = offsets[i + 1];
    if (end < first || end > (int64_t)byte_count)
      return LKS_FAIL(LKS_DATA, "%s: the vocabulary's offset %zu is out of order", path, i + 1);
    lks_status status = lks_vocabulary_append(vocabulary, bytes + first, (size_t)(end - first));
    if (status == LKS_DATA)
      return name_file(path, status);
    LKS_TRY(status);
  }
  return LKS_OK;
}

lks_status lks_names_read_vocabulary(lks_hdf5_file *file, const char *path, const char *group,
                                     lks_vocabulary **vocabulary) {
  char object[PATH_BYTES];
  char *bytes = NULL;
  int64_t *offsets = NULL;
  size_t byte_count = 0, offset_count = 0;
  lks_status status;
  LKS_TRY_OR(cleanup, status, lks_vocabulary_create(vocabulary));
  (void)snprintf(object, sizeof object, "%s/bytes", group);
  LKS_TRY_OR(cleanup, status, lks_read_whole(file, path, object, LKS_U8, &bytes, &byte_count));
  (void)snprintf(object, sizeof object, "%s/offsets", group);
  LKS_TRY_OR(cleanup, status,
             lks_read_whole(file, path, object, LKS_I64, &offsets, &offset_count));
  LKS_TRY_OR(cleanup, status,
             append_symbols(*vocabulary, path, bytes, byte_count, offsets, offset_count));
cleanup:
  lks_release(offsets);
  lks_release(bytes);
  return status;
}
