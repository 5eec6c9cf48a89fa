/* table_spool.h - the rows of many series, out of memory, and read back series by series.
 *
 * Rows may come in any order of series: those of a series are gathered, and written as a
 * block when they are many, or when the buffers of all series together have become too
 * large.  The file lies beside the dataset, and has no name from the start: it is gone
 * when the program ends, however it ends.
 *
 * Life cycle: create -> append ... -> finish -> (begin -> next ...) ... -> destroy. */
#ifndef LOCKSTEP_PREPARE_TABLE_SPOOL_H
#define LOCKSTEP_PREPARE_TABLE_SPOOL_H

#include <lockstep/status.h>

#include <stddef.h>
#include <stdint.h>

typedef struct {
  int64_t time;
  int64_t line;  /* of the input */
  double *value; /* [width]; belongs to the spool until its next call */
} lks_spool_row;

typedef struct lks_table_spool lks_table_spool;

/* For rows of `width` values, beside the file `out`; `memory` bytes are the most that
 * buffers may take.  Fails with LKS_IO when no file can be made there. */
lks_status lks_spool_create(lks_table_spool **spool, const char *out, int width, size_t memory);
void lks_spool_destroy(lks_table_spool *spool);

/* Adds a row (value [width] is copied) at the end of a series; numbers of series start at
 * 0, and a new one is at most one above all so far. */
lks_status lks_spool_append(lks_table_spool *spool, int64_t series, const lks_spool_row *row);

/* Writes what is still gathered, and lets go of the buffers. */
lks_status lks_spool_finish(lks_table_spool *spool);

/* Goes to the first row of a series; then *row is the next one, or NULL at its end. */
void lks_spool_begin(lks_table_spool *spool, int64_t series);
lks_status lks_spool_next(lks_table_spool *spool, const lks_spool_row **row);

#endif
