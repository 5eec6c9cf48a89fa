/* dataset_handle.h - what the files that open and read a dataset share; nobody else
 * includes it. */
#ifndef LOCKSTEP_DATA_DATASET_HANDLE_H
#define LOCKSTEP_DATA_DATASET_HANDLE_H

#include "data/blocks.h"
#include "data/dataset_content.h"
#include "io/hdf5_file.h"

/* What only a dataset of task `series` has. */
typedef struct {
  lks_series_table table;
  char **column_names, **series_names; /* table.column and table.series point there */
  char *column_text, *static_text, *series_text;
  lks_series_fit *fits;              /* [series, columns] */
  float *statics;                    /* [series, static_count] */
  int64_t *offsets[LKS_SPLIT_COUNT]; /* [series + 1] values; NULL: no such split */
  lks_blocks *blocks;
} lks_series_store;

/* What only a dataset of task `sequences` has. */
typedef struct {
  lks_sequence_table table;
  lks_hdf5_array *values[LKS_BATCH_FIELDS_MAX][LKS_SPLIT_COUNT];
  lks_blocks *blocks[LKS_BATCH_FIELDS_MAX];
} lks_sequence_store;

struct lks_dataset {
  char *path;
  lks_io_thread *io; /* borrowed; outlives this */
  lks_hdf5_file *file;
  char *task;
  char *unit;
  lks_vocabulary *vocabulary; /* one of the three is there */
  lks_series_store *series;
  lks_sequence_store *sequences;
  lks_hdf5_array *values[LKS_SPLIT_COUNT]; /* NULL: no such split */
  lks_dataset_content content;
  lks_digest digest;
};

/* Opens and reads what is not a value; closes.  Jobs of the I/O thread, whose context is
 * the dataset. */
lks_status lks_dataset_open_job(void *context);
lks_status lks_dataset_close_job(void *context);

/* Parts of opening, one for each task. */
lks_status lks_dataset_open_text(lks_dataset *dataset);
lks_status lks_dataset_open_series(lks_dataset *dataset);
void lks_dataset_release_series(lks_dataset *dataset);
lks_status lks_dataset_open_sequences(lks_dataset *dataset);
void lks_dataset_close_sequences(lks_dataset *dataset);
void lks_dataset_release_sequences(lks_dataset *dataset);

/* Reads every symbol and compares each field of each split with its SHA-256.  A job of the
 * I/O thread. */
lks_status lks_dataset_verify_sequences(lks_dataset *dataset);

/* A text attribute of the root that has to be one of two; *value is released by the
 * caller, also on failure. */
lks_status lks_dataset_read_choice(lks_dataset *dataset, const char *name, const char *one,
                                   const char *other, char **value);

/* Opens the values of a split that is there and reads their SHA-256.  `types` has a bit
 * for each type that is good, `types_text` names them. */
lks_status lks_dataset_open_values(lks_dataset *dataset, lks_split split, unsigned types,
                                   const char *types_text);

#endif
