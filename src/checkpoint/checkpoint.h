/* checkpoint.h - a training state on disk: named tensors and key/value pairs.
 *
 * A checkpoint knows no model: it saves a list.  It holds nothing that depends on
 * the number of ranks or threads.  layout.h has the file format and is what
 * datasets/format.md describes; everything opens in h5py. */
#ifndef LOCKSTEP_CHECKPOINT_CHECKPOINT_H
#define LOCKSTEP_CHECKPOINT_CHECKPOINT_H

#include "base/digest.h"
#include "io/hdf5_file.h"

/* A named tensor in memory.  Names have a group: "parameters/lstm.weight_ih_l0",
 * "optimizer/velocity.lstm.weight_ih_l0", "state/hidden". */
typedef struct {
  const char *name; /* borrowed */
  lks_type type;
  lks_shape shape;
  void *data; /* borrowed; written by load */
} lks_named_tensor;

/* A value of the state: integers, reals (exact) and texts. */
typedef struct {
  const char *name; /* borrowed */
  enum { LKS_VALUE_INTEGER, LKS_VALUE_REAL, LKS_VALUE_TEXT } kind;
  int64_t integer;
  double real;
  char *text; /* written: borrowed; loaded: the caller lks_releases it */
} lks_named_value;

/* What is saved, or where it is loaded to; the arrays are borrowed. */
typedef struct {
  lks_named_tensor *tensors;
  size_t tensor_count;
  lks_named_value *values;
  size_t value_count;
} lks_checkpoint;

/* Writes all of it to `path`, safely (sealed_file.h): on failure an older file at
 * `path` is as it was.  Fails with LKS_IO (disk full, folder not writable) or LKS_USAGE
 * (a tensor's name is not "group/name", or the group is "values"). */
lks_status lks_checkpoint_save(const char *path, const lks_checkpoint *checkpoint);

/* Reads into the tensors and values that `checkpoint` lists.  Fails with LKS_DATA
 * when the file is damaged, and with LKS_SHAPE naming tensor, expected and found
 * when the file has another shape, lacks one or has one too many (in the groups
 * that the list names), or LKS_DATA when a value is missing or of another kind.  Names,
 * types and shapes are all checked before a tensor is written to. */
lks_status lks_checkpoint_load(const char *path, const lks_checkpoint *checkpoint);

/* Only checks the seal; reads the whole file. */
lks_status lks_checkpoint_check(const char *path);

/* One value of value->name and value->kind; LKS_DATA when it is not there or is of
 * another kind. */
lks_status lks_checkpoint_read_value(const char *path, lks_named_value *value);

/* Calls visit for every tensor, then every value, in name order; what they are given is
 * borrowed for the call.  A failure of theirs ends it and is returned. */
lks_status lks_checkpoint_visit(const char *path,
                                lks_status (*tensor)(void *context, const char *name,
                                                     lks_type type, const lks_shape *shape),
                                lks_status (*value)(void *context,
                                                    const lks_named_value *value),
                                void *context);

/* Digest of tensors in memory, in name order (bytes compared), without padding: leaves
 * are SHA-256(0x00, header, block) over blocks of 1 MB (2^20 bytes) of each tensor, the
 * header being name, type and shape as text, "parameters/bias f32 [800]\n"; the root is
 * lks_digest_tree.  A tensor without elements has one leaf, with an empty block. */
lks_status lks_checkpoint_digest(const lks_named_tensor *tensors, size_t count,
                                 lks_digest *digest);

/* The same of a file: its "parameters" group, or with `full` every tensor and, behind
 * them in name order, every number as a leaf of its own: "values/step i64 []\n" or
 * "values/loss f64 []\n" and 8 bytes.  Texts say where a state came from (paths, threads)
 * and are no part of it. */
lks_status lks_checkpoint_file_digest(const char *path, bool full, lks_digest *digest);

/* ---- a folder of checkpoints: step-000000000042.h5, and best.h5 ---- */

/* Path of the one for `step` in `folder`; lks_release it. */
lks_status lks_checkpoint_path(const char *folder, int64_t step, char **path);

/* Deletes all but the newest `keep` >= 1 of those up to `step`, the one that was saved last
 * (best.h5 and step 0 stay; a later one was passed over as damaged when the run was
 * resumed), and the unfinished files of processes that were killed while they saved: one
 * process saves to a folder. */
lks_status lks_checkpoint_prune(const char *folder, int keep, int64_t step);

/* The newest good one: a damaged one is named in a warning and passed over.
 * Fails with LKS_DATA when none is good.  *path: lks_release it. */
lks_status lks_checkpoint_newest(const char *folder, char **path);

#endif
