/* SPDX-License-Identifier: Apache-2.0 */
/* line_symbols.c - rows of a field into the order of their pass. */
#include "task/line_symbols.h"

void lks_line_symbols_order(lks_ragged *ragged, const lks_pass *rows,
                            const lks_batch_field *field, int most, int *lengths) {
  for (int b = 0; b < rows->rows; b++) {
    int length = field->offsets[b + 1] - field->offsets[b];
    lengths[b] = (length < most ? length : most) + 1;
  }
  lks_ragged_fill(ragged, rows, rows->rows, lengths, NULL);
}

void lks_line_symbols_take(const lks_ragged *ragged, const lks_batch_field *field, int32_t end,
                           bool late, int32_t *symbols) {
  for (int b = 0; b < ragged->count; b++) {
    const int32_t *values = field->values + field->offsets[b];
    int length = ragged->lengths[ragged->position[b]] - 1;
    for (int t = 0; t < length; t++)
      symbols[lks_ragged_item(ragged, b, late ? t + 1 : t)] = values[t];
    symbols[lks_ragged_item(ragged, b, late ? 0 : length)] = end;
  }
}
