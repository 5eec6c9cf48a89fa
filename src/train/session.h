/* SPDX-License-Identifier: Apache-2.0 */
/* session.h - what training, evaluation and generation all stand on: an open
 * dataset, a task with its parameters, kernels and threads. */
#ifndef LOCKSTEP_TRAIN_SESSION_H
#define LOCKSTEP_TRAIN_SESSION_H

#include "checkpoint/checkpoint.h"
#include "train/run_config.h"

typedef struct {
  lks_config *config; /* owned */
  lks_io_thread *io;
  bool owns_io;
  lks_dataset *dataset;
  lks_task *task;
  float *values; /* the parameters' buffer */
  const lks_kernels *kernels;
  int threads;
  lks_field_room room[LKS_BATCH_FIELDS_MAX]; /* of sequences: what calls will have */
} lks_session;

/* Opens the dataset that `config` names and makes the task; takes the configuration
 * (also when it fails). */
lks_status lks_session_open(lks_session **session, lks_config *config);

/* The same with an I/O thread that several sessions share: borrowed, outlives them. */
lks_status lks_session_open_with(lks_session **session, lks_config *config, lks_io_thread *io);
void lks_session_close(lks_session *session);

/* Allocates the task for calls of at most `rows` x `steps`. */
lks_status lks_session_allocate(lks_session *session, int rows, int steps, int items,
                                int shards, bool training);

/* Shards of a training batch, by what the dataset holds. */
lks_status lks_session_shards(const lks_session *session, int *shards);

/* Makes room for calls with so much of each field, before lks_session_allocate. */
void lks_session_widen(lks_session *session, const lks_field_room room[LKS_BATCH_FIELDS_MAX]);

/* Whether a run scores a validation split. */
bool lks_session_validates(const lks_session *session);

/* The checkpoint that `path` means: the file itself, or a run folder's best, else its
 * newest.  lks_release *checkpoint. */
lks_status lks_session_find_checkpoint(const char *path, char **checkpoint);

/* Fails with LKS_DATA when the checkpoint at `path` is of another dataset. */
lks_status lks_session_check_dataset(const lks_session *session, const char *path);

/* Opens a trained model with the configuration that its checkpoint holds, changed by
 * `sets`, and loads its parameters.  `io` as in lks_session_open_with; NULL: its own.  Fails
 * with LKS_DATA when the dataset is not the one that it was trained on. */
lks_status lks_session_open_trained(lks_session **session, const char *path,
                                    const char *const *sets, size_t set_count,
                                    lks_io_thread *io);

/* Loads the parameters of a checkpoint, or their average where there is one, all else left
 * alone. */
lks_status lks_session_load_parameters(lks_session *session, const char *checkpoint);

/* A value of a checkpoint file, as lks_checkpoint_read_value, read by the session's I/O
 * thread. */
lks_status lks_session_read_value(const lks_session *session, const char *checkpoint,
                                  lks_named_value *value);

/* Appends the parameters as named tensors "parameters/NAME"; room for params_count.
 * Release the list in any case, also when this fails. */
lks_status lks_session_list_parameters(lks_session *session, float *values, const char *group,
                                       lks_named_tensor *tensors);
void lks_session_release_list(lks_named_tensor *tensors, size_t count);

/* The digest of the session's parameters, which names the model. */
lks_status lks_session_digest(lks_session *session, char hex[LKS_DIGEST_HEX]);

#endif
