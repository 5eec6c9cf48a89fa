/* prepare_table.h - a table of numbers to a dataset of task `series` (data/series.h).
 *
 * The table is a CSV file, or an array in a NumPy, HDF5 or MATLAB file, whose columns are
 * called 1, 2, ...  Its rows are read once, into a spool beside the dataset (8 bytes a
 * value), so that memory depends on the number of series and columns, and not of rows. */
#ifndef LOCKSTEP_PREPARE_PREPARE_TABLE_H
#define LOCKSTEP_PREPARE_PREPARE_TABLE_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts that are NULL and switches that are off leave things to be found out; lists of
 * columns are separated by commas. */
typedef struct {
  const char *input, *out;

  /* How a CSV is written. */
  const char *separator;   /* one character, or "tab" */
  const char *time_format; /* a name of time_text.h */
  const char *missing;     /* a list, see number_text.h */
  bool decimal_comma, no_header;

  /* Which array of a file that has several. */
  const char *dataset;  /* HDF5 */
  const char *variable; /* MATLAB */

  /* What the columns are. */
  const char *time, *group;
  const char *target, *past, *known, *statics, *ignore;
  const char *calendar; /* columns that are made of the time: hour, weekday, ... */
  bool no_time;
  bool melt; /* each target column becomes a series */

  const char *frequency; /* as lks_frequency_print writes it */
  int64_t season;        /* rows; 0: what is usual for the frequency */

  /* Where the splits are: by one of these.  Shares and counts that are negative were not
   * given. */
  double valid_fraction, test_fraction;
  int64_t train_rows, valid_rows, test_rows; /* of each series, from its first row on */
  const char *valid_from, *test_from;        /* times */

  bool unscaled;      /* values are stored as they are */
  bool keep_constant; /* constant columns are only centred */
  bool quiet;         /* prints no summary */

  size_t memory_bytes; /* most of the spool's buffers; 0: 256 MiB */

  /* NULL, or who is told now and then how far a phase, "read" or "write", is. */
  void (*progress)(void *context, const char *phase, int64_t done, int64_t total);
  void *progress_context;
} lks_prepare_table;

/* What valid_fraction and test_fraction are when they were not given. */
#define LKS_TABLE_VALID_FRACTION 0.1
#define LKS_TABLE_TEST_FRACTION 0.2

/* Writes the dataset and prints what was made.  Makes the folder of `out`.  Fails with
 * LKS_DATA for what is wrong in the table, naming file, line and column; with LKS_USAGE
 * for names of columns that it does not have and requests that contradict each other; with
 * LKS_IO when `out` cannot be written. */
lks_status lks_prepare_table_run(const lks_prepare_table *setup);

#endif
