/* calendar_columns.h - covariates that follow from the time alone: the hour of the day and
 * the like, each as sine and cosine of its cycle.
 *
 *   hour      of the day, minutes and seconds included
 *   weekday   of the week
 *   monthday  of the month
 *   yearday   of the year
 *   month     of the year
 *
 * A cycle gives two columns, "hour_sin" and "hour_cos", which are known in the future. */
#ifndef LOCKSTEP_DATA_CALENDAR_COLUMNS_H
#define LOCKSTEP_DATA_CALENDAR_COLUMNS_H

#include "data/series.h"

/* The cycles' names, up to a NULL. */
extern const char *const lks_calendar_cycles[];

/* *value = the calendar column `name` ("hour_sin") at a time; false when `name` is none. */
bool lks_calendar_column(const char *name, int64_t time, double *value);

/* Fills in those known columns of a row that are calendar columns; others are left alone.
 *
 *   step    of the row, from the series' start
 *   values  [columns] stored units */
void lks_calendar_columns_fill(const lks_series_table *table, int64_t series, int64_t step,
                               float *values);

#endif
