/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint.c - saving and loading a list of tensors and values.
 *
 * Loading looks at everything before it reads anything: a file that does not fit
 * leaves the tensors in memory as they were. */
#include "checkpoint/checkpoint.h"

#include "base/fail.h"
#include "base/memory.h"
#include "checkpoint/layout.h"
#include "io/sealed_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- saving ---- */

/* "group/name": one slash, something on both sides, nothing that is not printed. */
static lks_status check_name(const char *path, const char *name) {
  const char *slash = strchr(name, '/');
  bool is_good = slash && slash > name && slash[1] && !strchr(slash + 1, '/') &&
                 strncmp(name, LKS_LAYOUT_VALUES "/", sizeof LKS_LAYOUT_VALUES) != 0;
  for (const char *c = name; *c; c++)
    is_good = is_good && (unsigned char)*c >= ' ';
  if (is_good)
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE, "%s: expected a tensor name 'group/name', found '%s'", path, name);
}

/* A value is an attribute of the group of values. */
static lks_status write_value(lks_hdf5_file *file, const lks_named_value *value) {
  switch (value->kind) {
  case LKS_VALUE_INTEGER:
    return lks_hdf5_write_integer(file, LKS_LAYOUT_VALUES, value->name, value->integer);
  case LKS_VALUE_REAL:
    return lks_hdf5_write_real(file, LKS_LAYOUT_VALUES, value->name, value->real);
  case LKS_VALUE_TEXT:
    return lks_hdf5_write_text(file, LKS_LAYOUT_VALUES, value->name, value->text);
  }
  return LKS_FAIL(LKS_USAGE, "value '%s': expected an integer, a real or a text", value->name);
}

/* Values come first: they are small, and tools that list a file show them at once. */
static lks_status write_contents(lks_hdf5_file *file, const char *path,
                                 const lks_checkpoint *checkpoint) {
  LKS_TRY(lks_hdf5_write_text(file, "", "format", LKS_LAYOUT_FORMAT));
  LKS_TRY(lks_hdf5_write_integer(file, "", "version", LKS_LAYOUT_VERSION));
  for (size_t i = 0; i < checkpoint->value_count; i++)
    LKS_TRY(write_value(file, &checkpoint->values[i]));
  for (size_t i = 0; i < checkpoint->tensor_count; i++) {
    const lks_named_tensor *tensor = &checkpoint->tensors[i];
    LKS_TRY(check_name(path, tensor->name));
    LKS_TRY(lks_hdf5_write(file, tensor->name, tensor->type, &tensor->shape, tensor->data));
  }
  return LKS_OK;
}

static lks_status write_file(const char *temporary, const char *path,
                             const lks_checkpoint *checkpoint) {
  lks_hdf5_file *file;
  lks_status status;
  LKS_TRY(lks_hdf5_create(&file, temporary, LKS_SEAL_BYTES));
  status = write_contents(file, path, checkpoint);
  if (status != LKS_OK) {
    (void)lks_hdf5_close(file);
    return status;
  }
  LKS_TRY(lks_hdf5_close(file));
  return LKS_OK;
}

/* Whatever fails, no temporary file stays behind. */
lks_status lks_checkpoint_save(const char *path, const lks_checkpoint *checkpoint) {
  char *temporary;
  lks_status status;
  LKS_TRY(lks_sealed_temporary(path, &temporary));
  LKS_TRY_OR(cleanup, status, write_file(temporary, path, checkpoint));
  LKS_TRY_OR(cleanup, status,
             lks_sealed_commit(temporary, path, LKS_FILE_CHECKPOINT, NULL, 0, NULL));
cleanup:
  if (status != LKS_OK)
    (void)unlink(temporary);
  lks_release(temporary);
  return status;
}

/* ---- loading ---- */

lks_status lks_checkpoint_check(const char *path) {
  LKS_TRY(lks_sealed_check(path, LKS_FILE_CHECKPOINT, NULL));
  return LKS_OK;
}

static lks_status check_layout(lks_hdf5_file *file, const char *path) {
  char *format = NULL;
  int64_t version = 0;
  lks_status status;
  LKS_TRY_OR(cleanup, status, lks_hdf5_read_text(file, "", "format", &format));
  LKS_TRY_OR(cleanup, status, lks_hdf5_read_integer(file, "", "version", &version));
  if (strcmp(format, LKS_LAYOUT_FORMAT) != 0 || version != LKS_LAYOUT_VERSION)
    status = LKS_FAIL(LKS_DATA, "%s: expected '%s' version %d, found '%s' version %lld", path,
                      LKS_LAYOUT_FORMAT, (int)LKS_LAYOUT_VERSION, format, (long long)version);
cleanup:
  lks_release(format);
  return status;
}

lks_status lks_layout_open(lks_hdf5_file **file, const char *path) {
  lks_status status;
  LKS_TRY(lks_checkpoint_check(path));
  LKS_TRY(lks_hdf5_open(file, path));
  status = check_layout(*file, path);
  if (status != LKS_OK) {
    (void)lks_hdf5_close(*file);
    *file = NULL;
  }
  return status;
}

/* The tensor is there, with the same type and shape: nothing is converted, since a
 * state must come back bit for bit. */
static lks_status check_tensor(lks_hdf5_file *file, const char *path,
                               const lks_named_tensor *tensor) {
  lks_type type;
  lks_shape shape;
  char expected[96], found[96];
  lks_shape_describe(&tensor->shape, expected, sizeof expected);
  if (!lks_hdf5_exists(file, tensor->name))
    return LKS_FAIL(LKS_SHAPE,
                    "%s: tensor '%s': expected %s %s, found none\n"
                    "  hint: the checkpoint is of another model or optimizer",
                    path, tensor->name, lks_type_text(tensor->type), expected);
  LKS_TRY(lks_hdf5_describe(file, tensor->name, &type, &shape));
  if (type == tensor->type && lks_shape_is_equal(&shape, &tensor->shape))
    return LKS_OK;
  lks_shape_describe(&shape, found, sizeof found);
  return LKS_FAIL(LKS_SHAPE,
                  "%s: tensor '%s': expected %s %s, found %s %s\n"
                  "  hint: the checkpoint is of another model or optimizer",
                  path, tensor->name, lks_type_text(tensor->type), expected,
                  lks_type_text(type), found);
}

typedef struct {
  const char *path;
  const lks_checkpoint *checkpoint;
} expectation;

/* Fails for a tensor that stands in a group of the list without being in it. */
static lks_status refuse_extra(void *context, const char *name, lks_type type,
                               const lks_shape *shape) {
  const expectation *expected = context;
  const char *slash = strchr(name, '/');
  size_t group = slash ? (size_t)(slash - name) + 1 : 0;
  bool has_group = false;
  char text[96];
  for (size_t i = 0; i < expected->checkpoint->tensor_count; i++) {
    const char *known = expected->checkpoint->tensors[i].name;
    if (strcmp(known, name) == 0)
      return LKS_OK;
    has_group = has_group || (slash && strncmp(known, name, group) == 0);
  }
  if (!has_group)
    return LKS_OK;
  lks_shape_describe(shape, text, sizeof text);
  return LKS_FAIL(LKS_SHAPE,
                  "%s: tensor '%s': expected none of that name, found %s %s\n"
                  "  hint: the checkpoint is of another model or optimizer",
                  expected->path, name, lks_type_text(type), text);
}

lks_status lks_layout_read_value(lks_hdf5_file *file, lks_named_value *value) {
  switch (value->kind) {
  case LKS_VALUE_INTEGER:
    return lks_hdf5_read_integer(file, LKS_LAYOUT_VALUES, value->name, &value->integer);
  case LKS_VALUE_REAL:
    return lks_hdf5_read_real(file, LKS_LAYOUT_VALUES, value->name, &value->real);
  case LKS_VALUE_TEXT:
    return lks_hdf5_read_text(file, LKS_LAYOUT_VALUES, value->name, &value->text);
  }
  return LKS_FAIL(LKS_USAGE, "value '%s': expected an integer, a real or a text", value->name);
}

/* Texts that were read before something failed are not handed out. */
static void release_texts(const lks_checkpoint *checkpoint) {
  for (size_t i = 0; i < checkpoint->value_count; i++)
    if (checkpoint->values[i].kind == LKS_VALUE_TEXT) {
      lks_release(checkpoint->values[i].text);
      checkpoint->values[i].text = NULL;
    }
}

/* Three passes: what is expected is there, nothing else is, and only then the data. */
static lks_status read_contents(lks_hdf5_file *file, const char *path,
                                const lks_checkpoint *checkpoint) {
  expectation expected = {path, checkpoint};
  for (size_t i = 0; i < checkpoint->tensor_count; i++)
    LKS_TRY(check_tensor(file, path, &checkpoint->tensors[i]));
  LKS_TRY(lks_hdf5_visit(file, "", refuse_extra, &expected));
  for (size_t i = 0; i < checkpoint->value_count; i++)
    LKS_TRY(lks_layout_read_value(file, &checkpoint->values[i]));
  for (size_t i = 0; i < checkpoint->tensor_count; i++) {
    const lks_named_tensor *tensor = &checkpoint->tensors[i];
    LKS_TRY(lks_hdf5_read(file, tensor->name, tensor->type, &tensor->shape, tensor->data));
  }
  return LKS_OK;
}

lks_status lks_checkpoint_load(const char *path, const lks_checkpoint *checkpoint) {
  lks_hdf5_file *file;
  lks_status status;
  for (size_t i = 0; i < checkpoint->value_count; i++)
    checkpoint->values[i].text = NULL;
  LKS_TRY(lks_layout_open(&file, path));
  status = read_contents(file, path, checkpoint);
  (void)lks_hdf5_close(file);
  if (status != LKS_OK)
    release_texts(checkpoint);
  return status;
}

lks_status lks_checkpoint_read_value(const char *path, lks_named_value *value) {
  lks_hdf5_file *file;
  lks_status status;
  LKS_TRY(lks_layout_open(&file, path));
  status = lks_layout_read_value(file, value);
  (void)lks_hdf5_close(file);
  return status;
}

/* ---- visiting ---- */

/* What visit_value needs beside the name. */
typedef struct {
  lks_hdf5_file *file;
  lks_status (*visit)(void *context, const lks_named_value *value);
  void *context;
} value_visitor;

/* Reads the value by its kind in the file and passes it on. */
static lks_status visit_value(void *context, const char *name, lks_attribute_kind kind) {
  value_visitor *to = context;
  lks_named_value value = {.name = name, .text = NULL};
  lks_status status;
  value.kind = kind == LKS_ATTRIBUTE_INTEGER ? LKS_VALUE_INTEGER
               : kind == LKS_ATTRIBUTE_REAL  ? LKS_VALUE_REAL
                                             : LKS_VALUE_TEXT;
  LKS_TRY(lks_layout_read_value(to->file, &value));
  status = to->visit(to->context, &value);
  lks_release(value.text);
  return status;
}

lks_status lks_layout_visit_values(lks_hdf5_file *file,
                                   lks_status (*visit)(void *context,
                                                       const lks_named_value *value),
                                   void *context) {
  value_visitor to = {file, visit, context};
  if (!lks_hdf5_exists(file, LKS_LAYOUT_VALUES))
    return LKS_OK;
  LKS_TRY(lks_hdf5_visit_attributes(file, LKS_LAYOUT_VALUES, visit_value, &to));
  return LKS_OK;
}

lks_status lks_checkpoint_visit(const char *path,
                                lks_status (*tensor)(void *context, const char *name,
                                                     lks_type type, const lks_shape *shape),
                                lks_status (*value)(void *context,
                                                    const lks_named_value *value),
                                void *context) {
  lks_hdf5_file *file;
  lks_status status;
  LKS_TRY(lks_layout_open(&file, path));
  LKS_TRY_OR(cleanup, status, lks_hdf5_visit(file, "", tensor, context));
  LKS_TRY_OR(cleanup, status, lks_layout_visit_values(file, value, context));
cleanup:
  (void)lks_hdf5_close(file);
  return status;
}
