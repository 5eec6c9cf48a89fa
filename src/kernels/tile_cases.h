/* SPDX-License-Identifier: Apache-2.0 */
/* tile_cases.h - a tile of any height and width, by tile_run with constant ones.
 *
 * Included once by a file that has a type tile_task, with the `columns` of the tile, and
 * LKS_INLINE void tile_run(int rows, int vectors, const tile_task *task). */
#ifndef LOCKSTEP_KERNELS_TILE_CASES_H
#define LOCKSTEP_KERNELS_TILE_CASES_H

LKS_INLINE void run_vectors(int rows, const tile_task *task) {
  switch (tile_vectors(task->columns)) {
  case 1: tile_run(rows, 1, task); break;
  case 2: tile_run(rows, 2, task); break;
  case 3: tile_run(rows, TILE_VECTORS > 3 ? 3 : TILE_VECTORS, task); break;
  default: tile_run(rows, TILE_VECTORS, task); break;
  }
}

static void run(int rows, const tile_task *task) {
  switch (rows) {
  case 1: run_vectors(1, task); break;
  case 2: run_vectors(2, task); break;
  case 3: run_vectors(3, task); break;
  case 4: run_vectors(4, task); break;
  case 5: run_vectors(5, task); break;
  default: run_vectors(6, task); break;
  }
}

#endif
