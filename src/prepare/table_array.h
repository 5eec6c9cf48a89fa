/* table_array.h - an array of numbers as a table: columns are called 1, 2, ..., and there
 * is no time. */
#ifndef LOCKSTEP_PREPARE_TABLE_ARRAY_H
#define LOCKSTEP_PREPARE_TABLE_ARRAY_H

#include "base/text.h"
#include "prepare/array_source.h"
#include "prepare/table_intake.h"

/* Fails with LKS_USAGE when the setup asks for what only a CSV has, else as
 * lks_array_open and lks_table_layout_create do. */
lks_status lks_table_array_open(lks_array_source *source, lks_table_layout *layout,
                                const lks_prepare_table *setup, lks_array_kind kind);

/* Reads all rows; *listing gets the line of the file (prepare_output.h).  Fails with
 * LKS_DATA, naming row and column, for an infinite value. */
lks_status lks_table_array_read(lks_array_source *source, const lks_prepare_table *setup,
                                lks_table_intake *intake, lks_text *listing);

#endif
