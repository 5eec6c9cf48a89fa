/* SPDX-License-Identifier: Apache-2.0 */
/* log.c - lines to standard error and to the run's log.
 *
 * A line is put together first and written in one call, so that lines of the
 * threads and ranks that share a terminal stay whole. */
#include "base/log.h"

#include "base/fail.h"

#include <stdarg.h>
#include <string.h>

enum { LINE_BYTES = 4096 };

static struct {
  lks_log_level level;
  int rank;
  int size;
  FILE *file; /* borrowed; NULL: standard error only */
} settings = {LKS_LOG_INFO, 0, 1, NULL};

void lks_log_configure(lks_log_level level, int rank, int size) {
  settings.level = level;
  settings.rank = rank;
  settings.size = size;
}

void lks_log_to(FILE *file) {
  settings.file = file;
}

/* "lockstep: error: [rank 3] " of several ranks; information has no prefix. */
static size_t write_prefix(lks_log_level level, char *line, size_t bytes) {
  line[0] = '\0';
  if (level == LKS_LOG_WARNING)
    (void)snprintf(line, bytes, "lockstep: warning: ");
  if (level == LKS_LOG_ERROR && settings.size > 1)
    (void)snprintf(line, bytes, "lockstep: error: [rank %d] ", settings.rank);
  else if (level == LKS_LOG_ERROR)
    (void)snprintf(line, bytes, "lockstep: error: ");
  return strlen(line);
}

void lks_log(lks_log_level level, const char *format, ...) {
  bool shows = level <= settings.level,
       keeps = settings.file && (shows || level <= LKS_LOG_INFO);
  if ((!shows && !keeps) || (settings.rank != 0 && level > LKS_LOG_ERROR))
    return;
  char line[LINE_BYTES];
  size_t used = write_prefix(level, line, sizeof line);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(line + used, sizeof line - used - 1, format, arguments);
  va_end(arguments);
  used = strlen(line);
  line[used] = '\n';
  line[used + 1] = '\0';
  if (shows)
    (void)fputs(line, stderr);
  if (keeps) {
    (void)fputs(line, settings.file);
    (void)fflush(settings.file);
  }
}

void lks_log_failure(void) {
  if (settings.level < LKS_LOG_DETAIL)
    lks_log(LKS_LOG_ERROR, "%s", lks_error_message());
  else
    lks_log(LKS_LOG_ERROR, "%s\n%s", lks_error_message(), lks_error_trail());
}
