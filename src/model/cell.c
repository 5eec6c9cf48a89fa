/* SPDX-License-Identifier: Apache-2.0 */
/* cell.c - the table of cells. */
#include "model/cell.h"

#include <string.h>

static const lks_cell *const cells[] = {
    &lks_cell_lstm,
    &lks_cell_gru,
    &lks_cell_rnn_tanh,
    &lks_cell_rnn_relu,
};

const lks_cell *const *lks_cell_all(int *count) {
  *count = (int)(sizeof cells / sizeof *cells);
  return cells;
}

const lks_cell *lks_cell_find(const char *name) {
  for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
    if (strcmp(cells[i]->name, name) == 0)
      return cells[i];
  return NULL;
}
