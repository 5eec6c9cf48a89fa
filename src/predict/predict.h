/* SPDX-License-Identifier: Apache-2.0 */
/* predict.h - the answers of a trained model: forecasts of series (predict_series.h), or
 * answers to lines (predict_lines.h). */
#ifndef LOCKSTEP_PREDICT_PREDICT_H
#define LOCKSTEP_PREDICT_PREDICT_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum { LKS_PREDICT_CSV, LKS_PREDICT_JSON, LKS_PREDICT_PLOT } lks_predict_format;

typedef struct {
  const char *path;        /* a run folder or a checkpoint file */
  const char *input;       /* CSV with rows, or lines; "-": standard input; NULL: the dataset's
                              rows, or lines of standard input */
  const char *const *sets; /* "evaluate.beam=5" … */
  size_t set_count;
  FILE *out;

  /* of forecasts */
  const char *split;  /* the dataset's: forecast this split's last rows; NULL: what comes
                         after the last row */
  const char *series; /* only the series of this name; NULL: all */
  const char *state;  /* file that carries the model's state from call to call, or NULL */
  double interval;    /* its level; 0: the configuration's */
  lks_predict_format format;

  /* of lines */
  bool columns; /* input is words in columns, one a line */
} lks_predict_setup;

/* Opens the model and writes what it answers.  One process; not collective.  Fails with
 * LKS_USAGE when the model does not do what the options ask for, and as lks_predict_series,
 * lks_predict_lines and lks_predict_columns do. */
lks_status lks_predict_run(const lks_predict_setup *setup);

#endif
