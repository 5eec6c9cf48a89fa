/* line_symbols.h - texts of a batch as a ragged pass: their symbols with the line's end
 * behind them, as a network reads them, or in front, as one that says them is fed. */
#ifndef LOCKSTEP_TASK_LINE_SYMBOLS_H
#define LOCKSTEP_TASK_LINE_SYMBOLS_H

#include "model/ragged.h"

/* Makes the pass of a field's rows, each of one item more than it has symbols, of which the
 * first `most` are taken.
 *
 *   lengths  [rows] out: items of each row */
void lks_line_symbols_order(lks_ragged *ragged, const lks_pass *rows,
                            const lks_batch_field *field, int most, int *lengths);

/* symbols [T, B] of that pass: `end` at the last item of a row, or at its first with
 * `late`. */
void lks_line_symbols_take(const lks_ragged *ragged, const lks_batch_field *field, int32_t end,
                           bool late, int32_t *symbols);

#endif
