/* table_intake.h - the rows of a table as they are read: checked for order, sorted into
 * series, and put into the spool.
 *
 * With `melt` a row becomes one row of each target's series: that target, then the
 * covariates. */
#ifndef LOCKSTEP_PREPARE_TABLE_INTAKE_H
#define LOCKSTEP_PREPARE_TABLE_INTAKE_H

#include "prepare/table_grid.h"
#include "prepare/table_layout.h"
#include "prepare/table_spool.h"

/* A series, of which all rows have been read. */
typedef struct {
  char *name;   /* "" when the table is one */
  int64_t rows; /* read */
  int64_t first_time, last_time;
  int64_t first_line, last_line;
  int last_offset; /* from UTC, see lks_table_row */
  double *statics; /* [statics of the layout]; NaN: not seen yet */
} lks_intake_series;

typedef struct {
  const lks_table_layout *layout; /* borrowed; outlives this */
  bool melt, numbered;            /* numbered: times are whole numbers */
  lks_table_spool *spool;         /* borrowed; outlives this */
  int width;                      /* values of a row in the spool */
  lks_grid_finder grid;
  int64_t rows;                  /* of the table */
  int least_offset, most_offset; /* of its times from UTC */
  int64_t count, capacity;
  lks_intake_series *series; /* [capacity] */
  int64_t *slots;            /* [slot_count] of the hash table: number + 1; 0: free */
  int64_t slot_count;
  int64_t last;   /* the series of the row before */
  double *melted; /* [width] */
} lks_table_intake;

/* Values of a row in the spool. */
int lks_table_intake_width(const lks_table_layout *layout, bool melt);

/* For a spool of rows of that width. */
lks_status lks_table_intake_create(lks_table_intake *intake, const lks_table_layout *layout,
                                   bool melt, bool numbered, lks_table_spool *spool);
void lks_table_intake_release(lks_table_intake *intake);

/* A row of the table. */
typedef struct {
  const char *group; /* "" when there is no such column */
  int64_t time;      /* not used when there is no such column */
  int offset;        /* seconds that its clock is ahead of UTC; not subtracted */
  int64_t line;
  double *value;         /* [values of the layout] NaN where missing */
  const double *statics; /* [statics of the layout] NaN where missing */
} lks_table_row;

/* Fails with LKS_DATA, naming file, line and column, for a time that is not after the one
 * before, and for a static value that changes. */
lks_status lks_table_intake_add(lks_table_intake *intake, const lks_table_row *row);

#endif
