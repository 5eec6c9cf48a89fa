/* rows.h - whose rows are whose in a global batch.
 *
 * Shards are cut into one range a rank (tensor/shards.h); ranks beyond the number of
 * shards have none. */
#ifndef LOCKSTEP_DATA_ROWS_H
#define LOCKSTEP_DATA_ROWS_H

#include "tensor/shards.h"

typedef struct {
  lks_shards shards; /* of the global batch, every row present */
  int *cuts;         /* [ranks + 1] */
  int first;         /* this rank's rows: first .. first + count - 1 */
  int count;
} lks_rows;

lks_status lks_rows_create(lks_rows *rows, int global_rows, int shards, int rank, int ranks);
void lks_rows_release(lks_rows *rows);

#endif
