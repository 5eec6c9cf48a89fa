/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint_digest.c - one digest for a state, in memory or in a file.
 *
 * It depends on names, types, shapes and elements only, not on how HDF5 lays a file
 * out: two runs have the same state when they have the same digest.  Blocks are
 * leaves of a tree so that one of them can be proved, or hashed, by itself. */
#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 20 };

/* The leaves so far. */
typedef struct {
  lks_digest *leaf;
  size_t count;
  size_t room;
  lks_hdf5_file *file; /* borrowed; NULL for tensors in memory */
} leaves;

static lks_status make_room(leaves *to) {
  size_t room = 2 * to->room + 64;
  if (to->count < to->room)
    return LKS_OK;
  LKS_TRY(lks_reallocate(&to->leaf, to->room, room, sizeof *to->leaf));
  to->room = room;
  return LKS_OK;
}

/* leaf = SHA-256(0x00, header, block) */
static lks_status add_leaf(leaves *to, const char *header, const void *block, size_t bytes) {
  const unsigned char zero = 0;
  lks_digest_stream *stream = NULL;
  lks_status status;
  LKS_TRY_OR(cleanup, status, make_room(to));
  LKS_TRY_OR(cleanup, status, lks_digest_stream_create(&stream));
  LKS_TRY_OR(cleanup, status, lks_digest_stream_add(stream, &zero, 1));
  LKS_TRY_OR(cleanup, status, lks_digest_stream_add(stream, header, strlen(header)));
  LKS_TRY_OR(cleanup, status, lks_digest_stream_add(stream, block, bytes));
  LKS_TRY_OR(cleanup, status, lks_digest_stream_finish(stream, &to->leaf[to->count]));
  to->count++;
cleanup:
  lks_digest_stream_destroy(stream);
  return status;
}

/* One leaf a block, all with the same header; at least one. */
static lks_status add_tensor(leaves *to, const char *name, lks_type type,
                             const lks_shape *shape, const void *data) {
  size_t bytes = lks_shape_count(shape) * lks_type_bytes(type);
  lks_text header = {0};
  char shape_text[96];
  lks_status status;
  lks_shape_describe(shape, shape_text, sizeof shape_text);
  status = lks_text_print(&header, "%s %s %s\n", name, lks_type_text(type), shape_text);
  for (size_t first = 0; status == LKS_OK && (first < bytes || first == 0);
       first += BLOCK_BYTES) {
    size_t rest = bytes - first;
    status = add_leaf(to, header.data, (const char *)data + first,
                      rest < BLOCK_BYTES ? rest : BLOCK_BYTES);
  }
  lks_text_release(&header);
  return status;
}

static int compare_names(const void *a, const void *b) {
  const lks_named_tensor *const *first = a, *const *second = b;
  return strcmp((*first)->name, (*second)->name);
}

/* The list is not touched: pointers to its entries are sorted. */
lks_status lks_checkpoint_digest(const lks_named_tensor *tensors, size_t count,
                                 lks_digest *digest) {
  const lks_named_tensor **order = NULL;
  leaves all = {.leaf = NULL};
  lks_status status;
  LKS_TRY_OR(cleanup, status, lks_allocate(&order, count, sizeof *order));
  for (size_t i = 0; i < count; i++)
    order[i] = &tensors[i];
  qsort(order, count, sizeof *order, compare_names);
  for (size_t i = 0; i < count; i++)
    LKS_TRY_OR(
        cleanup, status,
        add_tensor(&all, order[i]->name, order[i]->type, &order[i]->shape, order[i]->data));
  LKS_TRY_OR(cleanup, status, lks_digest_tree(all.leaf, all.count, digest));
cleanup:
  lks_release(all.leaf);
  lks_release(order);
  return status;
}

/* ---- of a file ---- */

/* Called in name order; one tensor at a time is in memory. */
static lks_status add_stored_tensor(void *context, const char *path, lks_type type,
                                    const lks_shape *shape) {
  leaves *to = context;
  void *data;
  lks_status status;
  LKS_TRY(lks_allocate(&data, lks_shape_count(shape), lks_type_bytes(type)));
  LKS_TRY_OR(cleanup, status, lks_hdf5_read(to->file, path, type, shape, data));
  LKS_TRY_OR(cleanup, status, add_tensor(to, path, type, shape, data));
cleanup:
  lks_release(data);
  return status;
}

/* A value is small: one leaf. */
static lks_status add_value(void *context, const lks_named_value *value) {
  const void *data = &value->integer;
  const char *type = "i64";
  lks_text header = {0};
  if (value->kind == LKS_VALUE_TEXT)
    return LKS_OK;
  if (value->kind == LKS_VALUE_REAL) {
    data = &value->real;
    type = "f64";
  }
  lks_status status =
      lks_text_print(&header, LKS_LAYOUT_VALUES "/%s %s []\n", value->name, type);
  if (status == LKS_OK)
    status = add_leaf(context, header.data, data, sizeof value->integer);
  lks_text_release(&header);
  return status;
}

lks_status lks_checkpoint_file_digest(const char *path, bool full, lks_digest *digest) {
  leaves all = {.leaf = NULL};
  lks_status status;
  const char *group = full ? "" : LKS_LAYOUT_PARAMETERS;
  LKS_TRY_OR(cleanup, status, lks_layout_open(&all.file, path));
  if (lks_hdf5_exists(all.file, group))
    LKS_TRY_OR(cleanup, status, lks_hdf5_visit(all.file, group, add_stored_tensor, &all));
  if (full)
    LKS_TRY_OR(cleanup, status, lks_layout_visit_values(all.file, add_value, &all));
  LKS_TRY_OR(cleanup, status, lks_digest_tree(all.leaf, all.count, digest));
cleanup:
  (void)lks_hdf5_close(all.file);
  lks_release(all.leaf);
  return status;
}
