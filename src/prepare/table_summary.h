/* table_summary.h - what was made of a table, in words. */
#ifndef LOCKSTEP_PREPARE_TABLE_SUMMARY_H
#define LOCKSTEP_PREPARE_TABLE_SUMMARY_H

#include "prepare/table_series.h"

/* Prints series, time, splits and columns, with what of them was made up or left out.
 * `first_time` is a time as the file writes it. */
void lks_table_summary_print(const lks_table_series *series, const lks_table_intake *intake,
                             lks_time_format format, const char *first_time);

#endif
