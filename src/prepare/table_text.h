/* table_text.h - a CSV file as a table: how it is written, and its rows.
 *
 * Life cycle: open -> read -> close. */
#ifndef LOCKSTEP_PREPARE_TABLE_TEXT_H
#define LOCKSTEP_PREPARE_TABLE_TEXT_H

#include "base/text.h"
#include "data/dialect.h"
#include "prepare/table_intake.h"
#include "text/csv_reader.h"
#include "text/number_text.h"
#include "text/time_text.h"

enum { LKS_FIRST_TIME_BYTES = 40 };

typedef struct {
  const lks_prepare_table *setup; /* borrowed; outlives this */
  lks_table_layout layout;
  char separator;
  char point; /* of decimals */
  bool has_header;
  lks_missing_list missing;
  lks_time_format format;                /* of the time column, when there is one */
  char first_time[LKS_FIRST_TIME_BYTES]; /* as the first row has it, "" before it is read */
} lks_table_text;

/* Finds out what the setup leaves open; reads the first rows, and all of them when that
 * is what it takes to tell days from months.  Fails with LKS_DATA and LKS_USAGE as
 * lks_prepare_table_run does. */
lks_status lks_table_text_open(lks_table_text *text, const lks_prepare_table *setup);
void lks_table_text_close(lks_table_text *text);

/* How it is written; borrows the setup's list of missing values.  A separator that was found
 * is found in other files too. */
lks_dialect lks_table_text_dialect(const lks_table_text *text);

/* Reads all rows; *listing gets the line of the file (prepare_output.h).  Fails with
 * LKS_DATA, naming file, line and column, for a row with more or fewer fields, for what is
 * not a time, not a number or not finite, and as lks_table_intake_add. */
lks_status lks_table_text_read(lks_table_text *text, lks_table_intake *intake,
                               lks_text *listing);

#endif
