/* SPDX-License-Identifier: Apache-2.0 */
/* carried.h - the states of this rank's rows between batches, and all rows' in one
 * place when they are saved. */
#ifndef LOCKSTEP_TRAIN_CARRIED_H
#define LOCKSTEP_TRAIN_CARRIED_H

#include "comm/comm.h"
#include "task/task.h"

typedef struct {
  int count; /* states: layers x directions */
  int units; /* H */
  int rows;  /* rows of this rank */
  bool has_cell;
  lks_cell_state *states; /* [count] of [rows, H] */
  lks_cell_state *view;   /* [count] the same from some row on, for a group of rows */
} lks_carried;

lks_status lks_carried_create(lks_carried **carried, const lks_task *task, int rows);
void lks_carried_destroy(lks_carried *carried);

/* Sets all states to zero. */
void lks_carried_clear(lks_carried *carried);

/* The states from row `first` on; valid until the next call. */
const lks_cell_state *lks_carried_from(lks_carried *carried, int first);

/* Sets rows that are not finite to zero; returns how many there were. */
int lks_carried_mend(lks_carried *carried);

/* Elements of one of the two arrays [count, batch, H] of all rows. */
size_t lks_carried_elements(const lks_carried *carried, int batch);

/* Rank 0 gets all rows: hidden and cell [count, batch, H].          Collective.
 *
 *   row_cuts  [ranks + 1] first row of each rank */
lks_status lks_carried_gather(const lks_carried *carried, lks_comm *comm, const int *row_cuts,
                              float *hidden, float *cell);

/* Takes this rank's rows, from first_row on, out of such arrays. */
void lks_carried_take(lks_carried *carried, int batch, int first_row, const float *hidden,
                      const float *cell);

#endif
