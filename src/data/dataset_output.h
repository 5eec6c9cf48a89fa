/* dataset_output.h - the file behind a dataset's writer: growing arrays in every split, each
 * with a running SHA-256, then the head, then the seal.
 *
 * The file appears under its name when it is whole, and not before. */
#ifndef LOCKSTEP_DATA_DATASET_OUTPUT_H
#define LOCKSTEP_DATA_DATASET_OUTPUT_H

#include "data/dataset_content.h"
#include "io/hdf5_file.h"
#include "io/sealed_file.h"

enum { LKS_DATASET_ARRAYS = 2 * LKS_BATCH_FIELDS_MAX }; /* of a split, at most */

typedef struct {
  lks_hdf5_array *array; /* NULL until it is begun */
  lks_digest_stream *digest;
  int64_t count;
} lks_dataset_array;

typedef struct {
  char *path;
  char *temporary; /* NULL when there is no such file any more */
  lks_hdf5_file *file;
  lks_dataset_array split[LKS_SPLIT_COUNT][LKS_DATASET_ARRAYS];
  lks_hole *holes;
  size_t hole_count;
} lks_dataset_output;

/* Fails with LKS_IO when the folder of the path cannot be written to.  Close in any
 * case; a close without a commit leaves no file. */
lks_status lks_dataset_output_open(lks_dataset_output *output, const char *path);
void lks_dataset_output_close(lks_dataset_output *output);

/* Begins array number `array` of a split, stored as `type` under SPLIT/NAME in chunks of
 * `chunk` elements. */
lks_status lks_dataset_output_start(lks_dataset_output *output, lks_split split, int array,
                                    const char *name, lks_type type, size_t chunk);

/* Adds values of 32 bits, `type` in memory, at the end of an array that was begun. */
lks_status lks_dataset_output_append(lks_dataset_output *output, lks_split split, int array,
                                     lks_type type, const void *values, int64_t count);

/* Writes the SHA-256 of an array as attribute `attribute` of `object`, and gives it to
 * `hex`; nothing when the array was not begun. */
lks_status lks_dataset_output_seal_array(lks_dataset_output *output,
                                         const lks_dataset_array *array, const char *object,
                                         const char *attribute, char hex[LKS_DIGEST_HEX]);

/* The same of a split that has one array, whose count enters the content as well. */
lks_status lks_dataset_output_finish(lks_dataset_output *output, lks_split split,
                                     lks_dataset_content *content);

/* Writes the attributes that every dataset has; *digest is that of the content. */
lks_status lks_dataset_output_head(lks_dataset_output *output,
                                   const lks_dataset_content *content, lks_digest *digest);

/* Closes the file, seals it and moves it to its place. */
lks_status lks_dataset_output_commit(lks_dataset_output *output);

#endif
