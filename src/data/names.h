/* names.h - lists of names in a dataset file: their bytes one after another, and offsets. */
#ifndef LOCKSTEP_DATA_NAMES_H
#define LOCKSTEP_DATA_NAMES_H

#include "io/hdf5_file.h"
#include "text/vocabulary.h"

/* Writes GROUP/bytes and GROUP/offsets; name(context, i) is name i. */
lks_status lks_names_write(lks_hdf5_file *file, const char *group, size_t count,
                           const char *(*name)(const void *context, size_t i),
                           const void *context);

/* A vocabulary's symbols as such names, in order; reading fails with LKS_DATA for symbols
 * that no vocabulary has. */
lks_status lks_names_write_vocabulary(lks_hdf5_file *file, const char *group,
                                      const lks_vocabulary *vocabulary);
lks_status lks_names_read_vocabulary(lks_hdf5_file *file, const char *path, const char *group,
                                     lks_vocabulary **vocabulary);

/* Reads both: (*names)[*count] point into *text; release the two.  `path` names the file
 * in messages.  Fails with LKS_DATA when the offsets lead out of bounds, or a name has a
 * zero byte. */
lks_status lks_names_read(lks_hdf5_file *file, const char *path, const char *group,
                          char ***names, char **text, size_t *count);

/* Reads an array of one axis as a whole; *data, the address of a pointer, is released by
 * the caller. */
lks_status lks_read_whole(lks_hdf5_file *file, const char *path, const char *name,
                          lks_type type, void *data, size_t *count);

#endif
