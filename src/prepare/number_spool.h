/* number_spool.h - rows of 32-bit numbers out of memory: written once, then read once, in
 * the same order.
 *
 * The file lies beside the dataset, and has no name from the start: it is gone when the
 * program ends, however it ends.
 *
 * Life cycle: create -> append … -> rewind -> next … -> destroy. */
#ifndef LOCKSTEP_PREPARE_NUMBER_SPOOL_H
#define LOCKSTEP_PREPARE_NUMBER_SPOOL_H

#include <lockstep/status.h>

#include <stddef.h>
#include <stdint.h>

/* A row: starts as {0}; its numbers are released with lks_release. */
typedef struct {
  int32_t *value;
  size_t count, capacity;
} lks_number_row;

/* Makes it `count` numbers long; what they are is undefined. */
lks_status lks_number_row_resize(lks_number_row *row, size_t count);

typedef struct lks_number_spool lks_number_spool;

/* Fails with LKS_IO when no file can be made beside `out`. */
lks_status lks_number_spool_create(lks_number_spool **spool, const char *out);
void lks_number_spool_destroy(lks_number_spool *spool);

lks_status lks_number_spool_append(lks_number_spool *spool, const lks_number_row *row);

/* All rows are written: reading begins. */
lks_status lks_number_spool_rewind(lks_number_spool *spool);

/* The next row; there must be one. */
lks_status lks_number_spool_next(lks_number_spool *spool, lks_number_row *row);

#endif
