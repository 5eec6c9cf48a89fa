/* dialect.h - how the CSV that a table was made from is written, kept with the table: new
 * rows for a model come from the same hand.
 *
 * It says nothing about the content, and is no part of its digest. */
#ifndef LOCKSTEP_DATA_DIALECT_H
#define LOCKSTEP_DATA_DIALECT_H

#include "io/hdf5_file.h"
#include "text/time_text.h"

typedef struct {
  bool is_known;               /* else there was no CSV, and nothing below is set */
  bool has_header;             /* else columns are called 1, 2, ... */
  char separator;              /* of columns; '\0': to be found in each file */
  char point;                  /* of decimals: '.' or ',' */
  char *missing;               /* a list, see number_text.h */
  lks_time_format time_format; /* of the time column, when there is one */
} lks_dialect;

/* Writes a dialect that is known; of one that is not, nothing. */
lks_status lks_dialect_write(lks_hdf5_file *file, const lks_dialect *dialect, bool has_times);

/* Reads it back from the dataset at `path`; unknown when there is none.  Owns `missing`:
 * release it, also on failure.  Fails with LKS_DATA for what lks_dialect_write does not
 * write. */
lks_status lks_dialect_read(lks_hdf5_file *file, const char *path, bool has_times,
                            lks_dialect *dialect);
void lks_dialect_release(lks_dialect *dialect);

#endif
