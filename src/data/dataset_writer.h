/* dataset_writer.h - makes a dataset file, value by value.
 *
 * The file appears under its name when it is whole, and not before.  Memory does not
 * depend on how much is written.  The writer calls HDF5 itself: use it where no I/O
 * thread runs, or in a job of it.
 *
 * Life cycle: create -> append … -> describe -> commit -> destroy; destroy without a
 * commit leaves no file. */
#ifndef LOCKSTEP_DATA_DATASET_WRITER_H
#define LOCKSTEP_DATA_DATASET_WRITER_H

#include "data/dataset.h"

typedef struct {
  const char *path;
  const char *unit;                 /* "word" or "character" */
  const lks_vocabulary *vocabulary; /* borrowed; outlives the writer */
  size_t chunk;                     /* elements; 0: the default */
} lks_dataset_setup;

typedef struct lks_dataset_writer lks_dataset_writer;

/* Fails with LKS_IO when the folder of the path cannot be written to. */
lks_status lks_dataset_writer_create(lks_dataset_writer **writer,
                                     const lks_dataset_setup *setup);
void lks_dataset_writer_destroy(lks_dataset_writer *writer);

/* Adds a value, a number of the vocabulary, at the end of a split. */
lks_status lks_dataset_writer_append(lks_dataset_writer *writer, lks_split split,
                                     int32_t value);

int64_t lks_dataset_writer_count(const lks_dataset_writer *writer, lks_split split);

/* What is good to know about a split, and about the whole; not part of the content digest.
 *
 *   text_bytes  of the text it was made from
 *   unknown     values that are <unk>
 *   sources     lines of SHA-256, two spaces and a file's name, as sha256sum writes them */
lks_status lks_dataset_writer_describe_split(lks_dataset_writer *writer, lks_split split,
                                             int64_t text_bytes, int64_t unknown);
lks_status lks_dataset_writer_describe(lks_dataset_writer *writer, const char *sources);

/* Finishes the file; *digest is its content digest. */
lks_status lks_dataset_writer_commit(lks_dataset_writer *writer, lks_digest *digest);

#endif
