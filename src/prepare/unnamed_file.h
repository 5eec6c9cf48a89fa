/* unnamed_file.h - a file for what does not fit into memory. */
#ifndef LOCKSTEP_PREPARE_UNNAMED_FILE_H
#define LOCKSTEP_PREPARE_UNNAMED_FILE_H

#include <lockstep/status.h>

/* Opens a new file beside `out` for reading and writing, which has no name any more: it is
 * gone when the program ends, however it ends.  *path is the name that it had, for
 * messages; the caller releases it, on failure too.  Fails with LKS_IO. */
lks_status lks_unnamed_file(const char *out, char **path, int *descriptor);

#endif
