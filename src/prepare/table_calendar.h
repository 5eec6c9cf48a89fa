/* table_calendar.h - columns made of the time: where in its day, week, month or year it
 * is, as a point on a circle, so that the end of a cycle is next to its start. */
#ifndef LOCKSTEP_PREPARE_TABLE_CALENDAR_H
#define LOCKSTEP_PREPARE_TABLE_CALENDAR_H

#include <lockstep/status.h>

#include <stdint.h>

enum { LKS_CYCLES_MAX = 5, LKS_CYCLE_NAME_BYTES = 16 };

/* The cycles of a table, in the order in which they were asked for: each gives two
 * columns, its sine and its cosine. */
typedef struct {
  int count;
  int cycle[LKS_CYCLES_MAX];
} lks_table_calendar;

/* From a list like "hour,weekday"; NULL gives none.  Fails with LKS_USAGE for a name that
 * is not known, and for one that stands twice. */
lks_status lks_table_calendar_parse(lks_table_calendar *calendar, const char *list);

/* Name of column c (0 .. 2 x count - 1): "hour_sin", "hour_cos", ... */
void lks_table_calendar_name(const lks_table_calendar *calendar, int c,
                             char name[LKS_CYCLE_NAME_BYTES]);

/* value[2 x count] at a time of calendar.h. */
void lks_table_calendar_fill(const lks_table_calendar *calendar, int64_t time, double *value);

#endif
