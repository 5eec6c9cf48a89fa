/* SPDX-License-Identifier: Apache-2.0 */
/* hdf5_file.c - opening and closing HDF5 files, groups, and HDF5's errors in words.
 *
 * Everything that would make two files of equal contents differ is fixed here: no
 * time stamps in the root, in groups and in arrays, and one format version
 * (hdf5_disk.c).  HDF5's own printing is switched off: its innermost error goes into
 * our message. */
#include "io/hdf5_handle.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

void lks_hdf5_drop(hid_t id) {
  if (id >= 0)
    (void)H5Idec_ref(id);
}

typedef struct {
  char text[320];
} reason;

/* HDF5 walks from the function that failed outwards: the first entry knows why. */
static herr_t take_innermost(unsigned n, const H5E_error2_t *error, void *context) {
  reason *found = context;
  if (n == 0 && error->desc)
    strncpy(found->text, error->desc, sizeof found->text - 1);
  return 0;
}

lks_status lks_hdf5_failure(lks_hdf5_file *file, const char *what, const char *object) {
  reason found = {""};
  bool misfit = file->misfit;
  file->misfit = false;
  (void)H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, &found);
  if (misfit)
    return LKS_FAIL(LKS_DATA, "%s: cannot %s '%s': a value does not fit in the type asked for",
                    file->path, what, object);
  if (strstr(found.text, "Fletcher32"))
    return LKS_FAIL(LKS_DATA,
                    "%s: cannot %s '%s': the checksum of a chunk does not match its bytes\n"
                    "  hint: the file is damaged: copy it again, or prepare it again",
                    file->path, what, object);
  return LKS_FAIL(LKS_IO, "%s: cannot %s '%s': %s", file->path, what, object,
                  *found.text ? found.text : "HDF5 gives no reason");
}

lks_status lks_hdf5_check_written(const lks_hdf5_file *file, const char *object) {
  int error = lks_hdf5_disk_error(file->disk);
  if (error == 0)
    return LKS_OK;
  return LKS_FAIL(LKS_IO,
                  "%s: cannot write '%s': %s\n"
                  "  hint: make room on this file system, or choose another folder",
                  file->path, object, strerror(error));
}

/* A range error aborts; rounding, infinities and NaN between floats pass. */
static H5T_conv_ret_t refuse_misfit(H5T_conv_except_t kind, hid_t from, hid_t to, void *source,
                                    void *target, void *context) {
  bool *misfit = context;
  (void)kind;
  (void)source;
  (void)target;
  if (H5Tget_class(from) == H5T_FLOAT && H5Tget_class(to) == H5T_FLOAT)
    return H5T_CONV_UNHANDLED;
  *misfit = true;
  return H5T_CONV_ABORT;
}

static lks_status make_lists(lks_hdf5_file *file) {
  file->transfer = H5Pcreate(H5P_DATASET_XFER);
  file->quiet = H5Pcreate(H5P_GROUP_CREATE);
  if (file->transfer < 0 || file->quiet < 0 ||
      H5Pset_type_conv_cb(file->transfer, refuse_misfit, &file->misfit) < 0 ||
      H5Pset_obj_track_times(file->quiet, false) < 0)
    return lks_hdf5_failure(file, "prepare", "/");
  return LKS_OK;
}

/* The root group is made with the file, and takes its time stamps from the same list. */
static lks_status create_file(lks_hdf5_file *file) {
  hid_t access = lks_hdf5_disk_access(file->disk);
  hid_t options = H5Pcreate(H5P_FILE_CREATE);
  lks_status status = LKS_OK;
  if (access >= 0 && options >= 0 && H5Pset_userblock(options, file->user_block) >= 0 &&
      H5Pset_obj_track_times(options, false) >= 0)
    file->id = H5Fcreate(file->path, H5F_ACC_TRUNC, options, access);
  if (file->id < 0)
    status = lks_hdf5_failure(file, "create", "/");
  lks_hdf5_drop(options);
  lks_hdf5_drop(access);
  return status;
}

/* HDF5's reasons for not opening a file speak of its internals: ours is shorter. */
static lks_status open_file(lks_hdf5_file *file) {
  hid_t access = lks_hdf5_disk_access(file->disk);
  hid_t options = -1;
  hsize_t user_block = 0;
  lks_status status = LKS_OK;
  if (access >= 0)
    file->id = H5Fopen(file->path, H5F_ACC_RDONLY, access);
  if (file->id < 0)
    status = LKS_FAIL(LKS_DATA, "%s: expected an HDF5 file, found none that can be read",
                      file->path);
  else {
    options = H5Fget_create_plist(file->id);
    if (options < 0 || H5Pget_userblock(options, &user_block) < 0)
      status = lks_hdf5_failure(file, "open", "/");
  }
  file->user_block = (size_t)user_block;
  lks_hdf5_drop(options);
  lks_hdf5_drop(access);
  return status;
}

/* The common part of creating and opening. */
static lks_status start(lks_hdf5_file **file, const char *path, size_t user_block,
                        bool writing) {
  lks_status status;
  (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  LKS_TRY(lks_allocate(file, 1, sizeof **file));
  (*file)->id = (*file)->transfer = (*file)->quiet = -1;
  (*file)->user_block = user_block;
  LKS_TRY_OR(fail, status, lks_copy_text(&(*file)->path, path));
  LKS_TRY_OR(fail, status, make_lists(*file));
  LKS_TRY_OR(fail, status, lks_hdf5_disk_open(&(*file)->disk, path, writing));
  LKS_TRY_OR(fail, status, writing ? create_file(*file) : open_file(*file));
  LKS_TRY_OR(fail, status, lks_hdf5_check_written(*file, "/"));
  return LKS_OK;
fail:
  (void)lks_hdf5_close(*file);
  *file = NULL;
  return status;
}

lks_status lks_hdf5_create(lks_hdf5_file **file, const char *path, size_t user_block) {
  LKS_TRY(start(file, path, user_block, true));
  return LKS_OK;
}

lks_status lks_hdf5_open(lks_hdf5_file **file, const char *path) {
  LKS_TRY(start(file, path, 0, false));
  return LKS_OK;
}

/* The failure is recorded last: closing the rest must not overwrite it. */
lks_status lks_hdf5_close(lks_hdf5_file *file) {
  lks_status status = LKS_OK;
  int error;
  if (!file)
    return LKS_OK;
  lks_hdf5_drop(file->quiet);
  lks_hdf5_drop(file->transfer);
  if (file->id >= 0 && H5Fclose(file->id) < 0)
    status = lks_hdf5_failure(file, "close", "/");
  error = lks_hdf5_disk_close(file->disk);
  if (error != 0 && file->id >= 0)
    status = LKS_FAIL(LKS_IO,
                      "%s: cannot write the file: %s\n"
                      "  hint: make room on this file system, or choose another folder",
                      file->path, strerror(error));
  lks_io_thread_destroy(file->worker);
  lks_release(file->path);
  lks_release(file);
  return status;
}

/* H5Lexists would fail, not answer, when a group on the way is missing. */
bool lks_hdf5_exists(lks_hdf5_file *file, const char *path) {
  hid_t id = H5Oopen(file->id, *path ? path : "/", H5P_DEFAULT);
  lks_hdf5_drop(id);
  return id >= 0;
}

static lks_status make_group(lks_hdf5_file *file, const char *path) {
  htri_t there = H5Lexists(file->id, path, H5P_DEFAULT);
  hid_t group;
  if (there > 0)
    return LKS_OK;
  group = there < 0 ? -1 : H5Gcreate2(file->id, path, H5P_DEFAULT, file->quiet, H5P_DEFAULT);
  if (group < 0)
    return lks_hdf5_failure(file, "make group", path);
  lks_hdf5_drop(group);
  return LKS_OK;
}

lks_status lks_hdf5_make_groups(lks_hdf5_file *file, const char *path) {
  char *part = NULL;
  lks_status status = LKS_OK;
  LKS_TRY(lks_copy_text(&part, path));
  for (char *slash = strchr(part, '/'); slash && status == LKS_OK;
       slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (slash > part)
      status = make_group(file, part);
    *slash = '/';
  }
  lks_release(part);
  return status;
}

void lks_hdf5_version(char *text, size_t bytes) {
  unsigned major = 0, minor = 0, release = 0;
  (void)H5get_libversion(&major, &minor, &release);
  (void)snprintf(text, bytes, "HDF5 %u.%u.%u", major, minor, release);
}
