/* dataset_handle.h - what dataset.c and dataset_open.c share; nobody else includes it. */
#ifndef LOCKSTEP_DATA_DATASET_HANDLE_H
#define LOCKSTEP_DATA_DATASET_HANDLE_H

#include "data/dataset_content.h"
#include "io/hdf5_file.h"

struct lks_dataset {
  char *path;
  lks_io_thread *io; /* borrowed; outlives this */
  lks_hdf5_file *file;
  char *task;
  char *unit;
  lks_vocabulary *vocabulary;
  lks_hdf5_array *values[LKS_SPLIT_COUNT]; /* NULL: no such split */
  lks_dataset_content content;
  lks_digest digest;
};

/* Opens and reads what is not a value; closes.  Jobs of the I/O thread, whose context is
 * the dataset. */
lks_status lks_dataset_open_job(void *context);
lks_status lks_dataset_close_job(void *context);

#endif
