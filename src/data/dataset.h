/* dataset.h - an open dataset file: what it holds and where its splits are.
 *
 * datasets/format.md is the normative description of the file.  The seal is
 * checked on opening; values are read in slices through the I/O thread, so a
 * dataset may be larger than memory. */
#ifndef LOCKSTEP_DATA_DATASET_H
#define LOCKSTEP_DATA_DATASET_H

#include "base/digest.h"
#include "io/io_thread.h"
#include "text/vocabulary.h"

#include <stdint.h>

typedef enum { LKS_SPLIT_TRAIN, LKS_SPLIT_VALID, LKS_SPLIT_TEST, LKS_SPLIT_COUNT } lks_split;

typedef struct lks_dataset lks_dataset;

/* Opens `path` through `io` (borrowed; outlives the dataset).  Fails with LKS_DATA when
 * the file is not there, is not a dataset that this program reads, or is damaged. */
lks_status lks_dataset_open(lks_dataset **dataset, const char *path, lks_io_thread *io);
void lks_dataset_close(lks_dataset *dataset);

const char *lks_dataset_path(const lks_dataset *dataset);
const char *lks_dataset_task(const lks_dataset *dataset);         /* "text" or "series" */
const char *lks_dataset_unit(const lks_dataset *dataset);         /* "word", "character", or the
                                                                     step: "1 hour" */
const lks_digest *lks_dataset_digest(const lks_dataset *dataset); /* the content digest */

/* Elements of a split's values, rows of all series together when they are series; 0 when
 * the file has no such split. */
int64_t lks_dataset_count(const lks_dataset *dataset, lks_split split);

/* Elements of a chunk: what samples are shuffled by (order.h). */
int64_t lks_dataset_block(const lks_dataset *dataset);

/* NULL when the task is not `text`; series.h tells about the other one. */
const lks_vocabulary *lks_dataset_vocabulary(const lks_dataset *dataset);
const char *lks_split_text(lks_split split);

/* Fails with LKS_USAGE when there is no split of that name. */
lks_status lks_split_find(const char *name, lks_split *split);

/* Values first .. first+count-1 of a split of a text.  Only from a job of the I/O thread. Fails
 * with LKS_DATA when a chunk is damaged or a value is not a symbol's number. */
lks_status lks_dataset_read(lks_dataset *dataset, lks_split split, int64_t first, int64_t count,
                            int32_t *values);

/* Reads every value and compares each split with its SHA-256, which the content digest
 * covers.  Not from a job of the I/O thread.  Fails with LKS_DATA naming the split. */
lks_status lks_dataset_verify(lks_dataset *dataset);

#endif
