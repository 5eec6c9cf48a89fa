/* table_grid.h - the frequency of a table, found from the steps between its times.
 *
 * It is the smallest step; of months when all times lie on the same day of a month or on
 * the last, of weekdays when steps of a day leave out every weekend. */
#ifndef LOCKSTEP_PREPARE_TABLE_GRID_H
#define LOCKSTEP_PREPARE_TABLE_GRID_H

#include "base/calendar.h"

typedef struct {
  int64_t steps;      /* seen */
  int64_t least;      /* seconds, or rows */
  int64_t least_line; /* where it was */
  bool no_months;     /* some step is not one of months … */
  int64_t least_months;
  bool no_weekdays; /* … or leads to or from a weekend */
  bool crossed;     /* some step leads over a weekend */
} lks_grid_finder;

/* The step from `before` to `time` (later) in a series that began at `first`. */
void lks_grid_add(lks_grid_finder *finder, int64_t first, int64_t before, int64_t time,
                  int64_t line);

/* `numbered`: times are row numbers.  With no steps: one row, or one day. */
lks_frequency lks_grid_frequency(const lks_grid_finder *finder, bool numbered);

#endif
