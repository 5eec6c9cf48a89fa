/* SPDX-License-Identifier: Apache-2.0 */
/* hdf5_attribute.c - texts, integers and reals that belong to a group or an array.
 *
 * Texts are scalars of fixed length in UTF-8, padded with zero bytes: HDF5 keeps
 * strings of variable length in a heap without checksums, which h5py would decode by
 * itself but which no reader can trust.  The empty text has one byte, zero. */
#include "io/hdf5_handle.h"

#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

/* The root has a name of its own in HDF5, and the empty one here. */
static const char *name_of(const char *object) {
  return *object ? object : "/";
}

/* ---- writing ---- */

/* Opens the object; a group that is not there is made. */
static lks_status open_or_make(lks_hdf5_file *file, const char *object, hid_t *id) {
  *id = H5Oopen(file->id, name_of(object), H5P_DEFAULT);
  if (*id >= 0)
    return LKS_OK;
  LKS_TRY(lks_hdf5_make_groups(file, object));
  *id = H5Gcreate2(file->id, object, H5P_DEFAULT, file->quiet, H5P_DEFAULT);
  if (*id < 0)
    return lks_hdf5_failure(file, "make group", object);
  return LKS_OK;
}

/* Writes a scalar attribute, in the place of an older one. */
static lks_status write_attribute(lks_hdf5_file *file, const char *object, const char *name,
                                  hid_t stored, hid_t memory, const void *value) {
  hid_t id, space, attribute = -1;
  lks_status status = LKS_OK;
  LKS_TRY(open_or_make(file, object, &id));
  space = H5Screate(H5S_SCALAR);
  if (space >= 0 && (H5Aexists(id, name) <= 0 || H5Adelete(id, name) >= 0))
    attribute = H5Acreate2(id, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0 || H5Awrite(attribute, memory, value) < 0)
    status = lks_hdf5_failure(file, "write attribute", name);
  lks_hdf5_drop(attribute);
  lks_hdf5_drop(space);
  lks_hdf5_drop(id);
  return status == LKS_OK ? lks_hdf5_check_written(file, name) : status;
}

/* A type for texts of `bytes` bytes; negative on failure. */
static hid_t text_type(size_t bytes) {
  hid_t type = H5Tcopy(H5T_C_S1);
  if (type >= 0 && H5Tset_size(type, bytes) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0 &&
      H5Tset_strpad(type, H5T_STR_NULLPAD) >= 0)
    return type;
  lks_hdf5_drop(type);
  return -1;
}

lks_status lks_hdf5_write_text(lks_hdf5_file *file, const char *object, const char *name,
                               const char *text) {
  size_t bytes = strlen(text);
  hid_t type = text_type(bytes > 0 ? bytes : 1);
  lks_status status;
  if (type < 0)
    return lks_hdf5_failure(file, "write attribute", name);
  status = write_attribute(file, object, name, type, type, text);
  lks_hdf5_drop(type);
  return status;
}

lks_status lks_hdf5_write_integer(lks_hdf5_file *file, const char *object, const char *name,
                                  int64_t value) {
  LKS_TRY(write_attribute(file, object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value));
  return LKS_OK;
}

lks_status lks_hdf5_write_real(lks_hdf5_file *file, const char *object, const char *name,
                               double value) {
  LKS_TRY(write_attribute(file, object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value));
  return LKS_OK;
}

/* ---- reading ---- */

bool lks_hdf5_has_attribute(lks_hdf5_file *file, const char *object, const char *name) {
  return H5Aexists_by_name(file->id, name_of(object), name, H5P_DEFAULT) > 0;
}

/* Only scalars of the three kinds that are written here count as such. */
static lks_attribute_kind kind_of(hid_t attribute) {
  hid_t type = H5Aget_type(attribute);
  hid_t space = H5Aget_space(attribute);
  lks_attribute_kind kind = LKS_ATTRIBUTE_OTHER;
  if (type >= 0 && space >= 0 && H5Sget_simple_extent_npoints(space) == 1)
    switch (H5Tget_class(type)) {
    case H5T_INTEGER: kind = LKS_ATTRIBUTE_INTEGER; break;
    case H5T_FLOAT: kind = LKS_ATTRIBUTE_REAL; break;
    case H5T_STRING:
      if (H5Tis_variable_str(type) == 0)
        kind = LKS_ATTRIBUTE_TEXT;
      break;
    default: break;
    }
  lks_hdf5_drop(space);
  lks_hdf5_drop(type);
  return kind;
}

static const char *kind_text(lks_attribute_kind kind) {
  switch (kind) {
  case LKS_ATTRIBUTE_INTEGER: return "an integer";
  case LKS_ATTRIBUTE_REAL: return "a real number";
  case LKS_ATTRIBUTE_TEXT: return "a text of fixed length";
  case LKS_ATTRIBUTE_OTHER: break;
  }
  return "something else";
}

/* Opens an attribute that must be of `kind`. */
static lks_status open_attribute(lks_hdf5_file *file, const char *object, const char *name,
                                 lks_attribute_kind kind, hid_t *attribute) {
  lks_attribute_kind found;
  *attribute = -1;
  if (!lks_hdf5_has_attribute(file, object, name))
    return LKS_FAIL(LKS_DATA, "%s: expected an attribute '%s' of '%s', found none", file->path,
                    name, name_of(object));
  *attribute = H5Aopen_by_name(file->id, name_of(object), name, H5P_DEFAULT, H5P_DEFAULT);
  if (*attribute < 0)
    return lks_hdf5_failure(file, "open attribute", name);
  found = kind_of(*attribute);
  if (found == kind)
    return LKS_OK;
  lks_hdf5_drop(*attribute);
  return LKS_FAIL(LKS_DATA, "%s: attribute '%s' of '%s': expected %s, found %s", file->path,
                  name, name_of(object), kind_text(kind), kind_text(found));
}

/* Reads one integer or real into `value`, which is of the memory type. */
static lks_status read_number(lks_hdf5_file *file, const char *object, const char *name,
                              lks_attribute_kind kind, hid_t memory, void *value) {
  hid_t attribute;
  lks_status status = LKS_OK;
  LKS_TRY(open_attribute(file, object, name, kind, &attribute));
  if (H5Aread(attribute, memory, value) < 0)
    status = lks_hdf5_failure(file, "read attribute", name);
  lks_hdf5_drop(attribute);
  return status;
}

lks_status lks_hdf5_read_integer(lks_hdf5_file *file, const char *object, const char *name,
                                 int64_t *value) {
  LKS_TRY(read_number(file, object, name, LKS_ATTRIBUTE_INTEGER, H5T_NATIVE_INT64, value));
  return LKS_OK;
}

lks_status lks_hdf5_read_real(lks_hdf5_file *file, const char *object, const char *name,
                              double *value) {
  LKS_TRY(read_number(file, object, name, LKS_ATTRIBUTE_REAL, H5T_NATIVE_DOUBLE, value));
  return LKS_OK;
}

/* The type in memory is the one in the file: bytes come over as they are. */
lks_status lks_hdf5_read_text(lks_hdf5_file *file, const char *object, const char *name,
                              char **text) {
  hid_t attribute, type;
  lks_status status = LKS_OK;
  *text = NULL;
  LKS_TRY(open_attribute(file, object, name, LKS_ATTRIBUTE_TEXT, &attribute));
  type = H5Aget_type(attribute);
  if (type < 0)
    status = lks_hdf5_failure(file, "read attribute", name);
  else
    status = lks_allocate(text, H5Tget_size(type) + 1, 1);
  if (status == LKS_OK && H5Aread(attribute, type, *text) < 0)
    status = lks_hdf5_failure(file, "read attribute", name);
  lks_hdf5_drop(type);
  lks_hdf5_drop(attribute);
  if (status != LKS_OK) {
    lks_release(*text);
    *text = NULL;
  }
  return status;
}

/* ---- visiting ---- */

/* HDF5 calls back with one pointer; the status has to come back through it too. */
typedef struct {
  lks_status (*visit)(void *context, const char *name, lks_attribute_kind kind);
  void *context;
  lks_status status;
} visitor;

static herr_t visit_one(hid_t object, const char *name, const H5A_info_t *facts,
                        void *context) {
  visitor *to = context;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  lks_attribute_kind kind = attribute < 0 ? LKS_ATTRIBUTE_OTHER : kind_of(attribute);
  (void)facts;
  lks_hdf5_drop(attribute);
  to->status = to->visit(to->context, name, kind);
  return to->status == LKS_OK ? 0 : -1;
}

lks_status lks_hdf5_visit_attributes(lks_hdf5_file *file, const char *object,
                                     lks_status (*visit)(void *context, const char *name,
                                                         lks_attribute_kind kind),
                                     void *context) {
  visitor to = {visit, context, LKS_OK};
  lks_status status = LKS_OK;
  hid_t id = H5Oopen(file->id, name_of(object), H5P_DEFAULT);
  if (id < 0)
    return LKS_FAIL(LKS_DATA, "%s: expected an object '%s', found none", file->path,
                    name_of(object));
  if (H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_one, &to) < 0)
    status = to.status != LKS_OK ? to.status
                                 : lks_hdf5_failure(file, "list the attributes of", object);
  lks_hdf5_drop(id);
  return status;
}
