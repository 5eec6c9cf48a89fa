/* SPDX-License-Identifier: Apache-2.0 */
/* unnamed_file.c - made under a name of its own, which is taken off at once. */
#include "prepare/unnamed_file.h"

#include "base/fail.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

lks_status lks_unnamed_file(const char *out, char **path, int *descriptor) {
  lks_text name = {0};
  *path = NULL;
  *descriptor = -1;
  LKS_TRY(lks_text_print(&name, "%s.spool-XXXXXX", out));
  *path = name.data;
  *descriptor = mkstemp(*path);
  if (*descriptor < 0)
    return LKS_FAIL(LKS_IO, "%s: cannot make a temporary file: %s", *path, strerror(errno));
  if (unlink(*path) == 0)
    return LKS_OK;
  int reason = errno;
  (void)close(*descriptor);
  *descriptor = -1;
  return LKS_FAIL(LKS_IO, "%s: cannot take the name off the temporary file: %s", *path,
                  strerror(reason));
}
