/* series_check.h - what a table of series has to be, whether a program makes it or a
 * file says it. */
#ifndef LOCKSTEP_DATA_SERIES_CHECK_H
#define LOCKSTEP_DATA_SERIES_CHECK_H

#include "data/series.h"

enum { LKS_SERIES_COLUMNS_MAX = 1 << 16 };

/* Fails with LKS_DATA, naming the file at `path` and what of the table is wrong.  A table
 * that passes has sizes whose products fit, finite numbers, names that print, and times
 * that calendar.h can count. */
lks_status lks_series_check(const lks_series_table *table, const char *path);

#endif
