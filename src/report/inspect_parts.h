/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_parts.h - inspect's own pieces: one function for each kind of thing. */
#ifndef LOCKSTEP_REPORT_INSPECT_PARTS_H
#define LOCKSTEP_REPORT_INSPECT_PARTS_H

#include "base/text.h"
#include "data/series.h"
#include "report/inspect.h"

#include <stddef.h>
#include <stdint.h>

/* Columns of the names on the left. */
enum { LKS_INSPECT_LABEL = 12 };

/* Each prints what setup->path holds, which is known to be of that kind. */
lks_status lks_inspect_dataset(const lks_inspect_setup *setup);
lks_status lks_inspect_checkpoint(const lks_inspect_setup *setup);
lks_status lks_inspect_run_folder(const lks_inspect_setup *setup);

/* Prints the rows "run" and "state" of a run's folder. */
void lks_inspect_run_state(const char *run, FILE *out);

/* Prints "digest HEX" of a dataset's content. */
lks_status lks_inspect_dataset_digest(const lks_inspect_setup *setup);

/* Prints what only a dataset of task `series` has. */
lks_status lks_inspect_series(const lks_dataset *dataset, FILE *out);

/* Adds a symbol or a name in quotes, behind a space unless it is the first: white space
 * and quotes in it are escaped. */
lks_status lks_inspect_quote(lks_text *text, const char *symbol);

/* "label       text". */
void lks_inspect_row(FILE *out, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A count with commas between thousands, "13,262,000", in text. */
void lks_inspect_count(int64_t count, char text[32]);

#endif
