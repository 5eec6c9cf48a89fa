/* series_writer.h - makes a dataset of task `series`, series by series.
 *
 * The file appears under its name when it is whole, and not before.  Memory depends on
 * the number of series and columns, not of rows.  The writer calls HDF5 itself: use it
 * where no I/O thread runs, or in a job of it.
 *
 * Life cycle: create -> append … -> commit -> destroy; destroy without a commit leaves
 * no file. */
#ifndef LOCKSTEP_DATA_SERIES_WRITER_H
#define LOCKSTEP_DATA_SERIES_WRITER_H

#include "data/series.h"

typedef struct lks_series_writer lks_series_writer;

/* `table` is complete (rows of every split and fits included) but for has_missing,
 * which the writer finds out; borrowed, outlives the writer.  `chunk` elements, 0: the
 * default.  Fails with LKS_IO when the folder of the path cannot be written to. */
lks_status lks_series_writer_create(lks_series_writer **writer, const char *path,
                                    lks_series_table *table, size_t chunk);
void lks_series_writer_destroy(lks_series_writer *writer);

/* The next `count` rows: values [count, columns] in original units (f64, NaN where
 * missing), which are stored as the fit of their column says.  Rows come series by
 * series, in the order of the table, each in time order; the writer cuts splits. */
lks_status lks_series_writer_append(lks_series_writer *writer, int64_t count,
                                    const double *values);

/* Finishes the file; *digest is its content digest.  `sources` as for
 * lks_dataset_writer_describe. */
lks_status lks_series_writer_commit(lks_series_writer *writer, const char *sources,
                                    lks_digest *digest);

#endif
