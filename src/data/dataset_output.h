/* dataset_output.h - the file behind a dataset's writer: one growing array and one
 * running SHA-256 a split, then the head, then the seal.
 *
 * The file appears under its name when it is whole, and not before. */
#ifndef LOCKSTEP_DATA_DATASET_OUTPUT_H
#define LOCKSTEP_DATA_DATASET_OUTPUT_H

#include "data/dataset_content.h"
#include "io/hdf5_file.h"
#include "io/sealed_file.h"

typedef struct {
  char *path;
  char *temporary; /* NULL when there is no such file any more */
  lks_hdf5_file *file;
  struct {
    lks_hdf5_array *array; /* NULL until the first value */
    lks_digest_stream *digest;
    int64_t count;
  } split[LKS_SPLIT_COUNT];
  lks_hole *holes;
  size_t hole_count;
} lks_dataset_output;

/* Fails with LKS_IO when the folder of the path cannot be written to.  Close in any
 * case; a close without a commit leaves no file. */
lks_status lks_dataset_output_open(lks_dataset_output *output, const char *path);
void lks_dataset_output_close(lks_dataset_output *output);

/* Begins a split whose values are stored as `type`, in chunks of `chunk` elements. */
lks_status lks_dataset_output_start(lks_dataset_output *output, lks_split split, lks_type type,
                                    size_t chunk);

/* Adds values of 32 bits, `type` in memory, at the end of a split that was begun. */
lks_status lks_dataset_output_append(lks_dataset_output *output, lks_split split, lks_type type,
                                     const void *values, int64_t count);

/* Writes the split's SHA-256, and enters it and the count into the content; nothing
 * when the split was not begun. */
lks_status lks_dataset_output_finish(lks_dataset_output *output, lks_split split,
                                     lks_dataset_content *content);

/* Writes the attributes that every dataset has; *digest is that of the content. */
lks_status lks_dataset_output_head(lks_dataset_output *output,
                                   const lks_dataset_content *content, lks_digest *digest);

/* Closes the file, seals it and moves it to its place. */
lks_status lks_dataset_output_commit(lks_dataset_output *output);

#endif
