/* log.h - what the program says while it works.
 *
 * Lines go to standard error (and to a file once one is set).  Only the first
 * rank speaks; another one may when it fails. */
#ifndef LOCKSTEP_BASE_LOG_H
#define LOCKSTEP_BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

typedef enum { LKS_LOG_ERROR, LKS_LOG_WARNING, LKS_LOG_INFO, LKS_LOG_DETAIL } lks_log_level;

/* Lines above `level` are dropped.  `rank` and `size` decide who speaks: rank 0
 * everything, the others nothing below an error, which carries "[rank 3]". */
void lks_log_configure(lks_log_level level, int rank, int size);

/* Also writes lines to `file` (borrowed; NULL ends it), at least down to LKS_LOG_INFO
 * whatever the level is: a quiet run keeps its log. */
void lks_log_to(FILE *file);

/* One line, without newline at its end. */
void lks_log(lks_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints "lockstep: error: MESSAGE" of the calling thread's failure, with the
 * trail when the level is LKS_LOG_DETAIL. */
void lks_log_failure(void);

#endif
