/* predict_series.h - forecasts from a trained model, as CSV, JSON or a plot; a model of
 * sequences answers lines (predict_lines.h). */
#ifndef LOCKSTEP_PREDICT_PREDICT_SERIES_H
#define LOCKSTEP_PREDICT_PREDICT_SERIES_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum { LKS_PREDICT_CSV, LKS_PREDICT_JSON, LKS_PREDICT_PLOT } lks_predict_format;

typedef struct {
  const char *path;        /* a run folder or a checkpoint file */
  const char *input;       /* CSV with rows, "-": standard input; NULL: the dataset's rows */
  const char *split;       /* the dataset's: forecast this split's last rows; NULL: what
                              comes after the last row */
  const char *series;      /* only the series of this name; NULL: all */
  const char *state;       /* file that carries the model's state from call to call, or NULL */
  const char *const *sets; /* "evaluate.beam=5" … */
  size_t set_count;
  double interval; /* its level; 0: the configuration's */
  lks_predict_format format;
  bool columns; /* of sequences: input is words in columns, one a line */
  FILE *out;
} lks_predict_setup;

/* Writes forecasts of `horizon` rows for each series.
 *
 * With `input` the rows are the file's, which has the columns of the table that the model
 * was trained on; rows behind the last one with a target give covariates known in the
 * future.  With `state` the rows are new ones: the first call wants a whole window,
 * later ones go on, one step of the model a row; the file is replaced when all is done.
 *
 * One process; not collective.  Fails with LKS_DATA naming file, line and column. */
lks_status lks_predict_run(const lks_predict_setup *setup);

#endif
