/* SPDX-License-Identifier: Apache-2.0 */
/* rows.c - lks_shards_cut, for any number of ranks. */
#include "data/rows.h"

#include "base/fail.h"
#include "base/memory.h"

lks_status lks_rows_create(lks_rows *rows, int global_rows, int shards, int rank, int ranks) {
  *rows = (lks_rows){.shards = {.shards = shards, .rows = global_rows, .present = global_rows}};
  LKS_TRY(lks_allocate(&rows->cuts, (size_t)ranks + 1, sizeof *rows->cuts));
  int owners = ranks < shards ? ranks : shards;
  lks_status status = lks_shards_cut(&rows->shards, owners, rows->cuts);
  if (status != LKS_OK) {
    lks_rows_release(rows);
    return status;
  }
  for (int r = owners; r <= ranks; r++)
    rows->cuts[r] = shards;
  rows->first = lks_shards_row(&rows->shards, rows->cuts[rank]);
  rows->count = lks_shards_row(&rows->shards, rows->cuts[rank + 1]) - rows->first;
  return LKS_OK;
}

void lks_rows_release(lks_rows *rows) {
  lks_release(rows->cuts);
  rows->cuts = NULL;
}
