/* SPDX-License-Identifier: Apache-2.0 */
/* carried.c - states lie state by state, each [rows, H]. */
#include "train/carried.h"

#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

lks_status lks_carried_create(lks_carried **carried, const lks_task *task, int rows) {
  lks_status status;
  lks_carried *c;
  *carried = NULL;
  LKS_TRY(lks_allocate(&c, 1, sizeof *c));
  c->units = task->state_units;
  c->rows = rows;
  c->has_cell = task->state_has_cell;
  size_t elements = (size_t)rows * (size_t)task->state_units;
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&c->states, (size_t)task->state_count, sizeof *c->states));
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&c->view, (size_t)task->state_count, sizeof *c->view));
  for (; c->count < task->state_count; c->count++) {
    lks_cell_state *state = &c->states[c->count];
    LKS_TRY_OR(cleanup, status, lks_allocate(&state->hidden, elements, sizeof(float)));
    if (c->has_cell)
      LKS_TRY_OR(cleanup, status, lks_allocate(&state->cell, elements, sizeof(float)));
  }
  *carried = c;
  return LKS_OK;
cleanup:
  lks_carried_destroy(c);
  return status;
}

void lks_carried_destroy(lks_carried *c) {
  if (!c)
    return;
  for (int i = 0; i < c->count; i++) {
    lks_release(c->states[i].cell);
    lks_release(c->states[i].hidden);
  }
  lks_release(c->view);
  lks_release(c->states);
  lks_release(c);
}

void lks_carried_clear(lks_carried *c) {
  size_t bytes = (size_t)c->rows * (size_t)c->units * sizeof(float);
  for (int i = 0; i < c->count; i++) {
    memset(c->states[i].hidden, 0, bytes);
    if (c->has_cell)
      memset(c->states[i].cell, 0, bytes);
  }
}

const lks_cell_state *lks_carried_from(lks_carried *c, int first) {
  size_t offset = (size_t)first * (size_t)c->units;
  for (int i = 0; i < c->count; i++) {
    c->view[i].hidden = c->states[i].hidden + offset;
    c->view[i].cell = c->has_cell ? c->states[i].cell + offset : NULL;
  }
  return c->view;
}

static bool is_finite_row(const float *row, int units) {
  for (int u = 0; row && u < units; u++)
    if (!isfinite(row[u]))
      return false;
  return true;
}

int lks_carried_mend(lks_carried *c) {
  int mended = 0;
  for (int row = 0; row < c->rows; row++) {
    const lks_cell_state *at = lks_carried_from(c, row);
    bool is_finite = true;
    for (int i = 0; i < c->count; i++)
      is_finite = is_finite && is_finite_row(at[i].hidden, c->units) &&
                  is_finite_row(at[i].cell, c->units);
    for (int i = 0; i < c->count && !is_finite; i++) {
      memset(at[i].hidden, 0, (size_t)c->units * sizeof(float));
      if (at[i].cell)
        memset(at[i].cell, 0, (size_t)c->units * sizeof(float));
    }
    mended += !is_finite;
  }
  return mended;
}

size_t lks_carried_elements(const lks_carried *c, int batch) {
  return (size_t)c->count * (size_t)batch * (size_t)c->units;
}

lks_status lks_carried_gather(const lks_carried *c, lks_comm *comm, const int *row_cuts,
                              float *hidden, float *cell) {
  int ranks = lks_comm_size(comm);
  size_t row = (size_t)c->units, all = (size_t)row_cuts[ranks] * row, *sizes;
  lks_status status = LKS_OK;
  LKS_TRY(lks_allocate(&sizes, (size_t)ranks, sizeof *sizes));
  for (int r = 0; r < ranks; r++)
    sizes[r] = (size_t)(row_cuts[r + 1] - row_cuts[r]) * row * sizeof(float);
  for (int i = 0; i < c->count; i++) {
    size_t at = (size_t)i * all;
    LKS_TRY_OR(cleanup, status,
               lks_comm_gather(comm, c->states[i].hidden, sizes, hidden ? hidden + at : NULL));
    if (c->has_cell)
      LKS_TRY_OR(cleanup, status,
                 lks_comm_gather(comm, c->states[i].cell, sizes, cell ? cell + at : NULL));
  }
cleanup:
  lks_release(sizes);
  return status;
}

void lks_carried_take(lks_carried *c, int batch, int first_row, const float *hidden,
                      const float *cell) {
  size_t row = (size_t)c->units, bytes = (size_t)c->rows * row * sizeof(float);
  for (int i = 0; i < c->count; i++) {
    size_t at = ((size_t)i * (size_t)batch + (size_t)first_row) * row;
    memcpy(c->states[i].hidden, hidden + at, bytes);
    if (c->has_cell)
      memcpy(c->states[i].cell, cell + at, bytes);
  }
}
