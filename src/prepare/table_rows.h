/* table_rows.h - the rows of a series on its grid: what the spool has, with a row of
 * missing values for each time that the file leaves out, and the columns of the calendar.
 *
 * Life cycle: create -> (begin -> next ...) ... -> release. */
#ifndef LOCKSTEP_PREPARE_TABLE_ROWS_H
#define LOCKSTEP_PREPARE_TABLE_ROWS_H

#include "prepare/table_calendar.h"
#include "prepare/table_intake.h"

typedef struct {
  const lks_table_intake *intake;     /* borrowed; outlives this */
  const lks_table_calendar *calendar; /* borrowed; outlives this */
  lks_frequency frequency;
  bool frequency_given; /* by the user: then any gap is one */
  int columns;          /* the intake's width, and two for each cycle */

  /* the series, and the row of it that `next` went to */
  const lks_intake_series *series;
  int64_t row;
  int64_t line;  /* of the input; 0: the row is not there */
  double *value; /* [columns] */
  int64_t gaps;  /* rows up to this one that are not there */

  /* the next row of the spool, read already */
  const lks_spool_row *ahead;
  int64_t ahead_row;
  /* steps of more than one row, one after another and equal */
  int64_t run_step, run_length, run_line;
} lks_table_rows;

/* `intake`'s spool is finished. */
lks_status lks_table_rows_create(lks_table_rows *rows, const lks_table_intake *intake,
                                 const lks_table_calendar *calendar, lks_frequency frequency,
                                 bool frequency_given);
void lks_table_rows_release(lks_table_rows *rows);

lks_status lks_table_rows_begin(lks_table_rows *rows, int64_t series);

/* Goes to the next row; *found is false at the end.  Fails with LKS_DATA, naming file,
 * line and column, for a time that is not on the grid, for steps that tell of another
 * frequency, and for far more gaps than rows. */
lks_status lks_table_rows_next(lks_table_rows *rows, bool *found);

#endif
